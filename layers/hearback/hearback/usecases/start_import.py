"""Past answers come in from a CSV in the bucket: begin, list, look at one. import_answers.py does the work."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hearback.domain.errors import Invalid, NotFound
from hearback.domain.importing import import_view, new_import
from hearback.domain.survey import Survey
from hearback.ports import Blobs, Chance, Clock, Configs, Outbox

_ID = re.compile(r"[A-Za-z0-9_-]{1,80}")


@dataclass(frozen=True)
class StartImport:
    configs: Configs
    blobs: Blobs
    outbox: Outbox
    clock: Clock
    chance: Chance

    def start(self, survey_id: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """The import as it is shown. Should its message get lost (`Unavailable`), beginning another one does no harm:
        importing the same rows twice changes nothing. Raises `Invalid`.
        """
        item = self.configs.get("surveys", survey_id)
        if item is None:
            raise Invalid("this import cannot be run", fields={"survey": "names no survey that is there"})
        plain = new_import(body, Survey.from_plain(item.id, item.body))
        if self.blobs.size(plain["object"]) is None:
            raise Invalid("this import cannot be run", fields={"object": "is not in the bucket"})
        import_id = f"{self.clock.now():%Y%m%dt%H%M%S}-{self.chance.token()}"
        stored = self.configs.put("imports", import_id, plain)
        self.outbox.continue_import(import_id)
        return import_view(import_id, stored.body)

    def show(self, import_id: str) -> dict[str, Any]:
        item = self.configs.get("imports", import_id) if _ID.fullmatch(import_id) else None
        if item is None:
            raise NotFound("there is no such import")
        return import_view(item.id, item.body)

    def page(self, *, after: str = "", limit: int = 100) -> dict[str, Any]:
        """The oldest first, without the rows that each refused: those are shown with the one import."""
        items = sorted((each for each in self.configs.all("imports") if each.id > after), key=lambda each: each.id)
        shown = [import_view(each.id, {**each.body, "refused": []}) for each in items[:limit]]
        for each in shown:
            del each["refused"]
        return {"items": shown, "next": items[limit - 1].id if len(items) > limit else None}

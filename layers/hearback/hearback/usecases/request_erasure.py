"""DELETE /admin/contacts/{id} and GET /admin/erasures: ask for an erasure, and see how far it is. run_erasures.py does the work."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from hearback.domain.calendar import stamp
from hearback.domain.erasure import REPLAY, RETENTION, Erasure, Stage
from hearback.domain.errors import NotFound
from hearback.domain.person import keys_of
from hearback.ports import Blobs, Clock, Outbox, People
from hearback.usecases.erasure_ledger import ErasureLedger

_ID = re.compile(r"[a-z0-9]{1,40}", re.ASCII)

WORDS = {
    Stage.SEARCHING: "Everything that is kept is being searched, and what is the person's is erased.",
    Stage.REBUILDING: "The table holds nothing of the person. The next night rewrites the reports, digests and lake objects of their days.",
    Stage.CHECKING: "Everything that is kept is searched once more.",
    Stage.TELLING: "Sinks that may have got the answers are being told.",
    Stage.UNTOLD: "Erased here. Some sinks could not be told: see to them and acknowledge it, or give them an `erase` request and erase "
    "again.",
    Stage.DONE: "Erased.",
}
BY_AGE = "What is older than this stack keeps (RetentionDays) loses its persons. Scores and counts stay."
LOOK_YOURSELF = [
    "Files that you put under imports/ hold whatever their columns hold.",
    "Digest mails that were sent are in their receivers' mailboxes.",
    "Backups of the table keep the person for up to 35 days; a table restored from one is erased again by this ledger.",
    "The table's stream keeps changes for 24 hours.",
    "Stories older than RetentionDays lead to nobody any more: sinks that got their answers then were not told of this.",
]


@dataclass(frozen=True)
class RequestErasure:
    ledger: ErasureLedger
    people: People
    blobs: Blobs
    outbox: Outbox
    clock: Clock

    def __call__(self, contact: str, *, never_again: bool = False) -> dict[str, Any]:
        """Begin, or begin anew: what has come since is erased as well, and sinks that could not be told are told again. An erasure is
        no opt-out: `never_again` is one too, and one that was there stays. Raises `NotFound` for what can be no identity.
        """
        keys = keys_of(contact)
        if not keys:
            raise NotFound("that is no e-mail address, number, or name and id", code="unknown_contact")
        now = self.clock.now()
        if never_again:
            self.people.opt_out(keys, now)
        seal = self.ledger.seal()
        sealed = [seal(each) for each in keys]
        return self._begin(Erasure(sealed[0], now, dict.fromkeys(sealed, now)))

    def replay(self) -> dict[str, Any]:
        """Do every erasure of the ledger again: what a table holds that was restored from a backup."""
        return self._begin(Erasure(REPLAY, self.clock.now(), {}))

    def show(self, erasure_id: str) -> dict[str, Any]:
        return self._view(self._found(erasure_id))

    def page(self, *, after: str = "", limit: int = 100) -> dict[str, Any]:
        """Those that are at work, or wait for somebody, by id."""
        found = sorted((each for each in self.ledger.open_ones() if each.id > after), key=lambda each: each.id)
        return {"items": [self._view(each) for each in found[:limit]], "next": found[limit - 1].id if len(found) > limit else None}

    def acknowledge(self, erasure_id: str) -> dict[str, Any]:
        """Somebody has seen to the sinks that could not be told. Doing it again changes nothing."""
        erasure = self._found(erasure_id)
        if erasure.stage is not Stage.UNTOLD:
            return self._view(erasure)
        erasure.stage = Stage.DONE
        return self._begin(erasure)

    def _begin(self, erasure: Erasure) -> dict[str, Any]:
        """Should its message get lost (`Unavailable`), the schedule goes on with it within the hour."""
        self.ledger.ask(erasure)
        self.outbox.continue_erasures()
        return self._view(erasure)

    def _found(self, erasure_id: str) -> Erasure:
        found = self.ledger.get(erasure_id) if _ID.fullmatch(erasure_id) else None
        if found is None:
            raise NotFound("there is no such erasure", code="unknown_erasure")
        return found

    def _view(self, erasure: Erasure) -> dict[str, Any]:
        return {
            "id": erasure.id,
            "requested_at": stamp(erasure.requested_at),
            "stage": erasure.stage.value,
            "explanation": BY_AGE if erasure.id == RETENTION else WORDS[erasure.stage],
            "stories": erasure.erased,
            "searches": erasure.searches,
            "told": dict(sorted(erasure.told.items())),
            "untold": erasure.untold,
            "look_yourself": [*LOOK_YOURSELF, *self.blobs.keys("imports/")],
            "finished_at": stamp(erasure.finished_at) if erasure.finished_at else None,
        }

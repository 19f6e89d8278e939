"""The ledger of erasures: an object each in the bucket, so that it outlives a table that is restored from a backup.

erasures/asked/{id}.json is a wish, which the next run takes up; erasures/open/{id}.json is the run's own while there is something to
do; erasures/done/{id}.json stays, and erasures/newest.json names the one that last changed the table. Keys are sealed: the secret
is in the secret store, and without it nobody is found by them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from hearback.domain.calendar import stamp
from hearback.domain.erasure import Erasure, Seal, Stage
from hearback.ports import Blobs, Chance, Secret, Secrets

NAME = "erasures/key"
_ASKED, _OPEN, _DONE, _NEWEST = "erasures/asked/", "erasures/open/", "erasures/done/", "erasures/newest.json"
_JSON = "application/json"


@dataclass(frozen=True)
class ErasureLedger:
    """`chance` draws the key when there is none."""

    blobs: Blobs
    secrets: Secrets
    chance: Chance

    def seal(self) -> Seal:
        found = self.secrets.get(NAME) or self.secrets.create(NAME, Secret({"key": self.chance.token() + self.chance.token()}))
        return Seal(str(found.values["key"]).encode())

    def get(self, erasure_id: str) -> Erasure | None:
        return next((found for folder in (_ASKED, _OPEN, _DONE) if (found := self._read(f"{folder}{erasure_id}.json"))), None)

    def ask(self, erasure: Erasure) -> None:
        self.blobs.put(f"{_ASKED}{erasure.id}.json", _bytes(erasure), _JSON)

    def asked(self) -> list[Erasure]:
        return list(self._all(_ASKED))

    def take_up(self, asked: Erasure) -> Erasure:
        """The wish as an erasure at work, with what is known from one that came before. A wish that is newer than this one stays. One
        that says "done" is somebody's word that all is seen to: it ends what waits for that, and nothing else.
        """
        key = f"{_ASKED}{asked.id}.json"
        wish = _bytes(asked)
        earlier = self._read(f"{_OPEN}{asked.id}.json") or self._read(f"{_DONE}{asked.id}.json")
        if asked.stage is Stage.DONE:
            asked = earlier if earlier is not None and earlier.stage is not Stage.UNTOLD else asked
        elif earlier is not None:
            asked.learn(earlier.keys, asked.requested_at)
            asked.days, asked.stories, asked.erased = earlier.days, earlier.stories, earlier.erased
        if asked.finished_at is None:
            self.save(asked)
        if self.blobs.get(key) == wish:
            self.blobs.purge(key, current=True)
        return asked

    def open_ones(self) -> list[Erasure]:
        return list(self._all(_OPEN))

    def ever(self) -> Iterator[Erasure]:
        """Those that are done, and those that were begun."""
        yield from self._all(_DONE)
        yield from self._all(_OPEN)

    def save(self, erasure: Erasure) -> None:
        self.blobs.put(f"{_OPEN}{erasure.id}.json", _bytes(erasure), _JSON)

    def close(self, erasure: Erasure, at: datetime) -> None:
        """What it worked with is forgotten; whom it concerned stays, sealed."""
        erasure.finished_at = at
        erasure.days.clear()
        erasure.stories.clear()
        self.blobs.put(f"{_DONE}{erasure.id}.json", _bytes(erasure), _JSON)
        self.blobs.purge(f"{_OPEN}{erasure.id}.json", current=True)

    def note(self, erasure: Erasure, at: datetime) -> None:
        """This erasure has changed the table: one that knows nothing of it is older."""
        self.blobs.put(_NEWEST, json.dumps({"entry": f"{stamp(at)} {erasure.id}"}).encode(), _JSON)

    def newest(self) -> str:
        body = self.blobs.get(_NEWEST)
        return str(json.loads(body)["entry"]) if body else ""

    def _all(self, folder: str) -> Iterator[Erasure]:
        return (found for key in list(self.blobs.keys(folder)) if (found := self._read(key)))

    def _read(self, key: str) -> Erasure | None:
        body = self.blobs.get(key)
        return Erasure.from_plain(json.loads(body)) if body else None


def _bytes(erasure: Erasure) -> bytes:
    return json.dumps(erasure.to_plain(), ensure_ascii=False).encode()

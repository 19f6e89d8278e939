"""An erasure's own record: whom, as keyed hashes; up to when; how far it is. Nothing in it leads to a person without the key.

SEARCHING ─► REBUILDING ─► CHECKING ─► TELLING ─► DONE
    ▲                          │           └────► UNTOLD     a sink could not be told: the task stays open
    └──────────────────────────┘ (something was left)
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from hearback.domain.calendar import instant, stamp

REPLAY = "replay"
"""The id of the erasure that does all earlier ones again, in a table that was restored from a backup."""

RETENTION = "retention"
"""The id of the erasure that goes by age: SEARCHING once, REBUILDING, DONE. No sink is told."""


class Stage(StrEnum):
    SEARCHING = "searching"
    REBUILDING = "rebuilding"
    CHECKING = "checking"
    TELLING = "telling"
    UNTOLD = "untold"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Seal:
    """Makes of a person's key one that nobody can try out without the secret: hashes of all telephone numbers are soon made."""

    secret: bytes

    def __call__(self, person_key: str) -> str:
        return hmac.new(self.secret, person_key.encode(), hashlib.sha256).hexdigest()[:32]


@dataclass(slots=True)
class Erasure:
    """`keys` are sealed identities, each with the time up to which whatever happened is erased. `days` are those whose objects are
    to be rebuilt, by survey; `stories` those whose sinks are to be told. `found` counts what the running search has found.
    `before`: whatever is older is erased, whoever's it is.
    """

    id: str
    requested_at: datetime
    keys: dict[str, datetime]
    stage: Stage = Stage.SEARCHING
    after: str = ""
    found: int = 0
    searches: int = 0
    erased: int = 0
    days: set[tuple[str, date]] = field(default_factory=set)
    stories: set[str] = field(default_factory=set)
    told: dict[str, int] = field(default_factory=dict)
    untold: list[dict[str, str]] = field(default_factory=list)
    finished_at: datetime | None = None
    before: datetime | None = None

    def covers(self, sealed: Iterable[str], moment: datetime) -> datetime | None:
        """The time of an erasure that something with these identities falls under, if there is one."""
        return max((at for each in sealed if (at := self.keys.get(each)) is not None and moment <= at), default=None)

    def learn(self, sealed: Iterable[str], at: datetime) -> bool:
        """More identities of the same person; whether any was new."""
        new = {each: at for each in sealed if self.keys.get(each, datetime.min.replace(tzinfo=at.tzinfo)) < at}
        self.keys |= new
        return bool(new)

    def begin_search(self, stage: Stage) -> None:
        self.stage, self.after, self.found = stage, "", 0

    def to_plain(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "requested_at": stamp(self.requested_at),
            "keys": {key: stamp(at) for key, at in sorted(self.keys.items())},
            "stage": self.stage.value,
            "after": self.after,
            "found": self.found,
            "searches": self.searches,
            "erased": self.erased,
            "days": [[survey, day.isoformat()] for survey, day in sorted(self.days)],
            "stories": sorted(self.stories),
            "told": self.told,
            "untold": self.untold,
            "finished_at": stamp(self.finished_at) if self.finished_at else None,
            "before": stamp(self.before) if self.before else None,
        }

    @staticmethod
    def from_plain(plain: Mapping[str, Any]) -> Erasure:
        return Erasure(
            id=plain["id"],
            requested_at=instant(plain["requested_at"]),
            keys={key: instant(at) for key, at in plain["keys"].items()},
            stage=Stage(plain["stage"]),
            after=plain["after"],
            found=plain["found"],
            searches=plain["searches"],
            erased=plain["erased"],
            days={(survey, date.fromisoformat(day)) for survey, day in plain["days"]},
            stories=set(plain["stories"]),
            told=dict(plain["told"]),
            untold=list(plain["untold"]),
            finished_at=instant(plain["finished_at"]) if plain["finished_at"] else None,
            before=instant(plain["before"]) if plain.get("before") else None,
        )

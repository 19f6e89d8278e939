"""The erasing, with its ledger, over in-memory ports."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from hearback.domain.person import keys_of
from hearback.domain.story import Story
from hearback.ports import CensusPage
from hearback.usecases.erasure_ledger import ErasureLedger
from hearback.usecases.explain_trigger import ExplainTrigger
from hearback.usecases.export_contact import ExportContact
from hearback.usecases.request_erasure import RequestErasure
from hearback.usecases.run_erasures import ErasureRun, RunErasures
from tests.builders import a_trigger
from tests.fakes import MemoryBlobs, MemoryCensus, MemoryWarden
from tests.unit.usecases.world import World

DAY = date(2026, 3, 2)


@dataclass
class WatchedCensus(MemoryCensus):
    read: list[str] = field(default_factory=list)

    def page(self, after: str = "") -> CensusPage:
        self.read.append(after)
        return super().page(after)


@dataclass
class Erasing(World):
    """`pages` are those of the census that were read."""

    blobs: MemoryBlobs = field(default_factory=MemoryBlobs)
    warden: MemoryWarden = field(default_factory=MemoryWarden)
    page_size: int = 2
    retention_days: int = 0
    pages: list[str] = field(default_factory=list)

    @property
    def ledger(self) -> ErasureLedger:
        return ErasureLedger(self.blobs, self.secrets, self.chance)

    @property
    def census(self) -> MemoryCensus:
        return WatchedCensus(self.stories, self.people, self.page_size, self.pages)

    @property
    def erase(self) -> RequestErasure:
        return RequestErasure(self.ledger, self.people, self.blobs, self.outbox, self.clock)

    @property
    def export(self) -> ExportContact:
        return ExportContact(self.census, self.stories, self.people, ExplainTrigger(self.stories, self.clock).describe, self.clock)

    def run(self, seconds: float = 900) -> ErasureRun:
        return RunErasures(
            self.ledger, self.census, self.stories, self.people, self.conversations, self.nights, self.configs, self.blobs, self.warden,
            self.outbox, self.clock, self.chance, self.retention_days,
        )(seconds_left=lambda: seconds)  # fmt: skip

    def night(self) -> None:
        """What a whole night leaves: nothing dirty, all scored."""
        for survey in self.configs.all("surveys"):
            for day, stamp in self.nights.dirty_days(survey.id):
                self.nights.clean(survey.id, day, stamp)
            self.nights.set_scored_until(survey.id, self.clock.now().date() - timedelta(days=1))

    def stage(self, contact: str = "ada@example.com") -> str:
        found = self.ledger.get(self.ledger.seal()(keys_of(contact)[0]))
        assert found
        return found.stage.value

    def erased(self, contact: str = "ada@example.com", **how: Any) -> None:
        """From the wish to its end: nights, sweeps, forwards."""
        self.erase(contact, **how)
        for _ in range(6):
            self.run()
            self.night()
            self.clock.advance(hours=1)
            self.sweep()
            while self.outbox.forwards:
                self.forward_all(self.outbox.forwards.pop())

    def everything(self) -> str:
        """All that is kept, as text."""
        kept = repr([each.__dict__ if hasattr(each, "__dict__") else each for each in self.stories._kept.values()])
        objects = {key: body for key, (body, _) in self.blobs.kept.items()} | {f"old {key}": old for key, old in self.blobs.old.items()}
        marks = [self.people._persons, self.people._joined_to, self.conversations._reopened, self.outbox]
        return f"{kept} {objects} {marks}"


def answered(world: Erasing, rating: int = 2, comment: str = "the canary words", **trigger: Any) -> Story:
    made = a_trigger(**trigger)
    story = world.sent_story(made)
    world.record(story.invitation_id, "support", rating, {"comment": comment}, channel="web")
    return world.story(made)

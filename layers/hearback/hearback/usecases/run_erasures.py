"""Erase whom the ledger names: in the table, in the objects that were made of it, and with those who were sent it.

One run at a time, and all that is wanted shares one search. Whatever a search has found is written down before it is erased: once a
story is erased nobody knows any more whose it was, so a run that dies in between must not have to find out. A search begins
again until it finds nothing, and once more when the night has rewritten what it had made of the erased.

What has grown too old is erased in the same way, whoever's it is, but that one search is enough, and no sink is told.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import groupby

from hearback.domain.calendar import Period, day_of, first_day, stamp
from hearback.domain.erasing import counts_alike, erased, is_imported, last_moment, story_keys
from hearback.domain.erasure import REPLAY, RETENTION, Erasure, Seal, Stage
from hearback.domain.errors import Unavailable
from hearback.domain.ids import ID_PATTERN
from hearback.domain.story import Decision, ForwardState, Outcome, Reason, State, Story
from hearback.domain.survey import Survey
from hearback.ports import (
    Blobs,
    Census,
    CensusPage,
    Chance,
    Clock,
    Configs,
    Conversations,
    Nights,
    Outbox,
    People,
    SeenPerson,
    SeenStory,
    Stories,
    Warden,
)
from hearback.usecases.erasure_ledger import ErasureLedger

RESERVE_SECONDS = 30.0
"""No further page is begun with less."""

TURN = timedelta(minutes=16)
"""Longer than a run can live: who finds a turn that has lasted so long finds a run that has died."""

ROUND = timedelta(days=7)
"""How long after one look for what is too old the next is taken: each reads the whole table."""

RACES = 8
_SEARCHES = frozenset({Stage.SEARCHING, Stage.CHECKING})
_QUERY_RESULTS = "athena/"


@dataclass(slots=True)
class ErasureRun:
    """What a run did: `stories` erased, how many erasures are `finished`, how many still `waiting`; `busy`: another run is at it."""

    stories: int = 0
    finished: int = 0
    waiting: int = 0
    busy: bool = False
    more: bool = False


@dataclass(frozen=True)
class RunErasures:
    """`retention_days`: how old a story grows before its person is taken out of it; 0: any age."""

    ledger: ErasureLedger
    census: Census
    stories: Stories
    people: People
    conversations: Conversations
    nights: Nights
    configs: Configs
    blobs: Blobs
    warden: Warden
    outbox: Outbox
    clock: Clock
    chance: Chance
    retention_days: int = 0

    def __call__(self, *, seconds_left: Callable[[], float] = lambda: math.inf) -> ErasureRun:
        """Go on with every erasure as far as it goes now. May be called at any time and any number of times."""
        token, now = self.chance.token(), self.clock.now()
        if not self.warden.take_turn(token, now, now + TURN):
            return ErasureRun(busy=True)
        try:
            run = _Run(self, seconds_left)
            run.go_on()
        finally:
            self.warden.end_turn(token)
        if run.outcome.more:
            self.outbox.continue_erasures()
        return run.outcome


@dataclass
class _Run:
    ports: RunErasures
    seconds_left: Callable[[], float]
    outcome: ErasureRun = field(default_factory=ErasureRun)

    @cached_property
    def seal(self) -> Seal:
        return self.ports.ledger.seal()

    def go_on(self) -> None:
        restored = self._notice_a_restored_table()
        self._take_up_wishes()
        self._begin_retention(at_once=restored)
        erasures = [each for each in self.ports.ledger.open_ones() if each.before is None or self.ports.retention_days]
        for each in erasures:
            if each.id == REPLAY:
                self._learn_the_ledger(each)
        self._search_all(erasures)
        for each in erasures:
            if each.stage is Stage.TELLING:
                self._look_who_was_told(each)
        self.outcome.waiting = sum(each.stage is not Stage.DONE for each in erasures)

    def _take_up_wishes(self) -> None:
        for asked in self.ports.ledger.asked():
            taken_up = self.ports.ledger.take_up(asked)
            if taken_up.stage is Stage.DONE and taken_up.finished_at is None:
                self._finish(taken_up)
            elif taken_up.stage is Stage.SEARCHING:
                self._tell_again(taken_up)

    def _search_all(self, erasures: Sequence[Erasure]) -> None:
        """Until nothing is left to search now: a search that found something leads to another one, and so does a night. What goes
        by age waits for the persons: once it has gone nobody knows any more whose it was, and which sinks to tell.
        """
        while not self.outcome.more:
            self._rebuild(erasures)
            searching = sorted((each for each in erasures if each.stage in _SEARCHES), key=lambda each: each.after)
            if not searching:
                return
            persons = [each for each in searching if each.before is None]
            for after, group in groupby(persons or searching, key=lambda each: each.after):
                self._search(list(group), after)

    # --- a table that was restored from a backup ----------------------------------------------------------------------------

    def _notice_a_restored_table(self) -> bool:
        """The table knows which entry of the ledger came last; one that does not is older than that entry."""
        ledger, newest = self.ports.ledger, self.ports.ledger.newest()
        if not newest or self.ports.warden.ledger_seen() == newest:
            return False
        ledger.ask(Erasure(REPLAY, self.ports.clock.now(), {}))
        self.ports.warden.see_ledger(newest)
        return True

    def _learn_the_ledger(self, replay: Erasure) -> None:
        """Also from such as wait for a night or a sink: the backup may be from before they were begun."""
        for each in self.ports.ledger.ever():
            for key, at in each.keys.items():
                replay.learn([key], at)

    # --- searching ----------------------------------------------------------------------------------------------------------

    def _search(self, erasures: Sequence[Erasure], after: str) -> None:
        """One search for all that are at the same place, page by page, to its end or to the end of the time."""
        while True:
            if self.seconds_left() < RESERVE_SECONDS:
                self.outcome.more = True
                break
            page = self.ports.census.page(after)
            found = list(self._found(erasures, page))
            for each in {erasure.id: erasure for erasure, _, _ in found}.values():
                self.ports.ledger.save(each)
            for erasure, story, until in found:
                self._erase(erasure, story, until)
            self._forget(erasures, page)
            after = page.next
            if not after:
                break
        for each in erasures:
            each.after = after
            if not self.outcome.more:
                self._end_search(each)
            self.ports.ledger.save(each)

    def _found(self, erasures: Sequence[Erasure], page: CensusPage) -> Iterator[tuple[Erasure, Story, datetime]]:
        """Which stories of a page are to be erased, for whom, and up to when. What is learned on the way is the erasure's from then on."""
        for erasure in erasures:
            if erasure.before is not None:
                yield from self._grown_too_old(erasure, erasure.before, page)
                continue
            for person in page.persons:
                known = [self.seal(each) for each in (person.key, *sorted(person.belongs_to))]
                at = erasure.covers(known, person.last_invited_at or datetime.min.replace(tzinfo=erasure.requested_at.tzinfo))
                if at is not None and erasure.learn(known, at):
                    erasure.found += 1
            for seen in page.stories:
                at = self._covered(erasure, seen)
                story = self.ports.stories.get(seen.invitation_id, consistent=True) if at is not None else None
                if at is not None and story is not None and story.erased_at is None:
                    if not is_imported(seen.trigger):
                        erasure.learn(self._sealed(seen), at)
                    erasure.found += 1
                    erasure.days |= {*seen.days, *self._days_of(story)}
                    erasure.stories.add(story.invitation_id)
                    yield erasure, story, at

    def _covered(self, erasure: Erasure, seen: SeenStory) -> datetime | None:
        """What happened before the erasure, also if it arrived later: a webhook that was delivered late is no new conversation."""
        return erasure.covers(self._sealed(seen), min(seen.created_at, seen.trigger.occurred_at))

    def _sealed(self, seen: SeenStory) -> list[str]:
        return [self.seal(each) for each in story_keys(seen.trigger, seen.facts)]

    def _days_of(self, story: Story) -> set[tuple[str, date]]:
        """Every day whose objects may hold something of it, also such as it was counted under once and is no longer."""
        timezone = self._timezone(story.survey)
        moments = [*(each.at for each in story.answers), *(each.at for each in story.doubted)]
        return {(story.survey, day_of(each, timezone)) for each in moments if story.survey}

    def _erase(self, erasure: Erasure, story: Story, until: datetime) -> None:
        """The conversation's own mark first: its name goes with the story. And before that whatever was still to be sent: the mark may
        say that the conversation is open again. A later mark stays: it may be about somebody else, or another survey.
        """
        ports, trigger, aged = self.ports, story.trigger, erasure.before is not None
        asked_day = day_of(ports.clock.now(), self._timezone(story.survey))
        current = self._stopped(story, asked_day)
        if trigger.conversation.id:
            ports.conversations.forget(trigger.source, trigger.conversation.id, reopened_before=until)
        for _ in range(RACES):
            if current is None or current.erased_at is not None:
                return
            after = self._without_person(current, tell=not aged)
            if ports.stories.erase(current, after, asked_day=asked_day, importable=aged) is not None:
                erasure.erased += 1
                self.outcome.stories += 1
                return
            if aged:
                return  # something happened with it just now: it is not so old
            current = ports.stories.get(story.invitation_id, consistent=True)
        raise Unavailable("this story is too busy")

    def _stopped(self, story: Story, asked_day: date) -> Story | None:
        current: Story | None = story
        for _ in range(RACES):
            if current is None or current.state is not State.PENDING:
                return current
            decision = Decision(Outcome.NOT_SURVEYED, Reason.ERASED, self.ports.clock.now())
            self.ports.stories.skip(current, decision, asked_day=asked_day)
            current = self.ports.stories.get(story.invitation_id, consistent=True)
        raise Unavailable("this story is too busy")

    def _without_person(self, story: Story, *, tell: bool) -> Story:
        item = self.ports.configs.get("surveys", story.survey) if story.survey else None
        segments = Survey.from_plain(item.id, item.body).segment_names if item else ()
        return erased(story, self.ports.clock.now(), segments=segments, tell=tell)

    def _forget(self, erasures: Sequence[Erasure], page: CensusPage) -> None:
        """Identities, once whatever they lead to is written down. One that was invited since stays: that is a new life, and it may go by
        any of the names that lead to it.
        """
        for person in page.persons:
            since = person.last_invited_at
            for erasure in erasures:
                if erasure.before is not None:
                    self._forget_if_long_ago(person, erasure.before)
                    continue
                at = erasure.keys.get(self.seal(person.key))
                if at is not None and (since is None or since <= at) and self.ports.people.forget(person.key, asked_before=at):
                    erasure.found += 1

    def _end_search(self, erasure: Erasure) -> None:
        erasure.searches += 1
        if erasure.before is not None:
            self._ask_for_rebuilding(erasure)
        elif erasure.found:
            erasure.begin_search(Stage.SEARCHING)
        elif erasure.stage is Stage.SEARCHING:
            self._ask_for_rebuilding(erasure)
        else:
            erasure.stage = Stage.TELLING

    # --- what is too old ----------------------------------------------------------------------------------------------------

    def _begin_retention(self, *, at_once: bool) -> None:
        """A round a week; at once in a restored table, and when less is kept than at the last round."""
        if not self.ports.retention_days:
            return
        now, last = self.ports.clock.now(), self.ports.ledger.get(RETENTION)
        before = now - timedelta(days=self.ports.retention_days)
        if last is not None and last.stage is not Stage.DONE:
            if at_once:
                last.begin_search(Stage.SEARCHING)
                self.ports.ledger.save(last)
        elif at_once or last is None or last.before is None or last.before <= before - ROUND:
            self.ports.ledger.save(Erasure(RETENTION, now, {}, before=before))

    def _grown_too_old(self, erasure: Erasure, before: datetime, page: CensusPage) -> Iterator[tuple[Erasure, Story, datetime]]:
        """A day is counted again only where the nights had made something of what goes."""
        for seen in page.stories:
            if seen.erased or seen.created_at > before:
                continue
            story = self.ports.stories.get(seen.invitation_id, consistent=True)
            if story is None or story.erased_at is not None or last_moment(story) > before:
                continue
            if not counts_alike(story, self._without_person(story, tell=False)):
                erasure.days |= {*seen.days, *self._days_of(story)}
            yield erasure, story, before

    def _forget_if_long_ago(self, person: SeenPerson, before: datetime) -> None:
        """Not while a survey's cooldown may still ask for it."""
        before = min(before, self.ports.clock.now() - self._longest_cooldown)
        if person.last_invited_at is None or person.last_invited_at <= before:
            self.ports.people.forget(person.key, asked_before=before)

    @cached_property
    def _longest_cooldown(self) -> timedelta:
        surveys = [Survey.from_plain(each.id, each.body) for each in self.ports.configs.all("surveys")]
        return timedelta(days=max((each.policy.cooldown_days for each in surveys), default=0))

    # --- what the nights have made of it ------------------------------------------------------------------------------------

    def _ask_for_rebuilding(self, erasure: Erasure) -> None:
        """Days that have ended are counted again by the next night; today is counted then anyway."""
        now = self.ports.clock.now()
        for survey, day in sorted(erasure.days):
            if self._has_ended(survey, day) and self.ports.configs.get("surveys", survey) is not None:
                self.ports.nights.mark_dirty(survey, day, stamp(now))
        erasure.stage = Stage.REBUILDING
        self.ports.ledger.note(erasure, now)
        self.ports.warden.see_ledger(self.ports.ledger.newest())

    def _rebuild(self, erasures: Sequence[Erasure]) -> None:
        for each in erasures:
            if each.stage is Stage.REBUILDING and self._is_rebuilt(each):
                self._purge(each)
                if each.before is not None:
                    self._finish(each)
                    continue
                each.begin_search(Stage.CHECKING)
                self.ports.ledger.save(each)

    def _is_rebuilt(self, erasure: Erasure) -> bool:
        """Whether the nights have nothing left to count of these surveys' past: then whatever is current holds nothing erased."""
        return all(self._is_counted(survey) for survey in sorted({survey for survey, _ in erasure.days}))

    def _is_counted(self, survey: str) -> bool:
        nights, until = self.ports.nights, self.ports.nights.scored_until(survey)
        if self.ports.configs.get("surveys", survey) is None:
            return True
        if any(self._has_ended(survey, day) for day, _ in nights.dirty_days(survey)):
            return False
        return until is None or not self._has_ended(survey, until + timedelta(days=1))

    def _purge(self, erasure: Erasure) -> None:
        """Earlier versions of what was rebuilt, and all of what nobody rebuilds: parts of large days, results of queries, the days of
        a survey that is gone. Results of queries that hold what is too old expire by themselves.
        """
        blobs = self.ports.blobs
        for survey, day in sorted(erasure.days):
            if not ID_PATTERN.fullmatch(survey):
                continue
            gone = self.ports.configs.get("surveys", survey) is None
            for prefix in _objects_of(survey, day):
                blobs.purge(prefix, current=gone)
            blobs.purge(f"parts/survey={survey}/{day.isoformat()}/", current=True)
        if erasure.days and erasure.before is None:
            blobs.purge(_QUERY_RESULTS, current=True)

    def _has_ended(self, survey: str, day: date) -> bool:
        return day < day_of(self.ports.clock.now(), self._timezone(survey))

    def _timezone(self, survey: str) -> str:
        item = self.ports.configs.get("surveys", survey) if survey else None
        return str(item.body["timezone"]) if item else "UTC"

    # --- those who were sent it ---------------------------------------------------------------------------------------------

    def _look_who_was_told(self, erasure: Erasure) -> None:
        """Each story's forwards are its notices now; the sweeper wakes them and the forwarder brings them."""
        told: dict[str, int] = {}
        untold: list[dict[str, str]] = []
        for invitation_id in sorted(erasure.stories):
            story = self.ports.stories.get(invitation_id, consistent=True)
            for sink, forward in sorted(story.forwards.items()) if story else ():
                if forward.state is ForwardState.PENDING:
                    return
                if forward.state is ForwardState.DELIVERED:
                    told[sink] = told.get(sink, 0) + 1
                else:
                    untold.append({"sink": sink, "answer": invitation_id, "why": forward.note})
        erasure.told, erasure.untold = told, untold
        if untold:
            erasure.stage = Stage.UNTOLD
            self.ports.ledger.save(erasure)
        else:
            self._finish(erasure)

    def _tell_again(self, erasure: Erasure) -> None:
        for invitation_id in sorted(erasure.stories):
            story = self.ports.stories.get(invitation_id, consistent=True)
            for sink in sorted(story.forwards) if story and story.erased_at else ():
                if story and story.forwards[sink].state in (ForwardState.DEAD, ForwardState.DROPPED):
                    self.ports.stories.replay_forward(story, sink)
                    story = self.ports.stories.get(invitation_id, consistent=True)

    def _finish(self, erasure: Erasure) -> None:
        erasure.stage = Stage.DONE
        self.ports.ledger.close(erasure, self.ports.clock.now())
        self.outcome.finished += 1


def _objects_of(survey: str, day: date) -> list[str]:
    reports = [f"reports/survey={survey}/period={period.value}/{first_day(period, day).isoformat()}/" for period in Period]
    return [f"digests/survey={survey}/{day.isoformat()}.json", f"lake/answers/survey={survey}/dt={day.isoformat()}/", *reports]

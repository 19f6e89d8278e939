"""In-memory stand-ins for the ports: simple, exact, deterministic. Each passes the same cases in tests/contract as its adapter.

Nothing is global, nothing depends on hashing order; a fake is as old as the test that made it.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, BinaryIO, cast

from hearback.domain import moves
from hearback.domain.answer import Answer
from hearback.domain.calendar import day_of, instant, stamp
from hearback.domain.day_parts import DayPart
from hearback.domain.erasing import without_words
from hearback.domain.errors import Gone, Invalid, NotFound, Unavailable
from hearback.domain.ids import SHARDS, shard_of
from hearback.domain.moves import Guard
from hearback.domain.scoring.words import LONGEST_WORD, MOST_WORDS
from hearback.domain.story import Attempt, Decision, Forward, State, Story
from hearback.domain.survey import Survey
from hearback.domain.trigger import Contact
from hearback.ports import (
    Accepted,
    AskedEntry,
    CensusPage,
    ConfigItem,
    Delivered,
    Delivery,
    DeliveryResult,
    ForwardMessage,
    HandOver,
    Held,
    HttpRequest,
    HttpResponse,
    ImportedAnswer,
    K,
    KnownPerson,
    LedgerEntry,
    NotForThisSink,
    QuarantineMark,
    Question,
    Recorded,
    Secret,
    SeenPerson,
    SeenStory,
    SendResult,
    SlotRefused,
    SlotTaken,
    V,
)

# --- time, chance, secrets, configuration -----------------------------------------------------------------------------------


@dataclass
class FixedClock:
    """Stands still until it is moved."""

    at: datetime

    def now(self) -> datetime:
        return self.at

    def advance(self, *, seconds: float = 0, minutes: float = 0, hours: float = 0, days: float = 0) -> datetime:
        self.at += timedelta(seconds=seconds, minutes=minutes, hours=hours, days=days)
        return self.at


@dataclass
class SequentialChance:
    """chance-1, chance-2, ..."""

    drawn: int = 0

    def token(self) -> str:
        self.drawn += 1
        return f"chance-{self.drawn}"


class InTurn:
    """One after the other, and all of it is there at the end."""

    def __call__(self, acts: Mapping[K, Callable[[], V]]) -> Iterator[Mapping[K, V]]:
        yield {name: act() for name, act in acts.items()}


@dataclass
class MemorySecrets:
    kept: dict[str, Secret] = field(default_factory=dict)

    def get(self, name: str) -> Secret | None:
        return self.kept.get(name)

    def put(self, name: str, secret: Secret) -> None:
        self.kept[name] = secret

    def create(self, name: str, secret: Secret) -> Secret:
        return self.kept.setdefault(name, secret)

    def delete(self, name: str) -> None:
        self.kept.pop(name, None)


class MemoryConfigs:
    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], tuple[str, int]] = {}

    def get(self, kind: str, config_id: str) -> ConfigItem | None:
        found = self._kept.get((kind, config_id))
        return ConfigItem(config_id, json.loads(found[0]), found[1]) if found else None

    def all(self, kind: str) -> list[ConfigItem]:
        return [ConfigItem(each, json.loads(body), version) for (of, each), (body, version) in sorted(self._kept.items()) if of == kind]

    def put(self, kind: str, config_id: str, body: Mapping[str, Any]) -> ConfigItem:
        text = json.dumps(body)
        before, version = self._kept.get((kind, config_id), ("", 0))
        self._kept[kind, config_id] = (text, version if text == before else version + 1)
        return ConfigItem(config_id, json.loads(text), self._kept[kind, config_id][1])

    def delete(self, kind: str, config_id: str) -> bool:
        return self._kept.pop((kind, config_id), None) is not None


# --- what is kept -----------------------------------------------------------------------------------------------------------

Move = Callable[[Story], Story | None]


@dataclass
class _Kept:
    """One item: the story and what the indexes hold of it. An index entry is (survey, day, sort key)."""

    story: Story
    mark: str | None = None
    asked: tuple[str, date] | None = None
    answered: tuple[str, date, str] | None = None
    answer: dict[str, Any] = field(default_factory=dict)


def _in_part(part: DayPart | None, shard: int, key: str, bounds: tuple[str | None, str | None]) -> bool:
    first, last = bounds
    return part is None or (shard == part.shard and (first is None or key >= first) and (last is None or key < last))


class MemoryStories:
    def __init__(self) -> None:
        self._kept: dict[str, _Kept] = {}
        self._barred: set[str] = set()

    def add(self, story: Story, *, due: datetime | None, asked_day: date | None) -> Story | None:
        there = self._kept.get(story.invitation_id)
        if there is not None:
            return there.story
        kept = _Kept(story, _mark(story, due))
        self._kept[story.invitation_id] = kept
        if asked_day is not None:
            _ask(kept, asked_day)
        return None

    def get(self, invitation_id: str, *, consistent: bool = False) -> Story | None:
        kept = self._kept.get(invitation_id)
        return kept.story if kept else None

    def skip(self, story: Story, decision: Decision, *, asked_day: date) -> bool:
        kept = self._move(story, lambda now: moves.skipped(now, decision))
        if kept:
            _ask(kept, asked_day)
        return kept is not None

    def postpone(self, story: Story, decision: Decision, due: datetime) -> bool:
        return self._move(story, lambda now: moves.postponed(now, decision, due)) is not None

    def claim(self, story: Story, attempt: Attempt, *, lease_until: datetime, expires_at: datetime) -> Story | None:
        prepared = {name: getattr(story, name) for name in moves.PREPARED}
        return self._reserve(
            story, lambda now: moves.claimed(replace(now, **prepared), attempt, lease_until, expires_at), attempt, State.CLAIMED
        )

    def settle(
        self, story: Story, attempt: Attempt, state: State, decision: Decision, *, due: datetime | None, asked_day: date
    ) -> Story | None:
        moves.check_settlement(story, attempt, state)
        current = self.get(story.invitation_id)
        if current is None or moves.made_by(attempt, current, state):
            return current
        kept = self._move(current, lambda now: moves.settled(now, attempt, state, decision, due))
        if kept is None:
            return None
        if state is State.PENDING:
            kept.asked = None
        else:
            _ask(kept, asked_day)
        return kept.story

    def note_delivery(self, story: Story, attempt: Attempt, delivered_at: datetime | None) -> bool:
        current = self.get(story.invitation_id)
        return current is not None and self._move(current, lambda now: moves.delivered(now, attempt, delivered_at)) is not None

    def remind(self, story: Story, attempt: Attempt) -> Story | None:
        return self._reserve(story, lambda now: moves.reminded(now, attempt), attempt, State.SENT)

    def forgo_reminder(self, story: Story) -> bool:
        return self._move(story, moves.unreminded) is not None

    def record_answer(
        self, invitation_id: str, survey: Survey, answer: Answer, *, at: datetime, channel: str, sinks: Sequence[str]
    ) -> Recorded:
        return cast("Recorded", self._record(invitation_id, survey, answer, at, channel, sinks, None))

    def record_press(
        self, invitation_id: str, survey: Survey, answer: Answer, *, at: datetime, channel: str, sinks: Sequence[str], guard: Guard
    ) -> Recorded | Held:
        return self._record(invitation_id, survey, answer, at, channel, sinks, guard)

    def _record(
        self, invitation_id: str, survey: Survey, answer: Answer, at: datetime, channel: str, sinks: Sequence[str], guard: Guard | None
    ) -> Recorded | Held:
        kept = self._kept.get(invitation_id)
        if kept is None:
            raise NotFound("there is no such invitation")
        if kept.story.erased_at is None and moves.said_already(kept.story, answer):
            return Recorded(kept.story, kept.story.version, changed=False)
        if not (moves.may_answer(kept.story, survey, at) or moves.may_complete(kept.story, answer, at)):
            raise Gone("this survey's time is over")
        if guard is not None and not guard.lets_through(kept.story):
            return Held(kept.story)
        kept.story = moves.answered(kept.story, answer, at, channel, list(sinks))
        kept.answer = moves.ledger_form(survey, answer, at, channel)
        kept.answered = kept.answered or (survey.id, day_of(at, survey.timezone), f"{stamp(at)}#{invitation_id}")
        if sinks:
            kept.mark = _mark(kept.story, at + moves.FORWARD_GUARD)
        return Recorded(kept.story, kept.story.version, changed=True)

    def judge(self, before: Story, after: Story, survey: Survey) -> Story | None:
        kept = self._kept.get(before.invitation_id)
        if kept is None or (kept.story.revision != before.revision and kept.story != after):
            return None
        if kept.story != after:
            if before.next_due() != after.next_due():
                kept.mark = _mark(after, after.next_due())
            if before.answers != after.answers:
                self._count(kept, before, after, survey)
            kept.story = after
        return kept.story

    @staticmethod
    def _count(kept: _Kept, before: Story, after: Story, survey: Survey) -> None:
        """Among the answers of the day on which what stands was first given, or of none."""
        first = after.first_answered_at
        if first is None:
            kept.answered, kept.answer = None, {}
            return
        newest = after.answers[-1]
        kept.answer = moves.ledger_form(survey, newest.answer, newest.at, newest.channel)
        if first != before.first_answered_at:
            kept.answered = (survey.id, day_of(first, survey.timezone), f"{stamp(first)}#{after.invitation_id}")

    def erase(self, before: Story, after: Story, *, asked_day: date, importable: bool = False) -> Story | None:
        kept = self._kept.get(before.invitation_id)
        if kept is None or (kept.story.revision != before.revision and kept.story != after):
            return None
        if kept.story != after:
            if before.next_due() != after.next_due():
                kept.mark = _mark(after, after.next_due())
            if kept.answer:
                kept.answer = {**kept.answer, "details": without_words(kept.answer["details"])}
            kept.story = after
            if after.state is not State.IMPORTED:
                _ask(kept, asked_day)
            elif not importable:
                self._barred.add(after.invitation_id)
        return kept.story

    def note_forwards(self, story: Story, forwards: Mapping[str, Forward]) -> Story | None:
        tried = [each.last_at for each in forwards.values() if each.last_at]
        earliest = max(tried) + moves.FORWARD_GUARD if tried else None
        current = self.get(story.invitation_id) or story
        if current == moves.forwarded(story, forwards):
            return current
        kept = self._move(current, lambda now: moves.forwarded_since(story, now, forwards), not_before=earliest)
        return kept.story if kept else None

    def replay_forward(self, story: Story, sink: str) -> bool:
        return self._move(story, lambda now: moves.replayed(now, sink)) is not None

    def due_before(self, moment: datetime, *, limit: int = 500) -> Iterator[tuple[str, str]]:
        last = stamp(moment) + "#~"
        for shard in range(SHARDS):
            marked = sorted((kept.mark, each) for each, kept in self._kept.items() if kept.mark and shard_of(each) == shard)
            due = [(each, mark) for mark, each in marked if mark <= last]
            yield from due[: max(limit // SHARDS, 1)]

    def push_due(self, invitation_id: str, mark: str, due: datetime | None) -> bool:
        kept = self._kept.get(invitation_id)
        wished = f"{stamp(due)}#{invitation_id}" if due else None
        if kept is None or kept.mark not in {mark, wished}:
            return False
        kept.mark = wished
        return True

    def seen(self, invitation_id: str) -> SeenStory:
        kept = self._kept[invitation_id]
        days = [kept.answered[:2]] if kept.answered else []
        days += [kept.asked] if kept.asked else []
        story = kept.story
        return SeenStory(
            invitation_id, story.trigger, story.facts, story.created_at, tuple(dict.fromkeys(days)), story.erased_at is not None
        )

    def import_answers(self, survey: Survey, answers: Sequence[ImportedAnswer]) -> None:
        for each in answers:
            answer = Answer(each.rating, {"comment": each.comment} if each.comment else {})
            story = moves.imported(survey, each.external_id, answer, each.at, each.facts)
            if story.invitation_id in self._barred:
                continue
            day, key = day_of(each.at, survey.timezone), f"{stamp(each.at)}#{story.invitation_id}"
            form = moves.ledger_form(survey, answer, each.at, "import", imported=True)
            self._kept[story.invitation_id] = _Kept(story, answered=(survey.id, day, key), answer=form)

    def answers_of_day(self, survey: str, day: date, part: DayPart | None = None) -> Iterator[LedgerEntry]:
        bounds = (stamp(part.since) if part and part.since else None, stamp(part.until) if part and part.until else None)
        found = [
            (shard_of(each), kept.answered[2], each, kept)
            for each, kept in self._kept.items()
            if kept.answered and kept.answered[:2] == (survey, day) and _in_part(part, shard_of(each), kept.answered[2], bounds)
        ]
        for _, _, each, kept in sorted(found, key=lambda one: one[:2]):
            yield LedgerEntry(each, {**kept.answer, "version": kept.story.version}, kept.story.facts)

    def asked_of_day(self, survey: str, day: date, part: DayPart | None = None) -> Iterator[AskedEntry]:
        bounds = (part.first_id, part.last_id) if part else (None, None)
        found = sorted(
            (shard_of(each), each)
            for each, kept in self._kept.items()
            if kept.asked == (survey, day) and _in_part(part, shard_of(each), each, bounds)
        )
        for _, each in found:
            story = self._kept[each].story
            yield AskedEntry(each, moves.asked_outcome(story), story.facts)

    def _reserve(self, story: Story, move: Move, attempt: Attempt, state: State) -> Story | None:
        current = self.get(story.invitation_id)
        if current is not None and moves.made_by(attempt, current, state):
            return current
        kept = self._move(story, move)
        return kept.story if kept else None

    def _move(self, story: Story, move: Move, *, not_before: datetime | None = None) -> _Kept | None:
        """Move what is kept, if it is still what was read, or just what the move would make of that: then it was done. The mark
        moves when the story has something else to do.
        """
        kept = self._kept.get(story.invitation_id)
        if kept is None:
            return None
        if kept.story.revision != story.revision:
            return kept if kept.story == move(story) else None
        before, after = kept.story, move(kept.story)
        if after is None:
            return None
        due = after.next_due()
        if due != before.next_due() and not moves.keeps_its_mark(before, after):
            kept.mark = _mark(after, max(due, not_before) if due and not_before else due)
        kept.story = after
        return kept


def _mark(story: Story, due: datetime | None) -> str | None:
    return f"{stamp(due)}#{story.invitation_id}" if due else None


def _ask(kept: _Kept, day: date) -> None:
    if kept.story.survey:
        kept.asked = kept.asked or (kept.story.survey, day)


@dataclass
class _Person:
    """One root: its slot, the slot before it (for giving it back), its opt-out."""

    asked: tuple[datetime, str] | None = None
    before: tuple[datetime, str] | None = None
    opted_out_at: datetime | None = None


class MemoryPeople:
    """Identities are joined under the smallest of their keys; what was known of either holds for the joined person."""

    def __init__(self) -> None:
        self._joined_to: dict[str, str] = {}
        self._persons: dict[str, _Person] = {}

    def take_slot(self, keys: Sequence[str], invitation_id: str, now: datetime, cooldown_seconds: float) -> SlotTaken | SlotRefused:
        root = self._join(keys)
        person = self._person(root)
        if person.opted_out_at:
            return SlotRefused(opted_out=True, last_invited_at=person.asked[0] if person.asked else None)
        if person.asked and person.asked[1] == invitation_id:
            person.asked = (max(now, person.asked[0]), invitation_id)
            return SlotTaken(root)
        if person.asked and cooldown_seconds > 0 and person.asked[0] > now - timedelta(seconds=cooldown_seconds):
            return SlotRefused(opted_out=False, last_invited_at=person.asked[0])
        person.before, person.asked = person.asked, (now, invitation_id)
        return SlotTaken(root)

    def release_slot(self, person: str, invitation_id: str) -> None:
        found = self._person(self._root(person))
        if found.asked and found.asked[1] == invitation_id:
            found.asked, found.before = found.before, None

    def opt_out(self, keys: Sequence[str], at: datetime) -> None:
        for each in keys:
            person = self._person(self._root(each))
            person.opted_out_at = person.opted_out_at or at

    def opt_in(self, keys: Sequence[str]) -> None:
        for each in keys:
            self._person(self._root(each)).opted_out_at = None

    def opted_out(self, keys: Sequence[str]) -> bool:
        return any(self._persons.get(self._root(each), _Person()).opted_out_at for each in keys)

    def last_invitation(self, key: str) -> str | None:
        asked = self._persons.get(self._root(key), _Person()).asked
        return asked[1] if asked else None

    def known(self, keys: Sequence[str]) -> KnownPerson:
        roots = {self._root(each) for each in keys}
        persons = [self._persons[root] for root in sorted(roots) if root in self._persons]
        return KnownPerson(
            frozenset([*keys, *roots, *(each for each in self._joined_to if self._root(each) in roots)]),
            max((each.asked[0] for each in persons if each.asked), default=None),
            min((each.opted_out_at for each in persons if each.opted_out_at), default=None),
        )

    def forget(self, key: str, *, asked_before: datetime | None = None) -> bool:
        person = self._persons.get(self._root(key))
        if asked_before is not None and person is not None and person.asked and person.asked[0] > asked_before:
            return False
        if key in self._joined_to:
            if person is not None and person.opted_out_at:
                return False
            del self._joined_to[key]
            return True
        if person is None:
            return False
        if not person.opted_out_at:
            del self._persons[key]
            return True
        there = person.asked is not None or person.before is not None
        person.asked = person.before = None
        return there

    def _root(self, key: str) -> str:
        while key in self._joined_to:
            key = self._joined_to[key]
        return key

    def seen(self) -> list[SeenPerson]:
        roots = [SeenPerson(each, frozenset(), found.asked[0] if found.asked else None) for each, found in self._persons.items()]
        aliases = [SeenPerson(each, frozenset([root]), None) for each, root in self._joined_to.items()]
        return sorted(roots + aliases, key=lambda each: each.key)

    def _person(self, root: str) -> _Person:
        return self._persons.setdefault(root, _Person())

    def _join(self, keys: Sequence[str]) -> str:
        root = self._root(min(keys))
        for each in keys:
            other = self._root(each)
            if other != root:
                root, high = min(root, other), max(root, other)
                self._joined_to[high] = root
                self._carry(self._persons.pop(high, _Person()), self._person(root))
        return root

    @staticmethod
    def _carry(of: _Person, to: _Person) -> None:
        known = [each for each in (to.asked, to.before, of.asked, of.before) if each]
        newest = sorted(known, key=lambda each: each[0], reverse=True)
        to.asked, to.before = (*newest, None, None)[:2]
        to.opted_out_at = to.opted_out_at or of.opted_out_at


class MemoryQuarantine:
    def __init__(self) -> None:
        self._marks: set[tuple[str, str, str]] = set()

    def add(self, survey: str, mark: QuarantineMark) -> None:
        self._marks.add((survey, stamp(mark.at), mark.invitation_id))

    def remove(self, survey: str, mark: QuarantineMark) -> None:
        self._marks.discard((survey, stamp(mark.at), mark.invitation_id))

    def newest(self, survey: str, *, before: QuarantineMark | None, limit: int) -> list[QuarantineMark]:
        below = (stamp(before.at), before.invitation_id) if before else ("~", "")
        return [each for each in reversed(self._of(survey)) if (stamp(each.at), each.invitation_id) < below][:limit]

    def between(self, survey: str, start: datetime, end: datetime) -> Iterator[QuarantineMark]:
        return iter([each for each in self._of(survey) if start <= each.at < end])

    def _of(self, survey: str) -> list[QuarantineMark]:
        return [QuarantineMark(each, instant(at)) for of, at, each in sorted(self._marks) if of == survey]


class MemoryConversations:
    def __init__(self) -> None:
        self._reopened: dict[tuple[str, str], datetime] = {}

    def reopen(self, source: str, conversation_id: str, at: datetime) -> None:
        key = (source, conversation_id)
        self._reopened[key] = max(at, self._reopened.get(key, at))

    def reopened_at(self, source: str, conversation_id: str) -> datetime | None:
        return self._reopened.get((source, conversation_id))

    def forget(self, source: str, conversation_id: str, *, reopened_before: datetime | None = None) -> None:
        at = self.reopened_at(source, conversation_id)
        if at is not None and (reopened_before is None or at <= reopened_before):
            del self._reopened[source, conversation_id]


@dataclass
class MemoryCensus:
    """Stories by their ids, then identities."""

    stories: MemoryStories
    people: MemoryPeople
    page_size: int = 100

    def page(self, after: str = "") -> CensusPage:
        if after and not after.startswith(("INV.", "PERSON.")):
            raise Invalid("there is no such page", fields={"after": "must be the `next` of the page before"})
        seen: dict[str, SeenStory | SeenPerson] = {f"INV.{each}": self.stories.seen(each) for each in sorted(self.stories._kept)}
        seen |= {f"PERSON.{each.key}": each for each in self.people.seen()}
        left = [key for key in seen if key > after]
        chosen = [seen[key] for key in left[: self.page_size]]
        return CensusPage(
            tuple(each for each in chosen if isinstance(each, SeenStory)),
            tuple(each for each in chosen if isinstance(each, SeenPerson)),
            left[self.page_size - 1] if len(left) > self.page_size else "",
        )


class MemoryWarden:
    def __init__(self) -> None:
        self._turn: tuple[str, datetime] | None = None
        self._seen = ""

    def take_turn(self, token: str, now: datetime, until: datetime) -> bool:
        if self._turn and self._turn[0] != token and self._turn[1] > now:
            return False
        self._turn = (token, until)
        return True

    def end_turn(self, token: str) -> None:
        if self._turn and self._turn[0] == token:
            self._turn = None

    def ledger_seen(self) -> str:
        return self._seen

    def see_ledger(self, entry: str) -> None:
        self._seen = entry


class MemoryNights:
    def __init__(self) -> None:
        self._dirty: dict[tuple[str, date], str] = {}
        self._scored: dict[str, date] = {}
        self._claims: dict[tuple[str, str, date], str] = {}
        self._turns: dict[str, tuple[str, datetime]] = {}

    def take_turn(self, survey: str, token: str, now: datetime, until: datetime) -> bool:
        holder, end = self._turns.get(survey, (token, until))
        if holder != token and end > now:
            return False
        self._turns[survey] = (token, until)
        return True

    def end_turn(self, survey: str, token: str) -> None:
        if survey in self._turns and self._turns[survey][0] == token:
            del self._turns[survey]

    def mark_dirty(self, survey: str, day: date, stamp: str) -> None:
        self._dirty[survey, day] = max(stamp, self._dirty.get((survey, day), ""))

    def dirty_days(self, survey: str) -> list[tuple[date, str]]:
        return sorted((day, stamp) for (of, day), stamp in self._dirty.items() if of == survey)

    def clean(self, survey: str, day: date, stamp: str) -> None:
        if self._dirty.get((survey, day), "") <= stamp:
            self._dirty.pop((survey, day), None)

    def scored_until(self, survey: str) -> date | None:
        return self._scored.get(survey)

    def set_scored_until(self, survey: str, day: date) -> None:
        self._scored[survey] = day

    def claim_digest(self, survey: str, period: str, start: date, token: str) -> bool:
        return self._claims.setdefault((survey, period, start), token) == token

    def release_digest(self, survey: str, period: str, start: date, token: str) -> None:
        if self._claims.get((survey, period, start)) == token:
            del self._claims[survey, period, start]


@dataclass
class RecordingCrew:
    """Keeps what was handed over, each once."""

    begun: list[HandOver] = field(default_factory=list)

    def begin(self, task: HandOver) -> None:
        if task not in self.begun:
            self.begun.append(task)


class MemoryBlobs:
    """`kept` maps a key to the bytes and their content type, `old` to what it held before."""

    def __init__(self) -> None:
        self.kept: dict[str, tuple[bytes, str]] = {}
        self.old: dict[str, list[bytes]] = {}

    def get(self, key: str) -> bytes | None:
        return self.kept[key][0] if key in self.kept else None

    def put(self, key: str, body: bytes, content_type: str) -> bool:
        if self.get(key) == body:
            return False
        self._outdate(key)
        self.kept[key] = (body, content_type)
        return True

    def open(self, key: str, *, offset: int = 0) -> BinaryIO | None:
        return io.BytesIO(self.kept[key][0][offset:]) if key in self.kept else None

    def size(self, key: str) -> int | None:
        return len(self.kept[key][0]) if key in self.kept else None

    def keys(self, prefix: str) -> Iterator[str]:
        return iter(sorted(each for each in self.kept if each.startswith(prefix)))

    def delete(self, key: str) -> None:
        self._outdate(key)
        self.kept.pop(key, None)

    def purge(self, prefix: str, *, current: bool = False) -> int:
        if current:
            for key in list(self.keys(prefix)):
                self.delete(key)
        return sum(len(self.old.pop(key)) for key in sorted(self.old) if key.startswith(prefix))

    def _outdate(self, key: str) -> None:
        if key in self.kept:
            self.old.setdefault(key, []).append(self.kept[key][0])


@dataclass
class MemoryLakeDay:
    entries: list[LedgerEntry] = field(default_factory=list)
    written: int = 0

    def add(self, entry: LedgerEntry) -> None:
        self.entries.append(entry)


class MemoryLake:
    """`kept` maps (survey, day) to the entries by share."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, date], dict[str, list[LedgerEntry]]] = {}

    @contextmanager
    def replacing(self, survey: str, day: date, share: str = "") -> Iterator[MemoryLakeDay]:
        adding = MemoryLakeDay()
        yield adding
        before = self.kept.get((survey, day), {})
        wished = {name: each for name, each in before.items() if share and name != share}
        if adding.entries:
            wished[share] = adding.entries
        adding.written = int(wished != before)
        self.kept[survey, day] = wished

    def keep_only(self, survey: str, day: date, shares: Collection[str]) -> int:
        held = self.kept.get((survey, day), {})
        self.kept[survey, day] = {name: each for name, each in held.items() if name in shares}
        return len(held) - len(self.kept[survey, day])


# --- queues -----------------------------------------------------------------------------------------------------------------


@dataclass
class BlankSplitter:
    """Splits at blanks and sheds punctuation: enough for English."""

    def __call__(self, text: str) -> list[str]:
        words = (word.strip(".,;:!?()•\"'").lower() for word in text.split())
        kept = (word for word in words if len(word) > 1 and len(word) <= LONGEST_WORD and any(map(str.isalpha, word)))
        return list(dict.fromkeys(kept))[:MOST_WORDS]


@dataclass
class RecordingOutbox:
    """Keeps what was sent. While `down`, every call raises `Unavailable` and keeps nothing."""

    dispatched: list[tuple[str, int]] = field(default_factory=list)
    forwards: list[ForwardMessage] = field(default_factory=list)
    dead: list[tuple[ForwardMessage, str]] = field(default_factory=list)
    imports: list[str] = field(default_factory=list)
    erasures: int = 0
    down: bool = False

    def dispatch(self, invitation_id: str, *, delay_seconds: int = 0) -> None:
        self._reach()
        self.dispatched.append((invitation_id, delay_seconds))

    def forward(self, messages: Iterable[ForwardMessage]) -> None:
        self._reach()
        self.forwards += messages

    def forward_is_dead(self, message: ForwardMessage, reason: str) -> None:
        self._reach()
        self.dead.append((message, reason))

    def continue_import(self, import_id: str) -> None:
        self._reach()
        self.imports.append(import_id)

    def continue_erasures(self) -> None:
        self._reach()
        self.erasures += 1

    def _reach(self) -> None:
        if self.down:
            raise Unavailable("the queue cannot be reached")


# --- the outside ------------------------------------------------------------------------------------------------------------


@dataclass
class ScriptedHttp:
    """Answers requests with `replies` in turn: a response, an exception to raise, or a function of the request. Runs out
    loudly. `sent` keeps the requests.
    """

    replies: list[HttpResponse | Exception | Callable[[HttpRequest], HttpResponse]] = field(default_factory=list)
    sent: list[HttpRequest] = field(default_factory=list)

    def send(self, request: HttpRequest, *, deadline_seconds: float = 20.0, trusted: bool = False) -> HttpResponse:
        self.sent.append(request)
        if len(self.sent) > len(self.replies):
            raise AssertionError(f"nobody expected {request.method} {request.url}")
        reply = self.replies[len(self.sent) - 1]
        if isinstance(reply, Exception):
            raise reply
        return reply if isinstance(reply, HttpResponse) else reply(request)


@dataclass
class ScriptedChannel:
    """Sends answer `results` in turn, then `Accepted`. `sent` keeps (address, rung, question)."""

    kind: str = "email"
    ladder: tuple[str, ...] = ("question",)
    results: list[SendResult | Exception] = field(default_factory=list)
    sent: list[tuple[str, str, Question]] = field(default_factory=list)
    secret_fields: tuple[str, ...] = ()

    def rungs(self, settings: Mapping[str, Any], survey: Survey) -> tuple[str, ...]:
        return self.ladder

    def address_of(self, contact: Contact) -> str:
        return contact.email if self.kind == "email" else contact.addresses.get(self.kind, "")

    def send(self, question: Question, address: str, rung: str, settings: Mapping[str, Any], secret: Secret) -> SendResult:
        self.sent.append((address, rung, question))
        if len(self.sent) > len(self.results):
            return Accepted(f"{self.kind}-{len(self.sent)}")
        result = self.results[len(self.sent) - 1]
        if isinstance(result, Exception):
            raise result
        return result


@dataclass
class ScriptedSink:
    """Deliveries answer `results` in turn, then `Delivered`. `delivered` keeps every try."""

    kind: str = "http"
    results: list[DeliveryResult | Exception] = field(default_factory=list)
    delivered: list[Delivery] = field(default_factory=list)
    secret_fields: tuple[str, ...] = ()

    def request(self, delivery: Delivery, settings: Mapping[str, Any], secret: Secret) -> HttpRequest | NotForThisSink:
        return HttpRequest("POST", "https://sink.example/answers", {"content-type": "application/json"}, delivery.id.encode())

    def deliver(self, delivery: Delivery, settings: Mapping[str, Any], secret: Secret, now: datetime) -> DeliveryResult:
        self.delivered.append(delivery)
        if len(self.delivered) > len(self.results):
            return Delivered(200, "OK")
        result = self.results[len(self.delivered) - 1]
        if isinstance(result, Exception):
            raise result
        return result

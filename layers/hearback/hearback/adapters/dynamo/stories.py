"""Stories: one item each, moved by single conditional writes. What a lost race found comes back with the refusal, so that no
write is preceded by a read.

pk=INV#{invitation_id} sk=STORY. Indexes: due (DUE#{shard}, {time}#{id}), by_answered and by_asked ({survey}#{day}#{shard}).
Costs are in write and read capacity units (WCU, RCU) for items up to 1 KB; an ordinary story grows to 1 to 2 KB, and each KB begun
costs a write one WCU more. Moving the due mark costs 2 WCU in its index.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, cast

from hearback.adapters.dynamo.story_item import (
    SK,
    decode,
    dump,
    encode,
    encode_answer,
    encode_forward,
    invitation_of,
    pk_of,
)
from hearback.adapters.dynamo.table import Item, Refused, Table, Written, number, number_of, text, text_of
from hearback.domain import moves
from hearback.domain.answer import Answer
from hearback.domain.calendar import day_of, stamp
from hearback.domain.day_parts import DayPart
from hearback.domain.erasing import without_words
from hearback.domain.errors import Gone, NotFound
from hearback.domain.ids import SHARDS, shard_of
from hearback.domain.moves import Guard
from hearback.domain.story import Attempt, Decision, Forward, ForwardState, State, Story
from hearback.domain.survey import Survey
from hearback.ports import AskedEntry, ForwardMessage, Held, ImportedAnswer, LedgerEntry, Recorded

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_RACES = 5
"""How often a write that tolerates other writes starts again from what it found."""

_COUNTED = frozenset({State.SKIPPED, State.SENT, State.UNKNOWN, State.REFUSED})
"""States that decide a trigger: it is counted under a day."""

_FACTS_HELD = 20_000
"""How many different facts a reading of a day keeps at hand, at most so many characters each: a few MB as a rule, never 100."""

_FACTS_SPELLING = 1_000

_LEAST, _GREATEST = "!", "\x7f"
"""What lies before and behind every key of a day: times and ids are made of letters, digits, minus and underscore."""

Move = Callable[[Story], Story | None]


class DynamoStories:
    def __init__(
        self,
        client: DynamoDBClient,
        table: str,
        *,
        page_size: int | None = None,
        sleep: Callable[[float], None] = time.sleep,
        loads: Callable[[str], Any] = json.loads,
    ) -> None:
        self._table = Table(client, table, page_size, sleep)
        self._loads = loads

    # --- keeping and reading ------------------------------------------------------------------------------------------------

    def add(self, story: Story, *, due: datetime | None, asked_day: date | None) -> Story | None:
        """Access pattern 1, "is this trigger new?": put if the key is free, 1 WCU, and 1 for each index it enters.

        Of two racing deliveries one finds the key taken and gets the other's story. A nonce tells our own put, repeated by
        the client after a lost reply, from a genuine redelivery.
        """
        nonce = secrets.token_hex(4)
        item = {"pk": text(pk_of(story.invitation_id)), "sk": text(SK), "nonce": text(nonce), **encode(story), **_mark(story, due)}
        if asked_day is not None and story.survey:
            item |= _asked(story, asked_day) | {"outcome": text(moves.asked_outcome(story))}
        refused = self._table.put_new(item)
        if refused is None or text_of(refused.item, "nonce") == nonce:
            return None
        return decode(refused.item)

    def get(self, invitation_id: str, *, consistent: bool = False) -> Story | None:
        """Access pattern 2, "where does this story stand?": 0.5 RCU per 4 KB, consistent 1."""
        item = self._table.get(pk_of(invitation_id), SK, consistent=consistent)
        return decode(item) if item else None

    # --- sending ------------------------------------------------------------------------------------------------------------

    def skip(self, story: Story, decision: Decision, *, asked_day: date) -> bool:
        """Access pattern 3, "nobody will be asked": 1 WCU, 1 in by_asked, 1 for the due mark that goes. The revision that was
        read is the condition: whoever moved the story first wins.
        """
        return self._move(story, lambda now: moves.skipped(now, decision), asked_day=asked_day) is not None

    def postpone(self, story: Story, decision: Decision, due: datetime) -> bool:
        """Access pattern 4, "ask later": 1 WCU, 2 for the due mark. Conditional on the revision that was read."""
        return self._move(story, lambda now: moves.postponed(now, decision, due)) is not None

    def claim(self, story: Story, attempt: Attempt, *, lease_until: datetime, expires_at: datetime) -> Story | None:
        """Access pattern 5, "may I send this?": 1 WCU, no read; 2 for the due mark where the story is half an hour old, for a
        younger one's comes before the lease lapses (`moves.keeps_its_mark`). Conditional on the revision that was read,
        so of two racing dispatchers one writes. The other is refused, unless the token in the way is its own: then its
        write was done and only the reply was lost.
        """
        return self._move(story, lambda now: moves.claimed(now, attempt, lease_until, expires_at), always=moves.PREPARED, own=attempt)

    def settle(
        self, story: Story, attempt: Attempt, state: State, decision: Decision, *, due: datetime | None, asked_day: date
    ) -> Story | None:
        """Access pattern 6, "what became of the send?": 1 WCU, 1 in by_asked, up to 2 for the due mark. Holds on to the attempt's
        token: an answer or a provider's word written meanwhile is kept and the write begun again from it (1 WCU more).

        The day that a story is counted under stays the first one, and goes when the story is to be sent again.
        """
        moves.check_settlement(story, attempt, state)
        return self._move(
            story, lambda now: moves.settled(now, attempt, state, decision, due), asked_day=asked_day, races=_RACES, own=attempt
        )

    def note_delivery(self, story: Story, attempt: Attempt, delivered_at: datetime | None) -> bool:
        """Access pattern 7, "did it arrive?": 1 WCU, 1 in by_asked. Tolerates other writes as `settle` does."""
        return self._move(story, lambda now: moves.delivered(now, attempt, delivered_at), races=_RACES) is not None

    def remind(self, story: Story, attempt: Attempt) -> Story | None:
        """Access pattern 8, "may I remind?": 1 WCU, 1 for the due mark that goes. Conditional on the revision, and safe under
        races and lost replies as `claim` is.
        """
        return self._move(story, lambda now: moves.reminded(now, attempt), own=attempt)

    def forgo_reminder(self, story: Story) -> bool:
        """Access pattern 8 too, "then not": 1 WCU, 1 for the due mark that goes. Conditional on the revision that was read."""
        return self._move(story, moves.unreminded) is not None

    # --- answering ----------------------------------------------------------------------------------------------------------

    def record_answer(
        self, invitation_id: str, survey: Survey, answer: Answer, *, at: datetime, channel: str, sinks: Sequence[str]
    ) -> Recorded:
        """Access pattern 9, "keep this answer": one write, no read: 1 WCU per KB (with the answer mostly 2), 1 in by_answered,
        2 for the due mark. The version, its place in the list, the outbox and every sink's forward change together or not at all.

        The condition holds the edit window and compares with what was said last. Of two different presses the one written
        later counts, and both are kept. A repeat after a lost reply finds its own words and time, and counts as done.
        """
        return cast("Recorded", self._record(invitation_id, survey, answer, at, channel, sinks, None))

    def record_press(
        self, invitation_id: str, survey: Survey, answer: Answer, *, at: datetime, channel: str, sinks: Sequence[str], guard: Guard
    ) -> Recorded | Held:
        """Access pattern 36, "keep this answer, if a person gave it": as pattern 9, at the same cost; the guard is part of the
        condition, and a story that it does not let through comes back with the refusal.
        """
        return self._record(invitation_id, survey, answer, at, channel, sinks, guard)

    def _record(
        self, invitation_id: str, survey: Survey, answer: Answer, at: datetime, channel: str, sinks: Sequence[str], guard: Guard | None
    ) -> Recorded | Held:
        asked = _answering(invitation_id, survey, answer, at, channel, sinks, guard)
        written = self._table.update(pk_of(invitation_id), SK, *asked)
        if isinstance(written, Written):
            story = decode(written.item)
            return Recorded(story, story.version, changed=True)
        if not written.item:
            raise NotFound("there is no such invitation")
        story = decode(written.item)
        if story.erased_at is None and moves.said_already(story, answer):
            newest = story.answers[-1]
            return Recorded(story, story.version, changed=newest.at == at and newest.channel == channel)
        if guard is None or not (moves.may_answer(story, survey, at) or moves.may_complete(story, answer, at)):
            raise Gone("this survey's time is over")
        return Held(story)

    def judge(self, before: Story, after: Story, survey: Survey) -> Story | None:
        """Access pattern 37, "was it a person?": 1 WCU per KB; 1 in by_answered and 2 for the due mark where what counts changes.
        Conditional on the revision that was read. A repeat after a lost reply finds what it wrote.
        """
        outcome = self._write(before, after, (), None, None, _judged(before, after, survey))
        if isinstance(outcome, Written):
            return decode(outcome.item)
        found = decode(outcome.item) if outcome.item else None
        return found if found is not None and encode(found) == encode(after) else None

    def erase(self, before: Story, after: Story, *, asked_day: date, importable: bool = False) -> Story | None:
        """Access pattern 45, "as if it had been nobody": 1 RCU per 4 KB and 1 WCU per KB, up to 2 for the due mark, 1 in each index that
        it is in. Conditional on the revision that was read. A repeat after a lost reply finds what it wrote.

        An imported answer leaves a mark first (1 WCU), unless it stays importable: importing its file again overwrites whatever is
        there, and every import reads all marks.
        """
        item = self._table.get(pk_of(before.invitation_id), SK, consistent=True)
        if not item:
            return None
        if before.state is State.IMPORTED and not importable:
            self._table.put_new({"pk": text(_erased_key(before.survey)), "sk": text(before.invitation_id)})
        outcome = self._write(before, after, (), asked_day, None, _anonymous(item, after))
        if isinstance(outcome, Written):
            return decode(outcome.item)
        found = decode(outcome.item) if outcome.item else None
        return found if found is not None and encode(found) == encode(after) else None

    # --- forwarding ---------------------------------------------------------------------------------------------------------

    def note_forwards(self, story: Story, forwards: Mapping[str, Forward]) -> Story | None:
        """Access pattern 10, "what did the sinks say?": 1 WCU for all of them, up to 2 for the due mark. Conditional on the revision
        that was read; what was written meanwhile is kept and the write begun again from it (1 WCU more), of those sinks whose
        forward is the one that was read, and with it the answer's version. The story as it is then.
        """
        tried = [each.last_at for each in forwards.values() if each.last_at]
        earliest = max(tried) + moves.FORWARD_GUARD if tried else None
        return self._move(story, lambda now: moves.forwarded_since(story, now, forwards), not_before=earliest, races=_RACES)

    def replay_forward(self, story: Story, sink: str) -> bool:
        """Access pattern 11, "once more, please": 1 WCU, 2 for the due mark. Conditional on the revision that was read."""
        return self._move(story, lambda now: moves.replayed(now, sink)) is not None

    # --- waking -------------------------------------------------------------------------------------------------------------

    def due_before(self, moment: datetime, *, limit: int = 500) -> Iterator[tuple[str, str]]:
        """Access pattern 12, "what has something to do?": a query of index due for each shard, 0.5 RCU per 4 KB (some 30 marks),
        eventually consistent. Each shard gives its share of the limit, so that a backlog in one starves no other.
        """
        last = text(stamp(moment) + "#~")
        for shard in range(SHARDS):
            found = self._table.query(
                "{due_pk} = :shard AND {due_sk} <= :last",
                {":shard": text(f"DUE#{shard}"), ":last": last},
                index="due",
                limit=max(limit // SHARDS, 1),
            )
            for item in found:
                yield invitation_of(item), item["due_sk"]["S"]

    def push_due(self, invitation_id: str, mark: str, due: datetime | None) -> bool:
        """Access pattern 13, "look again later": 1 WCU and up to 2 for the mark. Conditional on the mark that was read: whoever
        moved the story set a better one. Does not touch the revision, so it disturbs no move.
        """
        wished = _mark_text(invitation_id, due)
        values = {":mark": text(mark)}
        if wished:
            values |= {":wished": text(wished)}
            expression = "SET {due_sk} = :wished REMOVE {outbox}"
        else:
            expression = "REMOVE {due_pk}, {due_sk}, {outbox}"
        outcome = self._table.update(pk_of(invitation_id), SK, expression, values, "{due_sk} = :mark")
        return isinstance(outcome, Written) or (bool(outcome.item) and text_of(outcome.item, "due_sk") == wished)

    # --- the ledger ---------------------------------------------------------------------------------------------------------

    def import_answers(self, survey: Survey, answers: Sequence[ImportedAnswer]) -> None:
        """Access pattern 14, "keep what was answered elsewhere": 25 items a call, 1 WCU and 1 in by_answered each per KB. An
        item depends on its row alone, so a repeat writes the same bytes. Before, a query for those that were erased: 1 RCU per
        4 KB (some 50 of them), consistent.
        """
        marks = self._table.query("{pk} = :survey", {":survey": text(_erased_key(survey.id))}, consistent=True)
        erased = {pk_of(mark["sk"]["S"]) for mark in marks}
        items = {item["pk"]["S"]: item for item in (_imported(survey, each) for each in answers)}
        self._table.put_all([item for pk, item in items.items() if pk not in erased])

    def answers_of_day(self, survey: str, day: date, part: DayPart | None = None) -> Iterator[LedgerEntry]:
        """Access pattern 15, "what was answered that day?": a query of by_answered for each shard, in the order of the first
        answer, 0.5 RCU per 4 KB. Eventually consistent: for a day that ended hours ago that is the whole of it. A part is a
        range of one shard.
        """
        bounds = (_stamp(part.since), _stamp(part.until)) if part else (None, None)
        loads, facts_of = self._loads, _Facts(self._loads)
        for item in self._of_day("answered", survey, day, part, *bounds, ("pk", "answer", "facts", "version")):
            said = item["answer"]["S"]
            answer = loads(said)
            answer["version"] = number_of(item, "version", 1)
            facts, spelling = facts_of[text_of(item, "facts", "{}")]
            yield LedgerEntry(invitation_of(item), answer, facts, spelling, said)

    def asked_of_day(self, survey: str, day: date, part: DayPart | None = None) -> Iterator[AskedEntry]:
        """Access pattern 16, "who was to be asked that day?": as `answers_of_day`, from by_asked."""
        facts_of = _Facts(self._loads)
        bounds = (part.first_id, part.last_id) if part else (None, None)
        for item in self._of_day("asked", survey, day, part, *bounds, ("pk", "outcome", "facts")):
            yield AskedEntry(invitation_of(item), text_of(item, "outcome"), facts_of[text_of(item, "facts", "{}")][0])

    def _of_day(
        self, kind: str, survey: str, day: date, part: DayPart | None, first: str | None, last: str | None, attributes: Sequence[str]
    ) -> Iterator[Item]:
        """One day's items of an index, or those of one shard from `first` and before `last`: no key is as short as a bound."""
        condition = f"{{{kind}_pk}} = :day"
        bounds: Item = {}
        if part is not None:
            condition += f" AND {{{kind}_sk}} BETWEEN :first AND :last"
            bounds = {":first": text(first or _LEAST), ":last": text(last or _GREATEST)}
        for shard in range(SHARDS) if part is None else (part.shard,):
            values = {":day": text(_day_key(survey, day, shard)), **bounds}
            yield from self._table.query(condition, values, index=f"by_{kind}", attributes=attributes)

    # --- the one conditional write --------------------------------------------------------------------------------------------

    def _move(
        self,
        story: Story,
        move: Move,
        *,
        always: Sequence[str] = (),
        asked_day: date | None = None,
        not_before: datetime | None = None,
        races: int = 1,
        own: Attempt | None = None,
    ) -> Story | None:
        """Write what the move changes, on condition of the revision it started from. When refused: done already if what is
        there is just what we wrote (a lost reply); else lost, or begun again from what is there while `races` last.

        `always` are written even where the move leaves them as the caller passed them. `own` is the attempt whose token,
        newest and unsettled as we wrote it, says that a write was ours although others wrote after it.
        """
        before = story
        for _ in range(races):
            after = move(before)
            if after is None:
                return None
            outcome = self._write(before, after, always, asked_day, not_before)
            if isinstance(outcome, Written):
                return decode(outcome.item)
            if not outcome.item:
                return None
            before = decode(outcome.item)
            if encode(before) == encode(after) or (own is not None and moves.made_by(own, before, after.state)):
                return before
        return None

    def _write(
        self,
        before: Story,
        after: Story,
        always: Sequence[str],
        asked_day: date | None,
        not_before: datetime | None,
        beside: Mapping[str, Any] = MappingProxyType({}),
    ) -> Written | Refused:
        """`beside` is written too: what the story itself does not hold. None of it: remove that attribute."""
        old, new = encode(before), encode(after)
        sets: Item = {name: value for name, value in new.items() if old.get(name) != value or name in always}
        removes = [name for name in {**old, **dict.fromkeys(always)} if name not in new]
        due = after.next_due()
        if due != before.next_due() and not moves.keeps_its_mark(before, after):
            mark = _mark(after, max(due, not_before) if due and not_before else due)
            sets |= mark
            removes += [] if mark else ["due_pk", "due_sk"]
        fixed: Item = {}
        if after.state is State.PENDING and before.state is not State.PENDING:
            removes += ["asked_pk", "asked_sk", "outcome"]
        elif after.state in _COUNTED and after.survey:
            sets["outcome"] = text(moves.asked_outcome(after))
            fixed = _asked(after, asked_day) if asked_day is not None else {}
        sets |= {name: value for name, value in beside.items() if value}
        removes = [name for name in dict.fromkeys((*removes, "outbox", *beside)) if name not in sets]
        expression = ", ".join(
            [f"{{{name}}} = :{name}" for name in sets] + [f"{{{name}}} = if_not_exists({{{name}}}, :{name})" for name in fixed]
        )
        expression = f"SET {expression}" + (" REMOVE " + ", ".join(f"{{{name}}}" for name in removes) if removes else "")
        values = {f":{name}": value for name, value in (sets | fixed).items()} | {":read": number(before.revision)}
        return self._table.update(pk_of(after.invitation_id), SK, expression, values, "{revision} = :read")


class _Facts(dict[str, tuple[dict[str, Any], str]]):
    """Facts by their spelling, each read once: a day has few agents and many answers. Forgotten when they grow too many. The
    spelling comes along as it was first seen, so that whoever counts by it compares one object with itself.
    """

    def __init__(self, loads: Callable[[str], Any]) -> None:
        super().__init__()
        self._loads = loads

    def __missing__(self, spelling: str) -> tuple[dict[str, Any], str]:
        if len(self) >= _FACTS_HELD:
            self.clear()
        found: tuple[dict[str, Any], str] = (self._loads(spelling), spelling)
        if len(spelling) <= _FACTS_SPELLING:
            self[spelling] = found
        return found


# --- the outbox ---------------------------------------------------------------------------------------------------------------


def fresh_forwards(record: Mapping[str, Any]) -> ForwardMessage | None:
    """The forwards that one record of the table's stream has just set to pending, if any: every write but an answer's takes the
    outbox away.
    """
    image = record["dynamodb"].get("NewImage", {})
    if "outbox" not in image or "forwards" not in image:
        return None
    forwards = sorted(image["forwards"]["M"].items())
    sinks = tuple(sink for sink, each in forwards if json.loads(each["S"])["state"] == ForwardState.PENDING)
    return ForwardMessage(invitation_of(image), number_of(image, "outbox"), sinks) if sinks else None


# --- parts of items -------------------------------------------------------------------------------------------------------------


def _answering(
    invitation_id: str, survey: Survey, answer: Answer, at: datetime, channel: str, sinks: Sequence[str], guard: Guard | None
) -> tuple[str, Item, str]:
    """The expression, values and condition of patterns 9 and 36."""
    sets = [
        "{answers} = list_append(if_not_exists({answers}, :none), :entry)",
        "{version} = if_not_exists({version}, :zero) + :one",
        "{revision} = if_not_exists({revision}, :zero) + :one",
        "{said} = :said",
        "{answer} = :answer",
        "{first_answered_at} = if_not_exists({first_answered_at}, :at)",
        "{answered_pk} = if_not_exists({answered_pk}, :day)",
        "{answered_sk} = if_not_exists({answered_sk}, :order)",
    ]
    values: Item = {
        ":none": {"L": []},
        ":zero": number(0),
        ":one": number(1),
        ":entry": {"L": [text(encode_answer(answer, at, channel))]},
        ":said": text(_said(answer)),
        ":answer": text(dump(moves.ledger_form(survey, answer, at, channel))),
        ":at": text(stamp(at)),
        ":day": text(_day_key(survey.id, day_of(at, survey.timezone), shard_of(invitation_id))),
        ":order": text(_order(at, invitation_id)),
    }
    if sinks:
        swept_at = at + moves.FORWARD_GUARD
        values[":forwards"] = {"M": {sink: text(encode_forward(Forward(next_at=swept_at))) for sink in sinks}}
        values[":due_pk"] = text(_due_key(invitation_id))
        values[":due_sk"] = text(_mark_text(invitation_id, swept_at))
        values[":sinks"] = {"SS": sorted(sinks)}
        sets += ["{forwards} = :forwards", "{outbox} = if_not_exists({version}, :zero) + :one", "{due_pk} = :due_pk", "{due_sk} = :due_sk"]
    expression = "SET " + ", ".join(sets) + (" ADD {sinks} :sinks" if sinks else " REMOVE {forwards}, {outbox}")
    condition = (
        "attribute_exists({pk}) AND attribute_not_exists({erased_at}) AND (attribute_not_exists({said}) OR {said} <> :said) "
        f"AND ({_open(survey, answer, at, values)})"
    )
    return expression, values, condition + (_guarded(guard, values) if guard else "")


def _guarded(guard: Guard, values: Item) -> str:
    """`moves.Guard.lets_through` as a condition; adds the values it names."""
    condition = " AND attribute_not_exists({first_answered_at})"
    if guard.version:
        condition = " AND attribute_exists({first_answered_at}) AND {version} = :standing"
        values[":standing"] = number(guard.version)
    if guard.calm_since is not None:
        condition += " AND (attribute_not_exists({doubted_at}) OR {doubted_at} < :calm)"
        values[":calm"] = text(stamp(guard.calm_since))
    if guard.sent_before is not None:
        condition += " AND {sent_at} <= :sent"
        values[":sent"] = text(stamp(guard.sent_before))
    return condition


def _open(survey: Survey, answer: Answer, at: datetime, values: Item) -> str:
    """`moves.may_answer` and `moves.may_complete` as one condition; adds the values it names."""
    states = (State.PENDING, State.CLAIMED, State.SENT, State.UNKNOWN)
    values |= {f":{each.value}": text(each.value) for each in states}
    unsent = f"attribute_not_exists({{expires_at}}) AND {{state}} IN ({', '.join(f':{each.value}' for each in states)})"
    first = f"attribute_not_exists({{first_answered_at}}) AND ({{expires_at}} > :at OR ({unsent}))"
    values |= {":bare": text(_said(Answer(answer.rating))), ":completion": text(stamp(at - moves.COMPLETION))}
    completing = "{said} = :bare AND {first_answered_at} > :completion"
    if survey.policy.edit_hours <= 0:
        return f"({completing}) OR ({first})"
    values[":window"] = text(stamp(at - timedelta(hours=survey.policy.edit_hours)))
    return f"{{first_answered_at}} > :window OR ({completing}) OR ({first})"


def _judged(before: Story, after: Story, survey: Survey) -> Item:
    """What the ledger, the outbox and the next press need of a story whose answers were judged anew. Empty: it goes."""
    if before.answers == after.answers:
        return {}
    if not after.answered:
        return {name: {} for name in ("said", "answer", "answered_pk", "answered_sk")}
    newest, first = after.answers[-1], after.first_answered_at
    fresh = after.version > before.last_version and after.forwards
    found: Item = {
        "said": text(_said(newest.answer)),
        "answer": text(dump(moves.ledger_form(survey, newest.answer, newest.at, newest.channel))),
        "outbox": number(after.version) if fresh else {},
    }
    if first is not None and first != before.first_answered_at:
        day = day_of(first, survey.timezone)
        found["answered_pk"] = text(_day_key(survey.id, day, shard_of(after.invitation_id)))
        found["answered_sk"] = text(_order(first, after.invitation_id))
    return found


def _anonymous(item: Item, after: Story) -> Item:
    """The same of what the item holds beside its story. The ledger's form keeps the scale it was given on, whatever the survey says
    today.
    """
    said = text_of(item, "answer")
    if not said:
        return {"said": {}}
    plain = json.loads(said)
    plain["details"] = without_words(plain.get("details") or {})
    return {"said": text(_said(after.answers[-1].answer)) if after.answered else {}, "answer": text(dump(plain))}


def _imported(survey: Survey, row: ImportedAnswer) -> Item:
    answer = Answer(row.rating, {"comment": row.comment} if row.comment else {})
    story = moves.imported(survey, row.external_id, answer, row.at, row.facts)
    invitation_id = story.invitation_id
    return {
        "pk": text(pk_of(invitation_id)),
        "sk": text(SK),
        **encode(story),
        "said": text(_said(answer)),
        "answer": text(dump(moves.ledger_form(survey, answer, row.at, "import", imported=True))),
        "answered_pk": text(_day_key(survey.id, day_of(row.at, survey.timezone), shard_of(invitation_id))),
        "answered_sk": text(_order(row.at, invitation_id)),
    }


def _said(answer: Answer) -> str:
    """Short, and the same for the same answer: a condition compares it."""
    return hashlib.sha256(answer.canonical().encode()).hexdigest()[:32]


def _asked(story: Story, day: date) -> Item:
    return {
        "asked_pk": text(_day_key(story.survey, day, shard_of(story.invitation_id))),
        "asked_sk": text(story.invitation_id),
    }


def _erased_key(survey: str) -> str:
    return f"ERASED#{survey}"


def _mark(story: Story, due: datetime | None) -> Item:
    if due is None:
        return {}
    return {"due_pk": text(_due_key(story.invitation_id)), "due_sk": text(_mark_text(story.invitation_id, due))}


def _mark_text(invitation_id: str, due: datetime | None) -> str:
    return _order(due, invitation_id) if due else ""


def _order(moment: datetime, invitation_id: str) -> str:
    return f"{stamp(moment)}#{invitation_id}"


def _due_key(invitation_id: str) -> str:
    return f"DUE#{shard_of(invitation_id)}"


def _stamp(moment: datetime | None) -> str | None:
    return stamp(moment) if moment else None


def _day_key(survey: str, day: date, shard: int) -> str:
    return f"{survey}#{day.isoformat()}#{shard}"

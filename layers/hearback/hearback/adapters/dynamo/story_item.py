"""A story as an item and back. Nested values are JSON in one string each: small, and parsed in one step.

Reading is tolerant: attributes and fields that this version does not know are left alone, missing ones get their default.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

from hearback.adapters.dynamo.table import Item, number, number_of, text, text_of
from hearback.domain.answer import Answer, AnswerVersion
from hearback.domain.calendar import instant, stamp
from hearback.domain.story import Attempt, Decision, Doubt, Doubted, Forward, ForwardState, Outcome, Reason, SendOutcome, State, Story
from hearback.domain.trigger import Agent, Contact, Conversation, Trigger

SK = "STORY"
TAKEN_BACK = "-"
"""Stands in the list of answers where a version was that went into quarantine: an answer's version is its place in the list."""


def pk_of(invitation_id: str) -> str:
    return f"INV#{invitation_id}"


def invitation_of(item: Mapping[str, Any]) -> str:
    return str(item["pk"]["S"][4:])


def encode(story: Story) -> Item:
    """Everything but the keys and what only the indexes and the outbox need. What is empty is left out."""
    texts = {
        "trigger": dump(_trigger_to_plain(story)),
        "survey": story.survey,
        "decision": _row(*_decision_to_row(story.decision)),
        "state": story.state.value,
        "created_at": stamp(story.created_at),
        "due_at": _stamp(story.due_at),
        "expires_at": _stamp(story.expires_at),
        "lease_until": _stamp(story.lease_until),
        "reminder_at": _stamp(story.reminder_at),
        "sent_at": _stamp(story.sent_at),
        "delivered_at": _stamp(story.delivered_at),
        "first_answered_at": _stamp(story.first_answered_at),
        "erased_at": _stamp(story.erased_at),
        "person": story.person,
        "channel": story.channel,
        "address": story.address,
        "language": story.language,
        "facts": dump(story.facts) if story.facts else "",
    }
    item: Item = {name: text(value) for name, value in texts.items() if value}
    item["revision"] = number(story.revision)
    if story.reminded:
        item["reminded"] = {"BOOL": True}
    if story.attempts:
        item["attempts"] = {"L": [text(_row(*_attempt_to_row(each))) for each in story.attempts]}
    if story.last_version:
        places = {each.version: encode_answer(each.answer, each.at, each.channel) for each in story.answers}
        item["answers"] = {"L": [text(places.get(n, TAKEN_BACK)) for n in range(1, story.last_version + 1)]}
        item["version"] = number(story.last_version)
    if story.doubted:
        item["doubted"] = {"L": [text(dump(_doubted_to_plain(each))) for each in story.doubted]}
        item["doubted_at"] = text(_stamp(story.doubted_at))
    if story.sinks:
        item["sinks"] = {"SS": sorted(story.sinks)}
    if story.forwards:
        item["forwards"] = {"M": {sink: text(encode_forward(each)) for sink, each in story.forwards.items()}}
    return item


def decode(item: Mapping[str, Any]) -> Story:
    given = [each["S"] for each in item.get("answers", {}).get("L", [])]
    answers = tuple(_answer(n, each) for n, each in enumerate(given, start=1) if each != TAKEN_BACK)
    version = len(given)
    return Story(
        invitation_id=invitation_of(item),
        trigger=trigger_of(item),
        survey=text_of(item, "survey"),
        decision=_decision(json.loads(text_of(item, "decision"))),
        state=State(text_of(item, "state")),
        created_at=instant(text_of(item, "created_at")),
        due_at=_instant(item, "due_at"),
        expires_at=_instant(item, "expires_at"),
        lease_until=_instant(item, "lease_until"),
        person=text_of(item, "person"),
        channel=text_of(item, "channel"),
        address=text_of(item, "address"),
        language=text_of(item, "language"),
        sent_at=_instant(item, "sent_at"),
        delivered_at=_instant(item, "delivered_at"),
        reminder_at=_instant(item, "reminder_at"),
        reminded="reminded" in item and item["reminded"]["BOOL"],
        attempts=tuple(_attempt(json.loads(each["S"])) for each in item.get("attempts", {}).get("L", [])),
        answers=answers,
        doubted=tuple(_doubted(n, json.loads(each["S"])) for n, each in enumerate(item.get("doubted", {}).get("L", []), start=1)),
        first_answered_at=_instant(item, "first_answered_at"),
        forwards={sink: _forward(json.loads(each["S"]), version) for sink, each in sorted(item.get("forwards", {}).get("M", {}).items())},
        sinks=frozenset(item.get("sinks", {}).get("SS", ())),
        facts=json.loads(text_of(item, "facts", "{}")),
        revision=number_of(item, "revision"),
        erased_at=_instant(item, "erased_at"),
    )


def trigger_of(item: Mapping[str, Any]) -> Trigger:
    return _trigger({"survey": text_of(item, "survey"), **json.loads(text_of(item, "trigger"))})


def encode_answer(answer: Answer, at: datetime, channel: str) -> str:
    """Without a version: that is the place in the list, which one write can append to without having read it."""
    return dump({**answer.to_plain(), "at": stamp(at), "channel": channel})


def encode_forward(forward: Forward) -> str:
    plain: dict[str, Any] = {
        "state": forward.state.value,
        "version": forward.version,
        "attempts": forward.attempts,
        "next_at": _stamp(forward.next_at),
        "last_at": _stamp(forward.last_at),
        "status": forward.status,
        "note": forward.note,
    }
    return dump({name: value for name, value in plain.items() if value})


def dump(plain: Any) -> str:
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":"))


def _stamp(moment: datetime | None) -> str:
    return stamp(moment) if moment else ""


def _instant(item: Mapping[str, Any], name: str) -> datetime | None:
    return _moment(text_of(item, name))


def _moment(stamped: str | None) -> datetime | None:
    return instant(stamped) if stamped else None


def _row(*values: Any) -> str:
    """A JSON list without what is empty at its end: names would make every write of a story dearer (each KB begun is one unit)."""
    filled = [place for place, value in enumerate(values) if value]
    return dump(values[: filled[-1] + 1])


_DECISION = ("outcome", "reason", "at", "detail")
_ATTEMPT = ("token", "channel", "rung", "at", "outcome", "provider_id", "code", "detail", "whole_channel")


def _named(names: tuple[str, ...], stored: Any) -> Mapping[str, Any]:
    """A row's values by their names; stories of earlier versions have them as an object."""
    return stored if isinstance(stored, dict) else dict(zip(names, stored, strict=False))


def _decision_to_row(decision: Decision) -> tuple[Any, ...]:
    return decision.outcome.value, decision.reason.value, stamp(decision.at), decision.detail


def _decision(stored: Any) -> Decision:
    plain = _named(_DECISION, stored)
    return Decision(Outcome(plain["outcome"]), Reason(plain["reason"]), instant(plain["at"]), plain.get("detail", ""))


def _attempt_to_row(attempt: Attempt) -> tuple[Any, ...]:
    at, outcome = stamp(attempt.at), attempt.outcome.value
    said = attempt.provider_id, attempt.code, attempt.detail, attempt.whole_channel
    return attempt.token, attempt.channel, attempt.rung, at, outcome, *said


def _attempt(stored: Any) -> Attempt:
    plain = _named(_ATTEMPT, stored)
    return Attempt(
        token=plain.get("token", ""),
        channel=plain.get("channel", ""),
        rung=plain.get("rung", ""),
        at=instant(plain["at"]),
        outcome=SendOutcome(plain["outcome"]),
        provider_id=plain.get("provider_id", ""),
        code=plain.get("code", ""),
        detail=plain.get("detail", ""),
        whole_channel=bool(plain.get("whole_channel", False)),
    )


def _answer(version: int, stored: str) -> AnswerVersion:
    plain = json.loads(stored)
    return AnswerVersion(version, Answer(plain["rating"], plain.get("details", {})), instant(plain["at"]), plain.get("channel", ""))


def _doubted_to_plain(entry: Doubted) -> dict[str, Any]:
    plain = {
        **entry.answer.to_plain(),
        "at": stamp(entry.at),
        "channel": entry.channel,
        "doubts": [each.value for each in entry.doubts],
        "version": entry.version,
        "restored_as": entry.restored_as,
    }
    return {name: value for name, value in plain.items() if value or name == "rating"}


def _doubted(place: int, plain: Mapping[str, Any]) -> Doubted:
    return Doubted(
        place,
        Answer(plain["rating"], plain.get("details", {})),
        instant(plain["at"]),
        plain.get("channel", ""),
        tuple(Doubt(each) for each in plain.get("doubts", ())),
        plain.get("version", 0),
        plain.get("restored_as", 0),
    )


def _forward(plain: Mapping[str, Any], version: int) -> Forward:
    """A forward that no try has touched belongs to the newest answer: an answer sets all of them anew."""
    return Forward(
        state=ForwardState(plain["state"]),
        version=plain.get("version", version),
        attempts=plain.get("attempts", 0),
        next_at=_moment(plain.get("next_at")),
        last_at=_moment(plain.get("last_at")),
        status=plain.get("status", 0),
        note=plain.get("note", ""),
    )


def _trigger_to_plain(story: Story) -> dict[str, Any]:
    """Without the survey's id, which the story has already."""
    plain = story.trigger.to_plain()
    if plain["survey"] == story.survey:
        del plain["survey"]
    return plain


def _trigger(plain: dict[str, Any]) -> Trigger:
    known = dict(plain)
    for part, kind in (("conversation", Conversation), ("contact", Contact), ("agent", Agent)):
        names = {each.name for each in fields(kind)}
        known[part] = {name: value for name, value in (plain.get(part) or {}).items() if name in names}
    return Trigger.from_plain(known)

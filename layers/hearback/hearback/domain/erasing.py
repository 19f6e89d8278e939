"""What is left of a story when its person is erased: what reports count, and nothing that leads to anybody.

Ratings, ticked choices, times, outcomes and segments stay, so that no total changes. Who was asked, about what, what they wrote,
what providers and sinks said of it, and every id that somebody else knows the person or conversation by go. The item keeps its
key, a hash of the source's event: the same event delivered once more finds that it was here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from hearback.domain.answer import Answer
from hearback.domain.masking import HIDDEN, masked
from hearback.domain.person import identities, keys_in, keys_of, person_keys
from hearback.domain.story import Decision, Forward, Outcome, Reason, State, Story
from hearback.domain.trigger import Trigger

ERASED = "(erased)"
"""Stands for a segment's value that named the person: the segment's other values, and what it adds up to, stay."""

NOTICE_WAIT = timedelta(minutes=4)
"""Longer than a forwarder can live: what was on its way to a sink when its story was erased has arrived before the notice."""

_SHARED = frozenset({"agent", "team", "channel", "source", "language"})
"""Facts that are the company's own, whoever asked."""

_SHORTEST_PART = 4
"""A personal value that is shorter is looked for as the whole of a fact only: "Al" is part of too many words."""


def erased(story: Story, at: datetime, *, segments: Collection[str], tell: bool) -> Story:
    """The story without its person. `segments` are those that its survey names. Every sink that may have got any version of the answer
    is to be told, unless `tell` is False: one that has lost the survey since, or is gone, is among them, and then is said to be untold.
    """
    trigger = story.trigger
    told = sorted(story.sinks | {*story.forwards}) if tell else []
    state, decision = _ended(story, at)
    return replace(
        story,
        trigger=Trigger(trigger.source, "", trigger.kind, trigger.occurred_at, survey=trigger.survey),
        decision=decision,
        state=state,
        due_at=None,
        expires_at=None,
        lease_until=None,
        reminder_at=None,
        person="",
        address="",
        attempts=(),
        answers=tuple(replace(each, answer=_without_words(each.answer)) for each in story.answers),
        doubted=tuple(replace(each, answer=_without_words(each.answer)) for each in story.doubted),
        forwards={sink: Forward(version=story.version or story.last_version, next_at=at + NOTICE_WAIT) for sink in told},
        sinks=frozenset(),
        facts=_shared_facts(story, segments),
        revision=story.revision + 1,
        erased_at=at,
    )


def without_words(details: Mapping[str, Any]) -> dict[str, list[str] | str]:
    """An answer's follow-ups: what was ticked stays, and of what was written the fact that it was."""
    return {name: HIDDEN if isinstance(said, str) else list(said) for name, said in details.items()}


def last_moment(story: Story) -> datetime:
    """When something happened with a story last: its age counts from there."""
    moments = (story.created_at, story.sent_at, story.doubted_at, *(each.at for each in story.answers))
    return max(each for each in moments if each is not None)


def counts_alike(one: Story, other: Story) -> bool:
    """Whether the nights make the same of both."""
    return (one.answers, one.doubted, one.facts) == (other.answers, other.doubted, other.facts)


def is_imported(trigger: Trigger) -> bool:
    return trigger.source.startswith("import:")


def story_identities(trigger: Trigger) -> tuple[str, ...]:
    """By which the person of a story is known, as people read it."""
    if not is_imported(trigger):
        return identities(trigger.contact, trigger.source)
    return (f"{trigger.source}:{trigger.event_id}",) if trigger.event_id else ()


def story_keys(trigger: Trigger, facts: Mapping[str, Any]) -> tuple[str, ...]:
    """The person keys that find a story. An imported answer has no contact: it is found by its id, and by a column that holds an
    address or a number.
    """
    if not is_imported(trigger):
        return person_keys(trigger.contact, trigger.source)
    if not trigger.event_id:
        return ()
    written = (trigger.event_id, *(each for value in facts.values() for each in _texts(value)))
    found = (*keys_of(f"{trigger.source}:{trigger.event_id}"), *(key for text in written for key in keys_in(text)))
    return tuple(dict.fromkeys(found))


def _ended(story: Story, at: datetime) -> tuple[State, Decision]:
    """Nobody is asked any more. What is being sent at this moment may arrive: nobody will ever say."""
    if story.state is State.PENDING:
        return State.SKIPPED, Decision(Outcome.NOT_SURVEYED, Reason.ERASED, at)
    if story.state is State.CLAIMED:
        return State.UNKNOWN, Decision(Outcome.SURVEYED, Reason.SEND_UNKNOWN, at)
    return story.state, replace(story.decision, detail="")


def _without_words(answer: Answer) -> Answer:
    return Answer(answer.rating, without_words(answer.details))


def _shared_facts(story: Story, segments: Collection[str]) -> dict[str, Any]:
    """A fact that the company named as a segment is what a group has in common, unless it holds something of this person."""
    known = _personal_values(story.trigger)

    def kept(name: str, text: str) -> str:
        if name in _SHARED or ((name == "tag" or name in segments) and not _is_personal(text, known)):
            return text
        return ERASED

    def each_kept(name: str, value: Any) -> Any:
        return [kept(name, each) for each in _texts(value)] if isinstance(value, list) else kept(name, str(value))

    return {name: each_kept(name, value) for name, value in story.facts.items()}


def _personal_values(trigger: Trigger) -> list[str]:
    contact, conversation = trigger.contact, trigger.conversation
    held = (contact.id, contact.name, contact.email, contact.phone, *contact.addresses.values())
    named = (*held, *contact.name.split(), conversation.id, conversation.subject, trigger.event_id)
    return [each.strip().casefold() for each in named if each.strip()]


def _is_personal(text: str, known: Iterable[str]) -> bool:
    folded = text.casefold()
    return masked(text) != text or any(each == folded or (len(each) >= _SHORTEST_PART and each in folded) for each in known)


def _texts(value: Any) -> list[str]:
    return [each for each in (value if isinstance(value, list) else [value]) if isinstance(each, str)]

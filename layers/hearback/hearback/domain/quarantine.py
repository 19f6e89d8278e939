"""What the quarantine makes of a story: pure, as the moves in domain/moves.py are.

Versions are never given out twice. What is taken back leaves a gap, and what counts again does so as a new version: so every
sink that got the wrong answer gets the right one as news.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from hearback.domain.answer import Answer, AnswerVersion
from hearback.domain.calendar import day_of
from hearback.domain.moves import FORWARD_GUARD
from hearback.domain.rounds import Round, machine_round
from hearback.domain.story import Doubt, Doubted, Forward, ForwardState, Story
from hearback.domain.survey import Survey

MOST = 24
"""Doubtful answers that one story keeps: two rounds over a scale of eleven. Later ones are not kept, and count as little."""

MOST_WORDS = 20_000
"""Characters that a story keeps of doubtful answers; later ones are kept without their words."""


def held(story: Story, answer: Answer, at: datetime, channel: str, doubts: tuple[Doubt, ...]) -> Story:
    """The story with one more answer in quarantine."""
    if len(story.doubted) >= MOST:
        return story
    words = sum(len(each.answer.canonical()) for each in story.doubted) + len(answer.canonical())
    kept = answer if words <= MOST_WORDS else Answer(answer.rating)
    entry = Doubted(len(story.doubted) + 1, kept, at, channel, doubts)
    return replace(story, doubted=(*story.doubted, entry), revision=story.revision + 1)


def without_round(story: Story, survey: Survey, sinks: Sequence[str], now: datetime) -> Story:
    """The story without what a machine's round had counted; the very same story where there is no such thing."""
    found = machine_round(story, survey.scale)
    if found is None:
        return story
    after = _counted_anew(_marked(story, found), found, sinks, now)
    return story if after == story else replace(after, revision=story.revision + 1)


def restored(story: Story, entry: Doubted, sinks: Sequence[str], now: datetime) -> Story:
    """An operator vouches for an answer: it becomes the one that counts, as given at its own time. A story that has an answer
    already stays counted on that one's day.
    """
    version = story.last_version + 1
    changed = replace(entry, restored_as=version)
    return replace(
        story,
        answers=(*story.answers, AnswerVersion(version, entry.answer, entry.at, entry.channel)),
        doubted=tuple(changed if each.number == entry.number else each for each in story.doubted),
        first_answered_at=story.first_answered_at or entry.at,
        forwards=_pending(version, sinks, now),
        sinks=story.sinks | {*sinks},
        revision=story.revision + 1,
    )


def waiting(story: Story) -> tuple[Doubted, ...]:
    """The answers in quarantine that say something which nobody has said properly: not restored, and no answer that counts, or
    did until another replaced it, gives the same rating.
    """
    said = {each.answer.rating for each in story.answers}
    return tuple(each for each in story.doubted if each.doubts and not each.restored_as and each.answer.rating not in said)


def doubted_on(story: Story, timezone: str) -> dict[date, datetime]:
    """Each day in the survey's time zone on which something came into quarantine, and the moment that it is listed under: its
    first one's, whatever has become of it.
    """
    moments: dict[date, datetime] = {}
    for each in story.doubted:
        moments.setdefault(day_of(each.at, timezone), each.at)
    return moments


def marks(story: Story, timezone: str) -> dict[date, datetime]:
    """As `doubted_on`, only the days of which something waits."""
    days = {day_of(each.at, timezone) for each in waiting(story)}
    return {day: moment for day, moment in doubted_on(story, timezone).items() if day in days}


def waits_on(story: Story, day: date, timezone: str) -> tuple[Doubted, ...]:
    """What waits of one day."""
    return tuple(each for each in waiting(story) if day_of(each.at, timezone) == day)


def days_to_recount(before: Story, after: Story, timezone: str) -> list[date]:
    """The days whose report the step between two states of a story changes."""
    moments: list[datetime | None] = []
    if before.answers != after.answers:
        moments += [before.first_answered_at, after.first_answered_at]
    changed = {each.number for each in waiting(before)} ^ {each.number for each in waiting(after)}
    moments += [each.at for each in after.doubted if each.number in changed]
    return sorted({day_of(each, timezone) for each in moments if each})


def _marked(story: Story, found: Round) -> Story:
    """Every press of the round in quarantine, with the reason; what it had counted no longer among the answers."""
    doubted: list[Doubted] = []
    taken = {(each.at, each.answer.rating): each for each in story.answers if each.version in found.versions}
    for each in story.doubted:
        if each.number in found.entries:
            counted = taken.pop((each.at, each.answer.rating), None)
            reasons = each.doubts if found.reason in each.doubts else (*each.doubts, found.reason)
            version, restored_as = (counted.version, 0) if counted else (each.version, each.restored_as)
            doubted.append(replace(each, doubts=reasons, version=version, restored_as=restored_as))
        else:
            doubted.append(each)
    for n, lost in enumerate(taken.values(), start=len(doubted) + 1):
        doubted.append(Doubted(n, lost.answer, lost.at, lost.channel, (found.reason,), version=lost.version))
    return replace(
        story,
        doubted=tuple(doubted),
        answers=tuple(each for each in story.answers if each.version not in found.versions),
    )


def _counted_anew(story: Story, found: Round, sinks: Sequence[str], now: datetime) -> Story:
    """The answer that stands after all gets a version of its own, unless it is the newest one anyway."""
    spared = _to_reinstate(story, found)
    version = story.last_version + 1
    if spared is not None:
        standing = AnswerVersion(version, spared.answer, spared.at, spared.channel)
        cleared = replace(spared, doubts=(), restored_as=version)
        story = replace(story, doubted=tuple(cleared if each.number == spared.number else each for each in story.doubted))
    elif not story.answers:
        return replace(story, first_answered_at=None, forwards={sink: _dropped(each) for sink, each in story.forwards.items()})
    elif story.version == story.last_version:
        return story
    else:
        standing = replace(story.answers[-1], version=version)
    answers = (*story.answers, standing)
    first = min(each.at for each in answers)
    forwards = _pending(version, sinks, now)
    return replace(story, answers=answers, first_answered_at=first, forwards=forwards, sinks=story.sinks | {*sinks})


def _to_reinstate(story: Story, found: Round) -> Doubted | None:
    """What was taken back and is a person's after all, unless somebody has answered since, or an operator vouches for another."""
    spared = next((each for each in story.doubted if each.number == found.spared), None)
    if spared is None or not story.answers:
        return spared
    vouched = any(each.doubts and each.restored_as == story.version for each in story.doubted)
    return None if vouched or story.answers[-1].at > spared.at else spared


def _pending(version: int, sinks: Sequence[str], now: datetime) -> dict[str, Forward]:
    return {sink: Forward(version=version, next_at=now + FORWARD_GUARD) for sink in sorted(sinks)}


def _dropped(forward: Forward) -> Forward:
    if forward.state is not ForwardState.PENDING:
        return forward
    return replace(forward, state=ForwardState.DROPPED, next_at=None, note="the answer is in quarantine")

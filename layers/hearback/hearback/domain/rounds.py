"""A machine's round over one invitation: presses that follow one another faster than a person changes their mind.

A burst is a run of presses less than ten seconds apart, whether they counted or not. It is a round when it holds three different
scores (both of a scale of two) and one of them was doubtful and not confirmed since; or four different scores; or six presses that
do not agree. Nothing of a round counts, not even its first press. But a round presses each score equally often: a score that was
pressed more often than every other one was pressed by somebody else too, and that one stays. What was answered before the burst
is no part of it, and what did not come from a page of ours proves nothing about those who saw one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from hearback.domain.story import Doubt, Story
from hearback.domain.survey import Scale

CALM = timedelta(seconds=10)
"""The pause that ends a burst. To change an answer a person waits for two pages, chooses and presses."""

MANY_SCORES = 3
MANY_CHANGES = 4
MANY_PRESSES = 6
WEB = "web"
"""Only presses on pages make rounds: what comes through a messenger was authenticated by its provider."""


@dataclass(frozen=True, slots=True)
class Round:
    """`versions` must no longer count; `entries` of the quarantine belong to it, by number; `spared` is an entry that had counted,
    was taken back, and turns out to be a person's (0: none).
    """

    reason: Doubt
    versions: frozenset[int]
    entries: frozenset[int]
    spared: int = 0


@dataclass(frozen=True, slots=True)
class _Seen:
    """One press: `versions` under which it counts, `entry` in the quarantine (0: it is not there); `counted`: it does or did."""

    at: datetime
    rating: int
    versions: tuple[int, ...] = ()
    entry: int = 0
    counted: bool = False
    vouched: bool = False


def machine_round(story: Story, scale: Scale) -> Round | None:
    """The round that the story's newest presses make, if they do."""
    burst = _independent(_burst(_presses(story)))
    reason = _reason(burst, scale)
    if reason is None:
        return None
    spared = _spared(burst) if reason is Doubt.ALL_SCORES else None
    caught = [each for each in burst if each is not spared]
    return Round(
        reason,
        frozenset(version for each in caught for version in each.versions),
        frozenset(each.entry for each in caught if each.entry),
        spared.entry if spared and not spared.versions else 0,
    )


def _reason(burst: Sequence[_Seen], scale: Scale) -> Doubt | None:
    scores, open_doubt = {each.rating for each in burst}, any(not each.counted for each in burst)
    if len(scores) >= MANY_CHANGES or (open_doubt and len(scores) >= min(MANY_SCORES, len(scale.ratings))):
        return Doubt.ALL_SCORES
    return Doubt.BURST if len(scores) > 1 and len(burst) >= MANY_PRESSES else None


def _presses(story: Story) -> list[_Seen]:
    """Each press once, the oldest first. An answer that counts anew under another version keeps its time, and so is known."""
    found: dict[tuple[datetime, int], _Seen] = {}
    for version in story.answers:
        if version.channel == WEB:
            key = (version.at, version.answer.rating)
            before = found.get(key, _Seen(*key))
            found[key] = replace(before, versions=(*before.versions, version.version), counted=True)
    for entry in story.doubted:
        if entry.channel == WEB and Doubt.NO_PROOF not in entry.doubts:
            key = (entry.at, entry.answer.rating)
            before = found.get(key, _Seen(*key))
            vouched = bool(entry.restored_as and entry.doubts)
            found[key] = replace(before, entry=entry.number, counted=before.counted or entry.version > 0, vouched=vouched)
    return sorted((each for each in found.values() if not each.vouched), key=lambda each: each.at)


def _burst(presses: Sequence[_Seen]) -> list[_Seen]:
    burst: list[_Seen] = []
    for each in reversed(presses):
        if burst and burst[-1].at - each.at >= CALM:
            break
        burst.append(each)
    return burst[::-1]


def _independent(burst: Sequence[_Seen]) -> list[_Seen]:
    """Without the doubtful presses that were confirmed: whoever was asked to press once more, and did, pressed once."""
    return [
        each
        for n, each in enumerate(burst)
        if each.counted or not any(later.counted and later.rating == each.rating for later in burst[n + 1 :])
    ]


def _spared(burst: Sequence[_Seen]) -> _Seen | None:
    """The first press, of those that once counted, of the score that was pressed more often than every other one."""
    (first, most), (_, next_most) = Counter(each.rating for each in burst).most_common(2)
    if most == next_most:
        return None
    return next((each for each in burst if each.rating == first and each.counted), None)

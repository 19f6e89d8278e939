"""A digest's stored form: one JSON document in lines, so that a reader who needs little reads little.

The first line holds the counts that a trend needs, the second the segments, the third the pairs of segments, the fourth
what came of comments; each is a whole document once it is closed with a brace.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from enum import IntEnum
from typing import Any

from hearback.domain.errors import Misconfigured
from hearback.domain.scoring.digest import Counts, Digest, Example, Group, Heard, Histogram, add, canonical, plain_histogram

FORMAT = 2
"""Version of the stored form; a reader refuses one that is newer than it knows."""


class Part(IntEnum):
    """How much of a digest to read: each part holds those before it."""

    SCORES = 1
    SEGMENTS = 2
    PAIRS = 3
    COMMENTS = 4


def to_bytes(digest: Digest, survey: str, day: str) -> bytes:
    """The same counts give the same bytes in any process."""
    groups = [(group, digest.groups[group]) for group in sorted(digest.groups)]
    lines = (
        {
            "format": FORMAT,
            "survey": survey,
            "day": day,
            "asked": _plain(digest.asked),
            "invalid": digest.invalid,
            "quarantined": digest.quarantined,
            "groups": [_scores(group, counts) for group, counts in groups],
        },
        {
            "asked_by": {name: {value: _plain(each) for value, each in values.items()} for name, values in digest.asked_by.items()},
            "too_many_values": sorted(digest.too_many_values),
            "too_many_covered": sorted(digest.too_many_covered),
            "segments": [_segments(counts) for _, counts in groups],
        },
        {"too_many_pairs": sorted(digest.too_many_pairs), "pairs": [_pairs(counts) for _, counts in groups]},
        {"comments": [_comments(counts) for _, counts in groups]},
    )
    return b"\n,".join(canonical(line)[(place > 0) : -2] for place, line in enumerate(lines)) + b"\n}\n"


def from_bytes(body: bytes, part: Part = Part.COMMENTS) -> Digest:
    """The digest, or as much of it as is asked for; what is not read is empty. Form 1 knows the first two parts.

    Raises `Misconfigured` when a newer version of the project wrote it: its counts may mean something else.
    """
    lines = body.rstrip(b"\n").split(b"\n")
    plain = json.loads(b"".join(lines[:part]) + (b"}" if part < len(lines) else b""))
    if plain["format"] > FORMAT:
        raise Misconfigured(f"a digest of {plain['day']} has format {plain['format']}, this version reads up to {FORMAT}")
    digest = Digest(
        asked=Counter(plain["asked"]),
        asked_by={
            name: {value: Counter(each) for value, each in values.items()} for name, values in plain.get("asked_by", _NOTHING).items()
        },
        invalid=plain["invalid"],
        quarantined=plain.get("quarantined", 0),
        too_many_values=set(plain.get("too_many_values", ())),
        too_many_pairs={(a, b) for a, b in plain.get("too_many_pairs", ())},
        too_many_covered=set(plain.get("too_many_covered", ())),
    )
    for place, scores in enumerate(plain["groups"]):
        group = Group(scores["metric"], scores["scale"][0], scores["scale"][1], scores["direction"])
        counts = Counts(_histogram(scores["histogram"]), scores["imported"], scores["comments"])
        digest.groups[group] = counts
        if plain["format"] == 1:
            _read_segments(counts, {**scores, "having": {name: _sum(values) for name, values in scores["segments"].items()}})
        for name, read in _READERS.items():
            if name in plain:
                read(counts, plain[name][place])
    return digest


_NOTHING: Mapping[str, Any] = {}


def _scores(group: Group, counts: Counts) -> dict[str, Any]:
    return {
        "metric": group.metric,
        "scale": [group.min, group.max],
        "direction": group.direction,
        "histogram": plain_histogram(counts.histogram),
        "imported": counts.imported,
        "comments": counts.comments,
    }


def _segments(counts: Counts) -> dict[str, Any]:
    reasons: dict[str, dict[str, Any]] = {}
    for (question, choice), histogram in counts.reasons.items():
        reasons.setdefault(question, {})[choice] = plain_histogram(histogram)
    return {
        "reasons": reasons,
        "segments": {name: _each(values) for name, values in counts.segments.items()},
        "having": _each(counts.having),
        "covered": {name: _plain(values) for name, values in counts.covered.items()},
    }


def _read_segments(counts: Counts, plain: Mapping[str, Any]) -> None:
    counts.reasons = {
        (question, choice): _histogram(ratings) for question, choices in plain["reasons"].items() for choice, ratings in choices.items()
    }
    counts.segments = {name: _histograms(values) for name, values in plain["segments"].items()}
    counts.having = _histograms(plain["having"])
    counts.covered = {name: Counter(values) for name, values in plain.get("covered", _NOTHING).items()}


def _pairs(counts: Counts) -> list[list[Any]]:
    """[a, b, [[x, y, rating, count, ...], ...]]: a pair has many cells with few answers each."""
    return [
        [*pair, [[*cell, *_flat(cells[cell])] for cell in sorted(cells)]]
        for pair, cells in sorted(counts.pairs.items(), key=lambda each: each[0])
    ]


def _read_pairs(counts: Counts, plain: Iterable[list[Any]]) -> None:
    counts.pairs = {(a, b): {(cell[0], cell[1]): _unflat(cell[2:]) for cell in cells} for a, b, cells in plain}


def _comments(counts: Counts) -> dict[str, Any]:
    return {
        "commented": plain_histogram(counts.commented),
        "words": {word: _flat(histogram) for word, histogram in counts.words.items()},
        "words_cut": counts.words_cut,
        "examples": [each._asdict() for each in counts.examples],
        **({"sample": counts.sample} if counts.sample else {}),
    }


def _read_comments(counts: Counts, plain: Mapping[str, Any]) -> None:
    counts.commented = _histogram(plain["commented"])
    counts.words = {word: _unflat(flat) for word, flat in plain["words"].items()}
    counts.words_cut = plain["words_cut"]
    counts.examples = [
        Example(each["key"], each["rating"], each["text"], tuple((question, choice) for question, choice in each["reasons"]), each["facts"])
        for each in plain["examples"]
    ]
    counts.sample = [Heard(key, rating, tuple(words)) for key, rating, words in plain.get("sample", ())]


_READERS: dict[str, Callable[[Counts, Any], None]] = {"segments": _read_segments, "pairs": _read_pairs, "comments": _read_comments}
"""A line's field to who reads one group of it."""


def _plain(counter: Mapping[str, int]) -> dict[str, int]:
    return {key: count for key, count in counter.items() if count}


def _each(histograms: Mapping[str, Mapping[int, int]]) -> dict[str, dict[str, int]]:
    return {key: plain_histogram(histogram) for key, histogram in histograms.items()}


def _flat(histogram: Mapping[int, int]) -> list[int]:
    return [number for rating in sorted(histogram) if histogram[rating] for number in (rating, histogram[rating])]


def _unflat(flat: list[int]) -> Histogram:
    histogram: Histogram = Counter()
    for place in range(0, len(flat), 2):
        histogram[flat[place]] = flat[place + 1]
    return histogram


def _histogram(plain: Mapping[str, int]) -> Histogram:
    histogram: Histogram = Counter()
    for rating, count in plain.items():
        histogram[int(rating)] = count
    return histogram


def _histograms(plain: Mapping[str, Mapping[str, int]]) -> dict[str, Histogram]:
    return {key: _histogram(each) for key, each in plain.items()}


def _sum(values: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for each in values.values():
        add(total, each)
    return dict(total)

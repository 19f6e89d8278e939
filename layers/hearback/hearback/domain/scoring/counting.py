"""Count a day's answers one by one: memory grows with the number of segments, not with the number of answers.

Most answers of a day share their facts with many others. So answers are first counted by their facts and rating, which is two
look-ups each, and only the different facts are taken apart. Neither order nor division into parts shows in the result.
"""

from __future__ import annotations

import hashlib
import string
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import combinations
from typing import Any

from hearback.domain.facts import VALUE_LIMIT
from hearback.domain.masking import HIDDEN, masked
from hearback.domain.scoring.digest import (
    COVERED,
    NAMED_VALUES,
    OTHER_VALUES,
    Counts,
    Digest,
    Example,
    Group,
    Heard,
    Histogram,
    add,
    merged,
    order,
)
from hearback.domain.scoring.words import MOST_WORDS
from hearback.domain.survey import Survey

PAIR_CELLS = 2000
"""How many cells a day may hold of two segments that the survey names. Beyond it the pair is left out."""

PAIRED_NAMES = 8
"""Of how many named segments every two are counted; beyond it only the pairs that the survey asks for."""

LOW_EXAMPLES, OTHER_EXAMPLES = 40, 20
"""How many comments a day keeps to show: of the low part of the scale, and of the rest."""

EXAMPLE_LENGTH = 280

COMMENTS_READ = 5000
"""Of how many comments a day the words are counted. Of more, a fair draw is: those whose hashed id is least."""

WORDS_KEPT, LETTERS_READ = 5000, 1000
"""How many words a day keeps; how many characters of a comment are read for them, from its start."""

_ENDS = string.punctuation + string.whitespace

_HELD_KINDS, _HELD_LETTERS = 20_000, 4_000_000
"""How many different kinds of facts are held before they are taken apart, and of how many characters in all."""

Words = Callable[[str], Iterable[str]]


class DayCounter:
    """`named` are the segments that the survey names; other facts are counted too while they look like segments. `pairs` are
    those it asks for beyond every two of the first few; `words` splits a comment.
    """

    def __init__(self, named: Iterable[str], pairs: Iterable[tuple[str, str]] = (), words: Words | None = None) -> None:
        self._named = tuple(dict.fromkeys(named))
        self._pairs = _pairs(self._named, pairs)
        self._words = words
        self._digest = Digest()
        self._groups: dict[tuple[Any, ...], tuple[Counts, _Remarks]] = {}
        self._rows = _Rows()
        self._held: dict[str, dict[tuple[Any, ...], int]] = {}
        self._facts: dict[str, Mapping[str, Any]] = {}
        self._letters = 0

    @staticmethod
    def of(survey: Survey, words: Words | None = None) -> DayCounter:
        return DayCounter(survey.segment_names, survey.segment_pairs, words)

    def answer(self, answer: Mapping[str, Any], facts: Mapping[str, Any], facts_text: str = "", invitation_id: str = "") -> None:
        """The fields of a `LedgerEntry`. Equal texts mean equal facts; without a text they are taken apart at once."""
        rating = answer["rating"]
        low, high = answer["scale"]
        if type(rating) is not int or not low <= rating <= high:
            self._digest.invalid += 1
            return
        kind = (rating, answer["metric"], low, high, answer["direction"], answer.get("imported", False))
        if facts_text or not facts:
            times = self._held.get(facts_text)
            if times is None:
                times = self._hold(facts, facts_text)
            times[kind] = times.get(kind, 0) + 1
        else:
            self._count(facts, {kind: 1})
        details = answer.get("details")
        if details:
            self._detail(kind[1:5], rating, details, facts, invitation_id)

    def asked(self, outcome: str, facts: Mapping[str, Any] | None = None) -> None:
        self._digest.asked[outcome] += 1
        for name in COVERED:
            for value in _values((facts or {}).get(name)):
                if self._rows.admits(("covered", name), value, NAMED_VALUES):
                    self._digest.asked_by.setdefault(name, {}).setdefault(value, Counter())[outcome] += 1

    def part(self) -> Digest:
        """What was counted, of a part of a day: to be made whole by `whole_day`. The counter is used up."""
        self._take_apart()
        for group, (counts, remarks) in self._groups.items():
            remarks.into(counts, self._words, self._named)
            self._digest.groups[Group(*group)] = counts
        return self._digest

    def digest(self) -> Digest:
        """The day's digest, when all of the day was counted here. The counter is used up."""
        return whole_day([self.part()], self._named)

    def _hold(self, facts: Mapping[str, Any], facts_text: str) -> dict[tuple[Any, ...], int]:
        if len(self._held) >= _HELD_KINDS or self._letters >= _HELD_LETTERS:
            self._take_apart()
        self._facts[facts_text] = facts
        self._letters += len(facts_text)
        times = self._held[facts_text] = {}
        return times

    def _take_apart(self) -> None:
        for facts_text, times in self._held.items():
            self._count(self._facts[facts_text], times)
        self._held.clear()
        self._facts.clear()
        self._letters = 0

    def _of(self, group: tuple[Any, ...]) -> tuple[Counts, _Remarks]:
        found = self._groups.get(group)
        if found is None:
            found = self._groups[group] = (Counts(), _Remarks(Group(*group)))
        return found

    def _count(self, facts: Mapping[str, Any], times: Mapping[tuple[Any, ...], int]) -> None:
        """`times`: how many answers of each kind (rating, group, imported) have these facts."""
        held = {name: found for name, value in facts.items() if (found := _values(value))}
        groups: dict[tuple[Any, ...], tuple[dict[int, int], list[int]]] = {}
        for (rating, *group, imported), each in times.items():
            ratings, brought_in = groups.setdefault(tuple(group), ({}, []))
            ratings[rating] = ratings.get(rating, 0) + each
            brought_in.append(each if imported else 0)
        for one, (ratings, brought_in) in groups.items():
            counts, _ = self._of(one)
            add(counts.histogram, ratings)
            counts.imported += sum(brought_in)
            self._cut(counts, held, ratings)
            self._cover(counts, held, sum(ratings.values()) - sum(brought_in))

    def _cut(self, counts: Counts, held: Mapping[str, list[str]], ratings: Mapping[int, int]) -> None:
        for name, values in held.items():
            limit = NAMED_VALUES if name in self._named else OTHER_VALUES
            add(counts.having.setdefault(name, Counter()), ratings)
            self._rate(counts.segments.setdefault(name, {}), ("segment", name), values, limit, ratings)
        for pair in self._pairs:
            if pair[0] in held and pair[1] in held:
                cells = [(one, other) for one in held[pair[0]] for other in held[pair[1]]]
                self._rate(counts.pairs.setdefault(pair, {}), pair, cells, PAIR_CELLS, ratings)

    def _cover(self, counts: Counts, held: Mapping[str, list[str]], asked_here: int) -> None:
        for name in COVERED if asked_here else ():
            for value in held.get(name, ()):
                if self._rows.admits(("covered", name), value, NAMED_VALUES):
                    counts.covered.setdefault(name, Counter())[value] += asked_here

    def _rate(self, table: dict[Any, Histogram], name: Any, rows: Iterable[Any], limit: int, ratings: Mapping[int, int]) -> None:
        for row in rows:
            histogram = table.get(row)
            if histogram is None:
                if not self._rows.admits(name, row, limit):
                    continue
                histogram = table[row] = Counter()
            add(histogram, ratings)

    def _detail(
        self, group: tuple[Any, ...], rating: int, details: Mapping[str, Any], facts: Mapping[str, Any], invitation_id: str
    ) -> None:
        counts, remarks = self._of(group)
        ticked: dict[tuple[str, str], None] = {}
        written = []
        for question, said in details.items():
            if isinstance(said, str):
                if not said.isspace() and said:
                    written.append((question, said))
            else:
                for choice in said:
                    ticked[question, str(choice)] = None
        for reason in ticked:
            histogram = counts.reasons.get(reason)
            if histogram is None:
                histogram = counts.reasons[reason] = Counter()
            histogram[rating] += 1
        if written:
            counts.comments += 1
            if any(said != HIDDEN for _, said in written):  # else its words were erased
                remarks.add(invitation_id, rating, written, tuple(ticked), facts)


def whole_day(parts: Iterable[Digest], named: Iterable[str]) -> Digest:
    """The digest of a day from those of its parts: the same as if all of it had been counted at once."""
    digest = merged(parts)
    digest.groups = {group: counts for group, counts in digest.groups.items() if counts.n}
    _close(digest, frozenset(named))
    for group, counts in digest.groups.items():
        _count_words(counts)
        low = [each for each in counts.examples if group.low(each.rating)][:LOW_EXAMPLES]
        others = [each for each in counts.examples if not group.low(each.rating)][:OTHER_EXAMPLES]
        counts.examples = sorted((each for each in low + others if _says_something(each.text)), key=order)
    return digest


def _close(digest: Digest, named: frozenset[str]) -> None:
    """Close every table that has too many rows in all of the day, so that no order of answers decides which are seen."""
    rows: dict[Any, set[Any]] = {}
    for counts in digest.groups.values():
        for name, values in counts.segments.items():
            rows.setdefault(name, set()).update(values)
        for pair, cells in counts.pairs.items():
            rows.setdefault(pair, set()).update(cells)
    digest.too_many_values |= {
        name for name, held in rows.items() if isinstance(name, str) and len(held) > (NAMED_VALUES if name in named else OTHER_VALUES)
    }
    digest.too_many_pairs |= {pair for pair, held in rows.items() if not isinstance(pair, str) and len(held) > PAIR_CELLS}
    for name in COVERED:
        covered = set(digest.asked_by.get(name, ()))
        covered.update(*(counts.covered.get(name, ()) for counts in digest.groups.values()))
        if len(covered) > NAMED_VALUES:
            digest.too_many_covered.add(name)
    digest.drop_closed()


def _count_words(counts: Counts) -> None:
    read, counts.sample = counts.sample[:COMMENTS_READ], []
    words: dict[str, Histogram] = {}
    for heard in read:
        counts.commented[heard.rating] += 1
        for word in heard.words:
            words.setdefault(word, Counter())[heard.rating] += 1
    ranked = sorted(words, key=lambda word: (-words[word].total(), word))
    counts.words = {word: words[word] for word in ranked[:WORDS_KEPT]}
    counts.words_cut = words[ranked[WORDS_KEPT]].total() if len(ranked) > WORDS_KEPT else 0


class _Rows:
    """The rows that each table has, over all groups. One too many is let in, which shows that the table is to be closed."""

    def __init__(self) -> None:
        self._known: dict[Any, set[Any]] = {}

    def admits(self, table: Any, row: Any, limit: int) -> bool:
        known = self._known.setdefault(table, set())
        if row in known:
            return True
        if len(known) > limit:
            return False
        known.add(row)
        return True


class _Lowest:
    """The entries with the least keys, whatever order they come in; at most twice as many are held."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._held: list[tuple[Any, ...]] = []
        self._bar: str | None = None

    def wants(self, key: str) -> bool:
        return self._bar is None or key <= self._bar

    def add(self, *entry: Any) -> None:
        """`entry` begins with its key, its rating and its text."""
        self._held.append(entry)
        if len(self._held) >= 2 * self._size:
            self._held = self.entries()
            self._bar = self._held[-1][0]

    def entries(self) -> list[tuple[Any, ...]]:
        return sorted(self._held, key=lambda each: each[:3])[: self._size]


class _Remarks:
    """One group's comments: some to show, some to count the words of."""

    def __init__(self, group: Group) -> None:
        self._low_ratings = frozenset(rating for rating in range(group.min, group.max + 1) if group.low(rating))
        self._low, self._others, self._read = _Lowest(LOW_EXAMPLES), _Lowest(OTHER_EXAMPLES), _Lowest(COMMENTS_READ)

    def add(
        self,
        invitation_id: str,
        rating: int,
        written: list[tuple[str, str]],
        ticked: tuple[tuple[str, str], ...],
        facts: Mapping[str, Any],
    ) -> None:
        key = hashlib.sha256(invitation_id.encode(errors="replace")).hexdigest()[:32]
        shown = self._low if rating in self._low_ratings else self._others
        is_shown, is_read = shown.wants(key), self._read.wants(key)
        if is_shown or is_read:
            text = "\n".join(said.strip() for _, said in sorted(written))
            if is_shown:
                shown.add(key, rating, text, ticked, facts)
            if is_read:
                self._read.add(key, rating, text[:LETTERS_READ])

    def into(self, counts: Counts, words: Words | None, named: Iterable[str]) -> None:
        shown = (*self._low.entries(), *self._others.entries())
        counts.examples = sorted(
            (_example(key, rating, text, ticked, facts, named) for key, rating, text, ticked, facts in shown), key=order
        )
        counts.sample = sorted(Heard(key, rating, tuple(_words_of(text, words))) for key, rating, text in self._read.entries())


def _example(
    key: str, rating: int, text: str, ticked: tuple[tuple[str, str], ...], facts: Mapping[str, Any], named: Iterable[str]
) -> Example:
    shown = _tidy(masked(text), EXAMPLE_LENGTH)
    kept = {name: _values(facts[name]) for name in sorted(named) if name in facts}
    return Example(
        key,
        rating,
        shown,
        ticked,
        {name: values if isinstance(facts[name], list | tuple) else values[0] for name, values in kept.items() if values},
    )


def _says_something(masked_text: str) -> bool:
    """Not only that something was hidden."""
    return HIDDEN not in masked_text or bool(masked_text.replace(HIDDEN, "").strip(_ENDS))


def _words_of(text: str, words: Words | None) -> Iterator[str]:
    seen: set[str] = set()
    for word in words(masked(text)) if words else ():
        if word not in seen:
            if len(seen) == MOST_WORDS:
                return
            seen.add(word)
            yield _tidy(word, VALUE_LIMIT)


def _pairs(named: tuple[str, ...], asked_for: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    every = {(min(pair), max(pair)) for pair in combinations(named[:PAIRED_NAMES], 2)}
    return sorted(every | {(min(pair), max(pair)) for pair in asked_for})


def _values(value: Any) -> list[str]:
    """Each distinct value once, whatever form the fact has; a value of more characters than facts keep is cut as they are."""
    if type(value) is str:
        return [_tidy(value, VALUE_LIMIT)] if value else []
    if isinstance(value, list | tuple | set | frozenset):
        texts = [str(each) for each in value if each is not None]
        return list(dict.fromkeys(_tidy(text, VALUE_LIMIT) for text in texts if text))
    return [] if value is None or isinstance(value, dict) else [_tidy(str(value), VALUE_LIMIT)]


def _tidy(text: str, limit: int) -> str:
    """At most `limit` characters, all of which UTF-8 can say."""
    if len(text) > limit:
        text = text[: limit - 1] + "…"
    return text if text.isascii() else text.encode(errors="replace").decode()

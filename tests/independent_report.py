"""Every number of a CSAT report again, from the rows, by other means: statsmodels, scipy and plain counting; none of our modules
computes anything here. What the report hides is taken from it (that it hides enough has its own tests), and so is which
comments it shows.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
from scipy import stats  # type: ignore[import-untyped]
from statsmodels.stats.multitest import multipletests  # type: ignore[import-untyped]
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint  # type: ignore[import-untyped]

Leaves = dict[tuple[Any, ...], Any]
Sums = tuple[int, int]
"""How many are satisfied, of how many."""

Z = float(stats.norm.ppf(0.975))


@dataclass(frozen=True)
class Row:
    day: date
    rating: int
    facts: Mapping[str, str | list[str]] = field(default_factory=dict)
    comment: str = ""
    ticked: tuple[tuple[str, str], ...] = ()
    imported: bool = False

    def has(self, by: str, name: str) -> bool:
        held = self.facts.get(by)
        return name in held if isinstance(held, list) else name == held


@dataclass(frozen=True)
class Asked:
    day: date
    outcome: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Definition:
    """What of the survey the numbers depend on. `questions` are the choices' questions, with the greatest rating each is shown for."""

    named: tuple[str, ...]
    words: Callable[[str], Iterable[str]]
    pairs: tuple[tuple[str, str], ...] = ()
    questions: Mapping[str, int] = field(default_factory=dict)
    scale: tuple[int, int] = (1, 5)
    benchmark: int = 4
    target: float = 75.0
    minimum: int = 5


def disagreements(report: Mapping[str, Any], rows: Sequence[Row], asked: Sequence[Asked], survey: Definition) -> list[str]:
    """What the report says otherwise than this computation, or says without its knowing, or leaves out."""
    said, computed = dict(leaves(report)), dict(_Expected(report, rows, asked, survey).leaves())
    return [
        f"{'/'.join(map(str, path))}: the report says {said.get(path)!r}, computed {computed.get(path)!r}"
        for path in sorted({*said, *computed}, key=str)
        if path not in said or path not in computed or not _alike(said[path], computed[path])
    ]


def leaves(plain: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Every number, truth value and verdict of a report by its path; a row of a list goes by what it is about."""
    if isinstance(plain, Mapping):
        for name, value in plain.items():
            if name in ("verdict", "direction", "at") or not isinstance(value, str | None):
                yield from leaves(value, (*path, name))
    elif isinstance(plain, list):
        for place, each in enumerate(plain):
            if isinstance(each, Mapping):
                about = tuple(
                    str(each[name]) for name in ("kind", "by", "name", "question", "choice", "start", "reason", "metric") if name in each
                )
                yield from leaves(each, (*path, about or place))
    else:
        yield path, plain


def _alike(said: Any, computed: Any) -> bool:
    if isinstance(said, float) and isinstance(computed, int | float):
        return math.isclose(said, computed, rel_tol=1e-7, abs_tol=1e-9)
    return bool(said == computed)


class _Expected:
    def __init__(self, report: Mapping[str, Any], rows: Sequence[Row], asked: Sequence[Asked], survey: Definition) -> None:
        self.report, self.survey = report, survey
        start, end = (date.fromisoformat(report["period"][name]) for name in ("start", "end"))
        self.kind, self.start, self.end = report["period"]["kind"], start, end
        before = _before(self.kind, start)
        self.everything = rows
        self.now = [row for row in rows if start <= row.day <= end]
        self.before = [row for row in rows if before <= row.day < start]
        self.before_start = before
        self.asked = [each for each in asked if start <= each.day <= end]
        self.closed = {(each["by"], each["name"]) for each in report["segments"] if each["suppressed"]}
        self.open = {(each["by"], each["name"]) for each in report["segments"] if not each["suppressed"]}
        self._by: dict[str, dict[str, list[Row]]] = {}
        self._segment = {(each["by"], each["name"]): each for each in report["segments"]}
        self.undivided = {each["by"] for each in report["segments"] if not each["suppressed"] and each["difference"] is None}

    def leaves(self) -> Iterator[tuple[tuple[Any, ...], Any]]:
        survey, n = self.survey, len(self.now)
        low, high = survey.scale
        yield ("scale", "min"), low
        yield ("scale", "max"), high
        yield ("scale", "direction"), "high_is_good"
        yield ("benchmark",), survey.benchmark
        yield ("complete",), True
        yield ("minimum_group",), survey.minimum
        yield from self._group(("score",), self.now, value="value", mean=False)
        yield ("score", "target"), survey.target
        needed = self._needed()
        if needed is not None:
            yield ("score", "answers_needed"), needed
            yield ("score", "periods_needed"), needed / n
        if n:
            yield ("mean",), float(np.mean([row.rating for row in self.now]))
        for rating in range(low, high + 1):
            yield ("histogram", str(rating)), sum(row.rating == rating for row in self.now)
        yield ("comments",), sum(bool(row.comment) for row in self.now)
        yield from self._counts()
        yield from self._comparison()
        yield from self._reasons()
        yield from self._segments()
        yield from self._pairs()
        yield from self._drivers()
        yield from self._trend()
        yield from self._coverage()

    # --- scores and differences -------------------------------------------------------------------------------------------

    def satisfied(self, rows: Sequence[Row]) -> int:
        return sum(row.rating >= self.survey.benchmark for row in rows)

    def _group(self, path: tuple[Any, ...], rows: Sequence[Row], *, value: str = "score", mean: bool = True) -> Iterator[tuple[Any, Any]]:
        yield (*path, "n"), len(rows)
        if not rows:
            yield (*path, "verdict"), "not_proven"
            return
        low, high = _wilson(self.satisfied(rows), len(rows))
        yield (*path, value), 100 * self.satisfied(rows) / len(rows)
        if mean:
            yield (*path, "mean"), sum(row.rating for row in rows) / len(rows)
        yield from _interval((*path, "interval"), low, high)
        yield (*path, "verdict"), "met" if low >= self.survey.target else "missed" if high < self.survey.target else "not_proven"

    def sums(self, rows: Sequence[Row]) -> Sums:
        return self.satisfied(rows), len(rows)

    def _difference(self, rows: Sequence[Row], others: Sequence[Row]) -> tuple[float, float, float, float]:
        """Value, both ends of the interval, p."""
        return _compared(*self.sums(rows), *self.sums(others))

    def _needed(self) -> int | None:
        n, share = len(self.now), self.satisfied(self.now) / max(1, len(self.now))
        if not n or 100 * share == self.survey.target:
            return None
        totals = n + np.arange(1_000_001)
        low, high = proportion_confint(share * totals, totals, method="wilson")
        proven = np.flatnonzero((100 * low >= self.survey.target) | (100 * high < self.survey.target))
        return int(proven[0]) if proven.size else None

    def _counts(self) -> Iterator[tuple[Any, Any]]:
        outcomes = Counter(each.outcome for each in self.asked)
        sent = outcomes["sent"] + outcomes["delivered"]
        answered = sum(not row.imported for row in self.now)
        for name, count in {
            "invited": sent + outcomes["unknown"] + outcomes["refused"], "sent": sent, "delivered": outcomes["delivered"],
            "unknown": outcomes["unknown"], "refused": outcomes["refused"], "answered": len(self.now), "valid": len(self.now),
            "other_scale": 0, "invalid": 0, "imported": len(self.now) - answered, "quarantined": 0,
        }.items():  # fmt: skip
            yield ("counts", name), count
        for outcome, count in outcomes.items():
            if outcome.startswith("skipped:"):
                yield ("counts", "not_asked", outcome[8:]), count
        could = sent + outcomes["unknown"]
        if could and answered <= could:
            yield ("response_rate",), 100 * answered / could

    def _comparison(self) -> Iterator[tuple[Any, Any]]:
        if not self.now or not self.before:
            return
        value, low, high, p = self._difference(self.now, self.before)
        yield ("comparison", "with", "n"), len(self.before)
        yield ("comparison", "with", "score"), 100 * self.satisfied(self.before) / len(self.before)
        yield ("comparison", "difference"), value
        yield from _interval(("comparison", "interval"), low, high)
        yield ("comparison", "p"), p
        yield ("comparison", "verdict"), "not_proven" if p > 0.05 else "up" if value > 0 else "down"

    def _reasons(self) -> Iterator[tuple[Any, Any]]:
        said = {(each["question"], each["choice"]): each for each in self.report["reasons"]}
        for reason, n in Counter(tick for row in self.now for tick in row.ticked).items():
            path = ("reasons", reason)
            hidden = said[reason]["suppressed"]
            yield (*path, "n"), n
            yield (*path, "suppressed"), hidden or n < self.survey.minimum
            if not hidden:
                for rating, count in Counter(row.rating for row in self.now if reason in row.ticked).items():
                    yield (*path, "histogram", str(rating)), count
            limit = self.survey.questions[reason[0]]
            if limit < self.survey.benchmark and n >= self.survey.minimum:
                shown = sum(row.rating <= limit for row in self.now)
                yield ("unhappy_reasons", reason, "n"), n
                yield ("unhappy_reasons", reason, "share"), 100 * n / shown
                yield from _interval(("unhappy_reasons", reason, "interval"), *_wilson(n, shown))

    # --- segments ----------------------------------------------------------------------------------------------------------

    def _held(self, by: str) -> dict[str, list[Row]]:
        """The period's answers by the values of a fact."""
        if by not in self._by:
            held: dict[str, list[Row]] = defaultdict(list)
            for row in self.now:
                value = row.facts.get(by) or []
                for each in value if isinstance(value, list) else [value]:
                    held[each].append(row)
            self._by[by] = dict(sorted(held.items()))
        return self._by[by]

    def _values(self, by: str) -> list[str]:
        return list(self._held(by))

    def _too_many(self, by: str, limit: int) -> bool:
        days = defaultdict(set)
        for row in self.now:
            value = row.facts.get(by)
            days[row.day].update(value if isinstance(value, list) else [value] if value else [])
        return any(len(values) > limit for values in days.values())

    def _facts(self) -> list[str]:
        """Those that a report can be cut by."""
        names = sorted({name for row in self.now for name in row.facts})
        return [
            name
            for name in names
            if not self._too_many(name, 2000 if name in self.survey.named else 50)
            and (name in self.survey.named or len(self._values(name)) <= 50)
        ]

    def _segments(self) -> Iterator[tuple[Any, Any]]:
        changes = []
        for by in self._facts():
            having = [row for row in self.now if row.facts.get(by)]
            if (by, "too_few_answers") in {(each["by"], each["reason"]) for each in self.report["segments_left_out"]}:
                continue
            for name in self._values(by):
                path = ("segments", (by, name))
                rows = self._held(by)[name]
                hidden = (by, name) in self.closed or len(rows) < self.survey.minimum
                yield (*path, "suppressed"), hidden
                if hidden:
                    yield (*path, "verdict"), "not_proven"
                    continue
                yield from self._group(path, rows)
                if len(having) > len(rows) and by not in self.undivided:
                    value, low, high, _ = _compared(*self.sums(rows), *_less(self.sums(having), self.sums(rows)))
                    yield (*path, "difference", "value"), value
                    yield from _interval((*path, "difference", "interval"), low, high)
                if self._segment[by, name]["change"] is not None:
                    earlier = [row for row in self.before if row.has(by, name)]
                    changes.append((path, self._difference(rows, earlier)))
                    assert len(earlier) >= self.survey.minimum
        for (path, (value, low, high, p)), q in zip(changes, _adjusted([each[1][3] for each in changes]), strict=True):
            yield (*path, "change", "difference"), value
            yield from _interval((*path, "change", "interval"), low, high)
            yield (*path, "change", "p"), p
            yield (*path, "change", "q"), q
            yield (*path, "change", "verdict"), "not_proven" if q > 0.05 else "up" if value > 0 else "down"

    def _pairs(self) -> Iterator[tuple[Any, Any]]:
        for a, b in self.survey.pairs:
            closed = {tuple(each["name"]) for each in self.report["segment_pairs"] if each["by"] == [a, b] and each["suppressed"]}
            for x, y in ((x, y) for x in self._values(a) for y in self._values(b)):
                rows = [row for row in self._held(a)[x] if row.has(b, y)]
                path = ("segment_pairs", (str([a, b]), str([x, y])))
                if rows:
                    hidden = (x, y) in closed or len(rows) < self.survey.minimum
                    yield (*path, "suppressed"), hidden
                    if hidden:
                        yield (*path, "verdict"), "not_proven"
                    else:
                        yield from self._group(path, rows)

    # --- drivers -----------------------------------------------------------------------------------------------------------

    def _drivers(self) -> Iterator[tuple[Any, Any]]:
        left_out: Counter[tuple[str, str, str]] = Counter()
        tested = {}
        for key, rows, others in self._candidates(left_out):
            least = 10 if key[0] == "word" else self.survey.minimum
            hidden = key[0] == "segment" and (key[1:] not in self.open or key[1] in self.undivided)
            if len(rows) < least or others[1] < self.survey.minimum or hidden:
                left_out[key[0], key[1], "small_group"] += 1
            else:
                value, low, high, p = _compared(*self.sums(rows), *others)
                tested[key] = rows, others, value, low, high, 1.0 if low <= 0 <= high else p
        yield ("driver_tests", "tested"), len(tested)
        yield ("driver_tests", "rate"), 0.05
        for about, count in left_out.items():
            yield ("driver_tests", "left_out", about, "count"), count
        said = {(each["kind"], each["by"], each["name"]): each for each in self.report["drivers"]}
        for (key, (rows, others, value, low, high, p)), q in zip(
            tested.items(), _adjusted([each[5] for each in tested.values()]), strict=True
        ):
            if q > 0.05:
                continue
            path = ("drivers", key)
            yield (*path, "n"), len(rows)
            yield (*path, "n_without"), others[1]
            yield (*path, "score_with"), 100 * self.satisfied(rows) / len(rows)
            yield (*path, "score_without"), 100 * others[0] / others[1]
            yield (*path, "effect"), value
            yield from _interval((*path, "interval"), low, high)
            yield (*path, "p"), p
            yield (*path, "q"), q
            yield (*path, "direction"), "lowers" if value < 0 else "raises"
            if key[0] == "segment":
                yield from self._held_equal(path, key[1], key[2], value)
            if key[0] == "word":
                yield from self._log_odds(path, rows, others)
            yield from self._examples(path, said.get(key, {"examples": []}), rows)

    def _candidates(self, left_out: Counter[tuple[str, str, str]]) -> Iterator[tuple[tuple[str, str, str], list[Row], Sums]]:
        """What is tested, the answers that have it, and the sums of those that do not."""
        for by in sorted({name for row in self.now for name in row.facts}):
            if self._too_many(by, 2000 if by in self.survey.named else 50):
                continue
            held = self._held(by)
            if by not in self.survey.named and len(held) > 50:
                left_out["segment", by, "too_many_values"] += len(held)
                continue
            having = self.sums([row for row in self.now if row.facts.get(by)])
            names = list(held)
            if len(names) == 2 and sum(map(len, held.values())) == having[1]:
                names = [min(names, key=lambda name, held=held: self.satisfied(held[name]) / len(held[name]))]  # type: ignore[misc]
            for name in names:
                yield ("segment", by, name), held[name], _less(having, self.sums(held[name]))
        yield from self._ticked()
        yield from self._heard()

    def _ticked(self) -> Iterator[tuple[tuple[str, str, str], list[Row], Sums]]:
        for question, choice in sorted({tick for row in self.now for tick in row.ticked}):
            limit = self.survey.questions[question]
            if limit >= self.survey.benchmark:
                shown = [row for row in self.now if row.rating <= limit]
                ticked = [row for row in shown if (question, choice) in row.ticked]
                yield ("reason", question, choice), ticked, _less(self.sums(shown), self.sums(ticked))

    def _heard(self) -> Iterator[tuple[tuple[str, str, str], list[Row], Sums]]:
        commented = [row for row in self.now if row.comment]
        words: dict[str, list[Row]] = defaultdict(list)
        for row in commented:
            for word in set(self.survey.words(row.comment[:1000])):
                words[word].append(row)
        for word in sorted(words):
            yield ("word", "comment", word), words[word], _less(self.sums(commented), self.sums(words[word]))

    def _held_equal(self, path: tuple[Any, ...], by: str, name: str, plain: float) -> Iterator[tuple[Any, Any]]:
        """The Mantel-Haenszel difference by the second variable that changes it most."""
        having = [row for row in self.now if row.facts.get(by)]
        if by not in self.survey.named[:8] or any(isinstance(row.facts[by], list) for row in having):
            return
        found = []
        for other in sorted(set(self.survey.named[:8]) - {by}):
            if other in self._facts() and not any(isinstance(row.facts.get(other), list) for row in self.now):
                pooled = self._pooled(having, by, name, other)
                if pooled is not None:
                    found.append(pooled)
        if found:
            value, low, high = max(found, key=lambda each: abs(each[0] - plain))
            yield (*path, "adjusted", "effect"), value
            yield from _interval((*path, "adjusted", "interval"), low, high)
            yield (*path, "adjusted", "differs"), low <= 0 <= high or (value > 0) != (plain > 0)

    def _pooled(self, having: Sequence[Row], by: str, name: str, other: str) -> tuple[float, float, float] | None:
        strata: dict[Any, tuple[list[Row], list[Row]]] = defaultdict(lambda: ([], []))
        for row in having:
            strata[row.facts.get(other)][not row.has(by, name)].append(row)
        held = [(len(ones), len(rest), self.satisfied(ones), self.satisfied(rest)) for ones, rest in strata.values() if ones and rest]
        a, b, x, y = (np.array(column, dtype=float) for column in zip(*held, strict=True)) if held else [np.array([])] * 4
        size = sum(row.has(by, name) for row in having)
        if not held or b.sum() < self.survey.minimum or a.sum() < max(self.survey.minimum, size / 2):
            return None
        n, weight = a + b, (a * b / (a + b)).sum()
        value = (a * b / n * (x / a - y / b)).sum() / weight
        slope = ((a * a * y - b * b * x + a * b * (b - a) / 2) / n**2).sum()
        rest = ((x * (b - y) + y * (a - x)) / (2 * n)).sum()
        # (value - d)² = z² (d slope + rest) / weight², solved for d
        ends = np.roots([1, -2 * value - Z * Z * slope / weight**2, value**2 - Z * Z * rest / weight**2])
        return 100 * value, max(-100.0, 100 * min(ends.real)), min(100.0, 100 * max(ends.real))

    def _log_odds(self, path: tuple[Any, ...], rows: Sequence[Row], others: Sums) -> Iterator[tuple[Any, Any]]:
        good, size = self.sums(rows)
        y = np.array([size - good, good], dtype=float)
        n = y + np.array([others[1] - others[0], others[0]], dtype=float)
        prior, whole = y.sum() + 0.5, n.sum() + 1
        odds = np.log((y + prior) / (n + whole - y - prior))
        yield (*path, "log_odds", "value"), float(odds[0] - odds[1])
        yield (*path, "log_odds", "z"), float((odds[0] - odds[1]) / np.sqrt((1 / (y + prior)).sum()))

    def _examples(self, path: tuple[Any, ...], said: Mapping[str, Any], rows: Sequence[Row]) -> Iterator[tuple[Any, Any]]:
        """Each must be a comment of such a row, apart from what is masked or cut."""
        for place, example in enumerate(said["examples"]):
            parts = [part for part in example["text"].rstrip("…").split("•••") if part]
            if any(row.rating == example["rating"] and all(part in row.comment for part in parts) for row in rows):
                yield (*path, "examples", place, "rating"), example["rating"]

    # --- trend -------------------------------------------------------------------------------------------------------------

    def _spans(self) -> list[tuple[date, date]]:
        if self.kind == "day":
            return [(self.start - timedelta(n),) * 2 for n in range(27, -1, -1)]
        if self.kind == "week":
            return [(self.start - timedelta(weeks=n), self.end - timedelta(weeks=n)) for n in range(11, -1, -1)]
        begin = _before("month", _before("month", self.start)) if self.kind == "month" else _before("quarter", self.start)
        days = [begin + timedelta(n) for n in range((self.end - begin).days + 1)]
        weeks = defaultdict(list)
        for day in days:
            weeks[day.isocalendar()[:2], day >= self.start].append(day)
        return [(held[0], held[-1]) for held in weeks.values()]

    def _trend(self) -> Iterator[tuple[Any, Any]]:
        points = [(span, [row for row in self.everything if span[0] <= row.day <= span[1]]) for span in self._spans()]
        while points and not points[0][1]:
            points.pop(0)
        held = [(len(rows), self.satisfied(rows)) for _, rows in points if rows]
        n, good = (sum(column) for column in zip(*held, strict=True)) if held else (0, 0)
        centre = good / n if n else 0.0
        sigma = math.sqrt(centre * (1 - centre))
        moves = [abs(a - b) for a, b in pairwise([(k / m - centre) * math.sqrt(m) / sigma for m, k in held])] if sigma else []
        reach = 3 * sigma * max(1.0, float(np.mean(moves)) / 1.1283791670955126 if moves else 1.0)
        for span, rows in points:
            path = ("trend", (span[0].isoformat(),))
            yield from ((each, value) for each, value in self._group(path, rows) if each[-1] != "verdict")
            yield (*path, "in_period"), span[0] >= self.start
            outside = False
            if rows:
                k, m = self.satisfied(rows), len(rows)
                half = reach / math.sqrt(m)
                yield (*path, "low_limit"), max(0.0, 100 * (centre - half))
                yield (*path, "high_limit"), min(100.0, 100 * (centre + half))
                outside = abs(k / m - centre) > half and _fisher(k, m, good - k, n - m) <= math.erfc(3 / math.sqrt(2))
            yield (*path, "outside"), outside
        yield ("trend_analysis", "points"), len(points)
        yield ("trend_analysis", "false_alarm_rate"), 0.01
        yield from self._change(points)

    def _change(self, points: Sequence[tuple[tuple[date, date], list[Row]]]) -> Iterator[tuple[Any, Any]]:
        held = [(span, len(rows), self.satisfied(rows), rows) for span, rows in points if rows]
        n, good = np.array([each[1] for each in held], dtype=float), np.array([each[2] for each in held], dtype=float)
        splits = [k for k in range(1, len(held)) if min(n[:k].sum(), n[k:].sum()) >= 10]
        found = []
        for k in splits:
            sides = [(n[:k], good[:k]), (n[k:], good[k:])]
            strength, p = _unrested(sides)
            p = max(p, _fisher(int(good[:k].sum()), int(n[:k].sum()), int(good[k:].sum()), int(n[k:].sum())))
            found.append((max(p, 1e-12), -strength, k, p * len(splits)))
        if not found or min(found)[3] > 0.01:
            return
        _, _, k, p = min(found)
        rows = [[row for each in side for row in each[3]] for side in (held[:k], held[k:])]
        value, low, high, _ = self._difference(rows[1], rows[0])
        if low <= 0 <= high:
            return
        path = ("trend_analysis", "change")
        yield (*path, "at"), held[k][0][0].isoformat()
        for name, side in zip(("before", "after"), rows, strict=True):
            yield (*path, name, "n"), len(side)
            yield (*path, name, "score"), 100 * self.satisfied(side) / len(side)
        yield (*path, "difference"), value
        yield from _interval((*path, "interval"), low, high)
        yield (*path, "p"), p

    # --- coverage ----------------------------------------------------------------------------------------------------------

    def _coverage(self) -> Iterator[tuple[Any, Any]]:
        answered = [row for row in self.now if not row.imported]
        whole = _steps(self.asked)
        for name, count in whole.items():
            yield ("coverage", name), count
        yield ("coverage", "answered"), len(answered)
        yield ("coverage", "seldom_rate"), 0.05
        for outcome, count in Counter(each.outcome for each in self.asked).items():
            if outcome.startswith("skipped:"):
                yield ("coverage", "not_asked", outcome[8:]), count
        if whole["sent"] and len(answered) <= whole["sent"]:
            yield ("coverage", "response_rate_sent"), 100 * len(answered) / whole["sent"]
        confirming = {each.facts.get("channel") for each in self.asked if each.outcome == "delivered"} - {None}
        arrived = sum(each.outcome == "delivered" and each.facts.get("channel") in confirming for each in self.asked)
        came_back = sum(row.facts.get("channel") in confirming for row in answered)
        if arrived and came_back <= arrived:
            yield ("coverage", "response_rate_delivered"), 100 * came_back / arrived
        yield from self._covered(answered)

    def _covered(self, answered: Sequence[Row]) -> Iterator[tuple[Any, Any]]:
        said = {(each["by"], each["name"]): each for each in self.report["coverage"]["by"]}
        tested = {}
        for by in ("agent", "team", "channel"):
            known = [each for each in self.asked if each.facts.get(by)]
            every = _steps(known)
            for name in sorted({each.facts[by] for each in known} | {str(row.facts[by]) for row in answered if row.facts.get(by)}):
                path = ("coverage", "by", (by, name))
                steps = _steps([each for each in known if each.facts[by] == name])
                hidden = said[by, name]["suppressed"] or 0 < steps["eligible"] < self.survey.minimum
                yield (*path, "suppressed"), hidden
                if hidden:
                    yield (*path, "seldom"), False
                    continue
                for step, count in steps.items():
                    yield (*path, step), count
                back = sum(row.facts.get(by) == name for row in answered)
                if said[by, name]["answered"] is not None:
                    yield (*path, "answered"), back
                    if steps["sent"] and back <= steps["sent"]:
                        yield (*path, "response_rate"), 100 * back / steps["sent"]
                else:
                    assert back
                if not steps["eligible"]:
                    yield (*path, "seldom"), False
                    continue
                yield (*path, "share_asked"), 100 * steps["decided"] / steps["eligible"]
                yield from _interval((*path, "share_interval"), *_wilson(steps["decided"], steps["eligible"]))
                tested[path] = float(stats.hypergeom.cdf(steps["decided"], every["eligible"], every["decided"], steps["eligible"]))
        for path, q in zip(tested, _adjusted(list(tested.values())), strict=True):
            yield (*path, "q"), q
            yield (*path, "seldom"), q <= 0.05


def _less(all_of_them: Sums, some: Sums) -> Sums:
    return all_of_them[0] - some[0], all_of_them[1] - some[1]


def _steps(asked: Sequence[Asked]) -> dict[str, int]:
    outcomes = Counter(each.outcome for each in asked)
    sent = outcomes["sent"] + outcomes["delivered"]
    return {
        "eligible": len(asked),
        "decided": sent + outcomes["unknown"] + outcomes["refused"],
        "sent": sent,
        "delivered": outcomes["delivered"],
    }


def _before(kind: str, start: date) -> date:
    """The first day of the period before."""
    if kind in ("day", "week"):
        return start - timedelta(1 if kind == "day" else 7)
    months = start.year * 12 + start.month - 1 - (1 if kind == "month" else 3)
    return date(months // 12, months % 12 + 1, 1)


def _wilson(satisfied: float, n: int) -> tuple[float, float]:
    low, high = proportion_confint(satisfied, n, method="wilson")
    return 100 * float(low), 100 * float(high)


def _interval(path: tuple[Any, ...], low: float, high: float) -> Iterator[tuple[Any, Any]]:
    yield (*path, "low"), low
    yield (*path, "high"), high
    yield (*path, "level"), 0.95


def _compared(k: int, n: int, others_k: int, others_n: int) -> tuple[float, float, float, float]:
    low, high = (100 * float(each) for each in confint_proportions_2indep(k, n, others_k, others_n, method="newcomb", compare="diff"))
    p = _fisher(k, n, others_k, others_n)
    if low <= 0 <= high:
        p = max(p, 0.05000000000000001)
    return 100 * k / n - 100 * others_k / others_n, low, high, p


def _fisher(k: int, n: int, others_k: int, others_n: int) -> float:
    """Twice the smaller tail."""
    if not 0 < k + others_k < n + others_n:
        return 1.0
    dealt = stats.hypergeom(n + others_n, k + others_k, n)
    return float(min(1.0, 2 * min(dealt.cdf(k), dealt.sf(k - 1))))


def _adjusted(ps: Sequence[float]) -> list[float]:
    return [float(q) for q in multipletests(ps, method="fdr_bh")[1]] if ps else []


def _unrested(sides: Sequence[tuple[Any, Any]]) -> tuple[float, float]:
    """Gap in standard errors and its p, with the dispersion of the points about their side's mean."""
    points = sum(len(n) for n, _ in sides)
    total, good = (float(sum(side[place].sum() for side in sides)) for place in (0, 1))
    variance = good * (1 - good / total) / (total - 1)
    within = sum(good.sum() * (1 - good.sum() / n.sum()) for n, good in sides) / (total - 2)
    if not variance:
        return 0.0, 1.0
    chi2 = float(sum(((good - n * good.sum() / n.sum()) ** 2 / n).sum() for n, good in sides)) / within if within else 0.0
    freedom = points - 2
    if freedom and chi2 > stats.chi2.ppf(0.95, freedom):
        dispersion = chi2 / freedom
    else:
        dispersion, freedom = max(1.0, (8 + chi2) / (8 + freedom)), freedom + 8
    (n, good_before), (m, good_after) = sides
    gap = abs(good_before.sum() / n.sum() - good_after.sum() / m.sum())
    strength = float(gap / math.sqrt(variance * dispersion * (1 / n.sum() + 1 / m.sum())))
    return strength, float(2 * stats.t.sf(strength, freedom))

"""What the statistics promise, held against seeded draws from worlds in which the truth is known.

Where a method does not promise its level everywhere, the test says where, and pins how far it falls short there.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from hearback.domain.scoring.comparing import difference
from hearback.domain.scoring.digest import Group
from hearback.domain.scoring.multiple import benjamini_hochberg
from hearback.domain.scoring.score import Yardstick
from hearback.domain.scoring.seldom import seldom_p
from hearback.domain.scoring.stats import adjusted_wald_net, mean_interval, wilson
from hearback.domain.scoring.trends import FALSE_ALARM_RATE, Change, Point, find_change

CSAT = Yardstick(Group("csat", 1, 5, "high_is_good"), 4, 75)
NPS = Yardstick(Group("nps", 0, 10, "high_is_good"), 9, 30)
CES = Yardstick(Group("ces", 1, 7, "high_is_good"), 5, 5)

RATINGS = {"csat": np.arange(1, 6), "nps": np.arange(11), "ces": np.arange(1, 8)}
TYPICAL = {
    "csat": np.array([1, 0.4, 0.6, 2, 4]),
    "nps": np.array([0.3, 0.1, 0.1, 0.1, 0.1, 0.2, 0.4, 1, 2, 2, 3]),
    "ces": np.array([0.6, 0.4, 0.6, 1, 2, 3, 3]),
}
"""Dirichlet weights: what customers tick, many at the top and a few at the bottom, differently in every draw."""

DRAWS = 10_000
SIZES = [10, 50, 500]
FALSE_DISCOVERY_RATE = 0.05

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def chance(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


def histogram(ratings: Ints, counts: Ints) -> dict[int, int]:
    return dict(zip(ratings.tolist(), counts.tolist(), strict=True))


def share_covered(bounds: Sequence[tuple[float, float]], truth: Floats) -> float:
    low, high = np.array(bounds).T
    return float(np.mean((low <= truth + 1e-9) & (truth <= high + 1e-9)))


@cache
def wilson_bounds(n: int) -> tuple[Floats, Floats]:
    found = [interval for successes in range(n + 1) if (interval := wilson(successes, n))]
    return np.array([interval.low for interval in found]), np.array([interval.high for interval in found])


def wilson_coverage(rng: np.random.Generator, truth: Floats, n: int) -> float:
    low, high = wilson_bounds(n)
    drawn = rng.binomial(n, truth)
    return float(np.mean((low[drawn] <= truth) & (truth <= high[drawn])))


@cache
def net_bounds(promoters: int, detractors: int, n: int) -> tuple[float, float]:
    interval = adjusted_wald_net(promoters, detractors, n)
    assert interval is not None
    return interval.low, interval.high


def net_coverage(rng: np.random.Generator, truth: Floats, n: int) -> float:
    """`truth` is a row of shares (detractors, passives, promoters) for each draw."""
    drawn = rng.multinomial(n, truth)
    return share_covered([net_bounds(int(row[2]), int(row[0]), n) for row in drawn], truth[:, 2] - truth[:, 0])


def mean_coverage(rng: np.random.Generator, shares: Sequence[float], n: int) -> float:
    rows, times = np.unique(rng.multinomial(n, shares, DRAWS), axis=0, return_counts=True)
    truth = float(np.dot(shares, RATINGS["ces"]))
    intervals = [mean_interval(histogram(RATINGS["ces"], row), 1, 7) for row in rows]
    held = [interval is not None and interval.low - 1e-9 <= truth <= interval.high + 1e-9 for interval in intervals]
    return float(np.dot(held, times) / DRAWS)


@pytest.mark.parametrize("n", SIZES)
def test_wilson_intervals_cover_the_truth_in_94_to_96_percent_of_draws(n: int) -> None:
    """Over truths of every size, that is: each draw has its own. Wilson promises the average, not every single share."""
    rng = chance(1)
    assert 0.94 <= wilson_coverage(rng, rng.random(DRAWS), n) <= 0.96
    assert 0.94 <= wilson_coverage(rng, rng.uniform(0.5, 0.98, DRAWS), n) <= 0.96


def test_at_a_single_share_wilsons_coverage_swings_around_its_level() -> None:
    """The known price (Brown, Cai & DasGupta 2001): lowest where less than one answer of the rarer kind is expected."""
    rng = chance(2)
    lowest = {n: min(wilson_coverage(rng, np.full(DRAWS, share), n) for share in np.arange(0.5, 1, 0.01)) for n in SIZES}
    usual = {n: min(wilson_coverage(rng, np.full(DRAWS, share), n) for share in np.arange(0.5, 0.81, 0.01)) for n in SIZES}
    assert lowest[10] > 0.83
    assert lowest[50] > 0.86
    assert lowest[500] > 0.92
    assert min(usual.values()) > 0.91


@pytest.mark.parametrize("n", SIZES)
def test_net_intervals_cover_the_truth_in_94_to_96_percent_of_draws(n: int) -> None:
    rng = chance(3)
    assert 0.94 <= net_coverage(rng, rng.dirichlet((1, 1, 1), DRAWS), n) <= 0.96
    assert 0.94 <= net_coverage(rng, rng.dirichlet((2.5, 2.5, 5), DRAWS), n) <= 0.96
    assert 0.94 <= net_coverage(rng, np.tile((0.25, 0.25, 0.5), (DRAWS, 1)), n) <= 0.96


@pytest.mark.parametrize("n", SIZES)
def test_intervals_of_a_mean_cover_the_truth_in_94_to_96_percent_of_draws(n: int) -> None:
    """Of ratings that spread over the scale, as Student's t assumes."""
    assert 0.94 <= mean_coverage(chance(4), (0.05, 0.05, 0.1, 0.2, 0.25, 0.2, 0.15), n) <= 0.96


def test_intervals_of_a_mean_fall_short_where_nearly_all_tick_the_same() -> None:
    """Not promised, and known of t: while the rare bad rating has not been seen yet, the spread looks too small."""
    lopsided, extreme = (0.05, 0.02, 0.03, 0.05, 0.1, 0.25, 0.5), (0.02, 0, 0, 0, 0, 0.08, 0.9)
    assert 0.85 < mean_coverage(chance(5), lopsided, 10) < 0.94
    assert 0.92 < mean_coverage(chance(5), lopsided, 50) < 0.95
    assert 0.94 <= mean_coverage(chance(5), lopsided, 500) <= 0.96
    assert 0.68 < mean_coverage(chance(5), extreme, 50) < 0.8


def two_groups(rng: np.random.Generator, metric: str, sizes: tuple[int, int], draws: int) -> Iterator[tuple[Floats, dict[int, int]]]:
    ratings = RATINGS[metric]
    for _ in range(draws):
        for n in sizes:
            shares = rng.dirichlet(TYPICAL[metric])
            yield shares, histogram(ratings, rng.multinomial(n, shares))


WORTH = {"csat": [0, 0, 0, 100, 100], "nps": [-100] * 7 + [0, 0, 100, 100], "ces": list(range(1, 8))}
"""What each rating adds to the score."""


@pytest.mark.parametrize("yardstick", [CSAT, NPS, CES], ids=lambda yardstick: yardstick.group.metric)
@pytest.mark.parametrize(("sizes", "low", "high"), [((50, 50), 0.94, 0.965), ((500, 500), 0.94, 0.965), ((50, 500), 0.935, 0.965)])
def test_intervals_of_a_difference_cover_the_truth(yardstick: Yardstick, sizes: tuple[int, int], low: float, high: float) -> None:
    """In 2,000 draws each, so the bounds leave one percent point for the draws' own chance."""
    metric = yardstick.group.metric
    worth = np.array(WORTH[metric])
    groups = two_groups(chance(6), metric, sizes, 2000)
    held = 0
    for (one, a), (other, b) in zip(groups, groups, strict=True):
        found = difference(a, b, yardstick)
        assert found is not None
        held += found.interval.low - 1e-9 <= float((one - other) @ worth) <= found.interval.high + 1e-9
    assert low <= held / 2000 <= high


def reports_with_a_finding(yardstick: Yardstick, reports: int, segments: int) -> float:
    """The share of reports that call any segment different from the others although all customers are alike."""
    rng, ratings = chance(7), RATINGS[yardstick.group.metric]
    hits = 0
    for _ in range(reports):
        shares = rng.dirichlet(TYPICAL[yardstick.group.metric])
        counts = rng.multinomial(np.maximum(5, rng.lognormal(3.2, 1.1, segments)).astype(int), shares)
        total = counts.sum(axis=0)
        found = [difference(histogram(ratings, row), histogram(ratings, total - row), yardstick) for row in counts]
        hits += min(benjamini_hochberg([each.p for each in found if each])) <= FALSE_DISCOVERY_RATE
    return hits / reports


@pytest.mark.parametrize(("yardstick", "reports"), [(CSAT, 600), (NPS, 300), (CES, 200)], ids=["csat", "nps", "ces"])
def test_of_sixty_segments_without_a_difference_hardly_a_report_names_one(yardstick: Yardstick, reports: int) -> None:
    """Sizes from 5 answers to some hundreds, as agents have."""
    assert reports_with_a_finding(yardstick, reports, 60) <= FALSE_DISCOVERY_RATE


@pytest.mark.parametrize("share", [0.05, 0.3, 0.95])
def test_of_forty_agents_asked_alike_hardly_a_report_calls_one_seldom(share: float) -> None:
    rng, hits = chance(8), 0
    for _ in range(400):
        eligible = np.maximum(5, rng.lognormal(4, 1, 40)).astype(int)
        asked = rng.binomial(eligible, share)
        everyone, all_asked = int(eligible.sum()), int(asked.sum())
        ps = [seldom_p(has, of, all_asked - has, everyone - of) for has, of in zip(asked.tolist(), eligible.tolist(), strict=True)]
        hits += min(benjamini_hochberg(ps)) <= FALSE_DISCOVERY_RATE
    assert hits / 400 <= FALSE_DISCOVERY_RATE


def a_series(satisfied: Ints, sizes: Ints) -> list[Point]:
    first = date(2026, 1, 5)
    return [
        Point(first + timedelta(7 * week), first + timedelta(7 * week + 6), {5: yes, 1: n - yes})
        for week, (yes, n) in enumerate(zip(satisfied.tolist(), sizes.tolist(), strict=True))
    ]


def changes(rng: np.random.Generator, share: float, sizes: Ints, reports: int, dispersion: float = 1) -> list[Change | None]:
    """What is said of series without a change; `dispersion` is how many times the binomial variance the points have."""
    truth = np.full((reports, len(sizes)), share)
    if dispersion > 1:
        strength = (np.maximum(sizes, 2) - 1) / (dispersion - 1) - 1
        truth = rng.beta(np.maximum(share * strength, 1e-3) + 0 * truth, np.maximum((1 - share) * strength, 1e-3) + 0 * truth)
    return [find_change(a_series(row, sizes), CSAT) for row in rng.binomial(sizes, truth)]


def said(found: list[Change | None]) -> float:
    return sum(each is not None for each in found) / len(found)


@pytest.mark.parametrize(
    ("share", "sizes"),
    [
        (0.75, [400] * 12),
        (0.75, [20] * 28),
        (0.98, [60] * 28),
        (0.5, [3] * 28),
        (0.9, [1000, 5] * 10),
        (0.995, [200] * 12),
        (0.8, [400, 400]),
    ],
    ids=lambda value: str(value if isinstance(value, float) else f"{len(value)}x{value[0]}"),
)
def test_an_unchanged_share_is_hardly_ever_called_changed(share: float, sizes: list[int]) -> None:
    assert said(changes(chance(9), share, np.array(sizes), 2000)) <= FALSE_ALARM_RATE


@pytest.mark.parametrize(("points", "n"), [(12, 400), (28, 60)])
def test_restless_points_are_hardly_ever_called_changed_either(points: int, n: int) -> None:
    """Twice the binomial variance: weeks differ for reasons of their own. The rate then holds to about half a percent
    point (bounds: rate and three standard errors of 3,000 draws).
    """
    assert said(changes(chance(10), 0.75, np.full(points, n), 3000, dispersion=2)) <= FALSE_ALARM_RATE + 0.0055


def test_very_restless_points_raise_more_alarms_the_fewer_they_are() -> None:
    """Not promised: at four times the binomial variance a few points cannot tell unrest from change."""
    assert said(changes(chance(11), 0.75, np.full(28, 60), 1500, dispersion=4)) <= 0.02
    assert said(changes(chance(11), 0.75, np.full(12, 400), 1500, dispersion=4)) <= 0.035


@pytest.mark.parametrize("metric", ["nps", "ces"])
def test_an_unchanged_net_share_or_mean_is_hardly_ever_called_changed(metric: str) -> None:
    rng, yardstick = chance(12), NPS if metric == "nps" else CES
    hits = 0
    for _ in range(1000):
        shares = rng.dirichlet(TYPICAL[metric])
        rows = rng.multinomial(rng.integers(3, 60, 20), shares)
        points = [Point(date(2026, 1, 1), date(2026, 1, 1), histogram(RATINGS[metric], row)) for row in rows]
        hits += find_change(points, yardstick) is not None
    assert hits / 1000 <= FALSE_ALARM_RATE


def found_within(weeks: int, before: float, after: float, baseline: int, draws: int) -> float:
    """Reports are written after each of the weeks since the shift: is there one that says so?"""
    rng, sizes = chance(13), np.full(baseline + weeks, 400)
    truth = np.array([before] * baseline + [after] * weeks)
    found = 0
    for row in rng.binomial(sizes, truth, (draws, len(sizes))):
        series = a_series(row, sizes)
        found += any(find_change(series[: baseline + week], CSAT) for week in range(1, weeks + 1))
    return found / draws


@pytest.mark.parametrize("baseline", [6, 9, 12])
@pytest.mark.parametrize(("before", "after"), [(0.75, 0.65), (0.65, 0.75), (0.9, 0.8), (0.55, 0.45)])
def test_ten_points_less_or_more_are_found_within_three_weeks_of_400_answers(baseline: int, before: float, after: float) -> None:
    assert found_within(3, before, after, baseline, 600) >= 0.9


def test_a_shift_is_placed_where_it_was() -> None:
    rng, sizes = chance(14), np.full(12, 400)
    truth = np.array([0.8] * 8 + [0.65] * 4)
    found = [find_change(a_series(row, sizes), CSAT) for row in rng.binomial(sizes, truth, (300, 12))]
    assert said(found) > 0.98
    assert np.mean([change.index == 8 for change in found if change]) > 0.9

"""What single parts of the page say and draw."""

from __future__ import annotations

from typing import Any

import pytest

from hearback.adapters.reports.formatting import Figures
from hearback.adapters.reports.sections.drivers import drivers
from hearback.adapters.reports.sections.groups import sure_distance
from hearback.adapters.reports.sections.method import method
from hearback.adapters.reports.sections.ratings import ratings
from hearback.adapters.reports.sections.trend import trend_part
from tests.sample_report import a_full_report


def part(build: Any, metric: str = "csat", language: str = "en", **overrides: Any) -> Any:
    report = a_full_report(metric, language, **overrides)
    return build(report, Figures.of(report))


def test_a_driver_is_lower_or_higher_as_its_numbers_are() -> None:
    found = part(drivers)["rows"]
    assert [(row["look"], "points lower" in row["says"], "points higher" in row["says"]) for row in found] == [
        ("below", True, False),
        ("below", True, False),
        ("above", False, True),
    ]


@pytest.mark.parametrize(
    ("low", "high", "differs", "says"),
    [(-9.0, -1.0, False, "the difference is"), (-9.0, 1.0, True, "no longer proven"), (1.0, 9.0, True, "turns round")],
)
def test_an_adjusted_effect_is_described_as_it_is(low: float, high: float, differs: bool, says: str) -> None:
    rows = a_full_report()["drivers"]
    rows[0]["adjusted"] = {"for": "team", "effect": (low + high) / 2, "interval": {"low": low, "high": high}, "differs": differs}
    assert says in part(drivers, drivers=rows)["rows"][0]["notes"][0]


def test_the_benchmark_itself_is_satisfied() -> None:
    picture = str(part(ratings)["picture"])
    assert (picture.count("var(--good)"), picture.count("var(--bad)")) == (2 * 2, 2 * 3), "5 and 4 are, in both sizes"


def test_promoters_and_detractors_have_their_own_colours() -> None:
    picture = str(part(ratings, "nps")["picture"])
    assert [picture.count(f"var(--{ink})") for ink in ("good", "bad", "warm")] == [2 * 2, 2 * 2, 2 * 7]


@pytest.mark.parametrize(("direction", "first"), [("high_is_good", "5"), ("low_is_good", "1")])
def test_the_best_rating_comes_first(direction: str, first: str) -> None:
    assert part(ratings, scale={"min": 1, "max": 5, "direction": direction})["rows"][0][0] == first


def test_points_outside_the_limits_are_counted_marked_and_said() -> None:
    found = part(trend_part)
    assert found["says"].startswith("6 of 12 points lie outside")
    assert str(found["picture"]).count('fill="var(--warm)"') == 2 * 6
    assert [("(outside)" in row[2]) for row in found["rows"]].count(True) == 6


def test_a_trend_of_one_point_is_none() -> None:
    assert part(trend_part, trend=a_full_report()["trend"][:1]) is None


def test_a_method_unknown_here_is_told_in_the_reports_words() -> None:
    assert ("some new method", "Words that come with the report.") in part(method)


@pytest.mark.parametrize(("low", "high", "sure"), [(-2.0, 5.0, 0.0), (2.0, 5.0, 2.0), (-5.0, -3.0, 3.0), (0.0, 1.0, 0.0)])
def test_a_distance_is_as_sure_as_its_nearer_end(low: float, high: float, sure: float) -> None:
    assert sure_distance({"low": low, "high": high}) == sure
    assert sure_distance(None) == 0

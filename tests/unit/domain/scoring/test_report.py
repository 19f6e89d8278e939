from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from hearback.domain.calendar import Period
from hearback.domain.scoring.counting import DayCounter
from hearback.domain.scoring.digest import Digest, merged
from hearback.domain.scoring.report import build_report
from hearback.domain.scoring.windows import Span
from hearback.domain.survey import Metric, Scale, Style
from tests.builders import a_survey

MONDAY = date(2026, 3, 2)
WEEK = Span(Period.WEEK, MONDAY, complete=True)


def a_digest(*ratings: int, asked: tuple[str, ...] = (), named: tuple[str, ...] = ("agent",), **facts: Any) -> Digest:
    counter = DayCounter(named)
    scale, imported = facts.pop("scale", [1, 5]), facts.pop("imported", False)
    for rating in ratings:
        answer = {"rating": rating, "details": {}, "scale": scale, "direction": "high_is_good", "metric": "csat", "imported": imported}
        counter.answer(answer, facts)
    for outcome in asked:
        counter.asked(outcome)
    return counter.digest()


def a_report(**days: Digest) -> dict[str, Any]:
    """Of the week; days by their place in it: d0, d1, ..."""
    return build_report(a_survey(), WEEK, {MONDAY + timedelta(days=int(name[1:])): digest for name, digest in days.items()})


def test_a_report_has_the_fields_that_others_rely_on() -> None:
    report = a_report(d0=a_digest(5, 4, 1))
    assert report.keys() >= {
        "survey", "metric", "period", "formula", "counts", "score", "mean", "histogram", "response_rate", "segments", "drivers", "trend"
    }  # fmt: skip
    assert report["period"] == {"kind": "week", "start": "2026-03-02", "end": "2026-03-08", "timezone": "Europe/Berlin"}
    assert report["counts"].keys() >= {"invited", "delivered", "answered", "valid", "quarantined"}
    assert report["score"].keys() >= {"value", "interval", "target", "verdict"}
    assert report["score"]["interval"].keys() == {"low", "high", "level", "method"}


def test_every_rating_of_the_scale_is_in_the_histogram() -> None:
    assert a_report(d0=a_digest(5, 5, 2))["histogram"] == {"1": 0, "2": 1, "3": 0, "4": 0, "5": 2}


def test_a_period_without_answers_has_no_score_and_is_still_a_report() -> None:
    report = a_report(d0=Digest())
    assert report["score"] == {
        "value": None, "n": 0, "interval": None, "target": 75.0, "verdict": "not_proven", "answers_needed": None, "periods_needed": None
    }  # fmt: skip
    assert (report["comparison"], report["trend"], report["trend_analysis"]["change"]) == (None, [], None)
    assert report["mean"] is None
    assert report["response_rate"] is None
    assert report["segments"] == []


def test_groups_of_fewer_than_five_show_that_they_are_there_and_nothing_else() -> None:
    """With the smallest other one, as the total less Grace's and Linus's would be Ada's."""
    days = {"d0": a_digest(1, 1, 1, 1, agent="Ada"), "d1": a_digest(5, 5, 5, 5, 1, agent="Grace"), "d2": a_digest(*[5] * 6, agent="Linus")}
    enough, *few = a_report(**days)["segments"]
    nothing = {"n": None, "score": None, "mean": None, "interval": None, "verdict": "not_proven", "difference": None, "change": None}
    assert few == [{"by": "agent", "name": name, **nothing, "suppressed": True} for name in ("Ada", "Grace")]
    assert (enough["n"], enough["score"], enough["suppressed"]) == (6, 100.0, False)


def test_segments_come_in_the_surveys_order_and_the_largest_first() -> None:
    days = {
        "d0": a_digest(*[5] * 7, team="b", agent="x", city="B"),
        "d1": a_digest(*[5] * 5, team="a", agent="y", city="C"),
        "d2": a_digest(*[5] * 5, team="c", agent="z", city="A"),
    }
    segments = a_report(**days)["segments"]
    assert [(each["by"], each["name"]) for each in segments] == [
        ("agent", "x"), ("agent", "y"), ("agent", "z"), ("team", "b"), ("team", "a"), ("team", "c"),
        ("city", "B"), ("city", "A"), ("city", "C"),
    ]  # fmt: skip


def test_a_fact_that_is_no_segment_over_the_whole_period_is_left_out_and_named() -> None:
    """Eight orders a day look like a segment on every day, and are identifiers over the week."""
    days = {f"d{n}": merged(a_digest(*[5] * 5, order=f"{n}-{each}") for each in range(8)) for n in range(7)}
    assert len(a_report(d0=days["d0"])["segments"]) == 8
    report = a_report(**days)
    assert report["segments"] == []
    assert report["segments_left_out"] == [{"by": "order", "reason": "too_many_values"}]


def test_a_changed_scale_leaves_old_answers_beside_the_score_and_not_in_it() -> None:
    survey = a_survey(scale=Scale(1, 7, Style.NUMBERS), metric=Metric.CSAT, benchmark=6)
    days = {MONDAY: a_digest(5, 5, 5), MONDAY + timedelta(days=1): a_digest(7, 7, 1, 6, scale=[1, 7])}
    report = build_report(survey, WEEK, days)
    assert report["score"]["value"] == 75
    assert report["histogram"] == {"1": 1, "2": 0, "3": 0, "4": 0, "5": 0, "6": 1, "7": 2}
    assert (report["counts"]["answered"], report["counts"]["valid"], report["counts"]["other_scale"]) == (7, 4, 3)
    assert [(each["scale"]["max"], each["n"], each["mean"], each["histogram"]) for each in report["other_scales"]] == [
        (5, 3, 5.0, {"5": 3})
    ]


def test_the_counts_tell_who_was_asked_and_why_others_were_not() -> None:
    outcomes = ("sent", "sent", "delivered", "unknown", "refused", "skipped:cooldown", "skipped:cooldown", "skipped:no_address")
    counts = a_report(d0=a_digest(5, asked=outcomes))["counts"]
    assert (counts["invited"], counts["sent"], counts["delivered"], counts["unknown"], counts["refused"]) == (5, 3, 1, 1, 1)
    assert counts["not_asked"] == {"cooldown": 2, "no_address": 1}


def test_the_response_rate_leaves_out_imports_and_what_nobody_would_carry() -> None:
    asked = a_digest(5, 4, asked=("sent", "delivered", "unknown", "sent", "refused", "skipped:cooldown"))
    assert a_report(d0=asked, d1=a_digest(1, 2, 3, imported=True))["response_rate"] == 50
    assert a_report(d0=a_digest(1, 2, imported=True))["counts"]["imported"] == 2


def test_a_response_rate_that_cannot_be_one_is_not_given() -> None:
    """A day on which more people answered than were asked: they answer last week's invitations."""
    assert a_report(d0=a_digest(5, 5, asked=("sent",)))["response_rate"] is None


def test_the_trend_of_a_day_goes_by_days_of_four_weeks() -> None:
    span = Span(Period.DAY, MONDAY, complete=True)
    days = {MONDAY - timedelta(days=n): a_digest(5, 1) for n in range(40)}
    trend = build_report(a_survey(), span, days)["trend"]
    assert [(each["start"], each["in_period"]) for each in (trend[0], trend[-2], trend[-1])] == [
        ("2026-02-03", False), ("2026-03-01", False), ("2026-03-02", True)
    ]  # fmt: skip
    assert len(trend) == 28


def test_the_trend_of_a_week_goes_by_weeks_from_the_first_answer_on() -> None:
    days = {MONDAY - timedelta(days=10): a_digest(5, 5), MONDAY: a_digest(1), MONDAY + timedelta(days=6): a_digest(5)}
    trend = build_report(a_survey(), WEEK, days)["trend"]
    assert [(each["start"], each["end"], each["n"], each["score"], each["in_period"]) for each in trend] == [
        ("2026-02-16", "2026-02-22", 2, 100.0, False), ("2026-02-23", "2026-03-01", 0, None, False),
        ("2026-03-02", "2026-03-08", 2, 50.0, True)
    ]  # fmt: skip


def test_the_trend_of_a_month_goes_by_weeks_cut_where_it_begins_and_ends() -> None:
    span = Span(Period.MONTH, date(2026, 3, 1), complete=True)
    days = {date(2026, 1, 1) + timedelta(days=n): a_digest(5) for n in range(120)}
    trend = build_report(a_survey(), span, days)["trend"]
    assert (trend[0]["start"], trend[0]["end"]) == ("2026-01-01", "2026-01-04")
    assert [(each["start"], each["end"]) for each in trend if each["in_period"]][::5] == [
        ("2026-03-01", "2026-03-01"),
        ("2026-03-30", "2026-03-31"),
    ]
    assert [each["end"] for each in trend if not each["in_period"]][-1] == "2026-02-28"


def test_the_trend_of_a_quarter_goes_by_weeks_of_this_one_and_the_one_before() -> None:
    span = Span(Period.QUARTER, date(2026, 1, 1), complete=True)
    days = {date(2025, 10, 1) + timedelta(days=n): a_digest(5) for n in range(182)}
    trend = build_report(a_survey(), span, days)["trend"]
    assert (trend[0]["start"], trend[0]["end"], trend[0]["n"]) == ("2025-10-01", "2025-10-05", 5)
    assert (trend[-1]["start"], trend[-1]["end"], trend[-1]["n"]) == ("2026-03-30", "2026-03-31", 2)
    assert sum(each["n"] for each in trend) == 182


def test_a_running_period_ends_for_now_with_the_last_day_that_has() -> None:
    span = Span(Period.MONTH, date(2026, 3, 1), complete=False, until=date(2026, 3, 10))
    report = build_report(a_survey(), span, {date(2026, 3, 3): a_digest(5)})
    assert [(each["start"], each["end"]) for each in report["trend"]] == [("2026-03-02", "2026-03-08"), ("2026-03-09", "2026-03-10")]
    assert report["trend_analysis"]["window"] == {"start": "2026-01-01", "end": "2026-03-10"}
    assert report["period"]["end"] == "2026-03-31"


def test_a_new_target_changes_the_verdict_and_no_count() -> None:
    days = {MONDAY: a_digest(*[5] * 80, *[1] * 20)}
    before, after = (build_report(replace(a_survey(), target=target), WEEK, days) for target in (60.0, 95.0))
    assert (before["score"]["verdict"], after["score"]["verdict"]) == ("met", "missed")
    assert before["counts"] == after["counts"]


def test_an_answer_off_its_own_scale_is_answered_but_not_valid() -> None:
    counts = a_report(d0=a_digest(5, 9))["counts"]
    assert (counts["answered"], counts["valid"], counts["invalid"], counts["other_scale"]) == (2, 1, 1, 0)


def test_a_period_ends_on_its_last_day() -> None:
    assert Span(Period.MONTH, date(2026, 2, 1), complete=True).end == date(2026, 2, 28)
    assert Span(Period.DAY, MONDAY, complete=True).end == MONDAY

"""Nights on data that nobody would wish for: every report is true, and every file valid."""

import csv
import io
import json
import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from html.parser import HTMLParser
from typing import Any

import pytest

from hearback.adapters.reports import WRITERS
from hearback.domain.answer import Answer
from hearback.domain.calendar import day_of
from hearback.ports import ImportedAnswer
from tests.builders import NOW, a_story
from tests.unit.usecases.test_score_nights import World

DAY = date(2026, 3, 9)
NOON = datetime(2026, 3, 9, 12, tzinfo=UTC)
SCRIPTS = (
    "doručení bylo pomalé", "очень медленно, никто не ответил", "بطيء جدا ولم يرد أحد", "איטי מאוד", "很慢，没有人回答我", "とても遅いです",
    "매우 느립니다", "ช้ามากไม่มีใครตอบ", "बहुत धीमा, किसी ने जवाब नहीं दिया", "πολύ αργό", "ძალიან ნელი", "😡😡 nope", "a\u202eb\u0000c\x07",
)  # fmt: skip
HOSTILE = (
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', '=HYPERLINK("http://x","y")', "+1+1", "-2", "@SUM(A1)", "\t=1",
    "\r=1", "＝1+1", "\u202egnp.exe", "\u2066hidden\u2069", 'a,b;"c"\r\nd', "'", "{{ 7*7 }}", "N" * 10_000, "نص", "\u0000nul", "\\",
)  # fmt: skip


class Tags(HTMLParser):
    """What a browser would find."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes.update(name for name, _ in attrs)


def a_night(answers: Sequence[ImportedAnswer], **survey: Any) -> World:
    world = World(writers=WRITERS)
    world.define(**survey)
    world.stories.import_answers(world.survey(), answers)
    for day in sorted({day_of(each.at, "Europe/Berlin") for each in answers}) or [DAY]:
        world.nights.mark_dirty("support", day, "now")
    outcome = world.night()
    assert outcome.failures == {}
    return world


def answers(*ratings: int, **facts: Any) -> list[ImportedAnswer]:
    return [ImportedAnswer(f"{facts}-{n}", rating, NOON, facts=dict(facts)) for n, rating in enumerate(ratings)]


def checked(world: World, period: str = "day", start: str = "2026-03-09") -> dict[str, Any]:
    """The report, once each of its files has been read as what it is."""
    folder = f"reports/survey=support/period={period}/{start}"
    report: dict[str, Any] = json.loads(world.blobs.get(f"{folder}/report.json") or b"", parse_constant=pytest.fail)
    table = list(csv.reader(io.StringIO((world.blobs.get(f"{folder}/report.csv") or b"").decode(), newline="")))
    assert {len(row) for row in table} == {len(table[0])}
    for row in table:
        for cell in row:
            assert not re.match(r"[\s\u00a0]*[=+\-@＝＋－＠\t\r\n\x00-\x1f]", cell) or re.fullmatch(r"-?[\d.]+(e-?\d+)?", cell), cell
    page = (world.blobs.get(f"{folder}/report.html") or b"").decode()
    assert page.startswith("<!doctype html>")
    tags = Tags()
    tags.feed(page)
    assert tags.names.isdisjoint({"script", "img", "iframe", "object", "base"})
    assert not any(name.startswith("on") for name in tags.attributes)
    assert sum(report["histogram"].values()) == report["score"]["n"] == report["counts"]["valid"]
    assert len(page.encode()) < 600_000
    return report


def test_no_answers() -> None:
    world = World(writers=WRITERS)
    world.nights.mark_dirty("support", DAY, "now")
    world.night()
    report = checked(world)
    assert (report["score"]["value"], report["score"]["verdict"], report["comparison"]) == (None, "not_proven", None)
    assert (report["segments"], report["drivers"], report["trend"], report["coverage"]["by"]) == ([], [], [], [])


def test_one_answer() -> None:
    """It is everybody's score, and nobody's row: a row would name who gave it."""
    report = checked(a_night(answers(1, agent="Ada", tag=["vip"])))
    assert (report["score"]["value"], report["score"]["interval"]["high"] > 75, report["score"]["verdict"]) == (0.0, True, "not_proven")
    assert report["segments"] == []
    assert {each["reason"] for each in report["segments_left_out"]} == {"too_few_answers"}
    assert (report["drivers"], report["trend_analysis"]["change"]) == ([], None)


def test_all_the_same() -> None:
    """Fifty fives prove much, but neither a difference nor a driver nor a change."""
    report = checked(a_night([*answers(*[5] * 25, agent="Ada"), *answers(*[5] * 25, agent="Bob")]))
    assert (report["score"]["value"], report["score"]["interval"]["high"], report["score"]["verdict"]) == (100.0, 100.0, "met")
    assert {each["difference"]["value"] for each in report["segments"]} == {0.0}
    assert (report["drivers"], report["trend_analysis"]["change"]) == ([], None)
    assert not any(each["outside"] for each in report["trend"])


@pytest.mark.parametrize(("ratings", "verdict", "needed"), [((5,) * 500, "not_proven", None), ((5,) * 499 + (1,), "missed", 0)])
def test_a_target_of_100_can_be_missed_and_never_met(ratings: tuple[int, ...], verdict: str, needed: int | None) -> None:
    """500 of 500 satisfied do not prove that everybody is."""
    report = checked(a_night(answers(*ratings), target=100.0))
    assert (report["score"]["verdict"], report["score"]["answers_needed"]) == (verdict, needed)


def test_hostile_names_are_shown_as_they_are_and_do_nothing() -> None:
    world = a_night([each for place, name in enumerate(HOSTILE) for each in answers(*[5, 4, 1, 2, 5, 5], agent=name, team=f"t{place % 2}")],
                    segments=["agent", "team", ["agent", "team"]])  # fmt: skip
    report = checked(world)
    shown = {each["name"] for each in report["segments"] if each["by"] == "agent"}
    assert {"<script>alert(1)</script>", '=HYPERLINK("http://x","y")', "\u202egnp.exe"} <= shown
    assert max(map(len, shown)) <= 200
    assert {len(each["name"]) for each in report["segment_pairs"]} == {2}


def test_comments_in_every_script() -> None:
    said = [
        ImportedAnswer(
            str(n), 1 + n % 5, NOON, f"{SCRIPTS[n % len(SCRIPTS)]} write to ada{n}@example.com or +49 30 12345{n:03}", {"agent": "Ada"}
        )
        for n in range(260)
    ]
    world = a_night(said)
    report = checked(world)
    assert report["comments"] == 260
    for key, (body, _) in world.blobs.kept.items():
        assert b"@example.com" not in body, key
        assert not re.search(rb"30 ?12345\d", body), key


def test_ten_thousand_values() -> None:
    many = [
        ImportedAnswer(str(n), 1 + n % 5, NOON, facts={"agent": f"agent {n}", "order": str(n), "team": f"team {n % 3}"})
        for n in range(10_000)
    ]
    report = checked(a_night(many))
    assert [(each["by"], each["reason"]) for each in report["segments_left_out"]] == [
        ("agent", "too_many_values"),
        ("order", "too_many_values"),
    ]
    assert [each["n"] for each in report["segments"]] == [3334, 3333, 3333]


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 29), 23), (date(2025, 10, 26), 25)])
def test_a_day_on_which_the_clocks_change_holds_each_of_its_hours_once(day: date, hours: int) -> None:
    begin = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=2)
    every = [ImportedAnswer(str(n), 5, begin + timedelta(hours=n)) for n in range(30)]
    world = World(writers=WRITERS)
    world.clock.at = begin + timedelta(days=3)
    world.stories.import_answers(world.survey(), every)
    for each in every:
        world.nights.mark_dirty("support", day_of(each.at, "Europe/Berlin"), "now")
    world.night()
    assert checked(world, start=day.isoformat())["score"]["n"] == hours


def test_a_scale_that_was_changed_midway_keeps_each_answer_on_its_own() -> None:
    world = World(writers=WRITERS)
    week = [date(2026, 3, 2) + timedelta(days=n) for n in range(7)]
    old = [ImportedAnswer(f"old-{n}", 5, NOON - timedelta(days=7 - n // 10), facts={"agent": "Ada"}) for n in range(30)]
    world.stories.import_answers(world.survey(), old)
    world.define(scale={"min": 1, "max": 7, "style": "numbers", "direction": "high_is_good"}, benchmark=6)
    new = [ImportedAnswer(f"new-{n}", 5, NOON - timedelta(days=3 - n // 10), facts={"agent": "Ada"}) for n in range(30)]
    world.stories.import_answers(world.survey(), new)
    for day in week:
        world.nights.mark_dirty("support", day, "now")
    world.night()
    report = checked(world, "week", "2026-03-02")
    assert (report["score"]["n"], report["score"]["value"]) == (30, 0.0)
    assert [(each["scale"]["max"], each["n"], each["histogram"]) for each in report["other_scales"]] == [(5, 30, {"5": 30})]
    assert [(each["name"], each["n"]) for each in report["segments"]] == [("Ada", 30)]
    assert report["trend_analysis"]["change"] is None


def test_an_answer_of_nobody_asked_that_day_gives_no_rate_above_100() -> None:
    world = World(writers=WRITERS)
    for n in range(12):
        story = a_story(f"event-{n}")
        world.stories.add(story, due=None, asked_day=None)
        world.stories.record_answer(story.invitation_id, world.survey(), Answer(4), at=NOW, channel="web", sinks=())
    world.clock.at = NOW + timedelta(days=1)
    world.night()
    report = checked(world, start="2026-03-02")
    coverage = report["coverage"]
    assert (coverage["answered"], coverage["eligible"], coverage["response_rate_sent"], coverage["response_rate_delivered"]) == (
        12,
        0,
        None,
        None,
    )
    assert [each["share_asked"] for each in coverage["by"]] == [None] * 3

"""Every number of a report agrees with an independent computation from the rows: on made-up data always, on a real sample of
support ratings where HEARBACK_TEST_SHOPZILLA names its CSV.
"""

import csv
import os
import random
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from hearback.domain.answer import Answer
from hearback.domain.calendar import Period
from hearback.domain.importing import new_import
from hearback.domain.masking import masked
from hearback.domain.scoring.counting import DayCounter
from hearback.domain.scoring.digest import Digest
from hearback.domain.scoring.report import build_report
from hearback.domain.scoring.windows import Span
from hearback.domain.survey import Choice, FollowUp, Survey
from hearback.usecases.import_answers import ImportAnswers
from hearback.usecases.score_nights import ScoreNights
from tests.builders import a_survey, a_survey_body
from tests.fakes import FixedClock, MemoryBlobs, MemoryConfigs, MemoryNights, MemoryStories, RecordingOutbox
from tests.independent_report import Asked, Definition, Row, disagreements, leaves

WORD = re.compile(r"\w+")
REASONS = ("slow", "rude", "unsolved", "bug")
ANSWERS = 17_000
GOLDEN = (6996, 85.563178959, 84.720083265, 86.367241059, "met", 0)
GOLDEN_SIZES = (54, 8, 67)


def spaced(text: str) -> list[str]:
    """The words of a text in lower case, each once."""
    return list(dict.fromkeys(word.lower() for word in WORD.findall(text)))


def heard(text: str) -> list[str]:
    return spaced(masked(text))


def a_quarter_of_answers(seed: int = 7) -> tuple[list[Row], list[Asked]]:
    """In the shape of a support team's data: agents in teams, two channels that differ, tags, a column of identifiers, days with
    few answers, comments that tell; a drop in the last month; one agent who asks seldom.
    """
    rng = random.Random(seed)
    rows, asked = [], []
    for n in range(ANSWERS):
        day = date(2025, 11, 10) + timedelta(days=min(rng.randrange(140), rng.randrange(150)))
        agent = min(int(rng.expovariate(0.12)), 39)
        facts: dict[str, Any] = {
            "agent": f"agent {agent}",
            "team": f"team {agent % 4}",
            "channel": rng.choice(["inbound"] * 6 + ["outcall"] * 2 + (["email"] if agent % 3 else [])),
            "order": f"o-{n}",
            "shift": rng.choice(["morning", "evening", "night"]),
        }
        if rng.random() < 0.4:
            facts["tag"] = sorted(rng.sample(["vip", "refund", "return", "late"], rng.randint(1, 2)))
        if rng.random() < 0.01:
            del facts["team"]
        unhappy = 0.12 + 0.22 * (facts["channel"] == "email") + 0.05 * (agent == 3) + 0.06 * (day >= date(2026, 3, 1))
        rating = rng.choice([1, 1, 1, 2, 3]) if rng.random() < unhappy else rng.choice([4, 5, 5, 5])
        comment, ticked = "", []
        if rng.random() < 0.3:
            said = ["the", "order", rng.choice(["phone", "kettle", "book"]), rng.choice(["monday", "friday"])]
            said += rng.choices(["slow", "refund", "rude", "fine"], [4, 2, 2, 2] if rating < 4 else [1, 2, 1, 6], k=2)
            comment = " ".join(said) + (f" mail x{n}@example.com" if n % 50 == 0 else "")
        if rating <= 3 and rng.random() < 0.5:
            ticked = [("reasons", rng.choice(REASONS))]
        if rng.random() < 0.3:
            ticked.append(("topic", rng.choice(["price", "speed"] if rating < 4 else ["price", "speed", "staff"])))
        rows.append(Row(day, rating, facts, comment, tuple(ticked), imported=n % 10 == 0))
        for _ in range(rng.randint(1, 3)):
            outcomes = ["delivered"] * 6 + ["sent"] * 2 + ["unknown", "refused", "skipped:cooldown", "skipped:no_address"]
            outcome = rng.choice(outcomes + ["skipped:cooldown"] * (9 if agent == 5 else 0))
            asked.append(Asked(day, outcome, {name: facts[name] for name in ("agent", "team", "channel") if name in facts}))
    return rows, asked


def the_survey() -> Survey:
    choices = tuple(Choice(each, {"en": each}) for each in REASONS)
    return a_survey(
        segments=("agent", "team", "channel", "shift", "tag"),
        segment_pairs=(("team", "channel"),),
        follow_ups=(
            FollowUp("reasons", "choices", {"en": "What went wrong?"}, choices, max_rating=3),
            FollowUp("topic", "choices", {"en": "What was it about?"}, choices),
            FollowUp("comment", "text", {"en": "Anything else?"}),
        ),
        target=80.0,
    )


DEFINITION = Definition(
    ("agent", "team", "channel", "shift", "tag"), heard, (("team", "channel"),), {"reasons": 3, "topic": 5}, target=80.0
)


def digests_of(rows: Sequence[Row], asked: Iterable[Asked], survey: Survey) -> dict[date, Digest]:
    counters: dict[date, DayCounter] = {}
    for n, row in enumerate(rows):
        details: dict[str, Any] = {"comment": row.comment} if row.comment else {}
        for question, choice in row.ticked:
            details.setdefault(question, []).append(choice)
        answer = Answer(row.rating, details).to_plain() | {
            "scale": [1, 5], "direction": "high_is_good", "metric": "csat", "imported": row.imported
        }  # fmt: skip
        counters.setdefault(row.day, DayCounter.of(survey, spaced)).answer(answer, row.facts, repr(row.facts), f"i-{n}")
    for each in asked:
        counters.setdefault(each.day, DayCounter.of(survey, spaced)).asked(each.outcome, each.facts)
    return {day: counter.digest() for day, counter in counters.items()}


@pytest.fixture(scope="module")
def made_up() -> tuple[list[Row], list[Asked], dict[date, Digest]]:
    rows, asked = a_quarter_of_answers()
    return rows, asked, digests_of(rows, asked, the_survey())


@pytest.mark.parametrize(
    ("period", "start"),
    [
        (Period.DAY, date(2026, 1, 20)),
        (Period.DAY, date(2026, 3, 2)),
        (Period.WEEK, date(2026, 3, 2)),
        (Period.MONTH, date(2026, 3, 1)),
        (Period.QUARTER, date(2026, 1, 1)),
    ],
)
def test_every_number_agrees_with_statsmodels_scipy_and_plain_counting(made_up: Any, period: Period, start: date) -> None:
    rows, asked, digests = made_up
    report = build_report(the_survey(), Span(period, start, complete=True), digests, spaced)
    assert disagreements(report, rows, asked, DEFINITION) == []


def test_the_made_up_data_have_something_in_every_part_of_the_report(made_up: Any) -> None:
    """Else the comparison would prove little."""
    _, _, digests = made_up
    report = build_report(the_survey(), Span(Period.MONTH, date(2026, 3, 1), complete=True), digests, spaced)
    assert {each["kind"] for each in report["drivers"]} == {"segment", "reason", "word"}
    assert any(each["adjusted"] for each in report["drivers"])
    assert any(each["examples"] for each in report["drivers"])
    assert any(each["suppressed"] for each in report["segments"])
    assert any(each["change"] for each in report["segments"])
    assert any(each["seldom"] for each in report["coverage"]["by"])
    assert report["comparison"]["verdict"] == "down"
    assert report["trend_analysis"]["change"]["at"] in ("2026-03-01", "2026-03-02")
    assert len(report["unhappy_reasons"]) == 4
    assert len(dict(leaves(report))) > 1500


def test_the_made_up_quarters_numbers_are_the_ones_they_always_were(made_up: Any) -> None:
    """Whoever means to change a figure changes it here."""
    _, _, digests = made_up
    report = build_report(the_survey(), Span(Period.QUARTER, date(2026, 1, 1), complete=True), digests, spaced)
    score = report["score"]
    golden = (score["n"], round(score["value"], 9), round(score["interval"]["low"], 9), round(score["interval"]["high"], 9))
    assert (*golden, score["verdict"], score["answers_needed"]) == GOLDEN
    assert (len(report["segments"]), len(report["drivers"]), report["driver_tests"]["tested"]) == GOLDEN_SIZES


def test_a_wrong_number_would_be_noticed(made_up: Any) -> None:
    rows, asked, digests = made_up
    report = build_report(the_survey(), Span(Period.WEEK, date(2026, 3, 2), complete=True), digests, spaced)
    report["segments"][0]["difference"]["interval"]["low"] += 0.001
    report["coverage"]["sent"] += 1
    assert len(disagreements(report, rows, asked, DEFINITION)) == 2


# --- the real sample --------------------------------------------------------------------------------------------------------

SAMPLE = os.environ.get("HEARBACK_TEST_SHOPZILLA", "")
NAMED = ("agent", "channel_name", "category", "Manager", "Agent Shift")
COLUMNS = {
    "rating": "CSAT Score", "answered_at": "Survey_response_Date", "id": "Unique id", "agent": "Agent_name", "comment": "Customer Remarks"
}  # fmt: skip


def sample_rows(path: str) -> list[Row]:
    rows = []
    with Path(path).open(encoding="utf-8", newline="") as lines:
        for cells in csv.DictReader(lines):
            facts = {name: value.strip()[:200] for name, value in cells.items() if name and name not in COLUMNS.values() and value.strip()}
            if cells["Agent_name"].strip():
                facts["agent"] = cells["Agent_name"].strip()
            day = datetime.strptime(cells["Survey_response_Date"], "%d-%b-%y").date()  # noqa: DTZ007 - a day
            rows.append(Row(day, int(cells["CSAT Score"]), facts, cells["Customer Remarks"].strip(), imported=True))
    return rows


@pytest.mark.skipif(not SAMPLE, reason="HEARBACK_TEST_SHOPZILLA names no CSV")
def test_every_number_of_a_real_sample_agrees_after_import_and_night() -> None:
    configs, stories, nights, blobs = MemoryConfigs(), MemoryStories(), MemoryNights(), MemoryBlobs()
    body = a_survey_body(segments=[*NAMED, ["channel_name", "Agent Shift"]])
    configs.put("surveys", "support", body)
    survey = Survey.from_plain("support", body)
    blobs.put("imports/sample.csv", Path(SAMPLE).read_bytes(), "text/csv")
    wish = {"object": "imports/sample.csv", "survey": "support", "columns": COLUMNS, "time_format": "%d-%b-%y"}
    configs.put("imports", "i-1", new_import(wish, survey))
    clock = FixedClock(datetime(2023, 10, 2, 3, tzinfo=UTC))
    ImportAnswers(configs, stories, nights, blobs, RecordingOutbox(), clock)("i-1", seconds_left=lambda: 900.0)
    clock.advance(days=1)
    outcome = ScoreNights(configs, stories, nights, blobs, clock, (Kept(),), words=spaced)()
    assert outcome.failures == {}
    rows = sample_rows(SAMPLE)
    definition = Definition(NAMED, heard, (("channel_name", "Agent Shift"),))
    found = {}
    for key in sorted(Kept.kept):
        report = Kept.kept[key]
        if report["complete"]:
            found[key] = disagreements(report, rows, [], definition)
    assert {key: wrong for key, wrong in found.items() if wrong} == {}
    assert len(found) > 35


class Kept:
    """Keeps the reports as they are, unrounded."""

    name = "report.json"
    content_type = "application/json"
    kept: dict[str, Any] = {}  # noqa: RUF012 - one test's

    def write(self, report: Any) -> bytes:
        self.kept[f"{report['period']['kind']} {report['period']['start']}"] = report
        return repr(report).encode()

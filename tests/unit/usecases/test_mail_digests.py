"""The digest mail: once, about the newest period that has ended, and never in the way of anything."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from hearback.domain.calendar import Period, first_day
from hearback.domain.scoring.latest import Latest
from hearback.domain.scoring.report import Span
from hearback.ports import Accepted, Busy, Mail, Refusal, SendResult, Silence
from hearback.usecases.mail_digests import MailDigests, MailOutcome
from tests.builders import a_survey_body
from tests.fakes import FixedClock, MemoryBlobs, MemoryConfigs, MemoryNights, SequentialChance

MONDAY_NIGHT = datetime(2026, 3, 9, 2, 30, tzinfo=UTC)
WEEK = date(2026, 3, 2)
PEOPLE = ("head@example.com", "team@example.com")


@dataclass
class Post:
    """Takes mails, and answers as it was told."""

    says: list[SendResult | Exception] = field(default_factory=list)
    sent: list[Mail] = field(default_factory=list)

    def send(self, mail: Mail) -> SendResult:
        self.sent.append(mail)
        said = self.says.pop(0) if self.says else Accepted("1")
        if isinstance(said, Exception):
            raise said
        return said


def plainly(report: Mapping[str, Any], language: str) -> Mail:
    return Mail((), f"{report['survey']} {report['period']['start']} {language}", "text", "<p>html</p>")


@dataclass
class World:
    configs: MemoryConfigs = field(default_factory=MemoryConfigs)
    blobs: MemoryBlobs = field(default_factory=MemoryBlobs)
    nights: MemoryNights = field(default_factory=MemoryNights)
    clock: FixedClock = field(default_factory=lambda: FixedClock(MONDAY_NIGHT))
    chance: SequentialChance = field(default_factory=SequentialChance)
    post: Post = field(default_factory=Post)

    def survey(self, name: str = "support", *periods: str, **overrides: Any) -> "World":
        digest = {"to": list(PEOPLE), "periods": list(periods or ("week",))}
        self.configs.put("surveys", name, a_survey_body(**{"digest": digest, **overrides}))
        return self

    def report(self, name: str = "support", period: Period = Period.WEEK, start: date = WEEK, n: int = 10, invited: int = 20) -> "World":
        span = Span(period, start, complete=True)
        folder = f"reports/survey={name}/period={period.value}/{start.isoformat()}"
        plain = {"survey": name, "period": {"start": start.isoformat()}, "score": {"n": n}, "counts": {"invited": invited}}
        bodies = {"report.json": json.dumps(plain).encode(), "report.html": b"<html>", "report.csv": b"x"}
        files = {each: (f"{folder}/{each}", body) for each, body in bodies.items()}
        for key, body in files.values():
            self.blobs.put(key, body, "")
        latest = Latest(name, self.blobs.get(f"reports/survey={name}/latest.json"))
        latest.add(span, files)
        self.blobs.put(f"reports/survey={name}/latest.json", latest.to_bytes(), "")
        return self

    def mail(self, **wish: Any) -> MailOutcome:
        return MailDigests(self.configs, self.blobs, self.nights, self.clock, self.chance, plainly, self.post)(**wish)


def test_whom_the_survey_names_gets_the_weeks_numbers_with_the_report() -> None:
    world = World().survey(report_language="zh").report()
    assert world.mail().sent == ["support week 2026-03-02"]
    (mail,) = world.post.sent
    assert (mail.to, mail.subject) == (PEOPLE, "support 2026-03-02 zh")
    assert [(each.name, each.content_type, each.body) for each in mail.attachments] == [
        ("support-week-2026-03-02.html", "text/html; charset=utf-8", b"<html>")
    ]


def test_a_period_is_mailed_once_however_often_the_night_runs_and_the_report_changes() -> None:
    world = World().survey().report()
    world.mail()
    world.mail()
    world.report(n=11)
    assert world.mail() == MailOutcome()
    assert len(world.post.sent) == 1


def test_the_next_week_is_another_mail() -> None:
    world = World().survey().report()
    world.mail()
    world.clock.advance(days=7)
    world.report(start=WEEK + timedelta(days=7))
    world.mail()
    assert [mail.subject for mail in world.post.sent] == ["support 2026-03-02 en", "support 2026-03-09 en"]


@pytest.mark.parametrize("days", [0, 5, 6, 7, 30, 400])
def test_only_a_period_that_ended_within_a_week_is_news(days: int) -> None:
    world = World().survey().report()
    world.clock.advance(days=days)
    world.mail()
    assert len(world.post.sent) == (1 if 1 + days <= 7 else 0)


def test_an_import_of_years_sends_no_flood() -> None:
    world = World().survey("support", "day", "week", "month", "quarter")
    for back in range(1, 500):
        world.report(period=Period.DAY, start=MONDAY_NIGHT.date() - timedelta(days=back))
    for period in (Period.WEEK, Period.MONTH, Period.QUARTER):
        world.report(period=period, start=first_day(period, date(2025, 11, 3)))
    world.mail()
    assert [mail.subject for mail in world.post.sent] == ["support 2026-03-08 en"]


def test_a_period_that_the_survey_does_not_name_is_not_mailed() -> None:
    world = World().survey("support", "month").report()
    assert world.mail() == MailOutcome()


def test_a_survey_that_names_nobody_mails_nobody() -> None:
    world = World().survey(digest={"to": [], "periods": ["week"]}).report()
    assert world.mail() == MailOutcome()
    assert world.post.sent == []


def test_a_week_in_which_nothing_happened_is_no_news() -> None:
    assert World().survey().report(n=0, invited=0).mail() == MailOutcome()
    assert World().survey().report(n=0, invited=3).mail().sent


def test_a_mail_whose_fate_is_unknown_is_not_sent_again() -> None:
    world = World().survey().report()
    world.post.says = [Silence("no reply")]
    assert world.mail().failed == {"support": "outcome_unknown"}
    assert world.mail() == MailOutcome()
    assert len(world.post.sent) == 1


@pytest.mark.parametrize(
    ("said", "code"), [(Refusal("MessageRejected", "SES answered 400"), "MessageRejected"), (Busy("Throttling"), "busy")]
)
def test_a_mail_that_certainly_was_not_sent_is_sent_the_next_night(said: SendResult, code: str) -> None:
    world = World().survey().report()
    world.post.says = [said]
    assert world.mail().failed == {"support": code}
    world.clock.advance(days=1)
    assert world.mail().sent == ["support week 2026-03-02"]


def test_one_surveys_trouble_keeps_no_other_from_its_mail_and_names_no_address() -> None:
    world = World().survey("a").report("a").survey("b").report("b")
    world.post.says = [RuntimeError("head@example.com")]
    outcome = world.mail()
    assert (outcome.failed, outcome.sent) == ({"a": "RuntimeError"}, ["b week 2026-03-02"])
    assert "@" not in str(outcome)


def test_a_process_that_dies_while_it_sends_sends_no_second_mail() -> None:
    class Killed(BaseException):
        pass

    world = World().survey().report()

    class Dying(Post):
        def send(self, mail: Mail) -> SendResult:
            super().send(mail)
            raise Killed

    world.post = Dying()
    with pytest.raises(Killed):
        world.mail()
    assert world.mail() == MailOutcome()


def test_a_report_that_is_being_replaced_waits_for_the_next_night() -> None:
    world = World().survey().report()
    key = "reports/survey=support/period=week/2026-03-02/report.html"
    world.blobs.put(key, b"newer", "")
    assert world.mail() == MailOutcome()
    world.blobs.put(key, b"<html>", "")
    assert world.mail().sent


def test_without_a_sender_nothing_is_sent_and_it_is_said_which_surveys_wait() -> None:
    world = World().survey().report()
    outcome = MailDigests(world.configs, world.blobs, world.nights, world.clock, world.chance, plainly, None)()
    assert outcome == MailOutcome(no_sender=["support"])
    assert world.mail().sent, "nothing was claimed"


def test_when_the_time_is_short_no_mail_is_begun() -> None:
    world = World().survey("a").report("a").survey("b").report("b")
    left: Iterator[float] = iter([100.0, 10.0])
    assert world.mail(seconds_left=lambda: next(left)).sent == ["a week 2026-03-02"]
    assert world.mail().sent == ["b week 2026-03-02"]


def test_one_surveys_night_mails_about_that_survey_alone() -> None:
    world = World().survey("a").report("a").survey("b").report("b")
    assert world.mail(survey="b").sent == ["b week 2026-03-02"]

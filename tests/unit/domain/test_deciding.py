from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearback.domain.deciding import after_quiet_hours, first_decision
from hearback.domain.story import Outcome, Reason
from hearback.domain.survey import DEFAULT_SCALES, Metric, Policy, Survey, Texts
from hearback.domain.trigger import Contact, Trigger, TriggerKind

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def a_survey(**policy: Any) -> Survey:
    return Survey(
        "support", Metric.CSAT, DEFAULT_SCALES[Metric.CSAT], 4, 75.0, "Europe/Berlin", {"en": Texts("How?")}, policy=Policy(**policy)
    )


def a_trigger(event_id: str = "e-1", kind: TriggerKind = TriggerKind.CLOSED, **contact: Any) -> Trigger:
    return Trigger("helpdesk", event_id, kind, NOON, contact=Contact(**contact), survey="support")


def reason(trigger: Trigger, survey: Survey | None) -> Reason:
    return first_decision(trigger, survey, NOON)[0].reason


def test_a_plain_trigger_is_accepted_and_due_at_once() -> None:
    decision, due = first_decision(a_trigger(), a_survey(), NOON)
    assert (decision.outcome, decision.reason, due) == (Outcome.PENDING, Reason.ACCEPTED, NOON)


def test_an_unknown_or_disabled_survey_asks_nobody_and_says_which() -> None:
    decision, _ = first_decision(a_trigger(), None, NOON)
    assert (decision.outcome, decision.reason) == (Outcome.NOT_SURVEYED, Reason.NO_SURVEY)
    assert "support" in decision.detail
    assert reason(a_trigger(), replace(a_survey(), enabled=False)) is Reason.SURVEY_DISABLED


def test_sampling_keeps_about_the_share_it_says_and_a_redelivery_cannot_re_roll_it() -> None:
    survey = a_survey(sample_percent=30.0)
    asked = [reason(a_trigger(f"e-{n}"), survey) is Reason.ACCEPTED for n in range(4000)]
    assert asked == [reason(a_trigger(f"e-{n}"), survey) is Reason.ACCEPTED for n in range(4000)]
    four_sigma = 4 * (4000 * 0.3 * 0.7) ** 0.5
    assert abs(sum(asked) - 1200) < four_sigma


@pytest.mark.parametrize(("percent", "expected"), [(0.0, Reason.SAMPLED_OUT), (100.0, Reason.ACCEPTED)])
def test_nobody_is_asked_at_zero_percent_and_everybody_at_a_hundred(percent: float, expected: Reason) -> None:
    survey = a_survey(sample_percent=percent)
    assert {reason(a_trigger(f"e-{n}"), survey) for n in range(200)} == {expected}


def test_a_delay_postpones_and_says_so() -> None:
    decision, due = first_decision(a_trigger(), a_survey(delay_minutes=45), NOON)
    assert (decision.reason, due) == (Reason.DELAYED, NOON + timedelta(minutes=45))


def test_a_survey_asked_for_by_hand_is_neither_sampled_nor_delayed_nor_kept_for_the_morning() -> None:
    survey = a_survey(sample_percent=0.0, delay_minutes=45, quiet_hours=("00:00", "23:59"))
    decision, due = first_decision(a_trigger(kind=TriggerKind.REQUESTED), survey, NOON)
    assert (decision.reason, due) == (Reason.ACCEPTED, NOON)


def test_quiet_hours_are_those_of_the_contact_and_end_on_their_clock() -> None:
    survey = a_survey(quiet_hours=("21:00", "08:00"))
    decision, due = first_decision(a_trigger(timezone="Asia/Tokyo"), survey, NOON)  # 21:00 in Tokyo
    assert decision.reason is Reason.QUIET_HOURS
    assert due == datetime(2026, 3, 3, 8, tzinfo=ZoneInfo("Asia/Tokyo"))
    assert reason(a_trigger(timezone="no/where"), survey) is Reason.ACCEPTED, (
        "an unknown zone falls back to the survey's: noon in Berlin is 13:00"
    )


def test_a_delay_that_ends_in_quiet_hours_waits_for_the_morning() -> None:
    _, due = first_decision(a_trigger(), a_survey(quiet_hours=("21:00", "08:00"), delay_minutes=600), NOON)
    assert due == datetime(2026, 3, 3, 8, tzinfo=ZoneInfo("Europe/Berlin"))


@given(
    moment=st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    zone=st.sampled_from(["Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"]),
    hours=st.tuples(st.times().map(lambda t: t.strftime("%H:%M")), st.times().map(lambda t: t.strftime("%H:%M"))),
)
def test_after_quiet_hours_is_never_early_never_quiet_and_never_a_day_away(moment: datetime, zone: str, hours: tuple[str, str]) -> None:
    policy = Policy(quiet_hours=hours)
    loud = after_quiet_hours(moment, policy, Contact(timezone=zone), "UTC")
    assert moment <= loud <= moment + timedelta(hours=26)
    start, end = hours
    local = loud.astimezone(ZoneInfo(zone)).strftime("%H:%M")
    quiet = start <= local < end if start <= end else (local >= start or local < end)
    skipped_hour = loud.astimezone(ZoneInfo(zone)).utcoffset() != moment.astimezone(ZoneInfo(zone)).utcoffset()
    assert not quiet or skipped_hour, "only a clock change may move the end of the quiet hours"

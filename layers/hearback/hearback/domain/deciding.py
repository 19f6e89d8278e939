"""Whether and when to ask: pure functions of the trigger, the survey, and the time."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from hearback.domain.ids import fraction_of
from hearback.domain.story import Decision, Outcome, Reason
from hearback.domain.survey import Policy, Survey
from hearback.domain.trigger import Contact, Trigger, TriggerKind


def first_decision(trigger: Trigger, survey: Survey | None, now: datetime) -> tuple[Decision, datetime]:
    """What can be said when the trigger arrives, and when to act on it if the answer is not "no".

    Cooldown, opt-out, reopenings and addresses are judged at the moment of sending, when they are true; what cannot
    change any more is judged here. A survey asked for by hand is neither sampled nor delayed.
    """
    if refused := _refusal(trigger, survey, now):
        return refused, now
    if survey is None or trigger.kind is TriggerKind.REQUESTED:  # a refusal has covered None; mypy cannot know
        return Decision(Outcome.PENDING, Reason.ACCEPTED, now), now
    due = now + timedelta(minutes=survey.policy.delay_minutes)
    loud = after_quiet_hours(due, survey.policy, trigger.contact, survey.timezone)
    if loud > due:
        return Decision(Outcome.PENDING, Reason.QUIET_HOURS, now), loud
    return Decision(Outcome.PENDING, Reason.DELAYED if due > now else Reason.ACCEPTED, now), due


def _refusal(trigger: Trigger, survey: Survey | None, now: datetime) -> Decision | None:
    if trigger.excluded:
        return _no(Reason.SOURCE_POLICY, now, trigger.excluded)
    if survey is None:
        return _no(Reason.NO_SURVEY, now, f"there is no survey {trigger.survey!r}" if trigger.survey else "the source names no survey")
    if not survey.enabled:
        return _no(Reason.SURVEY_DISABLED, now)
    if trigger.kind is not TriggerKind.REQUESTED and sampled_out(trigger, survey):
        return _no(Reason.SAMPLED_OUT, now, f"{survey.policy.sample_percent:g}% of triggers are asked")
    return None


def sampled_out(trigger: Trigger, survey: Survey) -> bool:
    """The draw depends on the survey and the trigger alone, so that a redelivery cannot re-roll it."""
    return fraction_of("sample", survey.id, trigger.source, trigger.event_id) * 100 >= survey.policy.sample_percent


def after_quiet_hours(moment: datetime, policy: Policy, contact: Contact, survey_timezone: str) -> datetime:
    """The first instant at or after `moment` outside the quiet hours of the contact's time zone (else the survey's)."""
    if policy.quiet_hours is None:
        return moment
    zone = _zone(contact.timezone) or ZoneInfo(survey_timezone)
    start, end = (time.fromisoformat(each) for each in policy.quiet_hours)
    local = moment.astimezone(zone)
    if not _within(local.time(), start, end):
        return moment
    wake = datetime.combine(local.date(), end, zone)
    if wake <= local:
        wake = datetime.combine(local.date() + timedelta(days=1), end, zone)
    return wake.astimezone(UTC)


def _within(clock: time, start: time, end: time) -> bool:
    if start <= end:
        return start <= clock < end
    return clock >= start or clock < end


def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _no(reason: Reason, now: datetime, detail: str = "") -> Decision:
    return Decision(Outcome.NOT_SURVEYED, reason, now, detail)

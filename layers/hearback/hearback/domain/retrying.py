"""When to try again: forwards for three days, sends for a few hours, a contact who is silent once."""

from __future__ import annotations

from datetime import datetime, timedelta

from hearback.domain.ids import fraction_of
from hearback.domain.survey import Survey

FORWARD_WAITS = tuple(timedelta(minutes=m) for m in (1, 5, 30, 2 * 60, 5 * 60, 10 * 60, 14 * 60, 20 * 60, 24 * 60))
"""Waits after the 1st, 2nd, ... failed try: ten tries over 75 h 36 min, the span that Standard Webhooks asks of a sender."""

SEND_WAITS = tuple(timedelta(minutes=m) for m in (1, 2, 5, 15, 60, 180))
"""Waits after a provider said "later" (never after silence)."""

JITTER = 0.1
"""A wait grows by up to this share, so that a thousand forwards that failed together do not return together."""


def next_try(waits: tuple[timedelta, ...], tries: int, now: datetime, retry_after: float | None, *, salt: str) -> datetime | None:
    """When to try again after `tries` failed tries, or None when the schedule is used up.

    Never sooner than the schedule's wait, never sooner than the `retry_after` seconds that the other side asked for.
    """
    if tries > len(waits):
        return None
    wait = waits[tries - 1].total_seconds()
    wait *= 1 + JITTER * fraction_of("jitter", salt, str(tries))
    return now + timedelta(seconds=max(wait, retry_after or 0.0))


def reminder_due(survey: Survey, channel: str, sent_at: datetime) -> datetime | None:
    """When the one reminder is due, if the survey has one and the channel can carry it: a link that was handed out cannot."""
    days = survey.policy.reminder_days
    return sent_at + timedelta(days=days) if days and channel != "web" else None

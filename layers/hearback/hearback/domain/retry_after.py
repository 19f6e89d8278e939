"""The Retry-After header (RFC 9110, 10.2.3): seconds, or an HTTP date."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST = 24 * 3600.0
"""A wait beyond a day is cut to a day: the schedule goes on, and a hostile header cannot park a forward for a year."""


def retry_after_seconds(text: str, now: datetime | None) -> float | None:
    """Seconds to wait from `now`, at least 0 and at most `LONGEST`; None when the text says nothing that can be read: to
    who does not know the time (None), a date says nothing.
    """
    text = text.strip()
    if text.isascii() and text.isdigit():
        return min(float(text), LONGEST)
    if now is None:
        return None
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, IndexError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return min(max((moment - now).total_seconds(), 0.0), LONGEST)

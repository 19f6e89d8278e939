"""Score the days that have ended, and write their reports.

Trigger: a schedule, 03:30 in the stack's time zone; or by hand with {"survey": id, "day": "YYYY-MM-DD"} (both optional).
Writes: digests and reports in the bucket, the night's marks (access patterns 27, 29). Retries: twice, from where it
stopped; then ScheduleFailures, and the next night catches up.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from hearback.domain.errors import Invalid, Unavailable
from hearback.runtime import wiring
from hearback.runtime.entrypoint import Event, Handler, entrypoint
from hearback.runtime.logs import begin, log
from hearback.usecases.score_nights import NightOutcome, ScoreNights


def make_handler(score: ScoreNights) -> Handler:
    def handle(event: Event, context: Any) -> dict[str, Any]:
        begin(context)
        outcome = score(
            survey=event.get("survey"), day=_day(event.get("day")), seconds_left=lambda: context.get_remaining_time_in_millis() / 1000
        )
        shown = {survey: [day.isoformat() for day in days] for survey, days in outcome.days.items()}
        log().info("night", extra={"days": shown, "written": outcome.written, "failed": sorted(outcome.failures), "more": outcome.more})
        _raise_if_unfinished(outcome)
        return {"days": shown, "written": outcome.written}

    return handle


def _day(text: Any) -> date | None:
    try:
        return date.fromisoformat(text) if text is not None else None
    except (TypeError, ValueError) as error:
        raise Invalid("the day is not a date", fields={"day": "must be YYYY-MM-DD"}) from error


def _raise_if_unfinished(outcome: NightOutcome) -> None:
    """Lambda runs an event again whose run failed: that is how a long night goes on, and how a failed survey is tried again."""
    if outcome.failures:
        raise next(iter(outcome.failures.values()))
    if outcome.more:
        raise Unavailable("the time ran out; the next run goes on from here")


lambda_handler = entrypoint(lambda: make_handler(wiring.score_nights()))

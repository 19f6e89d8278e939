"""Score the days that have ended, and write their reports.

Trigger: a schedule, 03:30 in the stack's time zone; or by hand with {"survey": id, "day": "YYYY-MM-DD"} (both optional); or
the state machine DayCounting with {"survey", "parted": {"day", "run", "begun"}}: a large day whose parts have been counted.
Writes: digests, reports and the lake in the bucket, the night's marks (access patterns 27, 29), its turn (51, 52), claims
of digest mails (34, 35).
Retries: twice, from where it stopped, also when it found another run at work; then ScheduleFailures, and the next night catches up.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from hearback.domain.calendar import instant
from hearback.domain.errors import Invalid, Unavailable
from hearback.runtime import wiring
from hearback.runtime.entrypoint import Event, Handler, entrypoint
from hearback.runtime.logs import begin, log
from hearback.usecases.digest_day import Parted
from hearback.usecases.mail_digests import MailDigests, MailOutcome
from hearback.usecases.score_nights import NightOutcome, ScoreNights


def make_handler(score: ScoreNights, mail_digests: MailDigests) -> Handler:
    def handle(event: Event, context: Any) -> dict[str, Any]:
        begin(context)

        def seconds_left() -> float:
            return float(context.get_remaining_time_in_millis()) / 1000

        day = _day(event.get("day"))
        outcome = score(
            survey=event.get("survey"),
            day=day,
            parted=_parted(event.get("parted")),
            run=str(context.aws_request_id),  # Lambda's tries of one event share it
            seconds_left=seconds_left,
        )
        shown = {survey: [day.isoformat() for day in days] for survey, days in outcome.days.items()}
        handed_over = {survey: [day.isoformat() for day in days] for survey, days in outcome.handed_over.items()}
        told = {"days": shown, "handed_over": handed_over, "written": outcome.written}
        log().info("night", extra={**told, "failed": sorted(outcome.failures), "more": outcome.more})
        if day is None:
            _tell(mail_digests(survey=event.get("survey"), seconds_left=seconds_left))
        _raise_if_unfinished(outcome)
        if day is None and not event.get("survey"):
            log().info("night done")  # what the alarm NightMissed waits for
        return told

    return handle


def _tell(mailed: MailOutcome) -> None:
    """A mail's trouble is told in the log, by survey and code; the night goes on."""
    if mailed.sent:
        log().info("digests mailed", extra={"digests": mailed.sent})
    if mailed.failed:
        log().error("digests not mailed", extra={"failed": mailed.failed})
    if mailed.no_sender:
        log().warning("digests not mailed: the stack names no sender (parameter EmailFrom)", extra={"surveys": mailed.no_sender})


def _day(text: Any) -> date | None:
    try:
        return date.fromisoformat(text) if text is not None else None
    except (TypeError, ValueError) as error:
        raise Invalid("the day is not a date", fields={"day": "must be YYYY-MM-DD"}) from error


def _parted(plain: Any) -> Parted | None:
    if plain is None:
        return None
    return Parted(date.fromisoformat(plain["day"]), plain["run"], instant(plain["begun"]))


def _raise_if_unfinished(outcome: NightOutcome) -> None:
    """Lambda runs an event again whose run failed: that is how a long night goes on, and how a failed survey is tried again."""
    if outcome.failures:
        raise next(iter(outcome.failures.values()))
    if outcome.more:
        raise Unavailable("the time ran out; the next run goes on from here")


lambda_handler = entrypoint(lambda: make_handler(wiring.score_nights(), wiring.mail_digests()))

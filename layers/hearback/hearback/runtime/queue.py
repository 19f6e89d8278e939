"""Queue records, and the error table: which failures give a record back, and which are simply an outcome."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response

from hearback.domain.errors import Duplicate, HearbackError, Misconfigured, Rejected, Unavailable
from hearback.runtime.entrypoint import Event, Handler
from hearback.runtime.logs import begin, log

ACKNOWLEDGED: dict[type[HearbackError], bool] = {Rejected: True, Duplicate: True, Unavailable: False, Misconfigured: False}
"""True: the outcome is final and the record is done with. False: the record fails, is tried again, and ends as a dead letter."""

RESERVE_SECONDS = 8.0
"""Records are not begun when less time than this is left: they go back whole instead of being cut in the middle. Work that
waits for others needs more."""


def is_acknowledged(error: HearbackError) -> bool:
    return next(ACKNOWLEDGED[each] for each in type(error).__mro__ if each in ACKNOWLEDGED)


def queue_handler(work: Callable[[dict[str, Any]], str], *, reserve_seconds: float = RESERVE_SECONDS) -> Handler:
    """A handler that gives each record's JSON body to `work`, logs the outcome's name, and reports partial failures."""

    def handle(event: Event, context: Any) -> Any:
        begin(context)
        processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)

        def one(record: Any) -> None:
            _begin_only_with(reserve_seconds, context)
            _settle(work, record)

        return process_partial_response(event, one, processor, context)

    return handle


def _begin_only_with(seconds: float, context: Any) -> None:
    left = getattr(context, "get_remaining_time_in_millis", None)
    if left is not None and left() < seconds * 1000:
        raise Unavailable("not enough time is left for this record")


def _settle(work: Callable[[dict[str, Any]], str], record: Any) -> None:
    try:
        outcome = work(json.loads(record.body))
        log().info("record", extra={"outcome": outcome, "message_id": record.message_id})
    except HearbackError as error:
        extra = {"code": error.code, "message_id": record.message_id}
        if is_acknowledged(error):
            log().info(error.message, extra=extra)
            return
        (log().error if isinstance(error, Misconfigured) else log().warning)(error.message, extra=extra)
        raise

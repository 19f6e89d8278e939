"""Queue records, and the error table: which failures give a record back, and which are simply an outcome."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
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


def queue_handler(work: Callable[[dict[str, Any]], str], *, reserve_seconds: float = RESERVE_SECONDS, at_once: int = 1) -> Handler:
    """A handler that gives each record's JSON body to `work`, logs the outcome's name, and reports partial failures.

    `at_once` records of a batch are worked on side by side, in threads: where work waits for strangers, one that is slow
    must not hold up the records behind it.
    """

    def handle(event: Event, context: Any) -> Any:
        begin(context)
        processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)

        def one(record: dict[str, Any]) -> None:
            _begin_only_with(reserve_seconds, context)
            _settle(work, record)

        with ThreadPoolExecutor(at_once) as threads:
            begun = {record["messageId"]: threads.submit(one, record) for record in event["Records"]}
            return process_partial_response(event, lambda record: begun[record.message_id].result(), processor, context)

    return handle


def _begin_only_with(seconds: float, context: Any) -> None:
    left = getattr(context, "get_remaining_time_in_millis", None)
    if left is not None and left() < seconds * 1000:
        raise Unavailable("not enough time is left for this record")


def _settle(work: Callable[[dict[str, Any]], str], record: dict[str, Any]) -> None:
    try:
        outcome = work(json.loads(record["body"]))
        log().info("record", extra={"outcome": outcome, "message_id": record["messageId"]})
    except HearbackError as error:
        extra = {"code": error.code, "message_id": record["messageId"]}
        if is_acknowledged(error):
            log().info(error.message, extra=extra)
            return
        (log().error if isinstance(error, Misconfigured) else log().warning)(error.message, extra=extra)
        raise
    except Exception:
        log().exception("unhandled", extra={"message_id": record["messageId"]})
        raise

"""Queue records, and the error table: which failures give a record back, and which are simply an outcome."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Sequence
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


def queue_handler(work: Callable[[dict[str, Any]], str], *, reserve_seconds: float = RESERVE_SECONDS) -> Handler:
    """A handler that gives each record's JSON body to `work`, logs the outcome's name, and reports partial failures."""

    def handle(event: Event, context: Any) -> Any:
        begin(context)

        def one(body: dict[str, Any]) -> str:
            _begin_only_with(reserve_seconds, context)
            return work(body)

        return _answered(event, context, lambda record: _settle(one, record))

    return handle


def grouped_queue_handler(
    work: Callable[[list[dict[str, Any]]], Sequence[str | Exception]], *, by: Callable[[dict[str, Any]], str], reserve_seconds: float
) -> Handler:
    """As `queue_handler`, for work that is cheaper with all records of a batch that have the same `by`; it answers for each of
    them. Groups are worked on side by side, in threads: where work waits for strangers, one that is slow must not hold up
    the records behind it.
    """

    def handle(event: Event, context: Any) -> Any:
        begin(context)

        def together(records: list[dict[str, Any]]) -> dict[str, str | Exception]:
            try:
                _begin_only_with(reserve_seconds, context)
                outcomes = work([json.loads(each["body"]) for each in records])
            except Exception as error:  # noqa: BLE001 - each record of the group ends with it, and is judged by it
                outcomes = [error] * len(records)
            return {each["messageId"]: outcome for each, outcome in zip(records, outcomes, strict=True)}

        groups: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
        for record in event["Records"]:
            groups[_group_of(record, by)].append(record)
        with ThreadPoolExecutor(len(groups)) as threads:
            ended = {name: outcome for each in threads.map(together, groups.values()) for name, outcome in each.items()}
        return _answered(event, context, lambda record: _settle(lambda _: _outcome(ended[record["messageId"]]), record))

    return handle


def _group_of(record: dict[str, Any], by: Callable[[dict[str, Any]], str]) -> str:
    """One that cannot be read is by itself, and fails by itself."""
    try:
        return by(json.loads(record["body"]))
    except (ValueError, TypeError, LookupError):
        return f"unreadable {record['messageId']}"


def _outcome(ended: str | Exception) -> str:
    if isinstance(ended, Exception):
        raise ended
    return ended


def _answered(event: Event, context: Any, settle: Callable[[dict[str, Any]], None]) -> Any:
    processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
    return process_partial_response(event, lambda record: settle(record.raw_event), processor, context)


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

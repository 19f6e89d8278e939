"""Bring answers to sinks.

Trigger: ForwardQueue (SQS, 10 a batch), one message per answer and sink. Writes: the state of an answer's forwards, those of one
batch together (access pattern 10). Retries: by each forward's own schedule over 75 hours, woken by the sweeper; then ForwardDlq.
Records that fail on our side are given back to the queue, 5 times.
"""

from __future__ import annotations

from typing import Any

from hearback.ports import ForwardMessage
from hearback.runtime import wiring
from hearback.runtime.entrypoint import Handler, entrypoint
from hearback.runtime.queue import grouped_queue_handler
from hearback.usecases.forward_answer import ForwardAnswer

LONGEST_FORWARD_SECONDS = 70.0
"""A token, a look whether the row is there, and the row: three requests, each to its deadline. Sinks are served side by side."""


def make_handler(forward: ForwardAnswer) -> Handler:
    def forward_together(messages: list[dict[str, Any]]) -> list[str | Exception]:
        asked = [_message(each) for each in messages]
        ended = forward(asked)
        return [ended[each] for each in asked]

    return grouped_queue_handler(forward_together, by=lambda each: _message(each).invitation_id, reserve_seconds=LONGEST_FORWARD_SECONDS)


def _message(body: dict[str, Any]) -> ForwardMessage:
    return ForwardMessage(body["invitation_id"], body["sink"], body["version"])


lambda_handler = entrypoint(lambda: make_handler(wiring.forward_answer()))

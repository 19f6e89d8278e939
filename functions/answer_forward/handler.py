"""Bring one answer to one sink.

Trigger: ForwardQueue (SQS, 10 a batch), one message per answer and sink. Writes: the forward's state (access pattern 10).
Retries: by the forward's own schedule over 75 hours, woken by the sweeper; then ForwardDlq. Records that fail on our side
are given back to the queue, 5 times.
"""

from __future__ import annotations

from typing import Any

from hearback.ports import ForwardMessage
from hearback.runtime import wiring
from hearback.runtime.entrypoint import Handler, entrypoint
from hearback.runtime.queue import queue_handler
from hearback.usecases.forward_answer import ForwardAnswer

LONGEST_FORWARD_SECONDS = 70.0
"""A token, a look whether the row is there, and the row: three requests, each to its deadline."""

BATCH = 10
"""All of a batch at once: a sink that hangs must not delay the others."""


def make_handler(forward: ForwardAnswer) -> Handler:
    def forward_one(message: dict[str, Any]) -> str:
        return forward(ForwardMessage(message["invitation_id"], message["sink"], message["version"]))

    return queue_handler(forward_one, reserve_seconds=LONGEST_FORWARD_SECONDS, at_once=BATCH)


lambda_handler = entrypoint(lambda: make_handler(wiring.forward_answer()))

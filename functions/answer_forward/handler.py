"""Bring an answer to its sinks.

Trigger: ForwardQueue (SQS, 10 a batch), one message an answer, with the sinks that are to get it. Writes: the state of its
forwards (access pattern 10). Retries: by each forward's own schedule over 75 hours, woken by the sweeper; then ForwardDlq. Records
that fail on our side are given back to the queue, 5 times.
"""

from __future__ import annotations

from typing import Any

from hearback.ports import ForwardMessage
from hearback.runtime import wiring
from hearback.runtime.entrypoint import Handler, entrypoint
from hearback.runtime.queue import queue_handler
from hearback.usecases.forward_answer import ForwardAnswer

LONGEST_FORWARD_SECONDS = 70.0
"""A token, a look whether the row is there, and the row: three requests, each to its deadline. Sinks are served side by side."""

BATCH = 10
"""All of a batch at once: a sink that hangs must not delay the others."""


def make_handler(forward: ForwardAnswer) -> Handler:
    def forward_one(message: dict[str, Any]) -> str:
        return ", ".join(sorted(set(forward(message_of(message)).values())))

    return queue_handler(forward_one, reserve_seconds=LONGEST_FORWARD_SECONDS, at_once=BATCH)


def message_of(body: dict[str, Any]) -> ForwardMessage:
    """Messages and dead letters of earlier versions name one `sink`."""
    return ForwardMessage(body["invitation_id"], body["version"], tuple(body.get("sinks") or (body["sink"],)))


lambda_handler = entrypoint(lambda: make_handler(wiring.forward_answer()))

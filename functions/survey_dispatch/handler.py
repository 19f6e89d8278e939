"""Send each due survey on its channel.

Trigger: DispatchQueue (SQS, 10 a batch). Writes: claims and settlements of stories (access patterns 3 to 8), cooldown slots
(17, 18). Retries: per record, 5 times, then DispatchDlq; the sweeper asks again for what is still due.
"""

from __future__ import annotations

from typing import Any

from hearback.runtime import wiring
from hearback.runtime.entrypoint import Handler, entrypoint
from hearback.runtime.queue import queue_handler
from hearback.usecases.dispatch_survey import DispatchSurvey

LONGEST_SEND_SECONDS = 45.0
"""A look-up at the helpdesk and a send, each to its deadline."""


def make_handler(dispatch: DispatchSurvey) -> Handler:
    def send_one(message: dict[str, Any]) -> str:
        return dispatch(message["invitation_id"])

    return queue_handler(send_one, reserve_seconds=LONGEST_SEND_SECONDS)


lambda_handler = entrypoint(lambda: make_handler(wiring.dispatch_survey()))

"""Take past answers in from a CSV in the bucket.

Trigger: ImportQueue (SQS, one a batch). Writes: imported answers (access pattern 14), dirty days, the import's checkpoint.
Retries: from the checkpoint, 5 times, then ImportDlq. An import that outlasts one run asks for the next by a message of its own.
"""

from __future__ import annotations

from typing import Any

from hearback.runtime import wiring
from hearback.runtime.entrypoint import Event, Handler, entrypoint
from hearback.runtime.queue import queue_handler
from hearback.usecases.import_answers import ImportAnswers


def make_handler(import_answers: ImportAnswers) -> Handler:
    def handle(event: Event, context: Any) -> Any:
        def seconds_left() -> float:
            return float(context.get_remaining_time_in_millis()) / 1000

        return queue_handler(lambda message: import_answers(message["import_id"], seconds_left=seconds_left))(event, context)

    return handle


lambda_handler = entrypoint(lambda: make_handler(wiring.import_answers()))

"""Our own queues. Messages hold ids alone; whoever reads one looks the rest up, and finds it changed or gone where it is."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from hearback.adapters.aws.errors import translated
from hearback.domain.errors import Misconfigured, Unavailable
from hearback.ports import ForwardMessage

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import SendMessageBatchRequestEntryTypeDef

LONGEST_DELAY = 900
"""What SQS allows; whatever is due later is the sweeper's."""

_BATCH = 10
_TRIES = 4
_REASON_LIMIT = 200


class SqsOutbox:
    """Takes the addresses of the queues that the function may use; using another one is a fault of the wiring."""

    def __init__(
        self,
        client: SQSClient,
        *,
        dispatch: str = "",
        forward: str = "",
        dead_forward: str = "",
        imports: str = "",
        erasures: str = "",
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client = client
        self._dispatch_url = dispatch
        self._forward_url = forward
        self._dead_forward_url = dead_forward
        self._import_url = imports
        self._erasure_url = erasures
        self._sleep = sleep

    def dispatch(self, invitation_id: str, *, delay_seconds: int = 0) -> None:
        self._send(self._dispatch_url, {"invitation_id": invitation_id}, DelaySeconds=max(0, min(delay_seconds, LONGEST_DELAY)))

    def forward(self, messages: Iterable[ForwardMessage]) -> None:
        """Ten a call. What a call leaves over is sent again a few times, then `Unavailable`: all may be sent anew, since a
        forward that is done ignores its message.
        """
        url = _known(self._forward_url)
        bodies = [_body(each) for each in messages]
        for start in range(0, len(bodies), _BATCH):
            self._send_batch(url, bodies[start : start + _BATCH])

    def forward_is_dead(self, message: ForwardMessage, reason: str) -> None:
        said = {"Reason": {"DataType": "String", "StringValue": _printable(reason)}}
        self._send(self._dead_forward_url, _plain(message), MessageAttributes=said)

    def continue_import(self, import_id: str) -> None:
        self._send(self._import_url, {"import_id": import_id})

    def continue_erasures(self) -> None:
        self._send(self._erasure_url, {"erasures": "go on"})

    def _send(self, url: str, plain: dict[str, Any], **options: Any) -> None:
        with translated():
            self._client.send_message(QueueUrl=_known(url), MessageBody=json.dumps(plain), **options)

    def _send_batch(self, url: str, bodies: list[str]) -> None:
        left: list[SendMessageBatchRequestEntryTypeDef] = [{"Id": str(n), "MessageBody": body} for n, body in enumerate(bodies)]
        for attempt in range(_TRIES):
            with translated():
                done = self._client.send_message_batch(QueueUrl=url, Entries=left)
            failed = {each["Id"] for each in done.get("Failed", [])}
            left = [each for each in left if each["Id"] in failed]
            if not left:
                return
            self._sleep(0.1 * 2**attempt)
        raise Unavailable("SendMessageBatch: messages were left over")


def _known(url: str) -> str:
    if not url:
        raise Misconfigured("this function was given no address for that queue")
    return url


def _plain(message: ForwardMessage) -> dict[str, Any]:
    return {"invitation_id": message.invitation_id, "version": message.version, "sinks": list(message.sinks)}


def _body(message: ForwardMessage) -> str:
    return json.dumps(_plain(message))


def _printable(reason: str) -> str:
    """SQS refuses empty attributes and control characters."""
    return "".join(each if each.isprintable() else " " for each in reason)[:_REASON_LIMIT].strip() or "unknown"

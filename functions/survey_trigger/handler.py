"""Take a trigger in: verify it, store it once with its decision, answer fast.

Trigger: POST /triggers/{source}. Writes: the story (access pattern 1), a reopening (23). Retries: the sender's own;
a redelivery finds the story that is there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hearback.domain.calendar import stamp
from hearback.ports import InboundRequest
from hearback.runtime import wiring
from hearback.runtime.entrypoint import Handler, entrypoint
from hearback.runtime.http import Reply, http_handler, json_reply
from hearback.runtime.logs import log
from hearback.usecases.receive_trigger import Receipt, ReceiveTrigger


def make_handler(receive: ReceiveTrigger) -> Handler:
    def take(request: InboundRequest, path: Mapping[str, str]) -> Reply:
        receipt = receive(path["source"], request)
        log().info("trigger", extra={"source": path["source"], "status": receipt.status, "invitation_id": receipt.invitation_id})
        return json_reply(202 if receipt.status == "accepted" else 200, _shown(receipt))

    return http_handler([("POST", "/triggers/{source}", take)])


def _shown(receipt: Receipt) -> dict[str, Any]:
    shown: dict[str, Any] = {"status": receipt.status, "event_id": receipt.event_id, "invitation_id": receipt.invitation_id}
    if receipt.reason:
        shown["reason"] = receipt.reason
    if receipt.decision:
        decision = receipt.decision
        shown["decision"] = {"outcome": decision.outcome, "reason": decision.reason, "at": stamp(decision.at), "detail": decision.detail}
    return {name: value for name, value in shown.items() if value}


lambda_handler = entrypoint(lambda: make_handler(wiring.receive_trigger()))

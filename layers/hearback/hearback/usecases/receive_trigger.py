"""POST /triggers/{source}: whose signature, which dialect, then one decision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from hearback.domain.errors import Misconfigured, NotFound, Unverified
from hearback.domain.story import Decision
from hearback.domain.trigger import Ignored
from hearback.ports import Clock, Configs, InboundRequest, Secrets, Source
from hearback.usecases.accept_trigger import AcceptTrigger


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the sender hears: `status` is "accepted", "duplicate", "reopened" or "ignored"."""

    status: str
    event_id: str = ""
    invitation_id: str = ""
    decision: Decision | None = None
    reason: str = ""


@dataclass(frozen=True)
class ReceiveTrigger:
    sources: Mapping[str, Source]
    configs: Configs
    secrets: Secrets
    accept: AcceptTrigger
    clock: Clock

    def __call__(self, source_id: str, request: InboundRequest) -> Receipt:
        item = self.configs.get("sources", source_id)
        if item is None or not item.body.get("enabled", True):
            raise NotFound("there is no such source", code="unknown_source")
        source = self.sources.get(item.body["kind"])
        if source is None:
            raise Misconfigured("this version knows no source of that kind")
        secret = self.secrets.get(f"sources/{source_id}")
        if secret is None:
            raise Unverified("this source has no secret, so nothing can be verified")
        now = self.clock.now()
        source.verify(request, secret, item.body, now)
        read = source.read(request, source_id, item.body, now)
        if isinstance(read, Ignored):
            return Receipt("ignored", reason=read.reason)
        trigger = replace(read, survey=read.survey or item.body.get("survey", ""))
        taken = self.accept(trigger)
        if taken.story is None:
            return Receipt("reopened", event_id=trigger.event_id)
        status = "duplicate" if taken.duplicate else "accepted"
        return Receipt(status, trigger.event_id, taken.story.invitation_id, taken.story.decision)

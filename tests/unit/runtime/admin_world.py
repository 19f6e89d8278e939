"""The admin API in memory: every route as the handler serves it, over the fakes."""

import json
from typing import Any
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict

from hearback.adapters.admin.rules import AdminRules, Family
from hearback.adapters.sources import REGISTRY as SOURCES
from hearback.adapters.sources.settings import SETTINGS as SOURCE_SETTINGS
from hearback.domain.errors import Invalid
from hearback.domain.links import LinkSigner
from hearback.domain.templates import template_problem
from hearback.runtime.admin_routes import AdminUses, admin_routes
from hearback.runtime.environment import Environment
from hearback.runtime.families import families
from hearback.runtime.http import http_handler
from hearback.runtime.wiring import Wiring
from hearback.usecases.accept_trigger import AcceptTrigger
from hearback.usecases.configure import Configure
from hearback.usecases.dry_run_sink import DryRunSink
from hearback.usecases.erasure_ledger import ErasureLedger
from hearback.usecases.explain_trigger import ExplainTrigger
from hearback.usecases.export_contact import ExportContact
from hearback.usecases.invite_by_hand import InviteByHand
from hearback.usecases.judge_story import JudgeStory
from hearback.usecases.page_link import PageLink
from hearback.usecases.record_answer import RecordAnswer
from hearback.usecases.replay_forwards import ReplayForwards
from hearback.usecases.request_erasure import RequestErasure
from hearback.usecases.restore_answer import RestoreAnswer
from hearback.usecases.show_quarantine import ShowQuarantine
from hearback.usecases.show_report import ShowReport
from hearback.usecases.start_import import StartImport
from tests.builders import NOW
from tests.fakes import (
    FixedClock,
    MemoryBlobs,
    MemoryCensus,
    MemoryConfigs,
    MemoryConversations,
    MemoryNights,
    MemoryPeople,
    MemoryQuarantine,
    MemorySecrets,
    MemoryStories,
    RecordingOutbox,
    ScriptedSink,
    SequentialChance,
)

SURVEY: dict[str, Any] = {"metric": "csat", "texts": {"en": {"question": "How was it?"}}}
SINK: dict[str, Any] = {"kind": "http", "surveys": ["support"]}


class ChannelSettings(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    kind: str


class SinkSettings(ChannelSettings):
    surveys: list[str] = []
    enabled: bool = True
    base_url: str = ""


RULES = AdminRules(
    {
        "sources": Family(SOURCE_SETTINGS, {kind: each.secret_fields for kind, each in SOURCES.items()}),
        "channels": Family(dict.fromkeys(("email", "whatsapp", "web"), ChannelSettings), dict.fromkeys(("email", "whatsapp", "web"), ())),
        "sinks": Family({"http": SinkSettings}, {"http": ()}),
    },
    template_problem,
)


def real_rules() -> AdminRules:
    return AdminRules(families(Wiring(Environment.read({}))), template_problem)


class Context:
    aws_request_id = "r-1"


class AdminWorld:
    """`call` answers (status, decoded body); `headers` of the last answer are kept."""

    def __init__(self, *, real_kinds: bool = False) -> None:
        self.clock, self.chance = FixedClock(NOW), SequentialChance()
        self.configs, self.secrets, self.stories = MemoryConfigs(), MemorySecrets(), MemoryStories()
        self.outbox, self.blobs, self.sink = RecordingOutbox(), MemoryBlobs(), ScriptedSink()
        self.signer = LinkSigner(["k" * 32])
        self.headers: dict[str, str] = {}
        self.quarantine, self.nights = MemoryQuarantine(), MemoryNights()
        record = RecordAnswer(self.configs, self.stories, self.nights, self.clock)
        self.judge = JudgeStory(self.stories, self.quarantine, record)
        accept = AcceptTrigger(self.configs, self.stories, MemoryConversations(), self.outbox, self.clock)
        explain = ExplainTrigger(self.stories, self.clock)
        self.people = MemoryPeople()
        self.uses = AdminUses(
            configure=Configure(self.configs, self.secrets, real_rules() if real_kinds else RULES, self._check_url, self.clock),
            invite=InviteByHand(self.configs, accept, self.clock, self.chance, ("email", "whatsapp", "web")),
            explain=explain,
            page_link=PageLink(lambda: self.signer, self.clock),
            dry_run=DryRunSink(self.configs, self.stories, self.secrets, {"http": self.sink}, self.clock),
            replay=ReplayForwards(self.configs, self.stories, self.outbox, most=3),
            imports=StartImport(self.configs, self.blobs, self.outbox, self.clock, self.chance),
            report=ShowReport(self.blobs),
            quarantine=ShowQuarantine(self.configs, self.stories, self.quarantine),
            restore=RestoreAnswer(record, self.judge),
            export=ExportContact(MemoryCensus(self.stories, self.people), self.stories, self.people, explain.describe, self.clock),
            erase=RequestErasure(ErasureLedger(self.blobs, self.secrets, self.chance), self.people, self.blobs, self.outbox, self.clock),
            public_url="https://ask.example",
        )
        self.handler = http_handler(admin_routes(self.uses))

    def call(self, method: str, path: str, body: Any = None, *, query: str = "", content_type: str = "application/json") -> tuple[int, Any]:
        raw = body if isinstance(body, str) else "" if body is None else json.dumps(body)
        event = {
            "rawPath": quote(path),
            "rawQueryString": query,
            "headers": {"content-type": content_type, "host": "api.example"},
            "requestContext": {"http": {"method": method}},
            "body": raw,
        }
        reply = self.handler(event, Context())
        self.headers = reply["headers"]
        return reply["statusCode"], json.loads(reply["body"]) if reply["body"] else None

    def with_survey(self, survey_id: str = "support", **changes: Any) -> "AdminWorld":
        status, body = self.call("PUT", f"/admin/surveys/{survey_id}", {**SURVEY, **changes})
        assert status == 200, body
        return self

    def with_sink(self, sink_id: str = "crm", **changes: Any) -> "AdminWorld":
        status, body = self.call("PUT", f"/admin/sinks/{sink_id}", {**SINK, **changes})
        assert status == 200, body
        return self

    @staticmethod
    def _check_url(url: str) -> None:
        if "169.254" in url:
            raise Invalid("leads to a place that must not be called")

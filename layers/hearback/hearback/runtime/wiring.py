"""Who gets what: the one place where adapters are chosen and joined to use cases.

Adapters are imported inside the functions that build them: a function pays at start for what it uses, and for no more.
"""

from __future__ import annotations

from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from hearback.adapters.clocks import SystemChance, SystemClock
from hearback.runtime.environment import Environment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hearback.adapters.channels import Means
    from hearback.adapters.http.guarded import GuardedHttp
    from hearback.adapters.http.stubbed import StubbedHttp
    from hearback.ports import (
        Blobs,
        Census,
        Configs,
        Conversations,
        Crew,
        Nights,
        Outbox,
        People,
        Quarantine,
        Secrets,
        Sink,
        Stories,
        Warden,
        WordSplitter,
    )
    from hearback.runtime.admin_routes import AdminUses
    from hearback.runtime.answer_routes import AnswerRoutes
    from hearback.usecases.accept_trigger import AcceptTrigger
    from hearback.usecases.count_day import CountDay
    from hearback.usecases.count_part import CountPart
    from hearback.usecases.dispatch_survey import DispatchSurvey
    from hearback.usecases.erasure_ledger import ErasureLedger
    from hearback.usecases.fan_out_answer import FanOutAnswer
    from hearback.usecases.forward_answer import ForwardAnswer
    from hearback.usecases.import_answers import ImportAnswers
    from hearback.usecases.mail_digests import MailDigests
    from hearback.usecases.receive_trigger import ReceiveTrigger
    from hearback.usecases.run_erasures import RunErasures
    from hearback.usecases.score_nights import ScoreNights
    from hearback.usecases.show_score import ShowScore
    from hearback.usecases.signing import Signing
    from hearback.usecases.sweep_due import SweepDue


class Wiring:
    """One process's parts, each made when it is first asked for."""

    def __init__(self, environment: Environment | None = None) -> None:
        self.env = environment or Environment.read()
        self.clock = SystemClock(self.env.local_clock_file)
        self.chance = SystemChance()
        self._ses_clients: dict[str, Any] = {}

    # --- AWS ---------------------------------------------------------------------------------------------------------

    @cached_property
    def _session(self) -> Any:
        from botocore.session import get_session

        return get_session()

    def client(self, service: str, *, endpoint: str = "", tries: int = 4, read_timeout: float = 5) -> Any:
        """A low-level client with bounded patience. botocore's own session starts a third faster than boto3's.

        What we ask for is checked in the tests, by clients that check it, and by AWS. To check it here too, and to compose our name
        anew for every call, takes a third of the processor time of a bare `update_item` (0.5 ms, without the network).
        """
        from botocore.config import Config

        config = Config(
            connect_timeout=2,
            read_timeout=read_timeout,
            retries={"mode": "standard", "total_max_attempts": tries},
            parameter_validation=False,
            user_agent="hearback",
        )
        return self._session.create_client(service, endpoint_url=endpoint or self.env.aws_endpoint_url or None, config=config)

    @cached_property
    def _dynamodb(self) -> Any:
        from hearback.adapters.dynamo.fast_replies import read_replies_fast

        return read_replies_fast(self.client("dynamodb"))

    @cached_property
    def stories(self) -> Stories:
        from hearback.adapters.dynamo.stories import DynamoStories

        return DynamoStories(self._dynamodb, self.env.table)

    @cached_property
    def ledger(self) -> Stories:
        """Stories for whoever reads whole days: the client and the parser that only the night's layer has."""
        from hearback.adapters.dynamo.fast_pages import loads, read_pages_fast
        from hearback.adapters.dynamo.stories import DynamoStories

        return DynamoStories(read_pages_fast(self._dynamodb), self.env.table, loads=loads)

    @cached_property
    def words(self) -> WordSplitter:
        from hearback.adapters.words.icu import IcuWords

        return IcuWords()

    @cached_property
    def count_day(self) -> CountDay:
        from hearback.adapters.lake.parquet import ParquetLake
        from hearback.usecases.count_day import CountDay

        return CountDay(self.ledger, ParquetLake(self.blobs), self.words)

    @cached_property
    def crew(self) -> Crew | None:
        """Whoever counts a day that is too large for one run; None where the stack has nobody."""
        if not self.env.day_machine:
            return None
        from hearback.adapters.aws.states import StateMachineCrew

        return StateMachineCrew(self.client("stepfunctions"), self.env.day_machine)

    @cached_property
    def people(self) -> People:
        from hearback.adapters.dynamo.people import DynamoPeople

        return DynamoPeople(self._dynamodb, self.env.table)

    @cached_property
    def conversations(self) -> Conversations:
        from hearback.adapters.dynamo.conversations import DynamoConversations

        return DynamoConversations(self._dynamodb, self.env.table)

    @cached_property
    def nights(self) -> Nights:
        from hearback.adapters.dynamo.nights import DynamoNights

        return DynamoNights(self._dynamodb, self.env.table)

    @cached_property
    def quarantine(self) -> Quarantine:
        from hearback.adapters.dynamo.quarantine import DynamoQuarantine

        return DynamoQuarantine(self._dynamodb, self.env.table)

    @cached_property
    def census(self) -> Census:
        from hearback.adapters.dynamo.census import DynamoCensus

        return DynamoCensus(self._dynamodb, self.env.table)

    @cached_property
    def warden(self) -> Warden:
        from hearback.adapters.dynamo.warden import DynamoWarden

        return DynamoWarden(self._dynamodb, self.env.table)

    @cached_property
    def configs(self) -> Configs:
        from hearback.adapters.dynamo.configs import DynamoConfigs

        return DynamoConfigs(self._dynamodb, self.env.table)

    @cached_property
    def cached_configs(self) -> Configs:
        """For requests that a stale second does not hurt; the admin API reads the real thing."""
        from hearback.adapters.dynamo.configs import CachedConfigs

        return CachedConfigs(self.configs, self.clock, self.env.config_cache_seconds)

    @cached_property
    def secrets(self) -> Secrets:
        from hearback.adapters.aws.ssm import SsmSecrets

        return SsmSecrets(self.client("ssm"), self.env.secrets_prefix, self.clock, self.env.config_cache_seconds)

    @cached_property
    def fresh_secrets(self) -> Secrets:
        """For the admin API: a secret is replaced by what is stored now, not by what another instance stored a while ago."""
        from hearback.adapters.aws.ssm import SsmSecrets

        return SsmSecrets(self.client("ssm"), self.env.secrets_prefix, self.clock, 0)

    @cached_property
    def outbox(self) -> Outbox:
        from hearback.adapters.aws.sqs import SqsOutbox

        env = self.env
        return SqsOutbox(
            self.client("sqs"),
            dispatch=env.dispatch_queue,
            forward=env.forward_queue,
            dead_forward=env.forward_dlq,
            imports=env.import_queue,
            erasures=env.erasure_queue,
        )

    @cached_property
    def blobs(self) -> Blobs:
        from hearback.adapters.s3.blobs import S3Blobs

        return S3Blobs(self.client("s3", read_timeout=20), self.env.bucket)

    # --- the outside -----------------------------------------------------------------------------------------------------

    @property
    def is_local(self) -> bool:
        return bool(self.env.local_vendors_url)

    @cached_property
    def http(self) -> GuardedHttp | StubbedHttp:
        from hearback.adapters.http.guarded import GuardedHttp

        if not self.is_local:
            return GuardedHttp()
        from hearback.adapters.http.stubbed import StubbedHttp

        return StubbedHttp(GuardedHttp(allow_loopback=True), self.vendor_url("http"))

    def vendor_url(self, vendor: str) -> str:
        """A stub vendor's address in a local stack; empty in AWS, where the vendor's own holds."""
        return f"{self.env.local_vendors_url}/{vendor}" if self.is_local else ""

    @cached_property
    def means(self) -> Means:
        from hearback.adapters.channels import Means

        return Means(self.http, self.ses, self.vendor_url, self.env.email_from)

    def ses(self, endpoint: str) -> Any:
        """SES knows no repeats: one try, and what came of it is for the dispatcher to judge."""
        if endpoint not in self._ses_clients:
            self._ses_clients[endpoint] = self.client("sesv2", endpoint=endpoint, tries=1, read_timeout=20)
        return self._ses_clients[endpoint]

    @cached_property
    def sinks(self) -> Mapping[str, Sink]:
        from hearback.adapters.sinks import REGISTRY, VENDORS

        return {kind: make(self.http, self.vendor_url(VENDORS[kind]) if kind in VENDORS else "") for kind, make in REGISTRY.items()}

    # --- parts that several functions share ------------------------------------------------------------------------------

    def signing(self, *, may_draw: bool) -> Signing:
        from hearback.usecases.signing import Signing

        return Signing(self.secrets, self.chance if may_draw else None)

    @cached_property
    def erasure_ledger(self) -> ErasureLedger:
        from hearback.usecases.erasure_ledger import ErasureLedger

        return ErasureLedger(self.blobs, self.secrets, self.chance)

    def accept_trigger(self, configs: Configs) -> AcceptTrigger:
        from hearback.usecases.accept_trigger import AcceptTrigger

        return AcceptTrigger(configs, self.stories, self.conversations, self.outbox, self.clock)


# --- one function's use case each ---------------------------------------------------------------------------------------------
# `parts`: a process's own unless whoever stands in for AWS passes others.


def receive_trigger(parts: Wiring | None = None) -> ReceiveTrigger:
    from hearback.adapters.sources import REGISTRY
    from hearback.usecases.receive_trigger import ReceiveTrigger

    parts = parts or Wiring()
    return ReceiveTrigger(REGISTRY, parts.cached_configs, parts.secrets, parts.accept_trigger(parts.cached_configs), parts.clock)


def dispatch_survey(parts: Wiring | None = None) -> DispatchSurvey:
    from hearback.adapters.channels import NEEDS_NO_SETTINGS, REGISTRY
    from hearback.adapters.sources import LOOKUPS
    from hearback.usecases.dispatch_survey import DispatchSurvey
    from hearback.usecases.ladder import Ladder

    parts = parts or Wiring()
    implicit = {kind: settings for kind, settings in NEEDS_NO_SETTINGS.items() if kind != "email" or parts.env.email_from}
    return DispatchSurvey(
        configs=parts.cached_configs,
        stories=parts.stories,
        people=parts.people,
        conversations=parts.conversations,
        secrets=parts.secrets,
        ladder=Ladder(parts.cached_configs, {kind: make(parts.means) for kind, make in REGISTRY.items()}, implicit),
        lookups={kind: make(parts.http, parts.vendor_url(kind)) for kind, make in LOOKUPS.items()},
        signing=parts.signing(may_draw=True),
        public_url=parts.env.public_url,
        clock=parts.clock,
        chance=parts.chance,
    )


def answer_routes(parts: Wiring | None = None) -> AnswerRoutes:
    from hearback.adapters.channels import REPLIES
    from hearback.runtime.answer_routes import AnswerRoutes
    from hearback.usecases.judge_story import JudgeStory
    from hearback.usecases.open_survey import Open
    from hearback.usecases.opt_out import OptOut
    from hearback.usecases.receive_reply import ReceiveReply
    from hearback.usecases.record_answer import RecordAnswer
    from hearback.usecases.take_press import TakePress

    parts = parts or Wiring()
    configs, stories, clock = parts.cached_configs, parts.stories, parts.clock
    record = RecordAnswer(configs, stories, parts.nights, clock)
    press = TakePress(record, JudgeStory(stories, parts.quarantine, record), timedelta(seconds=parts.env.too_soon_seconds))
    replies = ReceiveReply(REPLIES, configs, stories, parts.people, parts.secrets, parts.outbox, parts.nights, record, clock)
    return AnswerRoutes(Open(parts.signing(may_draw=False), configs, stories, clock), press, OptOut(stories, parts.people, clock), replies)


def fan_out_answer(parts: Wiring | None = None) -> FanOutAnswer:
    from hearback.adapters.dynamo.stories import fresh_forwards
    from hearback.usecases.fan_out_answer import FanOutAnswer

    parts = parts or Wiring()
    return FanOutAnswer(fresh_forwards, parts.outbox)


def forward_answer(parts: Wiring | None = None) -> ForwardAnswer:
    from hearback.adapters.threads import Threads
    from hearback.usecases.forward_answer import ForwardAnswer

    parts = parts or Wiring()
    return ForwardAnswer(parts.cached_configs, parts.stories, parts.secrets, parts.sinks, parts.outbox, parts.clock, Threads())


def sweep_due(parts: Wiring | None = None) -> SweepDue:
    from hearback.usecases.sweep_due import SweepDue

    parts = parts or Wiring()
    return SweepDue(parts.stories, parts.outbox, parts.clock)


def score_nights(parts: Wiring | None = None) -> ScoreNights:
    from hearback.adapters.reports import WRITERS
    from hearback.adapters.reports.index_page import index_page
    from hearback.usecases.count_quarantine import CountQuarantine
    from hearback.usecases.digest_day import DigestDay
    from hearback.usecases.index_reports import IndexReports
    from hearback.usecases.score_nights import ScoreNights

    parts = parts or Wiring()
    return ScoreNights(
        parts.configs,
        parts.ledger,
        parts.nights,
        parts.blobs,
        parts.clock,
        WRITERS,
        index=IndexReports(parts.blobs, index_page),
        digest_day=DigestDay(parts.count_day, parts.blobs, parts.crew, parts.env.large_day),
        words=parts.words,
        quarantined=CountQuarantine(parts.stories, parts.quarantine),
    )


def count_part(parts: Wiring | None = None) -> CountPart:
    from hearback.usecases.count_part import CountPart

    parts = parts or Wiring()
    return CountPart(parts.configs, parts.blobs, parts.count_day)


def mail_digests(parts: Wiring | None = None) -> MailDigests:
    """In a stack without a sender it sends nothing, and says so."""
    from hearback.adapters.aws.ses import SesMailer
    from hearback.adapters.reports.digest_mail import digest_mail
    from hearback.usecases.mail_digests import MailDigests

    parts = parts or Wiring()
    sender = parts.env.email_from
    mailer = SesMailer(parts.ses(parts.vendor_url("ses")), sender) if sender else None
    return MailDigests(parts.configs, parts.blobs, parts.nights, parts.clock, parts.chance, digest_mail, mailer)


def show_score(parts: Wiring | None = None) -> ShowScore:
    from hearback.usecases.show_score import ShowScore

    parts = parts or Wiring()
    return ShowScore(parts.cached_configs, parts.blobs, parts.clock)


def import_answers(parts: Wiring | None = None) -> ImportAnswers:
    from hearback.usecases.import_answers import ImportAnswers

    parts = parts or Wiring()
    return ImportAnswers(parts.configs, parts.stories, parts.nights, parts.blobs, parts.outbox, parts.clock)


def run_erasures(parts: Wiring | None = None) -> RunErasures:
    from hearback.usecases.run_erasures import RunErasures

    parts = parts or Wiring()
    return RunErasures(
        ledger=parts.erasure_ledger,
        census=parts.census,
        stories=parts.stories,
        people=parts.people,
        conversations=parts.conversations,
        nights=parts.nights,
        configs=parts.configs,
        blobs=parts.blobs,
        warden=parts.warden,
        outbox=parts.outbox,
        clock=parts.clock,
        chance=parts.chance,
        retention_days=parts.env.retention_days,
    )


def admin_uses(parts: Wiring | None = None) -> AdminUses:
    from hearback.adapters.admin.rules import AdminRules
    from hearback.adapters.channels import REGISTRY as CHANNELS
    from hearback.domain.templates import template_problem
    from hearback.runtime.admin_routes import AdminUses
    from hearback.runtime.families import families
    from hearback.runtime.stand_ins import stand_ins
    from hearback.usecases.configure import Configure
    from hearback.usecases.dry_run_sink import DryRunSink
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

    parts = parts or Wiring()
    rules = AdminRules(families(parts), template_problem, parts.env.timezone, stand_ins() if parts.is_local else {})
    configs, stories, clock, chance = parts.configs, parts.stories, parts.clock, parts.chance
    record = RecordAnswer(configs, stories, parts.nights, clock)
    explain = ExplainTrigger(stories, clock)
    return AdminUses(
        configure=Configure(configs, parts.fresh_secrets, rules, parts.http.check_url, clock),
        invite=InviteByHand(configs, parts.accept_trigger(configs), clock, chance, CHANNELS),
        explain=explain,
        page_link=PageLink(parts.signing(may_draw=True), clock),
        dry_run=DryRunSink(configs, stories, parts.secrets, parts.sinks, clock),
        replay=ReplayForwards(configs, stories, parts.outbox),
        imports=StartImport(configs, parts.blobs, parts.outbox, clock, chance),
        report=ShowReport(parts.blobs),
        quarantine=ShowQuarantine(configs, stories, parts.quarantine),
        restore=RestoreAnswer(record, JudgeStory(stories, parts.quarantine, record)),
        export=ExportContact(parts.census, stories, parts.people, explain.describe, clock),
        erase=RequestErasure(parts.erasure_ledger, parts.people, parts.blobs, parts.outbox, clock),
        public_url=parts.env.public_url,
    )

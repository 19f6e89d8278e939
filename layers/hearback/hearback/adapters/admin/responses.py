"""What the API answers, as models: for the documentation, and for the tests that hold the answers to it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, RootModel

from hearback.domain.erasure import Stage
from hearback.domain.story import Doubt, ForwardState, Outcome, Reason, SendOutcome, State

Moment = Annotated[str, Field(json_schema_extra={"format": "date-time"}, examples=["2026-11-21T20:00:00.000000Z"])]


class Shown(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ErrorDetail(Shown):
    code: str = Field(description="For programs; it does not change.", examples=["invalid"])
    message: str = Field(description="For people.")
    fields: dict[str, str] = Field(default={}, description="A field's path to what is wrong with it.")


class Error(Shown):
    """The same for every route and every wrong token."""

    error: ErrorDetail


class DecisionShown(Shown):
    outcome: Outcome
    reason: Reason
    at: Moment
    detail: str


class Receipt(Shown):
    """What the sender of a trigger hears. A business "no" is an answer, not an error."""

    status: Literal["accepted", "duplicate", "reopened", "ignored"]
    event_id: str = ""
    invitation_id: str = ""
    reason: str = ""
    decision: DecisionShown | None = None


class Invited(Shown):
    invitation_id: str
    source: Literal["manual"]
    event_id: str
    survey: str
    decision: DecisionShown
    explanation: str
    due_at: Moment | None
    link: str | None = Field(description="The signed page, to hand out or to put into a QR code; null when nobody is asked.")


class ConversationShown(Shown):
    id: str
    channel: str
    closed_at: str
    subject: str
    tags: list[str]
    attributes: dict[str, Any]
    source: str


class ContactShown(Shown):
    id: str
    name: str
    email: str
    phone: str
    language: str
    timezone: str
    addresses: dict[str, str]


class AgentShown(Shown):
    id: str
    name: str
    team: str


class TriggerVariables(Shown):
    """What the trigger knew, as templates name it."""

    conversation: ConversationShown
    contact: ContactShown
    agent: AgentShown


class AttemptShown(Shown):
    channel: str
    rung: str
    at: Moment
    outcome: SendOutcome
    provider_id: str
    code: str
    detail: str


class AnswerShown(Shown):
    version: int
    rating: int
    details: dict[str, list[str] | str]
    at: Moment
    channel: str


class QuarantinedShown(Shown):
    """An answer that counts nowhere and is passed on to nobody until it is restored."""

    number: int = Field(description="Names it among the invitation's answers in quarantine.")
    rating: int
    details: dict[str, list[str] | str]
    at: Moment
    channel: str
    doubts: list[Doubt]
    why: str = Field(description="The doubts in plain words.")
    counted_as: int | None = Field(description="The version as which it had counted before it was taken back.")
    restored_as: int | None


class ForwardShown(Shown):
    sink: str
    state: ForwardState
    version: int
    attempts: int
    last_at: Moment | None
    next_at: Moment | None
    status: int = Field(description="The last HTTP status; 0: none came.")
    response: str = Field(description="What came back, at most 200 bytes of it.")


class TriggerShown(Shown):
    """One trigger's whole story."""

    invitation_id: str
    source: str
    event_id: str
    kind: str
    occurred_at: Moment
    received_at: Moment
    survey: str
    decision: DecisionShown
    state: State
    explanation: str = Field(description="The decision and the state in plain words.")
    due_at: Moment | None
    expires_at: Moment | None
    channel: str
    language: str
    sent_at: Moment | None
    delivered_at: Moment | None
    reminded: bool
    link: str | None
    variables: TriggerVariables
    segments: dict[str, Any]
    attempts: list[AttemptShown]
    answers: list[AnswerShown] = Field(description="Every version; the last one counts.")
    quarantined: list[QuarantinedShown] = Field(description="What waits in quarantine.")
    forwards: list[ForwardShown] = Field(description="Of the answer's newest version.")
    sinks: list[str] = Field(description="Every sink that any version of the answer was for: who may have got it.")
    erased_at: Moment | None = Field(description="Since then nothing in it leads to a person; `forwards` are what sinks were told of that.")


class RequestShown(Shown):
    method: str
    url: str
    headers: dict[str, str]
    body: str


class DryRunShown(Shown):
    sink: str
    survey: str
    rating: int
    request: RequestShown | None = Field(description="Null when this answer has nothing for this sink.")
    note: str


class ReplayShown(Shown):
    replayed: int
    skipped: int = Field(description="Not set back: changed or gone meanwhile.")
    next: str | None = Field(description="Pass it as `after` for the rest of the day; null: that was all.")


class RefusedRow(Shown):
    row: int
    line: int
    reason: str


class ImportListed(Shown):
    id: str
    object: str
    survey: str
    columns: dict[str, str]
    time_format: str
    timezone: str
    delimiter: str | None
    scale: dict[str, Any]
    valid_range: dict[str, int]
    state: Literal["queued", "running", "done", "failed"]
    message: str
    rows_read: int
    accepted: int
    refused_count: int


class ImportShown(ImportListed):
    refused: list[RefusedRow] = Field(description="The first thousand.")


class ImportPage(Shown):
    items: list[ImportListed]
    next: str | None


class ReportShown(BaseModel):
    """report.json as the night wrote it."""

    model_config = ConfigDict(extra="allow")

    survey: str
    metric: str
    period: dict[str, Any]
    formula: str
    counts: dict[str, int | None]
    score: dict[str, Any]
    mean: float | None
    histogram: dict[str, int]
    response_rate: float | None
    files: dict[str, str] = Field(description="The keys of report.json, report.csv and report.html in the bucket.")


class ScaleShown(Shown):
    min: int
    max: int
    direction: Literal["high_is_good", "low_is_good"]


class MonthShown(Shown):
    """The last day is included."""

    kind: Literal["month"]
    start: str = Field(json_schema_extra={"format": "date"})
    end: str = Field(json_schema_extra={"format": "date"})
    timezone: str


class IntervalShown(Shown):
    low: float
    high: float
    level: float = Field(description="Of confidence, from 0 to 1.")
    method: str


class ScoreFigures(Shown):
    value: float = Field(description="CSAT in percent, NPS from -100 to 100, CES as a rating.")
    n: int = Field(description="Answers that the score rests on.")
    interval: IntervalShown | None
    target: float
    verdict: Literal["met", "missed", "not_proven"]


class ScoreShown(Shown):
    """A published score. Numbers are not rounded."""

    survey: str
    name: str
    metric: Literal["csat", "nps", "ces"]
    scale: ScaleShown
    benchmark: int
    period: MonthShown
    score: ScoreFigures
    formula: str


class CountsShown(Shown):
    version: int
    rating: int
    at: Moment


class QuarantineItem(Shown):
    """What waits of one invitation and day; `counts` is the answer that counts, if there is one."""

    invitation_id: str
    survey: str
    source: str
    event_id: str
    at: Moment
    answers: list[QuarantinedShown]
    counts: CountsShown | None


class QuarantinePage(Shown):
    items: list[QuarantineItem]
    next: str | None


class RestoredShown(QuarantinedShown):
    invitation_id: str
    survey: str
    version: int = Field(description="Of the answer that counts now.")
    forwarded_to: list[str]


class ContactExported(Shown):
    """Everything that is kept about a person, as far as this call has searched."""

    contact: str
    identities: list[str] = Field(description="By which the invitations were found, `email:...`, `phone:...` and `{name}:{id}`.")
    opted_out_at: Moment | None
    last_invited_at: Moment | None
    invitations: list[TriggerShown] = Field(description="Each whole; `quarantined` holds all that ever was.")
    next: str | None = Field(description="Pass it as `after` for the rest; an invitation may come twice. Null: that was all.")


class Untold(Shown):
    sink: str
    answer: str = Field(description="The answer's id there, as `answer.id` gave it.")
    why: str


class ErasureShown(Shown):
    id: str
    requested_at: Moment
    stage: Stage
    explanation: str = Field(description="The stage in plain words.")
    stories: int = Field(description="Triggers, with all that became of them, that were erased so far.")
    searches: int = Field(description="How often the whole table has been searched.")
    told: dict[str, int] = Field(description="A sink to how many answers it was told to erase.")
    untold: list[Untold]
    look_yourself: list[str] = Field(description="Where no erasure reaches.")
    finished_at: Moment | None


class ErasurePage(Shown):
    items: list[ErasureShown]
    next: str | None


class Recorded(Shown):
    """`proof` is what the next page would carry, for follow-ups or a change."""

    status: Literal["recorded"]
    rating: int
    version: int
    proof: str


class Quarantined(Shown):
    """Kept, but not counted: it may not be a person's. Sent once more with this `proof`, not before `wait_seconds`, it counts."""

    status: Literal["quarantined"]
    rating: int
    doubts: list[Doubt]
    message: str
    proof: str
    wait_seconds: float


class AnswerTaken(RootModel[Recorded | Quarantined]):
    pass


class Heard(Shown):
    status: Literal["accepted"]
    answers: int
    deliveries: int
    left_alone: int

"""The bodies of the admin API's POST routes, and what each of them means in the domain's words."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, JsonValue

from hearback.adapters.admin.fields import EMAIL, EVENT_ID, LANGUAGE, NAME, OBJECT, Body, or_empty
from hearback.adapters.admin.survey_rules import is_timezone
from hearback.domain.calendar import instant
from hearback.domain.trigger import Agent, Contact, Conversation


def _timezone(name: str) -> str:
    if name and not is_timezone(name):
        raise ValueError("is not the name of an IANA time zone, such as Europe/Berlin")
    return name


def _moment(text: str) -> str:
    try:
        return text and instant(text).isoformat()
    except (ValueError, OverflowError):
        raise ValueError("must be a time with an offset, such as 2026-11-21T20:00:00Z") from None


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise ValueError("must be a date such as 2026-11-21") from None


Short = Annotated[str, Field(max_length=200)]
Day = Annotated[str, Field(min_length=10, max_length=10, json_schema_extra={"format": "date"}), AfterValidator(_day)]
EventId = Annotated[str, Field(pattern=EVENT_ID, description="1 to 200 characters, no control characters.")]


class ConversationBody(Body):
    id: Short = ""
    channel: Annotated[str, Field(max_length=40)] = ""
    closed_at: Annotated[str, Field(max_length=40, description="ISO 8601 with an offset."), AfterValidator(_moment)] = ""
    subject: Annotated[str, Field(max_length=500)] = ""
    tags: list[Annotated[str, Field(min_length=1, max_length=100)]] = Field(default=[], max_length=50)
    attributes: dict[Annotated[str, Field(min_length=1, max_length=100)], JsonValue] = Field(
        default={}, max_length=50, description="Whatever else is known; names that the survey's `segments` list become segments."
    )

    def meant(self) -> Conversation:
        return Conversation(self.id, self.channel, self.closed_at, self.subject, tuple(self.tags), dict[str, Any](self.attributes))


class ContactBody(Body):
    id: Short = Field(default="", description="The source's own id of this person.")
    name: Short = ""
    email: Annotated[str, Field(max_length=254, pattern=or_empty(EMAIL))] = ""
    phone: Annotated[str, Field(max_length=32, description="Best in E.164, such as +4930123456.")] = ""
    language: Annotated[str, Field(max_length=35, pattern=or_empty(LANGUAGE))] = ""
    timezone: Annotated[str, Field(max_length=64, description="IANA name."), AfterValidator(_timezone)] = ""
    addresses: dict[Annotated[str, Field(pattern=NAME)], Annotated[str, Field(min_length=1, max_length=254)]] = Field(
        default={}, max_length=20, description="A kind of channel to the address there.", examples=[{"whatsapp": "4930123456"}]
    )

    def meant(self) -> Contact:
        return Contact(self.id, self.name, self.email, self.phone, self.language, self.timezone, dict(self.addresses))

    @property
    def is_somebody(self) -> bool:
        return bool(self.id or self.email or self.phone or self.addresses)


class AgentBody(Body):
    id: Short = ""
    name: Short = ""
    team: Short = ""

    def meant(self) -> Agent:
        return Agent(self.id, self.name, self.team)


class InvitationBody(Body):
    """Who is to be asked by hand, and about what."""

    id: EventId | None = Field(default=None, description="Makes repeats harmless: the same id again is the same invitation.")
    channel: Annotated[str, Field(max_length=40, description="Instead of the conversation's: a kind or a configured id.")] = ""
    contact: ContactBody = Field(
        default=ContactBody.model_construct(), description="At least one of email, phone, addresses and id, but for `web` links."
    )
    conversation: ConversationBody = Field(default=ConversationBody.model_construct())
    agent: AgentBody = Field(default=AgentBody.model_construct())


class SampleAnswerBody(Body):
    rating: int
    details: dict[str, list[str] | str] = Field(default={}, max_length=10, description="A follow-up's id to what was ticked or written.")


class SampleTriggerBody(Body):
    source: Annotated[str, Field(pattern=NAME)] = "sample"
    conversation: ConversationBody | None = None
    contact: ContactBody | None = None
    agent: AgentBody | None = None


class DryRunBody(Body):
    """Either `source` and `event_id` of an answer that was given, or a sample; empty: a sample made up here."""

    source: Short | None = None
    event_id: EventId | None = None
    survey: Annotated[str, Field(max_length=40, description="Of the sample; default: the sink's first.")] = ""
    answer: SampleAnswerBody | None = None
    trigger: SampleTriggerBody | None = None


class ReplayBody(Body):
    """Either one answer (`source`, `event_id`), or a survey's answers of one day (`survey`, `day`)."""

    sink: Annotated[str, Field(min_length=1, max_length=40)]
    source: Short | None = None
    event_id: EventId | None = None
    survey: Annotated[str, Field(min_length=1, max_length=40)] | None = None
    day: Day | None = Field(default=None, description="In the survey's time zone.")
    after: Annotated[str, Field(max_length=64, description="`next` of the call before, for the rest of a long day.")] = ""


class RestoreBody(Body):
    """Which of an invitation's answers in quarantine; it may be left out while only one waits."""

    number: Annotated[int, Field(ge=1, le=1000)] | None = None
    force: bool = Field(default=False, description="Also over an answer that was given since.")


class RangeBody(Body):
    min: int
    max: int


class ImportScaleBody(RangeBody):
    direction: Literal["high_is_good", "low_is_good"] | None = None


class ImportBody(Body):
    """A CSV that is in the bucket already, and what its columns mean. Columns that are not named become segments."""

    object: Annotated[str, Field(pattern=OBJECT, description="Its key, under `imports/`.", examples=["imports/past.csv"])]
    survey: Annotated[str, Field(min_length=1, max_length=40)]
    columns: dict[Annotated[str, Field(min_length=1, max_length=100)], Annotated[str, Field(min_length=1, max_length=200)]] = Field(
        max_length=100,
        description="A name of ours to the file's heading. `rating` and `answered_at` are required; `id` makes rows known by it "
        "(else place and content tell them apart), `comment`; any other name is a segment.",
        examples=[{"rating": "CSAT Score", "answered_at": "Survey_response_Date", "agent": "Agent_name"}],
    )
    time_format: Annotated[str, Field(min_length=1, max_length=100, examples=["%d-%b-%y"])] | None = Field(
        default=None, description="As for strptime; null: ISO 8601."
    )
    timezone: Annotated[str, Field(min_length=1, max_length=64), AfterValidator(_timezone)] | None = Field(
        default=None, description="Of times without an offset; null: the survey's."
    )
    delimiter: Literal[",", ";", "\t", "|"] | None = Field(default=None, description="Null: found out from the header.")
    scale: ImportScaleBody | None = Field(default=None, description="The scale that the answers were given on; null: the survey's.")
    valid_range: RangeBody | None = Field(default=None, description="Within the scale; keeps out codes that mean no answer.")

    def given(self) -> dict[str, Any]:
        return self.model_dump(exclude_none=True)

"""Every port on one page: what the use cases need of the world, and the values that pass through.

Each port has a fake in tests/fakes.py and an adapter in hearback/adapters; both pass the same cases in tests/contract.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, BinaryIO, Protocol, TypeVar

from hearback.domain.answer import Answer
from hearback.domain.day_parts import DayPart
from hearback.domain.moves import Guard
from hearback.domain.retry_after import retry_after_seconds
from hearback.domain.scoring.line import ReportLine
from hearback.domain.story import Attempt, Decision, Forward, State, Story
from hearback.domain.survey import Survey
from hearback.domain.trigger import Contact, Ignored, Trigger

K = TypeVar("K")
V = TypeVar("V")

# --- time, chance, secrets, configuration -------------------------------------------------------------------------------


class Clock(Protocol):
    def now(self) -> datetime:
        """The time, aware, in UTC."""
        ...


class Chance(Protocol):
    def token(self) -> str:
        """At least 96 random bits as URL-safe text; a new one each call."""
        ...


class SideBySide(Protocol):
    def __call__(self, acts: Mapping[K, Callable[[], V]]) -> Iterator[Mapping[K, V]]:
        """Do all of this at the same time. Each act's result comes once, as soon as may be, with those of others that ended at about
        the same moment.
        """
        ...


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret's values by name ("secret", "api_token", ...). During rotation the values it replaced stay valid until
    `previous_until`.
    """

    values: Mapping[str, Any]
    previous: Mapping[str, Any] = field(default_factory=dict)
    previous_until: datetime | None = None

    def live(self, name: str, now: datetime) -> list[str]:
        """Every value of that name that is valid now, the newest first. A value may itself be a list of secrets."""
        held = [self.values.get(name)]
        if self.previous_until is not None and now < self.previous_until:
            held.append(self.previous.get(name))
        found: list[str] = []
        for each in held:
            found += each if isinstance(each, list) else [each] if each else []
        return found


class Secrets(Protocol):
    """Values live in the secret store; names are paths such as `sources/zendesk`."""

    def get(self, name: str) -> Secret | None: ...

    def put(self, name: str, secret: Secret) -> None: ...

    def create(self, name: str, secret: Secret) -> Secret:
        """Store unless something is there; answer what is there afterwards. Two racing callers get the same secret."""
        ...

    def delete(self, name: str) -> None: ...


@dataclass(frozen=True, slots=True)
class ConfigItem:
    """A configured object's plain body, without secrets. `version` grows by one with every change."""

    id: str
    body: dict[str, Any]
    version: int


class Configs(Protocol):
    """Configured objects by kind: "surveys", "sources", "channels", "sinks", "imports"."""

    def get(self, kind: str, config_id: str) -> ConfigItem | None: ...

    def all(self, kind: str) -> list[ConfigItem]: ...

    def put(self, kind: str, config_id: str, body: Mapping[str, Any]) -> ConfigItem: ...

    def delete(self, kind: str, config_id: str) -> bool: ...


# --- what is kept ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of an answer: `version` it has now; `changed` is False when it said what was said before."""

    story: Story
    version: int
    changed: bool


@dataclass(frozen=True, slots=True)
class Held:
    """A press was not recorded: its guard did not hold of the story, which stands as it is here."""

    story: Story


class Stories(Protocol):
    """One item a story. Every method is one conditional write, or one read."""

    def add(self, story: Story, *, due: datetime | None, asked_day: date | None) -> Story | None:
        """Store a new story; None when it is new, else the story that was there (a duplicate). `asked_day` (the day in
        the survey's time zone) puts a story that is decided already among the day's asked.
        """
        ...

    def get(self, invitation_id: str, *, consistent: bool = False) -> Story | None: ...

    def skip(self, story: Story, decision: Decision, *, asked_day: date) -> bool:
        """PENDING becomes SKIPPED with its final decision; False when somebody moved the story first."""
        ...

    def postpone(self, story: Story, decision: Decision, due: datetime) -> bool:
        """Stays PENDING, due later. False when somebody moved the story first."""
        ...

    def claim(self, story: Story, attempt: Attempt, *, lease_until: datetime, expires_at: datetime) -> Story | None:
        """Reserve one send: PENDING becomes CLAIMED with this attempt; the story as it stands now, or None when somebody
        moved it first. Writes the story's trigger, person, channel, address, language and facts as they were passed. A
        lost reply is told from a lost race by the attempt's token.
        """
        ...

    def settle(
        self, story: Story, attempt: Attempt, state: State, decision: Decision, *, due: datetime | None, asked_day: date
    ) -> Story | None:
        """Write what became of the story's newest attempt (the one with this token) and the state it leads to. `due`: for
        PENDING when to try again, for SENT when to remind. The story as it stands now; None when it moved on.
        """
        ...

    def note_delivery(self, story: Story, attempt: Attempt, delivered_at: datetime | None) -> bool:
        """A provider's later word on an attempt that changes no state (delivered)."""
        ...

    def remind(self, story: Story, attempt: Attempt) -> Story | None:
        """Reserve the one reminder by appending its attempt; None when it was reserved before or the contact has answered."""
        ...

    def forgo_reminder(self, story: Story) -> bool:
        """There will be no reminder, so that nobody looks for it any more. False when somebody moved the story first."""
        ...

    def record_answer(
        self, invitation_id: str, survey: Survey, answer: Answer, *, at: datetime, channel: str, sinks: Sequence[str]
    ) -> Recorded:
        """Append a version and set every sink to pending, in one write. Saying the same again changes nothing.

        Raises `Gone` when the edit window has closed or the invitation has expired, `NotFound` when there is none.
        """
        ...

    def record_press(
        self, invitation_id: str, survey: Survey, answer: Answer, *, at: datetime, channel: str, sinks: Sequence[str], guard: Guard
    ) -> Recorded | Held:
        """As `record_answer`, but only of a story that the guard lets through."""
        ...

    def judge(self, before: Story, after: Story, survey: Survey) -> Story | None:
        """Write which answers count and which are in quarantine, as they were judged anew: `after` is `before` with other
        `answers`, `doubted`, `first_answered_at` and `forwards`. A new version's forwards are on their way with it. The story as it
        stands now; None when somebody wrote between, and nothing was done.
        """
        ...

    def erase(self, before: Story, after: Story, *, asked_day: date, importable: bool = False) -> Story | None:
        """Write a story without its person (domain/erasing.py): `after`, and the same of what the ledger shows of it. A story that
        nobody had decided about is counted under `asked_day`. An imported answer that was erased is not imported again, unless it
        is to stay `importable`. The story as it stands now; None when somebody wrote between, and nothing was done.
        """
        ...

    def note_forwards(self, story: Story, forwards: Mapping[str, Forward]) -> Story | None:
        """Write the new state of each sink's forward that is still as it was read, with the answer at the version that was forwarded,
        whatever else was written between. The story as it is then; None when nothing was done.
        """
        ...

    def replay_forward(self, story: Story, sink: str) -> bool:
        """Set one sink's forward of the current version back to pending, due now."""
        ...

    def due_before(self, moment: datetime, *, limit: int = 500) -> Iterator[tuple[str, str]]:
        """(invitation id, due mark) of what has something to do, per shard the oldest first."""
        ...

    def push_due(self, invitation_id: str, mark: str, due: datetime | None) -> bool:
        """Look at this story again at `due` (None: never); False when its mark is no longer the one that was read."""
        ...

    def import_answers(self, survey: Survey, answers: Sequence[ImportedAnswer]) -> None:
        """Store imported answers; the same ones again change nothing."""
        ...

    def answers_of_day(self, survey: str, day: date, part: DayPart | None = None) -> Iterator[LedgerEntry]:
        """Every answered story of one day of the ledger, or of one part of it, in pages, in an order that does not change."""
        ...

    def asked_of_day(self, survey: str, day: date, part: DayPart | None = None) -> Iterator[AskedEntry]:
        """Every trigger that was decided on that day, or those of one part of it."""
        ...


@dataclass(frozen=True, slots=True)
class ImportedAnswer:
    """An answer given elsewhere. `external_id` is unique within the survey's imports."""

    external_id: str
    rating: int
    at: datetime
    comment: str = ""
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)  # not frozen: a day has a million of them, and freezing triples what each costs
class LedgerEntry:
    """One answered story as the night reads it. `answer` is the plain form {"rating", "details", "at", "version",
    "channel", "scale": [min, max], "direction", "metric", "imported": bool}; `facts` its segment values.

    `facts_text` is the stored spelling of the facts, empty when there is none: equal texts mean equal facts, so what
    follows from them needs to be worked out once. Entries with equal texts may share one `facts`; nobody changes it.
    `answer_text` is the stored spelling of the answer, as JSON, but for its version.
    """

    invitation_id: str
    answer: dict[str, Any]
    facts: dict[str, Any]
    facts_text: str = field(default="", compare=False)
    answer_text: str = field(default="", compare=False)


@dataclass(slots=True)  # not frozen, as above
class AskedEntry:
    """One decided trigger. `outcome` is "sent", "delivered", "unknown", "refused" or "skipped:{reason}"."""

    invitation_id: str
    outcome: str
    facts: dict[str, Any]


@dataclass(frozen=True, slots=True)
class SlotTaken:
    """The person may be asked now, and nobody else may ask them until the cooldown is over."""

    person: str


@dataclass(frozen=True, slots=True)
class SlotRefused:
    """`opted_out`, or asked already at `last_invited_at` by another invitation."""

    opted_out: bool
    last_invited_at: datetime | None = None


class People(Protocol):
    """Persons: their identities joined, their cooldown slot, their opt-out."""

    def take_slot(self, keys: Sequence[str], invitation_id: str, now: datetime, cooldown_seconds: float) -> SlotTaken | SlotRefused:
        """Claim the person's slot for one invitation, joining the identities. Claiming it again for the same invitation
        succeeds, and the cooldown then counts from there: what was tried hours ago may be sent only now. Under any race at most
        one invitation wins within the cooldown.
        """
        ...

    def release_slot(self, person: str, invitation_id: str) -> None:
        """Give a slot back that was taken for an invitation which reached nobody."""
        ...

    def opt_out(self, keys: Sequence[str], at: datetime) -> None: ...

    def opt_in(self, keys: Sequence[str]) -> None: ...

    def opted_out(self, keys: Sequence[str]) -> bool:
        """Whether any of these identities has opted out."""
        ...

    def last_invitation(self, key: str) -> str | None:
        """The newest invitation of the person with this identity: how a typed reply finds its survey."""
        ...

    def known(self, keys: Sequence[str]) -> KnownPerson:
        """What is kept under these identities, all of them taken for one person's."""
        ...

    def forget(self, key: str, *, asked_before: datetime | None = None) -> bool:
        """Keep nothing under this identity but that its person has opted out; whether there was more. With `asked_before`, only of
        a person whose slot was not taken since.
        """
        ...


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """`keys` are the identities that are known to belong together, those asked for included."""

    keys: frozenset[str]
    last_invited_at: datetime | None = None
    opted_out_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SeenStory:
    """As much of a story as tells whose it is, and whether it is `erased`. `days` are those whose digests and reports it is in, by
    survey.
    """

    invitation_id: str
    trigger: Trigger
    facts: dict[str, Any]
    created_at: datetime
    days: tuple[tuple[str, date], ...]
    erased: bool = False


@dataclass(frozen=True, slots=True)
class SeenPerson:
    """One identity; `belongs_to` are others known to be the same person's."""

    key: str
    belongs_to: frozenset[str]
    last_invited_at: datetime | None


@dataclass(frozen=True, slots=True)
class CensusPage:
    """`next` is what to pass as `after` for the rest; empty: that was all. It holds nothing personal."""

    stories: tuple[SeenStory, ...]
    persons: tuple[SeenPerson, ...]
    next: str


class Census(Protocol):
    """Every story and identity there is, a page at a time, in an order that does not change. It reads the whole table: for export and
    erasure alone, which must find what no index leads to.
    """

    def page(self, after: str = "") -> CensusPage:
        """What was there before the call is on some page. Raises `Invalid` for a place that is none."""
        ...


class Warden(Protocol):
    """Sees to it that one run erases at a time, and that a table which was restored from a backup is noticed."""

    def take_turn(self, token: str, now: datetime, until: datetime) -> bool:
        """False while another token's turn lasts."""
        ...

    def end_turn(self, token: str) -> None: ...

    def ledger_seen(self) -> str:
        """The newest entry of the ledger of erasures that this table knows to be done; empty: none."""
        ...

    def see_ledger(self, entry: str) -> None: ...


@dataclass(frozen=True, slots=True)
class QuarantineMark:
    """An invitation that got answers of doubt on one day, and the moment of the day's first one."""

    invitation_id: str
    at: datetime


class Quarantine(Protocol):
    """Where the answers in quarantine are: the stories hold them, and this says which stories. A mark is set before its story is
    written, so it may lead to a story that holds nothing; no story holds something unmarked.
    """

    def add(self, survey: str, mark: QuarantineMark) -> None: ...

    def remove(self, survey: str, mark: QuarantineMark) -> None: ...

    def newest(self, survey: str, *, before: QuarantineMark | None, limit: int) -> list[QuarantineMark]:
        """The newest first, from right below a mark on."""
        ...

    def between(self, survey: str, start: datetime, end: datetime) -> Iterator[QuarantineMark]:
        """The oldest first; `end` is not included."""
        ...


class Conversations(Protocol):
    def reopen(self, source: str, conversation_id: str, at: datetime) -> None:
        """Remember that a conversation was reopened at a time (the newest wins)."""
        ...

    def reopened_at(self, source: str, conversation_id: str) -> datetime | None: ...

    def forget(self, source: str, conversation_id: str, *, reopened_before: datetime | None = None) -> None:
        """As if it had never been reopened; not where it was reopened later than that."""
        ...


class Nights(Protocol):
    """What the scoring still has to do, and whose turn it is to do it."""

    def take_turn(self, survey: str, token: str, now: datetime, until: datetime) -> bool:
        """Write this survey's reports, alone; False while another token's turn lasts."""
        ...

    def end_turn(self, survey: str, token: str) -> None: ...

    def mark_dirty(self, survey: str, day: date, stamp: str) -> None:
        """This day must be counted (again). Any later stamp replaces an earlier one."""
        ...

    def dirty_days(self, survey: str) -> list[tuple[date, str]]:
        """(day, stamp), oldest first."""
        ...

    def clean(self, survey: str, day: date, stamp: str) -> None:
        """The day was counted as of that stamp; a mark made since then stays."""
        ...

    def scored_until(self, survey: str) -> date | None:
        """The last day up to which every day has been scored."""
        ...

    def set_scored_until(self, survey: str, day: date) -> None: ...

    def claim_digest(self, survey: str, period: str, start: date, token: str) -> bool:
        """Reserve the one mail about a survey's period; False when somebody has. The token tells a lost reply from a lost
        race: claiming again with the same one succeeds.
        """
        ...

    def release_digest(self, survey: str, period: str, start: date, token: str) -> None:
        """Give a claim back whose mail was certainly not sent."""
        ...


@dataclass(frozen=True, slots=True)
class HandOver:
    """A day that is too large for one run. `run` is a name that is the same for the same work and begins with the survey's and
    the day's; `parts` names all that have to be counted; `version` is the survey's configuration that they are counted by.
    """

    survey: str
    day: date
    run: str
    version: int
    parts: tuple[str, ...]


class Crew(Protocol):
    """Counts a day's parts at the same time, and then has the night go on with them."""

    def begin(self, task: HandOver) -> None:
        """Beginning the same again changes nothing. Raises `Unavailable`."""
        ...


class Blobs(Protocol):
    """Objects in the bucket. `put` writes only when the bytes differ and says whether it wrote."""

    def get(self, key: str) -> bytes | None: ...

    def put(self, key: str, body: bytes, content_type: str) -> bool: ...

    def open(self, key: str, *, offset: int = 0) -> BinaryIO | None:
        """A readable stream from a byte offset; None when there is no such object."""
        ...

    def size(self, key: str) -> int | None: ...

    def keys(self, prefix: str) -> Iterator[str]: ...

    def delete(self, key: str) -> None:
        """Absent afterwards, whether or not it was there. Its versions stay until they expire."""
        ...

    def purge(self, prefix: str, *, current: bool = False) -> int:
        """Remove for good every earlier version under a prefix, and all of what was deleted there; `current` ones too if wanted.
        How many versions went.
        """
        ...


class LakeDay(Protocol):
    """One day of the lake while it is written. `written` counts, at the end, the objects that changed or went."""

    written: int

    def add(self, entry: LedgerEntry) -> None: ...


class Lake(Protocol):
    """Every counted answer in a form that the company's own queries read, a day of a survey at a time."""

    def replacing(self, survey: str, day: date, share: str = "") -> AbstractContextManager[LakeDay]:
        """What is added inside becomes the whole of that day when the block ends well; a block that fails changes nothing. The
        same answers give the same bytes, and a day without answers holds no object.

        `share`, a name without a dash: one part of a day that is counted in parts; the other parts' answers stay.
        """
        ...

    def keep_only(self, survey: str, day: date, shares: Collection[str]) -> int:
        """Remove what belongs to none of these shares: the end of a day that was counted in parts. How many objects went."""
        ...


class ReportWriter(Protocol):
    """One form in which a report is stored. `name` is the object's last part ("report.json")."""

    @property
    def name(self) -> str: ...

    @property
    def content_type(self) -> str: ...

    def write(self, report: Mapping[str, Any]) -> bytes:
        """The same report gives the same bytes in any process."""
        ...


class WordSplitter(Protocol):
    """The words of a comment, in any language, also in those that put no blanks between them."""

    def __call__(self, text: str) -> Iterable[str]:
        """Each word once, in the order of the text, in one spelling for case and width: at most `MOST_WORDS`, none longer
        than `LONGEST_WORD`. Numbers, punctuation and what `masked` hid are no words; a face is one.
        """
        ...


class IndexWriter(Protocol):
    def __call__(self, survey: Survey, lines: Sequence[ReportLine]) -> bytes:
        """The page that links these reports. The same lines give the same bytes in any process."""
        ...


@dataclass(frozen=True, slots=True)
class Attachment:
    name: str
    content_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail from the stack to its own people. `headers` beyond the usual ones."""

    to: tuple[str, ...]
    subject: str
    text: str
    html: str
    attachments: tuple[Attachment, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)


class Mailer(Protocol):
    def send(self, mail: Mail) -> SendResult:
        """One try. What came of it is the caller's to judge: mail knows no repeats."""
        ...


class DigestWriter(Protocol):
    def __call__(self, report: Mapping[str, Any], language: str) -> Mail:
        """The mail about one report, without receivers and attachments."""
        ...


# --- queues -----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ForwardMessage:
    """One version of an answer, to be brought to these sinks."""

    invitation_id: str
    version: int
    sinks: tuple[str, ...]


class Outbox(Protocol):
    """Messages to our own queues. They hold ids only. Raises `Unavailable` when a queue cannot be reached."""

    def dispatch(self, invitation_id: str, *, delay_seconds: int = 0) -> None: ...

    def forward(self, messages: Iterable[ForwardMessage]) -> None: ...

    def forward_is_dead(self, message: ForwardMessage, reason: str) -> None:
        """Put a forward whose tries are used up into the dead-letter queue: a message with one sink."""
        ...

    def continue_import(self, import_id: str) -> None: ...

    def continue_erasures(self) -> None: ...


# --- the outside: sources, channels, sinks --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class InboundRequest:
    """A request as it came: `headers` with lower-case names, `query` decoded (last value wins), `body` the raw bytes."""

    method: str
    path: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class HttpRequest:
    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """`body` is cut at the size cap of the client. Header names are lower-case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def retry_after(self, now: datetime | None) -> float | None:
        """The Retry-After header in seconds (delta or, where the time is known, HTTP date); None when there is none to be read."""
        return retry_after_seconds(self.headers.get("retry-after", ""), now)


class NotSent(Exception):  # noqa: N818 - a fact about the request, not an error class of ours
    """The request certainly did not reach the other side (refused, blocked by the guard, no such host)."""


class NoReply(Exception):  # noqa: N818 - as above
    """The request may have reached the other side; no complete reply came in time."""


class Http(Protocol):
    def send(self, request: HttpRequest, *, deadline_seconds: float = 20.0, trusted: bool = False) -> HttpResponse:
        """One request: no redirects, no proxies, a total deadline, a size cap, special addresses refused.

        `trusted` is for a vendor's own fixed host, never for a URL that somebody configured. Raises `NotSent`, `NoReply`.
        """
        ...


class Source(Protocol):
    """One dialect of triggers. `settings` is the configured body; `secret` holds what `secret_fields` names."""

    kind: str
    secret_fields: tuple[str, ...]

    def verify(self, request: InboundRequest, secret: Secret, settings: Mapping[str, Any], now: datetime) -> None:
        """Raise `Unverified` unless the raw bytes are the sender's and fresh. Runs before anything is parsed."""
        ...

    def read(self, request: InboundRequest, source_id: str, settings: Mapping[str, Any], now: datetime) -> Trigger | Ignored:
        """The canonical trigger. Raises `Malformed` or `Invalid`."""
        ...


class ContactLookup(Protocol):
    """Completes a contact whose address the webhook did not carry. Answers the contact unchanged when nothing is known."""

    def complete(self, trigger: Trigger, settings: Mapping[str, Any], secret: Secret) -> Contact:
        """Raises `Unavailable` when the vendor should be asked again later."""
        ...


@dataclass(frozen=True, slots=True)
class Question:
    """Everything that a channel may show, already in the contact's language and with variables filled in.

    `scores` gives each rating with its words and its own link; `page` the page without a rating chosen.
    """

    invitation_id: str
    attempt: str
    survey: Survey
    language: str
    right_to_left: bool
    subject: str
    question: str
    low: str
    high: str
    scores: tuple[ScoreLink, ...]
    page: str
    unsubscribe: str
    words: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ScoreLink:
    rating: int
    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Accepted:
    """The provider took the message; `provider_id` is its name for it."""

    provider_id: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """The provider certainly did not take it. `rest_of_channel`: the channel's other rungs are pointless too."""

    code: str
    detail: str
    rest_of_channel: bool = False


@dataclass(frozen=True, slots=True)
class Busy:
    """The provider certainly did not take it, and would later."""

    code: str
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class Silence:
    """Nobody knows whether the provider took it."""

    detail: str


SendResult = Accepted | Refusal | Busy | Silence


class Channel(Protocol):
    """One way to reach a contact. `rungs` are tried in order ("question" in the window, then "template")."""

    kind: str
    secret_fields: tuple[str, ...]

    def rungs(self, settings: Mapping[str, Any], survey: Survey) -> tuple[str, ...]: ...

    def address_of(self, contact: Contact) -> str:
        """The contact's address on this channel, or empty."""
        ...

    def send(self, question: Question, address: str, rung: str, settings: Mapping[str, Any], secret: Secret) -> SendResult: ...


@dataclass(frozen=True, slots=True)
class TypedReply:
    """A rating that a contact gave in a chat. `invitation_id` when the message itself names it; else the person is found
    by `address`, and `quoted` is the provider's id of the message that was replied to (empty: none).
    """

    address: str
    text: str
    at: datetime
    invitation_id: str = ""
    rating: int | None = None
    quoted: str = ""


@dataclass(frozen=True, slots=True)
class DeliveryWord:
    """A provider's later word on a send. `outcome` is "sent", "delivered" or "failed"; `same_channel` whether the next
    rung of the same channel may still work. Without an `invitation_id`, the person is found by `address`.
    """

    provider_id: str
    outcome: str
    at: datetime
    invitation_id: str = ""
    attempt: str = ""
    code: str = ""
    same_channel: bool = False
    address: str = ""


@dataclass(frozen=True, slots=True)
class Handshake:
    """What the provider wants to hear back, and how."""

    status: int
    body: str
    content_type: str = "text/plain; charset=utf-8"


class ReplyReader(Protocol):
    """The inbound side of a channel: POST and GET /replies/{channel}."""

    kind: str

    def handshake(self, request: InboundRequest, secret: Secret, now: datetime) -> Handshake:
        """Answer a GET. Raises `Unverified`, or `NotFound` when the channel has no handshake."""
        ...

    def verify(self, request: InboundRequest, secret: Secret, settings: Mapping[str, Any], now: datetime) -> None: ...

    def read(self, request: InboundRequest) -> list[TypedReply | DeliveryWord]:
        """What concerns surveys; everything else in the webhook is left alone. Raises `Malformed`."""
        ...


@dataclass(frozen=True, slots=True)
class Delivery:
    """One answer version on its way to one sink. `id` stays the same over retries; `variables` feed the templates
    (survey, invitation, answer, conversation, contact, agent); `after_silence`: an earlier try may have arrived. `erased`: it is
    the notice that the answer's person is to be erased, made by the settings' `erase` request; `variables` hold survey and answer id.
    `sample`: nobody gave this answer, and a sink shows what it would make of one that is for it.
    """

    id: str
    invitation_id: str
    version: int
    attempt: int
    variables: Mapping[str, Any]
    source: str
    after_silence: bool = False
    erased: bool = False
    sample: bool = False


@dataclass(frozen=True, slots=True)
class Delivered:
    status: int
    note: str


@dataclass(frozen=True, slots=True)
class RetryLater:
    """`silence`: the request may have arrived."""

    status: int
    note: str
    retry_after: float | None = None
    silence: bool = False


@dataclass(frozen=True, slots=True)
class Undeliverable:
    """Trying again cannot help until somebody changes something."""

    status: int
    note: str


@dataclass(frozen=True, slots=True)
class NotForThisSink:
    """This answer has nothing for this sink (a Zendesk sink and an answer that belongs to no ticket)."""

    note: str


DeliveryResult = Delivered | RetryLater | Undeliverable | NotForThisSink


class Sink(Protocol):
    """One kind of system that answers go to."""

    kind: str
    secret_fields: tuple[str, ...]

    def request(self, delivery: Delivery, settings: Mapping[str, Any], secret: Secret) -> HttpRequest | NotForThisSink:
        """The exact request that `deliver` would make, secrets masked: what a dry run shows. Raises `Invalid`."""
        ...

    def deliver(self, delivery: Delivery, settings: Mapping[str, Any], secret: Secret, now: datetime) -> DeliveryResult: ...


# --- what the admin API needs ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CheckedConfig:
    """A configuration body that may be stored: defaults filled in, secrets taken out. `secrets` holds the values that
    `Secret.values` will hold; `secret_paths` says where in the body each of them stood ("secret", "credentials.token").
    """

    body: dict[str, Any]
    secrets: dict[str, Any] = field(default_factory=dict)
    secret_paths: dict[str, str] = field(default_factory=dict)


class ConfigRules(Protocol):
    """What may be configured. `family` is "surveys", "sources", "channels" or "sinks"."""

    def check(self, family: str, body: Mapping[str, Any], *, held: Mapping[str, Any], channels: Collection[str]) -> CheckedConfig:
        """Raise `Invalid` naming every field that cannot be accepted, each by its path.

        `held` are the secret values that are stored already: they stand in for one that the body leaves out or shows as
        "set". `channels` are the ids of the configured channels, which a survey may name beside the kinds.
        """
        ...

    def outbound_urls(self, body: Mapping[str, Any]) -> dict[str, str]:
        """Every address in a checked body that we would call, by its field's path."""
        ...

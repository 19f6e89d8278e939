"""One trigger's whole story: what came in, what was decided, what was sent, what was answered, where it was passed on.

PENDING ─► SKIPPED
│  ▲
▼  │ (a rung refused, another is left; or the provider says "later")
CLAIMED ─► SENT ─► (answered: answers are there) | (expired: its time is over)
├─► REFUSED     nobody would carry it
└─► UNKNOWN     a send whose outcome nobody knows: resolved by the provider's word, or it stays; never sent again blind
IMPORTED           an answer that was given elsewhere
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from hearback.domain.answer import Answer, AnswerVersion
from hearback.domain.trigger import Trigger


class State(StrEnum):
    PENDING = "pending"
    SKIPPED = "skipped"
    CLAIMED = "claimed"
    SENT = "sent"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    IMPORTED = "imported"


LEGAL_MOVES: dict[State, frozenset[State]] = {
    State.PENDING: frozenset({State.SKIPPED, State.CLAIMED}),
    State.CLAIMED: frozenset({State.SENT, State.REFUSED, State.UNKNOWN, State.PENDING}),
    State.UNKNOWN: frozenset({State.SENT, State.PENDING, State.REFUSED}),
    State.SENT: frozenset({State.PENDING, State.REFUSED}),
    State.SKIPPED: frozenset(),
    State.REFUSED: frozenset({State.SENT}),
    State.IMPORTED: frozenset(),
}
"""SENT and UNKNOWN go back to PENDING, or on to REFUSED, only on the provider's word that this very attempt did not arrive.
REFUSED becomes SENT only when a provider corrects itself."""


class Outcome(StrEnum):
    PENDING = "pending"
    SURVEYED = "surveyed"
    NOT_SURVEYED = "not_surveyed"


class Reason(StrEnum):
    """Why a decision is what it is. The words are a contract: `GET /admin/triggers/...` shows them."""

    ACCEPTED = "accepted"
    DELAYED = "delayed"
    QUIET_HOURS = "quiet_hours"
    PROVIDER_BUSY = "provider_busy"
    SENT = "sent"
    SEND_UNKNOWN = "send_unknown"
    COOLDOWN = "cooldown"
    SAMPLED_OUT = "sampled_out"
    OPTED_OUT = "opted_out"
    NO_ADDRESS = "no_address"
    NO_SURVEY = "no_survey"
    SURVEY_DISABLED = "survey_disabled"
    SOURCE_POLICY = "source_policy"
    REOPENED = "reopened"
    EXPIRED = "expired"
    REFUSED = "refused"
    IMPORTED = "imported"
    ERASED = "erased"


@dataclass(frozen=True, slots=True)
class Decision:
    """`detail` is for people and holds nothing personal."""

    outcome: Outcome
    reason: Reason
    at: datetime
    detail: str = ""


class SendOutcome(StrEnum):
    CLAIMED = "claimed"
    SENT = "sent"
    DELIVERED = "delivered"
    REFUSED = "refused"
    BUSY = "busy"
    UNKNOWN = "unknown"


REMINDER = "reminder"
"""The rung of an attempt that only reminds of an earlier one."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try on one rung of the ladder. `token` is drawn anew for each: a lost reply is told from a lost race by it.
    `channel` is the configured channel's id; `whole_channel`: a refusal that its other rungs would meet too.
    """

    token: str
    channel: str
    rung: str
    at: datetime
    outcome: SendOutcome = SendOutcome.CLAIMED
    provider_id: str = ""
    code: str = ""
    detail: str = ""
    whole_channel: bool = False


class ForwardState(StrEnum):
    PENDING = "pending"
    DELIVERED = "delivered"
    DEAD = "dead"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Forward:
    """One answer version's delivery to one sink. `status` is the last HTTP status (0: none came); `note` what came back,
    at most 200 bytes; `next_at` when the next try is due (None: nothing more will be tried).
    """

    state: ForwardState = ForwardState.PENDING
    version: int = 0
    attempts: int = 0
    next_at: datetime | None = None
    last_at: datetime | None = None
    status: int = 0
    note: str = ""


class Doubt(StrEnum):
    """Why a press of a page's button may not have been a person's (domain/doubt.py has the rule). The words are a contract:
    `GET /admin/quarantine` shows them.
    """

    NO_PROOF = "no_proof"
    BY_SCRIPT = "by_script"
    TOO_SOON = "too_soon"
    AT_ONCE = "at_once"
    AFTER_ANSWER = "after_answer"
    REPEATED = "repeated"
    ALL_SCORES = "all_scores"
    BURST = "burst"


@dataclass(frozen=True, slots=True)
class Doubted:
    """An answer in quarantine. `number` counts from 1 within the story; `version`: what it had been counted as before it was
    taken back (0: it never was); `restored_as`: the version that it counts as again (0: it does not). One that was found
    to be a person's after all has no `doubts` left.
    """

    number: int
    answer: Answer
    at: datetime
    channel: str
    doubts: tuple[Doubt, ...]
    version: int = 0
    restored_as: int = 0


@dataclass(frozen=True, slots=True)
class Story:
    """`language` is the contact's, as the page and messages use it. `revision` guards every write that follows a read.
    `facts` are the segment values of reports: a name to a text, or to a list of texts (tags). `answers` are those that count or
    once did; what was taken back has left a gap in their versions, and is among the `doubted`. `forwards` are of the newest version;
    `sinks` are all that any version was ever for. From `erased_at` on nothing in it leads to a person, nothing moves it, and its
    `forwards` are what its sinks were told of that (domain/erasing.py).
    """

    invitation_id: str
    trigger: Trigger
    survey: str
    decision: Decision
    state: State
    created_at: datetime
    due_at: datetime | None = None
    expires_at: datetime | None = None
    lease_until: datetime | None = None
    person: str = ""
    language: str = ""
    channel: str = ""
    address: str = ""
    sent_at: datetime | None = None
    delivered_at: datetime | None = None
    reminder_at: datetime | None = None
    reminded: bool = False
    attempts: tuple[Attempt, ...] = ()
    answers: tuple[AnswerVersion, ...] = ()
    doubted: tuple[Doubted, ...] = ()
    first_answered_at: datetime | None = None
    forwards: dict[str, Forward] = field(default_factory=dict)
    sinks: frozenset[str] = frozenset()
    facts: dict[str, Any] = field(default_factory=dict)
    revision: int = 0
    erased_at: datetime | None = None

    @property
    def version(self) -> int:
        return self.answers[-1].version if self.answers else 0

    @property
    def last_version(self) -> int:
        """The highest version ever given out: a sink that has seen one must never get another answer under it."""
        taken_back = (max(each.version, each.restored_as) for each in self.doubted)
        return max(self.version, max(taken_back, default=0))

    @property
    def doubted_at(self) -> datetime | None:
        return max((each.at for each in self.doubted), default=None)

    @property
    def answered(self) -> bool:
        return bool(self.answers)

    def next_due(self) -> datetime | None:
        """When this story has something to do next; None when it is at rest. The `due` index holds just this."""
        moments = [each.next_at for each in self.forwards.values() if each.state is ForwardState.PENDING and each.next_at]
        if self.state is State.PENDING:
            moments.append(self.due_at or self.created_at)
        if self.state is State.CLAIMED and self.lease_until:
            moments.append(self.lease_until)
        if self.state is State.SENT and self.reminder_at and not self.reminded and not self.answered:
            moments.append(self.reminder_at)
        return min(moments, default=None)

"""Small stories that between them make every write that there is: what the exhaustive tests walk through, call by call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from random import Random
from typing import Any

from hearback.domain.ids import invitation_id
from tests.sim.simulation import Outcome, simulate
from tests.sim.weather import CALM
from tests.sim.workload import (
    DAY,
    HOUR,
    SOURCE_SECRET,
    Action,
    Event,
    Person,
    Workload,
    sink_body,
    survey_body,
    whatsapp_body,
    zendesk_body,
)
from tests.sim.world import World

ADA, BO = Person(1, "ada@mail.example", "+4930111"), Person(2, "bo@mail.example", "+4930222")
CY = Person(3, "cy@mail.example", "+4930333")
MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
QUIET: dict[str, float] = {
    **dict.fromkeys(("ignores", "doubles", "edits", "comments", "opts_out", "taps", "types", "machines", "readers", "leaves", "skew"), 0.0),
    "pace": 0.1,
}
"""Customers who answer once, soon, on the page."""


@dataclass(frozen=True)
class Told:
    """One story. `script` says what each host does to the requests it gets, in turn ("" : what it should); `given` are faults that
    belong to it, by where.
    """

    name: str
    load: Callable[[], Workload]
    script: dict[str, list[str]] = field(default_factory=dict)
    given: dict[str, str] = field(default_factory=dict)
    nights: bool = False
    seed: int = 1

    def run(self, *, forced: dict[str, str] | None = None, seed: int | None = None, words: bool = False) -> Outcome:
        def prepare(world: World) -> None:
            world.internet.script = {host: list(each) for host, each in self.script.items()}

        return simulate(
            *(self.seed if seed is None else seed,),
            load=self.load(),
            climate=CALM,
            forced={**self.given, **(forced or {})},
            words=words,
            prepare=prepare,
            nights=self.nights,
        )


def asked_answered_forwarded() -> Workload:
    """Two sinks, one of which wants no more; a comment, and another rating a day later; a double click with two ratings."""
    load = _world(channels=["email"], sinks=["crm", "sheet"])
    load.events = [_closed("ev-0", ADA, {"email"})]
    load.manners |= {"comments": 1.0, "edits": 1.0, "doubles": 1.0, "machines": 1.0}
    return load


def refused_everywhere() -> Workload:
    """No rung carries it: the slot is given back, and the next survey of the same person goes out."""
    load = _world(channels=["whatsapp", "email"], policy={"cooldown_days": 7}, template=True)
    load.events = [_closed("ev-0", ADA, {"email", "whatsapp"}), _closed("ev-1", ADA, {"email", "whatsapp"}, at=7200.0)]
    load.manners |= {"taps": 1.0}
    return load


def late_words() -> Workload:
    """Silence, then the provider's word; a word that it did not arrive; typed replies."""
    load = _world(channels=["whatsapp", "email"])
    load.events = [_closed("ev-0", ADA, {"whatsapp"}), _closed("ev-1", BO, {"whatsapp", "email"}, at=7200.0)]
    load.manners |= {"types": 1.0}
    return load


def asked_in_vain() -> Workload:
    """Nobody answers: a reminder, once. A trigger in the quiet hours' last second waits for their end."""
    load = _world(channels=["email"], policy={"reminder_days": 0.5, "cooldown_days": 0, "quiet_hours": ["12:00", "14:00"]})
    load.events = [_closed("ev-0", ADA, {"email"}, at=600.0), _closed("ev-1", BO, {"email"}, at=7199.4)]
    load.manners |= {"ignores": 1.0}
    return load


def gone_before_the_reminder() -> Workload:
    load = _world(channels=["email"], policy={"reminder_days": 0.5})
    load.events = [_closed("ev-0", ADA, {"email"})]
    load.manners |= {"leaves": 1.0}
    return load


def busy_for_hours() -> Workload:
    """The provider lets us wait; the cooldown of six hours counts from the send, not from the first try."""
    load = _world(channels=["email"], policy={"cooldown_days": 0.25})
    load.events = [_closed("ev-0", ADA, {"email"}), _closed("ev-1", ADA, {"email"}, at=600 + 6.2 * 3600, conversation="78")]
    load.manners |= {"ignores": 1.0}
    return load


def changed_on_the_way() -> Workload:
    """A sink takes its time, and the answer is completed before it has taken the first one."""
    load = _world(channels=["email"], sinks=["crm"])
    load.events = [_closed(f"ev-{n}", Person(n, f"p{n}@mail.example", ""), {"email"}, conversation=f"{80 + n}") for n in range(4)]
    load.manners |= {"comments": 1.0}
    return load


def pressed_twice() -> Workload:
    """The page's own form is lost on the way: the press is doubted, asked for once more, and counts."""
    load = _world(channels=["email"], sinks=["crm"])
    load.events = [_closed("ev-0", ADA, {"email"})]
    return load


def not_asked() -> Workload:
    """Reopened, asked already, gone: nobody is asked twice. A ticket whose address must be looked up."""
    load = _world(channels=["email"], policy={"cooldown_days": 7, "delay_minutes": 10})
    load.sources["tickets"] = zendesk_body("support")
    again = _closed("ev-0", ADA, {"email"}, at=600.0)
    load.events = [
        again,
        replace(again, key="re-0", event_id="evt_re_0", kind="conversation.reopened", at=660.0, occurred_at=650.0),
        _closed("ev-1", BO, {"id"}, at=1200.0, source="tickets", conversation="78"),
        _closed("ev-2", BO, {"email", "id"}, at=1260.0, conversation="79"),
        _closed("ev-3", ADA, {"email"}, at=1300.0, conversation="80"),
        _closed("ev-4", ADA, {"email", "phone"}, at=9 * DAY, conversation="81"),
    ]
    load.manners |= {"opts_out": 1.0}
    return load


def counted() -> Workload:
    """A file of past answers, answers of today, and the nights over both; the numbers go out by mail."""
    load = _world(channels=["email"], digest={"to": ["team@acme.example"], "periods": ["day"]})
    load.events = [_closed("ev-0", ADA, {"email"})]
    load.actions = [Action("import-support", 900.0, "bring_in", "support", 5)]
    load.manners |= {"edits": 1.0}
    load.nights = True
    return load


def operated() -> Workload:
    """By hand: an invitation on the web, a sink off and on again, an answer brought once more, a sink taken away."""
    load = _world(channels=["web", "email"], sinks=["crm"])
    load.events = [replace(_closed("ev-0", ADA, {"email"}, source="manual"), kind="survey.requested", channel="web")]
    load.actions = [
        Action("off", 300.0, "switch_sink", "crm", False),
        Action("on", 400.0, "switch_sink", "crm", True),
        Action("replay", 9000.0, "replay", "crm", "ev-0"),
        Action("rotate", 15000.0, "rotate", "crm", "whsec_YW5vdGhlci1zZWNyZXQtb2YtMjQtYnl0ZXM="),
        Action("restore", 16000.0, "restore", "ev-0", {"number": 1, "rating": 1}),
        Action("remove", 20000.0, "remove_sink", "crm"),
    ]
    load.manners |= {"machines": 1.0}
    return load


def vouched_for() -> Workload:
    """The page never opened, and nobody presses again when asked to: an operator vouches for the only doubted press."""
    load = _world(channels=["email"], sinks=["crm"])
    load.events = [_closed("ev-0", ADA, {"email"})]
    load.actions = [Action("vouch", 30000.0, "vouch", "support", False)]
    load.manners |= {"insists": 0.0}
    return load


def said_late() -> Workload:
    """The provider says on a later day that it has arrived; meanwhile a night has counted."""
    load = _world(channels=["whatsapp"])
    load.events = [_closed("ev-0", ADA, {"whatsapp"})]
    load.manners |= {"ignores": 1.0}
    load.nights = True
    return load


def published() -> Workload:
    """A file of answers of the month before: its score is shown to everybody."""
    load = _world(channels=["email"], published=True)
    load.events = [_closed("ev-0", ADA, {"email"})]
    load.actions = [Action("import-support", 900.0, "bring_in", "support", 12)]
    load.nights = True
    return load


def forgotten() -> Workload:
    """Asked, answered with words, forwarded to two sinks, answered otherwise when one of them takes the survey no more; a day later the
    person wants to be forgotten, and one sink can be told.
    """
    load = _world(channels=["email"], sinks=["crm", "sheet"])
    load.sinks["crm"] = sink_body("crm", ["support"], forgets=True)
    load.events = [_closed("ev-0", ADA, {"email", "phone"})]
    load.manners |= {"comments": 1.0, "edits": 1.0}
    load.actions = [Action("narrow", 757.0, "narrow_sink", "sheet"), Action("erase", 30000.0 + DAY, "erase", str(ADA.number))]
    load.nights = True
    return load


def out_of_mind() -> Workload:
    """Answered with words and forwarded; two days later it has grown old, and no sink hears of that. The same event once more changes
    nothing; the cooldown is longer than stories are kept. What came in then and was sent later is not old yet. A conversation about
    which something old is known is open again.
    """
    load = _world(channels=["email"], sinks=["crm"], policy={"cooldown_days": 3, "delay_minutes": 180})
    load.sinks["crm"] = sink_body("crm", ["support"], forgets=True)
    load.events = [
        _closed("ev-0", ADA, {"email", "phone"}),
        _closed("ev-1", CY, {"email"}, at=29 * HOUR, conversation="80"),
        _closed("ev-2", BO, {"email"}, at=52 * HOUR),
        replace(_closed("re-2", BO, {"email"}, at=53 * HOUR), kind="conversation.reopened"),
        replace(_closed("ev-0", ADA, {"email", "phone"}), key="ev-0-again", at=56 * HOUR),
        _closed("ev-3", ADA, {"email"}, at=56 * HOUR, conversation="78"),
    ]
    load.people = [ADA, BO, CY]
    load.actions = [Action("keep", 50 * HOUR, "keep", "1")]
    load.manners |= {"comments": 1.0}
    return load


STORIES = [
    Told("asked, answered, forwarded", asked_answered_forwarded, {"crm.example": ["provider_busy"], "sheet.example": ["provider_refuses"]}),
    Told("refused everywhere", refused_everywhere, {"graph.facebook.com": ["provider_refuses"] * 2, "ses": ["provider_refuses"]}),
    Told("late words", late_words, {"graph.facebook.com": ["reply_unanswered", "told_failed"], "ses": ["provider_busy"]}),
    Told("asked in vain", asked_in_vain),
    Told("gone before the reminder", gone_before_the_reminder),
    Told("busy for hours", busy_for_hours, {"ses": ["provider_busy"] * 5}),
    Told("changed on the way", changed_on_the_way, {"crm.example": ["provider_slow"] * 4}),
    Told("pressed twice", pressed_twice, given={f"customer/{invitation_id('desk', 'evt_ev-0')}/1/press/open": "web_request_lost"}),
    Told("vouched for", vouched_for, given={f"customer/{invitation_id('desk', 'evt_ev-0')}/1/press/open": "web_request_lost"}),
    Told("said late", said_late, given={"word/1/delivered": "word_late", "word/1/read": "word_lost"}, nights=True),
    Told("published", published, nights=True),
    Told("not asked", not_asked),
    Told("counted", counted, {"ses": ["", "provider_refuses"]}, nights=True),
    Told("operated", operated),
    Told("forgotten", forgotten, nights=True),
    Told("out of mind", out_of_mind, nights=True),
]


def _world(
    *, channels: list[str], sinks: list[str] | None = None, template: bool = False, policy: dict[str, Any] | None = None, **more: Any
) -> Workload:
    calm = {"cooldown_days": 0, "sample_percent": 100, "delay_minutes": 0, "quiet_hours": None, "reminder_days": None, "expires_days": 14}
    survey = survey_body(Random(1), metric="csat", timezone="UTC", channels=channels, **more)
    survey["policy"] = {**calm, "edit_hours": 240, **(policy or {})}
    load = Workload(MONDAY.replace(hour=10), 1200.0, manners=dict(QUIET), nights=False)
    load.surveys = {"support": survey}
    load.sources = {"desk": {"kind": "standard", "secret": SOURCE_SECRET, "survey": "support"}}
    load.channels = {"wa": whatsapp_body(template=template)}
    load.sinks = {sink: sink_body(sink, ["support"]) for sink in sinks or ()}
    load.people = [ADA, BO]
    return load


def _closed(key: str, person: Person, knows: set[str], *, at: float = 600.0, source: str = "desk", conversation: str = "77") -> Event:
    return Event(
        *(key, source, f"evt_{key}", "conversation.closed", at, at - 5, conversation, "chat", person, frozenset(knows), "support"),
    )

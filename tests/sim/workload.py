"""What happens in one seed's world when nothing goes wrong: who is a customer, what closes when, what is set up and changed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from random import Random
from typing import Any

HOUR, DAY = 3600.0, 86400.0
STARTS = tuple(
    datetime(*day, tzinfo=UTC)
    for day in ((2026, 3, 2, 6), (2026, 3, 27, 18), (2026, 10, 23, 20), (2026, 2, 26, 9), (2026, 12, 29, 22), (2026, 6, 30, 14))
)
"""Ordinary days, both changes of the clocks, ends of months and of a year."""

SOURCE_SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3"
ZENDESK_SECRET = "a-signing-secret-of-a-helpdesk"
APP_SECRET = "the-app-secret-of-meta"
SINK_SECRET = "whsec_c2ltLXNpbmstc2VjcmV0LW9mLTI0LWJ5dGVzIQ=="


@dataclass(frozen=True)
class Person:
    """Somebody with several addresses; helpdesks know some of them at a time."""

    number: int
    email: str
    phone: str

    def contact(self, knows: frozenset[str]) -> dict[str, Any]:
        """The contact as a webhook carries it."""
        named: dict[str, Any] = {"name": f"Person {self.number}", "timezone": "Europe/Berlin" if self.number % 2 else ""}
        if "email" in knows:
            named["email"] = self.email.upper() if "loud" in knows else self.email
        if "phone" in knows:
            named["phone"] = self.phone
        if "whatsapp" in knows:
            named["addresses"] = {"whatsapp": self.phone.removeprefix("+")}
        if "id" in knows:
            named["id"] = str(1000 + self.number)
        return {name: value for name, value in named.items() if value}


@dataclass(frozen=True)
class Event:
    """One thing that a helpdesk, or a person at the admin API ("manual"), tells us. Times in kernel seconds."""

    key: str
    source: str
    event_id: str
    kind: str
    at: float
    occurred_at: float
    conversation: str
    channel: str
    person: Person
    knows: frozenset[str]
    survey: str


@dataclass(frozen=True)
class Action:
    """Something that an operator does. `what` names a method of actors.Operator."""

    key: str
    at: float
    what: str
    subject: str
    value: Any = None


@dataclass
class Workload:
    start: datetime
    horizon: float
    surveys: dict[str, dict[str, Any]] = field(default_factory=dict)
    sources: dict[str, dict[str, Any]] = field(default_factory=dict)
    channels: dict[str, dict[str, Any]] = field(default_factory=dict)
    sinks: dict[str, dict[str, Any]] = field(default_factory=dict)
    people: list[Person] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    actions: list[Action] = field(default_factory=list)
    nights: bool = True
    manners: dict[str, float] = field(default_factory=dict)
    """How customers behave: chances by name, and `pace`, the hours that they mostly take to answer."""


MANNERS = {
    "ignores": 0.2,
    "doubles": 0.15,
    "edits": 0.25,
    "comments": 0.25,
    "opts_out": 0.12,
    "taps": 0.6,
    "types": 0.2,
    "machines": 0.06,
    "readers": 0.06,
    "leaves": 0.05,
    "pace": 4.0,
}


def drawn(stream: Random) -> Workload:
    """A seed's own. The sizes are drawn too, so that small worlds are among them, which are easier to read."""
    load = Workload(stream.choice(STARTS), DAY * stream.choice((0.5, 1, 2, 3, 4)), nights=stream.random() < 0.7)
    for number in range(stream.choice((1, 1, 2, 3))):
        load.surveys[f"survey-{number}"] = survey_body(stream)
    for number in range(stream.choice((0, 1, 1, 2, 3))):
        surveys = sorted(stream.sample(sorted(load.surveys), stream.randint(1, len(load.surveys))))
        load.sinks[f"sink-{number}"] = sink_body(f"sink-{number}", surveys, forgets=stream.random() < 0.6)
    names = sorted(load.surveys)
    load.sources = {"desk": {"kind": "standard", "secret": SOURCE_SECRET, "survey": names[0]}}
    if stream.random() < 0.4:
        load.sources["tickets"] = zendesk_body(stream.choice(names))
    load.channels = {"wa": whatsapp_body(template=stream.random() < 0.6)} if stream.random() < 0.8 else {}
    load.people = people(stream, stream.choice((1, 2, 4, 6, 8)))
    load.events = events(stream, load, stream.choice((3, 6, 9, 12, 16)))
    load.actions = actions(stream, load)
    load.manners = {name: min(value * stream.choice((0.5, 1, 1, 2)), 12.0) for name, value in MANNERS.items()}
    return load


KEPT_DAYS = 5
"""Longer than a forward's schedule, as everything that the template allows is."""


def grown_old(stream: Random, load: Workload) -> None:
    """A quarter of the worlds keeps nothing for ever: days later the same people are heard of again, and some events once more."""
    if stream.random() >= 0.25:
        return
    if stream.random() < 0.5:
        load.actions.append(Action("keep-long", 900.0, "keep", "20"))
    load.actions.append(Action("keep", stream.choice((900.0, (5.2 + 2 * stream.random()) * DAY)), "keep", str(KEPT_DAYS)))
    for body in load.surveys.values():
        if stream.random() < 0.5:
            body["policy"]["cooldown_days"] = 2 * KEPT_DAYS
    told = [each for each in load.events if each.kind == "conversation.closed" and each.source != "manual"]
    for number in range(100, 100 + stream.choice((1, 2, 4))):
        at = (5.5 + 3 * stream.random()) * DAY
        event = closed(stream, load, number, at, stream.choice(load.people), stream.choice(sorted(load.sources)))
        load.events.append(event)
        if stream.random() < 0.4:
            load.events.append(reopened(stream, number, event))
        if told and stream.random() < 0.5:
            before = stream.choice(told)
            load.events.append(replace(before, key=f"{before.key}-{number}", at=at + 3600 * stream.random()))


def sinks_leave(stream: Random, load: Workload) -> None:
    """Some sink is told to take other surveys' answers, or is taken away; who had been sent to it may want to be forgotten later."""
    if not load.sinks or stream.random() >= 0.2:
        return
    sink = stream.choice(sorted(load.sinks))
    at = 3600 + load.horizon * stream.random()
    load.actions.append(Action(f"leaves-{sink}", at, stream.choice(("narrow_sink", "remove_sink")), sink))
    if stream.random() < 0.7:
        person = stream.choice(load.people)
        load.actions.append(Action("erase-later", max(at, load.horizon) + DAY * stream.random(), "erase", str(person.number)))


def survey_body(stream: Random, **overrides: Any) -> dict[str, Any]:
    policy = {
        "cooldown_days": stream.choice((0, 0, 0.25, 1, 7, 30)),
        "sample_percent": stream.choice((100, 100, 100, 60)),
        "delay_minutes": stream.choice((0, 0, 0, 10, 180)),
        "quiet_hours": stream.choice((None, None, ["21:00", "08:00"], ["12:00", "14:00"])),
        "reminder_days": stream.choice((None, None, 0.5, 1)),
        "expires_days": stream.choice((2, 14, 14)),
        "edit_hours": stream.choice((0, 1, 24, 24)),
    }
    return {
        "metric": stream.choice(("csat", "csat", "nps", "ces")),
        "texts": {"en": {"question": "How was it, {{ contact.name }}?"}},
        "timezone": stream.choice(("Europe/Berlin", "UTC", "America/New_York", "Asia/Kolkata")),
        "follow_ups": [{"id": "comment", "kind": "text", "texts": {"en": "Anything else?"}}],
        "policy": policy,
        "digest": {"to": ["team@acme.example"], "periods": ["day", "week"]} if stream.random() < 0.2 else {},
        "published": stream.random() < 0.4,
        "minimum_group": 2,
        "channels": stream.choice(
            (["same", "email", "web"], ["same", "whatsapp", "email"], ["email"], ["whatsapp", "email"], ["same", "web"])
        ),
        **overrides,
    }


def sink_body(sink: str, surveys: list[str], *, forgets: bool = False) -> dict[str, Any]:
    """One that `forgets` is told of erasures."""
    request = {"method": "POST", "url": f"https://{sink}.example/hook"}
    erase = {"erase": request} if forgets else {}
    return {"kind": "http", "surveys": surveys, "enabled": True, "request": request, "secret": SINK_SECRET, **erase}


def zendesk_body(survey: str) -> dict[str, Any]:
    return {
        "kind": "zendesk",
        "secret": ZENDESK_SECRET,
        "survey": survey,
        "subdomain": "acme",
        "email": "agent@acme.example",
        "api_token": "zendesk-token-1",
    }


def whatsapp_body(*, template: bool) -> dict[str, Any]:
    credentials = {"access_token": "token-1", "phone_number_id": "1555", "app_secret": APP_SECRET, "verify_token": "verify"}
    named = {"template": {"name": "survey", "body": ["question"], "buttons": "link"}} if template else {}
    return {"kind": "whatsapp", "credentials": credentials, **named}


def people(stream: Random, number: int) -> list[Person]:
    """Some share a telephone with the one before: a family, an office."""
    found: list[Person] = []
    for n in range(number):
        shares = found and stream.random() < 0.25
        found.append(Person(n, f"person{n}@mail.example", found[-1].phone if shares else f"+49301000{n:03d}"))
    return found


def events(stream: Random, load: Workload, number: int) -> list[Event]:
    found: list[Event] = []
    at = 600.0
    for n in range(number):
        together = bool(found) and stream.random() < 0.3
        at = found[-1].at + 3 * stream.random() if together else min(load.horizon, 600 + load.horizon * stream.random())
        person = found[-1].person if together and stream.random() < 0.8 else stream.choice(load.people)
        source = stream.choice([*sorted(load.sources), "desk", "manual"])
        event = closed(stream, load, n, at, person, source)
        found.append(event)
        if source != "manual" and stream.random() < 0.2:
            found.append(reopened(stream, n, event))
    return found


def closed(stream: Random, load: Workload, number: int, at: float, person: Person, source: str) -> Event:
    channel = stream.choice(("email", "whatsapp", "email", "web", "chat"))
    knows = {name for name in ("email", "phone", "whatsapp", "id", "loud") if stream.random() < 0.6}
    if source != "tickets":
        knows |= {stream.choice(("email", "whatsapp"))}
    else:
        knows |= {"id"}
    survey = stream.choice(sorted(load.surveys)) if source != "tickets" else load.sources["tickets"]["survey"]
    requested = source == "manual" or (source == "desk" and stream.random() < 0.1)
    return Event(
        key=f"ev-{number}",
        source=source,
        event_id=f"evt_{number:04d}",
        kind="survey.requested" if requested else "conversation.closed",
        at=at,
        occurred_at=at - stream.choice((1.0, 30.0, 3600.0)) * stream.random(),
        conversation=str(500 + number % 11),
        channel=channel,
        person=person,
        knows=frozenset(knows),
        survey=survey,
    )


def reopened(stream: Random, number: int, event: Event) -> Event:
    """After the closing; told at once, late, or even before it."""
    occurred = event.occurred_at + stream.choice((60.0, 900.0, 7200.0)) * (0.1 + stream.random())
    at = stream.choice((max(occurred, event.at), event.at - 5, occurred + 3600 * stream.random()))
    return Event(
        *(f"re-{number}", event.source, f"evt_re_{number:04d}", "conversation.reopened", max(at, 1.0), occurred),
        *(event.conversation, event.channel, event.person, event.knows, event.survey),
    )


def actions(stream: Random, load: Workload) -> list[Action]:
    """Each with its own chance."""
    found: list[Action] = []

    def perhaps(chance: float, key: str, what: str, subject: str, value: Any = None, *, late: float = 0.0) -> Action | None:
        at = 900 + load.horizon * stream.random() + late
        if stream.random() >= chance:
            return None
        found.append(Action(key, at, what, subject, value))
        return found[-1]

    for sink in sorted(load.sinks):
        off = perhaps(0.3, f"off-{sink}", "switch_sink", sink, False)
        back = 4 * HOUR * stream.random() + 60
        if off is not None and stream.random() < 0.6:
            found.append(Action(f"on-{sink}", off.at + back, "switch_sink", sink, True))
        perhaps(0.25, f"replay-{sink}", "replay", sink, stream.choice(load.events).key)
        perhaps(0.15, f"replay-day-{sink}", "replay_day", sink, load.sinks[sink]["surveys"][0], late=DAY)
    for survey in sorted(load.surveys):
        perhaps(0.15, f"off-{survey}", "switch_survey", survey, False)
        perhaps(0.2, f"import-{survey}", "bring_in", survey, stream.choice((3, 12, 40)))
        perhaps(0.15 if load.nights else 0.0, f"night-{survey}", "run_night", survey)
        perhaps(0.3, f"vouch-{survey}", "vouch", survey, stream.random() < 0.3, late=2 * HOUR)
    perhaps(0.2, "erase", "erase", str(stream.choice(load.people).number), late=HOUR)
    perhaps(0.4, "redrive", "redrive", "all", late=6 * HOUR)
    return found

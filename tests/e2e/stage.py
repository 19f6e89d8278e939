"""A corner of the local cloud for one test: its own survey, sources and sinks, and people whom no other test knows."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from tests.e2e import senders
from tests.e2e.browsing import Form, form_of
from tests.local import samples
from tests.local.client import Answer, Client
from tests.local.http_parts import Request

SECRETS = {
    "standard": samples.STANDARD_SECRET,
    "zendesk": samples.ZENDESK_SECRET,
    "chatwoot": samples.CHATWOOT_SECRET,
    "respondio": samples.RESPONDIO_SECRET,
}
WHATSAPP = {
    "access_token": "a-stub-takes-any-token",
    "phone_number_id": "1055",
    "app_secret": "the-stage-signs-with-this",
    "verify_token": "the-stage-knows",
}
FOLLOW_UPS = [
    {
        "id": "why",
        "kind": "choices",
        "when": {"max_rating": 3},
        "texts": {"en": "What went wrong?"},
        "choices": [{"id": name, "texts": {"en": name}} for name in ("slow", "unsolved", "rude")],
    },
    {"id": "comment", "kind": "text", "texts": {"en": "Anything to add?"}},
]


@dataclass(frozen=True)
class Asked:
    """A trigger that was taken in."""

    source: str
    event_id: str
    invitation: str


class Stage:
    def __init__(self, cloud: Client) -> None:
        self.cloud = cloud
        self.mark = uuid.uuid4().hex[:8]
        self._made: list[str] = []

    # --- configuration ---------------------------------------------------------------------------------------------------

    def called(self, name: str) -> str:
        return f"{name}-{self.mark}"

    def put(self, family: str, name: str, body: dict[str, Any]) -> str:
        """The id under which it is there until the test is over."""
        path = f"/admin/{family}/{self.called(name)}"
        self.cloud.ok("PUT", path, body)
        self._made.append(path)
        return self.called(name)

    def survey(self, name: str = "survey", **changes: Any) -> str:
        """Asks everybody at once, whenever, and by e-mail, unless `changes` say otherwise."""
        texts = {"en": {"question": "How did {{ agent.name or 'we' }} do?"}}
        policy = {"cooldown_days": 0, **changes.pop("policy", {})}
        return self.put("surveys", name, {"metric": "csat", "texts": texts, "policy": policy, **changes})

    def source(self, kind: str = "standard", survey: str = "survey") -> str:
        return self.put("sources", kind, {"kind": kind, "secret": SECRETS[kind], "survey": self.called(survey)})

    def whatsapp(self, **more: Any) -> str:
        return self.put("channels", "wa", {"kind": "whatsapp", "credentials": WHATSAPP, **more})

    def http_sink(self, name: str, url: str, **request: Any) -> str:
        return self.put("sinks", name, {"kind": "http", "surveys": [self.called("survey")], "request": {"url": url, **request}})

    def clear(self) -> None:
        """What is configured here would cost every later night its time."""
        for path in reversed(self._made):
            self.cloud.request("DELETE", path)

    # --- people and what they do -----------------------------------------------------------------------------------------

    def email(self, name: str = "ann") -> str:
        return f"{name}.{self.mark}@example.com"

    def phone(self, name: str = "ann") -> str:
        """Digits, as WhatsApp writes a number."""
        return "49171" + str(int(hashlib.sha256(f"{name}{self.mark}".encode()).hexdigest(), 16))[:9]

    def now(self) -> datetime:
        return datetime.fromisoformat(self.cloud.ok("GET", "/_local/clock")["now"])

    def send(self, source: str, request: Request) -> Answer:
        return self.cloud.request("POST", f"/triggers/{source}", request.body, request.headers)

    def sample(self, kind: str, **wish: Any) -> Request:
        """A closing as this kind of source sends and signs it."""
        return samples.trigger({"source": kind, "address": self.email(), **wish}, self.now())

    def closed(self, source: str, contact: dict[str, Any] | None = None, **more: Any) -> Asked:
        """A conversation is closed at a source of kind `standard`."""
        at = self.now()
        body = senders.conversation(
            "closed", at, contact=contact or {"email": self.email()}, conversation_id=more.pop("conversation_id", "1"), **more
        )
        return self.taken(source, self.send(source, senders.standard(body, at)))

    def taken(self, source: str, answer: Answer) -> Asked:
        assert answer.status == 202, answer.text
        receipt = answer.json()
        return Asked(source, receipt["event_id"], receipt["invitation_id"])

    def taken_or_known(self, source: str, answer: Answer) -> Asked:
        """As `taken`; also where the sender had sent it before."""
        receipt = answer.json()
        return Asked(source, receipt["event_id"], receipt["invitation_id"])

    def asked(self, source: str, contact: dict[str, Any] | None = None, **more: Any) -> Asked:
        """As `closed`, and whatever follows from it at once has happened."""
        asked = self.closed(source, contact, **more)
        self.cloud.settle()
        return asked

    # --- what can be seen ------------------------------------------------------------------------------------------------

    def story(self, asked: Asked) -> Any:
        return self.cloud.ok("GET", f"/admin/triggers/{asked.source}/{quote(asked.event_id, safe='')}")

    def decision(self, asked: Asked) -> tuple[str, str]:
        found = self.story(asked)["decision"]
        return found["outcome"], found["reason"]

    def forward(self, asked: Asked, sink: str) -> Any:
        return next(each for each in self.story(asked)["forwards"] if each["sink"] == sink)

    def messages(self, asked: Asked) -> list[dict[str, Any]]:
        """What the customer got for this invitation, the oldest first."""
        return [each for each in self.cloud.messages() if asked.invitation in str(each["request"]["body"])]

    def sent(self, asked: Asked, vendor: str) -> list[dict[str, Any]]:
        return [each for each in self.cloud.requests(vendor) if asked.invitation in str(each["request"]["body"])]

    def page(self, asked: Asked, rating: int | None = None) -> Form:
        link = str(self.story(asked)["link"])
        return form_of(self.cloud.get(link if rating is None else f"{link}?rating={rating}"))

    def answers(self, asked: Asked, rating: int) -> None:
        """The page's button is pressed."""
        pressed = self.page(asked, rating).press(self.cloud)
        assert pressed.status == 200, pressed.text

    def changes(self, asked: Asked, rating: int) -> None:
        """The page is opened again, and another score chosen on it."""
        pressed = self.page(asked).press(self.cloud, rating=str(rating))
        assert pressed.status == 200, pressed.text

    # --- time and nights -------------------------------------------------------------------------------------------------

    def pass_night(self) -> None:
        """Until a minute after the work of the night that follows this day, which begins at 03:30."""
        now = self.now()
        night = now.replace(hour=3, minute=31, second=0, microsecond=0) + timedelta(days=1)
        self.cloud.advance((night - now).total_seconds())

    def go_on_by_day(self) -> None:
        """Neither midnight nor the night's work is near: what the test does next happens on one day, and the next night counts it."""
        now = self.now()
        if (now.hour, now.minute) >= (23, 45) or now.hour < 4:
            morning = now.replace(hour=4, minute=0) + timedelta(days=now.hour > 4)
            self.cloud.advance((morning - now).total_seconds())

    def report(self, day: str, period: str = "day", survey: str = "survey") -> Any:
        return self.cloud.object(f"reports/survey={self.called(survey)}/period={period}/{day}/report.json").json()

    def reports(self, survey: str = "survey") -> dict[str, tuple[str, str]]:
        """Every object of the survey's reports: its key to its bytes' hash and when they were written."""
        found = self.cloud.ok("GET", f"/_local/objects?prefix=reports/survey={self.called(survey)}/")
        return {each["key"]: (hashlib.sha256(self.cloud.object(each["key"]).body).hexdigest(), each["modified"]) for each in found}

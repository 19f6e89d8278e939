"""The customer's side in memory: the routes as the handler serves them, over the fakes, with one survey that was sent."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import Message
from threading import Lock
from typing import Any, cast
from urllib.parse import urlsplit

from hearback.domain.story import ForwardState, Story
from hearback.domain.trigger import Trigger
from hearback.ports import ForwardMessage
from hearback.runtime.answer_routes import AnswerRoutes
from hearback.runtime.entrypoint import Handler
from hearback.runtime.http import http_handler
from hearback.usecases.open_survey import Open
from hearback.usecases.take_press import TakePress
from tests.builders import a_trigger
from tests.e2e.browsing import Form, form_of
from tests.local.client import Answer
from tests.unit.usecases.world import World

CHROMIUM = {
    "sec-ch-ua": '"Chromium";v="140"',
    "sec-fetch-mode": "navigate",
    "sec-fetch-dest": "document",
    "sec-fetch-site": "same-origin",
}


class _Context:
    aws_request_id = "r-1"


@dataclass
class AnswerWorld:
    """Requests take `seconds_each`; `headers` go with every one of them. Answers are passed on `delay` seconds after they were
    given, as the queue of a deployed stack has it.
    """

    world: World = field(default_factory=World)
    too_soon: float = 0
    seconds_each: float = 0.05
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 30
    asked: list[str] = field(default_factory=list)
    _on_their_way: dict[ForwardMessage, datetime] = field(default_factory=dict)
    _one: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        self.world.add_sink("crm")

    @property
    def handler(self) -> Handler:
        world = self.world
        opened = Open(world.signing, world.configs, world.stories, world.clock)
        press = TakePress(world.record, world.judge, timedelta(seconds=self.too_soon))
        return http_handler(AnswerRoutes(opened, press, world.opt_out, cast("Any", None)).routes())

    # --- the web -----------------------------------------------------------------------------------------------------

    def request(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Answer:
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        kind = {"content-type": "application/json"} if body is not None and not isinstance(body, bytes) else {}
        url = urlsplit(path)
        event = {
            "rawPath": url.path,
            "rawQueryString": url.query,
            "headers": {**kind, **self.headers, **(headers or {})},
            "requestContext": {"http": {"method": method}},
            "body": base64.b64encode(raw).decode(),
            "isBase64Encoded": True,
        }
        with self._one:
            self.waits(self.seconds_each)
            reply = self.handler(event, _Context())
            self._send_off()
        told = Message()
        for name, value in reply["headers"].items():
            told[name] = value
        return Answer(reply["statusCode"], told, reply["body"].encode())

    # --- the story ---------------------------------------------------------------------------------------------------

    def sent(self, event_id: str = "event-1") -> AnswerWorld:
        self.asked.append(self.world.sent_story(a_trigger(event_id)).invitation_id)
        return self

    def story(self, event_id: str = "event-1") -> Story:
        return self.world.story(a_trigger(event_id))

    def links(self, event_id: str = "event-1") -> list[str]:
        """As in the message: one for each score, and the page."""
        page = self.page_link(a_trigger(event_id))
        return [*(f"{page}?rating={n}" for n in range(1, 6)), page]

    def page_link(self, trigger: Trigger) -> str:
        story = self.world.story(trigger)
        assert story.expires_at is not None
        return f"/r/{self.world.signing().answer_token(story.invitation_id, story.survey, story.expires_at)}"

    # --- people ------------------------------------------------------------------------------------------------------

    def page(self, rating: int | None = None, event_id: str = "event-1") -> Form:
        link = self.page_link(a_trigger(event_id))
        return form_of(self.request("GET", link if rating is None else f"{link}?rating={rating}"))

    def answers(self, rating: int, event_id: str = "event-1", **entered: str | list[str]) -> Answer:
        return self.page(rating, event_id).press(self, **entered)

    def counted(self, event_id: str = "event-1") -> int | None:
        """The rating that counts."""
        story = self.story(event_id)
        return story.answers[-1].answer.rating if story.answered else None

    def waits(self, seconds: float = 0, **more: float) -> None:
        """Time passes, and what has waited long enough is passed on."""
        now = self.world.clock.advance(seconds=seconds, **more)
        for message, due in list(self._on_their_way.items()):
            if due <= now:
                del self._on_their_way[message]
                self.world.forward(message)

    def passed_on(self) -> list[int]:
        """The ratings that the sink has got, once nothing is on its way any more."""
        self.waits(self.delay + 1)
        return [each.variables["answer"]["rating"] for each in self.world.sink.delivered]

    def _send_off(self) -> None:
        for each in filter(None, map(self.world.stories.get, self.asked)):
            for sink, forward in each.forwards.items():
                if forward.state is ForwardState.PENDING:
                    message = ForwardMessage(each.invitation_id, each.version, (sink,))
                    self._on_their_way.setdefault(message, self.world.clock.now() + timedelta(seconds=self.delay))

"""POST /admin/sinks/{id}/dry-run: the exact request that a sink would make for an answer. Nothing is sent or stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from hearback.domain.answer import AnswerVersion, checked_answer
from hearback.domain.errors import Invalid, Misconfigured, NotFound
from hearback.domain.ids import invitation_id
from hearback.domain.story import Decision, Forward, Outcome, Reason, State, Story
from hearback.domain.survey import Survey
from hearback.domain.trigger import Agent, Contact, Conversation, Trigger, TriggerKind
from hearback.ports import Clock, ConfigItem, Configs, HttpRequest, NotForThisSink, Secret, Secrets, Sink, Stories
from hearback.usecases.forward_answer import delivery_of

SAMPLE_CONVERSATION = Conversation(id="1001", channel="email", subject="Sample conversation", tags=("sample",))
SAMPLE_CONTACT = Contact(id="2001", name="Sample Contact", email="sample@example.com", language="en")
SAMPLE_AGENT = Agent(id="3001", name="Sample Agent", team="Support")


@dataclass(frozen=True, slots=True)
class Sample:
    """An answer that nobody gave. `rating` None: the best of the scale; `survey` empty: the sink's first."""

    survey: str = ""
    source: str = "sample"
    rating: int | None = None
    details: dict[str, list[str] | str] = field(default_factory=dict)
    conversation: Conversation = SAMPLE_CONVERSATION
    contact: Contact = SAMPLE_CONTACT
    agent: Agent = SAMPLE_AGENT


@dataclass(frozen=True, slots=True)
class RealAnswer:
    source: str
    event_id: str


@dataclass(frozen=True)
class DryRunSink:
    configs: Configs
    stories: Stories
    secrets: Secrets
    sinks: Mapping[str, Sink]
    clock: Clock

    def __call__(self, sink_id: str, of: Sample | RealAnswer) -> dict[str, Any]:
        """Raises `NotFound`, and `Invalid` when there is nothing to forward or a template cannot be filled in."""
        item = self.configs.get("sinks", sink_id)
        if item is None:
            raise NotFound("there is no such sink")
        sink = self.sinks.get(item.body["kind"])
        if sink is None:
            raise Misconfigured(f"no sink of kind {item.body['kind']} is part of this version")
        story, survey = self._real(of) if isinstance(of, RealAnswer) else self._sample(item, of)
        delivery = replace(delivery_of(story, survey, item, Forward(version=story.version)), sample=isinstance(of, Sample))
        answered = sink.request(delivery, item.body, self.secrets.get(f"sinks/{sink_id}") or Secret({}))
        return {"sink": sink_id, "survey": survey.id, "rating": story.answers[-1].answer.rating, **_shown(answered)}

    def _real(self, of: RealAnswer) -> tuple[Story, Survey]:
        story = self.stories.get(invitation_id(of.source, of.event_id), consistent=True)
        if story is None:
            raise NotFound("no such trigger has arrived", code="unknown_trigger")
        if not story.answered:
            raise Invalid("there is nothing to forward", fields={"event_id": "has no answer yet"})
        return story, self._survey(story.survey, "event_id")

    def _sample(self, sink: ConfigItem, sample: Sample) -> tuple[Story, Survey]:
        survey = self._survey(sample.survey or next(iter(sink.body.get("surveys") or ()), ""), "survey")
        now = self.clock.now()
        best = survey.scale.max if survey.scale.direction.value == "high_is_good" else survey.scale.min
        answer = checked_answer(survey, best if sample.rating is None else sample.rating, sample.details)
        trigger = Trigger(
            source=sample.source,
            event_id="sample",
            kind=TriggerKind.CLOSED,
            occurred_at=now,
            conversation=sample.conversation,
            contact=sample.contact,
            agent=sample.agent,
            survey=survey.id,
        )
        story = Story(trigger.invitation_id, trigger, survey.id, Decision(Outcome.SURVEYED, Reason.SENT, now), State.SENT, now)
        return replace(story, answers=(AnswerVersion(1, answer, now, "web"),), first_answered_at=now), survey

    def _survey(self, survey_id: str, path: str) -> Survey:
        item = self.configs.get("surveys", survey_id) if survey_id else None
        if item is None:
            raise Invalid("a sample needs a survey", fields={path: "names no survey that is there"})
        return Survey.from_plain(item.id, item.body)


def _shown(answered: HttpRequest | NotForThisSink) -> dict[str, Any]:
    if isinstance(answered, NotForThisSink):
        return {"request": None, "note": answered.note}
    return {
        "request": {
            "method": answered.method,
            "url": answered.url,
            "headers": dict(answered.headers),
            "body": answered.body.decode("utf-8", "replace"),
        },
        "note": "this is what would be sent; secrets are masked, and nothing was sent",
    }

"""The loop's use cases over in-memory ports: one small world a test."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hearback.domain.story import Story
from hearback.domain.trigger import Contact, Trigger
from hearback.ports import ForwardMessage, Secret, SideBySide
from hearback.usecases.accept_trigger import AcceptTrigger, Taken
from hearback.usecases.dispatch_survey import DispatchSurvey
from hearback.usecases.forward_answer import ForwardAnswer, Forwarded
from hearback.usecases.judge_story import JudgeStory
from hearback.usecases.ladder import Ladder
from hearback.usecases.opt_out import OptOut
from hearback.usecases.record_answer import RecordAnswer
from hearback.usecases.signing import Signing
from hearback.usecases.sweep_due import SweepDue
from tests.builders import NOW, a_survey_body, a_trigger
from tests.fakes import (
    FixedClock,
    InTurn,
    MemoryConfigs,
    MemoryConversations,
    MemoryNights,
    MemoryPeople,
    MemoryQuarantine,
    MemorySecrets,
    MemoryStories,
    RecordingOutbox,
    ScriptedChannel,
    ScriptedSink,
    SequentialChance,
)


@dataclass
class ScriptedLookup:
    """Knows every contact by what `known` adds."""

    known: Contact | Exception | None = None

    def complete(self, trigger: Trigger, settings: Any, secret: Secret) -> Contact:
        if isinstance(self.known, Exception):
            raise self.known
        return self.known or trigger.contact


@dataclass
class World:
    clock: FixedClock = field(default_factory=lambda: FixedClock(NOW))
    chance: SequentialChance = field(default_factory=SequentialChance)
    configs: MemoryConfigs = field(default_factory=MemoryConfigs)
    secrets: MemorySecrets = field(default_factory=MemorySecrets)
    stories: MemoryStories = field(default_factory=MemoryStories)
    people: MemoryPeople = field(default_factory=MemoryPeople)
    conversations: MemoryConversations = field(default_factory=MemoryConversations)
    nights: MemoryNights = field(default_factory=MemoryNights)
    quarantine: MemoryQuarantine = field(default_factory=MemoryQuarantine)
    outbox: RecordingOutbox = field(default_factory=RecordingOutbox)
    email: ScriptedChannel = field(default_factory=ScriptedChannel)
    whatsapp: ScriptedChannel = field(default_factory=lambda: ScriptedChannel("whatsapp", ("question", "template")))
    web: ScriptedChannel = field(default_factory=lambda: ScriptedChannel("web"))
    sink: ScriptedSink = field(default_factory=ScriptedSink)
    side_by_side: SideBySide = field(default_factory=InTurn)
    lookup: ScriptedLookup = field(default_factory=ScriptedLookup)

    def __post_init__(self) -> None:
        self.survey()
        self.secrets.put("links/keys", Secret({"keys": ["0123456789abcdef0123456789abcdef"]}))
        self.configs.put("sources", "helpdesk", {"kind": "standard", "survey": "support"})
        self.configs.put("channels", "email", {"kind": "email"})
        self.configs.put("channels", "wa", {"kind": "whatsapp"})
        self.web.address_of = lambda contact: "link"  # type: ignore[method-assign]

    def survey(self, survey_id: str = "support", **overrides: Any) -> None:
        policy = {**a_survey_body()["policy"], **overrides.pop("policy", {})}
        self.configs.put("surveys", survey_id, a_survey_body(policy=policy, **overrides))

    def add_sink(self, sink_id: str, **body: Any) -> None:
        self.configs.put("sinks", sink_id, {"kind": "http", "surveys": ["support"], "enabled": True, **body})

    @property
    def signing(self) -> Signing:
        return Signing(self.secrets, self.chance)

    @property
    def accept(self) -> AcceptTrigger:
        return AcceptTrigger(self.configs, self.stories, self.conversations, self.outbox, self.clock)

    @property
    def dispatch(self) -> DispatchSurvey:
        channels = {"email": self.email, "whatsapp": self.whatsapp, "web": self.web}
        return DispatchSurvey(
            configs=self.configs,
            stories=self.stories,
            people=self.people,
            conversations=self.conversations,
            secrets=self.secrets,
            ladder=Ladder(self.configs, channels, {"web": {"kind": "web"}}),
            lookups={"standard": self.lookup},
            signing=self.signing,
            public_url="https://feedback.example",
            clock=self.clock,
            chance=self.chance,
        )

    @property
    def record(self) -> RecordAnswer:
        return RecordAnswer(self.configs, self.stories, self.nights, self.clock)

    @property
    def judge(self) -> JudgeStory:
        return JudgeStory(self.stories, self.quarantine, self.record)

    def forward(self, message: ForwardMessage) -> Forwarded:
        """To one sink."""
        (outcome,) = self.forward_all(message).values()
        return outcome

    @property
    def forward_all(self) -> ForwardAnswer:
        return ForwardAnswer(self.configs, self.stories, self.secrets, {"http": self.sink}, self.outbox, self.clock, self.side_by_side)

    @property
    def sweep(self) -> SweepDue:
        return SweepDue(self.stories, self.outbox, self.clock)

    @property
    def opt_out(self) -> OptOut:
        return OptOut(self.stories, self.people, self.clock)

    # --- shortcuts --------------------------------------------------------------------------------------------------

    def take(self, trigger: Trigger | None = None) -> Taken:
        return self.accept(trigger or a_trigger())

    def sent_story(self, trigger: Trigger | None = None) -> Story:
        """A story whose survey has just been sent."""
        taken = self.take(trigger)
        assert taken.story
        self.dispatch(taken.story.invitation_id)
        return self.story(trigger)

    def story(self, trigger: Trigger | None = None) -> Story:
        found = self.stories.get((trigger or a_trigger()).invitation_id)
        assert found
        return found

    def answered_story(self, rating: int = 5, trigger: Trigger | None = None) -> Story:
        story = self.sent_story(trigger)
        self.record(story.invitation_id, "support", rating, {}, channel="web")
        return self.story(trigger)

    def message(self, *sinks: str, version: int = 1) -> ForwardMessage:
        return ForwardMessage(a_trigger().invitation_id, version, sinks or ("crm",))

"""The ladder of channels: by which ways a contact can be asked, and in which order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from hearback.domain.story import SendOutcome, Story
from hearback.domain.survey import Survey
from hearback.domain.trigger import Trigger, TriggerKind
from hearback.ports import Channel, Configs


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of the ladder: a configured channel, the way it would be used, and the contact's address there."""

    channel_id: str
    settings: Mapping[str, Any]
    adapter: Channel
    name: str
    address: str


@dataclass(frozen=True)
class Ladder:
    """`implicit` are the settings of kinds that need no configuration."""

    configs: Configs
    channels: Mapping[str, Channel]
    implicit: Mapping[str, Mapping[str, Any]]

    def __call__(self, story: Story, survey: Survey, *, again: bool = False) -> Iterator[Rung]:
        """The conversation's own channel where the survey says "same", then the survey's order; each rung once, and none
        that has refused already.
        """
        tried = set() if again else {(each.channel, each.rung) for each in story.attempts if each.outcome is SendOutcome.REFUSED}
        dead = {each.channel for each in story.attempts if each.whole_channel and not again}
        seen: set[str] = set()
        for name in survey.channels:
            wanted = story.trigger.conversation.channel if name == "same" else name
            found = self._channel(wanted) if wanted else None
            if found is None or found[0] in seen or found[0] in dead:
                continue
            channel_id, settings = found
            seen.add(channel_id)
            adapter = self.channels[settings["kind"]]
            if adapter.kind == "web" and not _handed_out(story.trigger, survey):
                continue
            address = adapter.address_of(story.trigger.contact)
            if not address:
                continue
            for rung in adapter.rungs(settings, survey):
                if (channel_id, rung) not in tried:
                    yield Rung(channel_id, settings, adapter, rung, address)

    def _channel(self, name: str) -> tuple[str, Mapping[str, Any]] | None:
        """A configured channel by id, else the first enabled one of that kind, else one that needs no configuration."""
        configured = [each for each in self.configs.all("channels") if each.body.get("enabled", True)]
        for item in configured:
            if item.id == name and item.body["kind"] in self.channels:
                return item.id, item.body
        for item in configured:
            if item.body["kind"] == name and name in self.channels:
                return item.id, item.body
        if name in self.implicit:
            return name, self.implicit[name]
        return None


def _handed_out(trigger: Trigger, survey: Survey) -> bool:
    """A link that nobody hands out reaches nobody: the web rung is for surveys asked for by hand, conversations that
    were held on the web channel, and surveys that know no other way.
    """
    return trigger.kind is TriggerKind.REQUESTED or trigger.conversation.channel == "web" or set(survey.channels) <= {"web", "same"}

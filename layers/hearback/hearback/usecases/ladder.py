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
            found = self._channel(wanted, survey) if wanted else None
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

    def _channel(self, name: str, survey: Survey) -> tuple[str, Mapping[str, Any]] | None:
        """A channel by its id, else one of that kind: first such as were set up for this survey, then such as are for all.
        Else a kind that needs no configuration.
        """
        usable = [each for each in self.configs.all("channels") if each.body.get("enabled", True) and each.body["kind"] in self.channels]
        by_id = [each for each in usable if each.id == name]
        for_this = [each for each in usable if each.body["kind"] == name and survey.id in (each.body.get("surveys") or ())]
        for_all = [each for each in usable if each.body["kind"] == name and not each.body.get("surveys")]
        for item in (*by_id, *for_this, *for_all):
            return item.id, item.body
        return (name, self.implicit[name]) if name in self.implicit else None


def _handed_out(trigger: Trigger, survey: Survey) -> bool:
    """A link that nobody hands out reaches nobody: the web rung is for surveys asked for by hand, conversations that
    were held on the web channel, and surveys that know no other way.
    """
    return trigger.kind is TriggerKind.REQUESTED or trigger.conversation.channel == "web" or set(survey.channels) <= {"web", "same"}

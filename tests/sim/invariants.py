"""What must hold, judged by others than the code under test: the providers' and sinks' own logs, the replies that reached people,
the requests that were made. Some hold after every step; all of them once everything has come to rest.

The names in NAMES are what a violation, and a planted mutant's test, calls an invariant.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hearback.domain.story import Story
from tests.sim.actors import Press
from tests.sim.cloud import BESIDE
from tests.sim.internet import Send, SinkCall
from tests.sim.workload import Event
from tests.sim.world import HOUR, SEEN_AFTER, Change, World

NAMES = {
    "one-survey-a-cooldown": "1: nobody is asked twice within a cooldown, counting sends that may have happened",
    "one-send-a-story": "2: after a send that may have happened there is no other, unless the provider says it did not arrive",
    "one-reminder": "2: at most one reminder, when it is due, and none after an answer",
    "no-send-after-opt-out": "3: whose way out was confirmed is not asked by anything begun later",
    "no-send-after-reopening": "3: a conversation known to be open again is not surveyed",
    "webhook-kept": "4: a webhook that was answered with 2xx is stored, and not replaced by a later one",
    "decided": "4: every stored trigger ends in one decision with a reason",
    "sent-is-true": "4: what counts as sent was taken by a provider",
    "in-time": "7: an answer after its time is not taken",
    "sampling": "5, 6: the draw is a function of the trigger alone, worked out here anew",
    "answer-kept": "7: an answer that somebody was thanked for is in the store, and the last one counts",
    "answer-from-nowhere": "7: no answer without a request",
    "forward-accounted": "8: each answer and sink enabled then: delivered, a dead letter, or dropped for a reason that is true",
    "sinks-apart": "9: a sink that hangs delays no other (scenario in test_scenarios.py)",
    "sink-view": "10: what a sink holds is what is stored, each version under one id",
    "versions": "11: one answer a story, versions growing by one, none ever changed",
    "only-a-press-counts": "12: opening, looking and forging write nothing",
    "no-round-counts": "12: a machine that opens the page and presses every score within seconds changes no score",
    "report-recount": "13: a day's report is a recount of what is stored",
    "same-bytes": "13: running the night again changes nothing",
    "one-day-each": "14: the days' counts add up; nothing counted twice or not at all",
    "published-score": "16: the published score is that of the last whole month, or none where too few answered",
    "latest-pointer": "15: latest.json names reports that are there, with their hashes, after every write",
    "legal-moves": "19: stories move as the state machine says, back to pending on the provider's word alone",
    "one-digest": "a digest mail that may have gone out is not sent again",
    "waits": "20: as many tries as the schedule has, no sooner than it or Retry-After says",
    "drains": "21: in calm weather everything comes to its end in bounded time, and nothing dies on the way",
    "honest-replies": "good requests are never refused, bad ones never accepted",
    "erased": "17: what is erased is nowhere any more, the search ends, nothing is sent to it",
    "grown-old": "17: what is older than is kept loses its person within a week, what is younger does not, and no sink hears of it",
    "counts-stay": "17: losing its person changes nothing of a story that is counted",
    "no-bug": "nothing but the errors of the tree is raised in a worker",
}
"""Elsewhere: 16 (the badge) in tests/unit; 18 (a table restored from a backup) with the erasing; 22: a stack is one tenant; 23 in
test_simulation.py; 24 in test_mutants.py."""

LEGAL = {
    "": {"pending", "skipped"},
    "pending": {"pending", "skipped", "claimed"},
    "claimed": {"claimed", "sent", "refused", "unknown", "pending"},
    "unknown": {"unknown", "sent", "pending", "refused"},
    "sent": {"sent", "pending", "refused"},
    "skipped": {"skipped"},
    "refused": {"refused", "sent"},
}
"""Written out from the story's drawing, not taken from the code."""

FINAL = {"skipped", "sent", "refused", "unknown"}
SCHEDULE = tuple(60.0 * minutes for minutes in (1, 5, 30, 120, 300, 600, 840, 1200, 1440))
"""Waits after the first, second, ... failed forward, as the README promises them."""

TRIES = len(SCHEDULE) + 1
LONGEST_RUN = 130.0
"""Seconds that a dispatcher may take from its look at the clock to its send."""

BURST = 9.0
"""Presses that follow one another within so many seconds certainly belong to one burst."""

CACHED = 31.0
UNCERTAIN = 60.0
DAY = 86400.0


class Judge:
    def __init__(self, world: World) -> None:
        self.world = world
        self.slack = 2 * world.cloud.most_skew + 3
        self.versions: dict[str, dict[int, tuple[int, dict[str, Any]]]] = defaultdict(dict)
        """By story: everything that was ever a version of its answer."""

        world.watchers += [self._legal_move, self._grown, self._once, self._counts_stay, self._old_enough]
        world.blob_watchers.append(self._pointer)
        world.intruders.append(self._intruded)

    def _fail(self, invariant: str, what: str) -> None:
        assert invariant in NAMES, invariant
        self.world.problem(invariant, what)

    # --- after every step ---------------------------------------------------------------------------------------------------

    def _legal_move(self, change: Change) -> None:
        if change.after.erased_at is not None:
            return
        before, after = change.before.state.value if change.before else "", change.after.state.value
        if after not in LEGAL[before]:
            self._fail("legal-moves", f"{change.after.invitation_id} went from {before or 'nothing'} to {after} by {change.scope}")
        corrected = before in {"sent", "unknown", "refused"} and after in {"pending", "sent"} and after != before
        if corrected and not change.scope.startswith("word/"):
            self._fail("legal-moves", f"{change.after.invitation_id} went from {before} to {after} without the provider's word")
        tokens = [each.token for each in change.before.attempts] if change.before else []
        if [each.token for each in change.after.attempts][: len(tokens)] != tokens:
            self._fail("legal-moves", f"{change.after.invitation_id} lost an attempt")

    def _once(self, change: Change) -> None:
        before, after = change.before, change.after
        if before is not None and before.erased_at is not None and after.erased_at is None:
            self._fail("erased", f"{after.invitation_id} came back by {change.scope}")
        if (
            after.erased_at is None
            and before is not None
            and (before.created_at, before.trigger.event_id) != (after.created_at, after.trigger.event_id)
        ):
            self._fail("webhook-kept", f"{after.invitation_id} was replaced by a later delivery")

    def _counts_stay(self, change: Change) -> None:
        before, after = change.before, change.after
        if after.erased_at is not None and before is not None and before.erased_at is None and _counted(before) != _counted(after):
            self._fail("counts-stay", f"{after.invitation_id} is counted otherwise since it was erased by {change.scope}")

    def _old_enough(self, change: Change) -> None:
        """Where nobody asked for an erasure, whoever goes has grown old."""
        before, after = change.before, change.after
        if after.erased_at is None or before is None or before.erased_at is not None or self.world.truth.erasures:
            return
        if not self._may_have_grown_old(before, self.world.kernel.now):
            self._fail("grown-old", f"{after.invitation_id} lost its person by {change.scope}, and is younger than is kept")
        if after.forwards:
            self._fail("grown-old", f"sinks are to hear that {after.invitation_id} has grown old")

    def _may_have_grown_old(self, story: Story, at: float) -> bool:
        days = [each.days for each in self.world.truth.kept if each.at <= at]
        return bool(days) and self._last_heard(story) <= at - min(days) * DAY + self.slack

    def _last_heard(self, story: Story) -> float:
        """When it came, was sent, or somebody pressed last."""
        moments = [story.created_at, story.sent_at, story.doubted_at, *(each.at for each in story.answers)]
        return max(self.world.kernel.seconds(each) for each in moments if each is not None)

    def _grown(self, change: Change) -> None:
        """At most one new version a write, under a number never used; a version's content never changes; what no longer counts is
        in quarantine.
        """
        after, known = change.after, self.versions[change.after.invitation_id]
        if after.erased_at is not None:
            return
        numbers = [each.version for each in after.answers]
        new = [each for each in numbers if each not in known]
        if len(new) > 1 or numbers != sorted(set(numbers)) or any(each != len(known) + 1 for each in new):
            self._fail("versions", f"{after.invitation_id}: versions {sorted(known)} became {numbers} by {change.scope}")
        for each in after.answers:
            if known.setdefault(each.version, _content(each.answer)) != _content(each.answer):
                self._fail("versions", f"{after.invitation_id}: version {each.version} was changed by {change.scope}")
        gone = [each.answer for each in change.before.answers if each.version not in numbers] if change.before else []
        if any(each not in [one.answer for one in after.doubted] for each in gone):
            self._fail("versions", f"{after.invitation_id} lost an answer by {change.scope}")
        if new and change.method != "judge":
            self._in_time(change)
        if new and not _presses(change.scope):
            self._fail("only-a-press-counts", f"{after.invitation_id} was answered by {change.scope}")

    def _in_time(self, change: Change) -> None:
        """The first answer before the invitation expires; a change within the edit window; follow-ups half an hour."""
        before = change.before
        if before is None:
            return
        now = self.world.kernel.moment()
        policy = self.world.load.surveys[before.survey]["policy"]
        if before.first_answered_at is not None:
            until = before.first_answered_at + timedelta(hours=max(policy["edit_hours"], 0.5))
        elif before.expires_at is not None:
            until = before.expires_at
        else:
            return
        if now > until + timedelta(seconds=self.slack + UNCERTAIN):
            self._fail("in-time", f"{before.invitation_id} was answered {now - until} too late by {change.scope}")

    def _intruded(self, port: str, method: str, scope: str) -> None:
        """A write to anything, by a request that may write nothing."""
        if "/scan" in scope or "/forged" in scope or scope.endswith("/open"):
            self._fail("only-a-press-counts", f"{port}.{method} by {scope}")

    def _pointer(self, key: str) -> None:
        survey = key.split("/")[1] if key.startswith("reports/survey=") else ""
        held = self.world.blobs.get(f"reports/{survey}/latest.json") if survey else None
        if held is None:
            return
        latest = json.loads(held)
        for entry in (*latest["reports"].values(), *latest["running"].values()):
            for named in entry["files"].values():
                body = self.world.blobs.get(named["key"])
                if body is None or hashlib.sha256(body).hexdigest() != named["sha256"]:
                    self._fail("latest-pointer", f"after {key} was written, latest.json names {named['key']} as it is not")
                    return

    # --- at rest --------------------------------------------------------------------------------------------------------------

    def at_rest(self) -> bool:
        world = self.world
        if world.kernel.tasks or world.kernel.now < world.kernel.busy_until:
            return False
        return world.idle()

    def unfinished(self) -> None:
        self._fail("drains", f"not at rest: {self.world.whats_left()}")

    def quiesced(self) -> None:
        world = self.world
        for each in world.truth.failures:
            self._fail("honest-replies", each)
        self._drained()
        self._webhooks()
        for invitation, story in world.all_stories():
            event = world.events[invitation]
            if story.erased_at is not None:
                continue
            self._decided(story)
            self._sent(story)
            self._sampled(story, event)
            self._answers(story)
            self._forwards(story, event)
        self._typed()
        self._rounds()
        self._sends()
        self._cooldowns()
        self._wishes()
        self._sink_views()
        self._sink_waits()

    def _drained(self) -> None:
        for name, queue in self.world.queues.items():
            for each in queue.dead:
                if not each.name.startswith("dead/"):
                    self._fail("drains", f"{each.name} ended among the dead letters of {name} in calm weather")

    # --- 4: webhooks and decisions -----------------------------------------------------------------------------------------------

    def _webhooks(self) -> None:
        world = self.world
        wished = {wish.number for wish in world.truth.erasures}
        erased = [*self._erased_events(), *(event for event in world.load.events if event.person.number in wished)]
        forgotten = {(event.source, event.conversation) for event in erased}
        for told in world.truth.told.values():
            event = told.event
            if not told.acknowledged:
                continue
            if event.kind == "conversation.reopened":
                if (event.source, event.conversation) in forgotten:
                    continue
                at = world.conversations.reopened_at(event.source, event.conversation)
                if at is None or world.kernel.seconds(at) < event.occurred_at - 1:
                    self._fail("webhook-kept", f"the reopening {event.key} was acknowledged and is not known")
                continue
            story = world.stories.get(world.invitation_of(event))
            if story is None:
                self._fail("webhook-kept", f"{event.key} was acknowledged and is not stored")
            names = {reply["invitation_id"] for _, reply in told.acknowledged}
            if len(names) > 1:
                self._fail("webhook-kept", f"{event.key} was given several invitations")
        for event_id in world.truth.forged:
            if any(world.stories.get(world.invitation(source, event_id)) for source in world.load.sources):
                self._fail("honest-replies", f"the forged {event_id} was stored")

    def _erased_events(self) -> Iterator[Event]:
        """Of stories that are erased, or so old that they may be erased just now."""
        for invitation, story in self.world.all_stories():
            if story.erased_at is not None or self._may_have_grown_old(story, self.world.kernel.now):
                yield self.world.events[invitation]

    def _decided(self, story: Story) -> None:
        if story.state.value not in FINAL or story.decision.outcome.value == "pending" or not story.decision.reason:
            self._fail("decided", f"{story.invitation_id} is {story.state.value}, {story.decision.outcome.value}")
        asked = story.state.value in {"sent", "unknown"}
        if (story.decision.outcome.value == "surveyed") is not asked:
            self._fail("decided", f"{story.invitation_id} is {story.state.value}, but {story.decision.outcome.value}")

    def _sent(self, story: Story) -> None:
        if story.state.value != "sent" or story.attempts[-1].rung == "link":
            return
        if not any(each.accepted for each in self.world.sends if each.invitation == story.invitation_id):
            self._fail("sent-is-true", f"{story.invitation_id} counts as sent, and no provider took it")

    def _sampled(self, story: Story, event: Event) -> None:
        policy = self.world.load.surveys[event.survey]["policy"]
        drawn = hashlib.sha256(f"sample\0{event.survey}\0{event.source}\0{event.event_id}".encode()).digest()
        out = int.from_bytes(drawn[:8], "big") / 2**64 * 100 >= policy["sample_percent"] and event.kind != "survey.requested"
        reason = story.decision.reason.value
        if out and reason not in {"sampled_out", "survey_disabled", "no_survey", "source_policy"}:
            self._fail("sampling", f"{story.invitation_id} should have been sampled out, and is {reason}")
        if not out and reason == "sampled_out":
            self._fail("sampling", f"{story.invitation_id} was sampled out, and should not have been")

    # --- 1, 2, 3: sends -----------------------------------------------------------------------------------------------------------

    def _by_story(self) -> dict[str, list[Send]]:
        found: dict[str, list[Send]] = defaultdict(list)
        for each in self.world.sends:
            found[each.invitation].append(each)
        return found

    def _sends(self) -> None:
        for invitation, sends in self._by_story().items():
            standing: list[Send] = []
            for send in sends:
                standing = [each for each in standing if not 0 <= each.told_failed <= send.at]
                if standing:
                    self._another(invitation, standing, send)
                if send.may_have_happened:
                    standing.append(send)

    def _another(self, invitation: str, standing: list[Send], send: Send) -> None:
        """A send after one that may have happened: a reminder, or wrong."""
        days = self.world.load.surveys[self.world.events[invitation].survey]["policy"]["reminder_days"]
        gap = send.at - standing[0].at
        if days is None or gap < days * DAY - self.slack - LONGEST_RUN:
            self._fail("one-send-a-story", f"{invitation} was sent {gap:.0f} s after a send that may have happened ({send.scope})")
        elif len(standing) > 1:
            self._fail("one-reminder", f"{invitation} got a second reminder")
        elif not standing[0].heard and standing[0].told_sent < 0:
            self._fail("one-reminder", f"{invitation} was reminded of a send that nobody had confirmed")
        elif any(press.invitation == invitation and 0 <= press.acknowledged < send.began for press in self.world.truth.presses):
            self._fail("one-reminder", f"{invitation} was reminded after it had been answered")

    def _firsts(self) -> list[Send]:
        """Each story's send that stands: reminders left out, and what the provider took back."""
        standing = ([each for each in sends if each.may_have_happened and each.told_failed < 0] for sends in self._by_story().values())
        return sorted((each[0] for each in standing if each), key=lambda send: send.at)

    def _as_known(self, invitation: str) -> Story | None:
        """The story, or what it was before it lost its person."""
        known = (each.after for each in reversed(self.world.changes.get(invitation, ())))
        return next((each for each in known if each.erased_at is None), None)

    def _identities(self, invitation: str, address: str = "") -> set[str]:
        story = self._as_known(invitation)
        found = {f"address:{address.lower()}"} if "@" in address else {f"phone:{address.strip('+')}"} if address else set()
        if story is None:
            return found
        contact = story.trigger.contact
        if contact.email:
            found.add(f"address:{contact.email.lower()}")
        for each in (contact.phone, contact.addresses.get("whatsapp", "")):
            if each:
                found.add(f"phone:{each.strip('+')}")
        if contact.id:
            found.add(f"id:{story.trigger.source}:{contact.id}")
        return found

    def _cooldowns(self) -> None:
        sends = self._firsts()
        identities = [self._identities(each.invitation, each.address) for each in sends]
        for later, send in enumerate(sends):
            for earlier in range(later):
                gap = send.at - sends[earlier].at
                days = self._cooldown(send) if gap > self.slack + LONGEST_RUN else min(self._cooldown(send), self._cooldown(sends[earlier]))
                forgotten = self._forgotten(send) or self._forgotten(sends[earlier])
                if not forgotten and identities[earlier] & identities[later] and gap < days * DAY - self.slack - LONGEST_RUN:
                    which = f"{sends[earlier].invitation} and {send.invitation}"
                    self._fail("one-survey-a-cooldown", f"{which} went to one person {gap / 3600:.1f} h apart")

    def _forgotten(self, send: Send) -> bool:
        """With a person, the memory goes of when they were asked; not where only age takes it, as long as a cooldown may ask for it."""
        story = self.world.stories.get(send.invitation)
        return story is None or (story.erased_at is not None and bool(self.world.truth.erasures))

    def _cooldown(self, send: Send) -> float:
        """The survey's that comes later; of two sent together nobody can say from outside which one did."""
        days: float = self.world.load.surveys[self.world.events[send.invitation].survey]["policy"]["cooldown_days"]
        return days

    def _wishes(self) -> None:
        """Nobody is asked who had left, nor about a conversation that was open again, as far as was known by then."""
        world = self.world
        for send in world.sends:
            who = self._identities(send.invitation, send.address)
            for left in world.truth.opt_outs:
                if 0 <= left.acknowledged < send.began and who & self._identities(left.invitation):
                    self._fail("no-send-after-opt-out", f"{send.invitation} was sent after {left.invitation}'s person had left")
            event = world.events[send.invitation]
            if event.kind != "conversation.closed" or self._is_reminder(send):
                continue
            for told in world.truth.told.values():
                other = told.event
                same = (other.kind, other.source, other.conversation) == ("conversation.reopened", event.source, event.conversation)
                if same and told.acknowledged and told.acknowledged[0][0] < send.began and other.occurred_at > event.occurred_at + 1:
                    self._fail("no-send-after-reopening", f"{send.invitation} was sent though {other.key} was known")

    def _is_reminder(self, send: Send) -> bool:
        """By what the story ever was: one that is erased knows of no attempts."""
        stories = (each.after for each in self.world.changes.get(send.invitation, ()))
        return any(each.token == send.attempt and each.rung == "reminder" for story in stories for each in story.attempts)

    # --- 7: answers ---------------------------------------------------------------------------------------------------------------

    def _answers(self, story: Story) -> None:
        world = self.world
        own = self._identities(story.invitation_id)
        presses = [each for each in world.truth.presses if each.invitation == story.invitation_id or f"phone:{each.address}" in own]
        kept = [_content(each.answer) for each in story.answers]
        aside = [_content(each.answer) for each in story.doubted]
        for press in presses:
            if press.invitation and press.acknowledged >= 0 and not any(_subsumed(press, each) for each in (*kept, *aside)):
                self._fail("answer-kept", f"{story.invitation_id}: {press.rating} {press.details} was thanked for, kept is {kept}")
        for content in kept:
            if not any((press.rating, press.details) == content for press in presses):
                self._fail("answer-from-nowhere", f"{story.invitation_id}: nobody said {content}")
        if kept:
            self._last_counts(story.invitation_id, [each for each in presses if (each.rating, each.details) not in aside], kept[-1])

    def _rounds(self) -> None:
        """Where every press of a round was answered at once, and clocks agree and nobody else pressed meanwhile."""
        world = self.world
        for each in world.truth.rounds:
            story, presses = world.stories.get(each.invitation), world.truth.presses
            own = [press for press in presses if press.invitation == each.invitation and press.via != "machine"]
            beside = [press for press in own if each.began - BURST < press.began < each.ended + BURST]
            if story is None or not 0 <= each.ended - each.began < BURST or world.cloud.most_skew or beside:
                continue
            said = [(press.rating, press.details) for press in own]
            for answer in story.answers:
                if _content(answer.answer) not in said and story.erased_at is None:
                    self._fail("no-round-counts", f"{each.invitation}: {answer.answer.rating} was pressed by a machine, and counts")

    def _typed(self) -> None:
        """A bare number that was taken as an answer stands in one of its person's surveys."""
        for press in self.world.truth.presses:
            if press.address and press.acknowledged >= 0:
                if any(event.person.phone.strip("+") == press.address for event in self._erased_events()):
                    continue
                theirs = (story for each, story in self.world.all_stories() if f"phone:{press.address}" in self._identities(each))
                if press.rating not in [each.answer.rating for story in theirs for each in story.answers]:
                    self._fail("answer-kept", f"{press.rating} was typed by {press.address}, taken, and is nowhere")

    def _last_counts(self, invitation: str, presses: list[Press], final: tuple[int, dict[str, Any]]) -> None:
        said = [each for each in presses if (each.rating, each.details) == final]
        for press in presses:
            if not press.invitation or press.acknowledged < 0 or _subsumed(press, final):
                continue
            if said and all(0 <= each.acknowledged < press.began - UNCERTAIN for each in said):
                self._fail("answer-kept", f"{invitation}: {press.rating} came after {final} and does not count")

    # --- 8, 10, 20: forwards ---------------------------------------------------------------------------------------------------------

    def _forwards(self, story: Story, event: Event) -> None:
        if not story.answers:
            return
        world = self.world
        written = next(each.at for each in world.changes[story.invitation_id] if each.after.version == story.version)
        for sink, body in world.load.sinks.items():
            if event.survey not in body["surveys"]:
                continue
            enabled = self._possibly(sink, written)
            forward = story.forwards.get(sink)
            replayed = {(sink, story.invitation_id), (sink, event.survey)} & set(world.truth.replayed)
            if enabled == {True} and forward is None:
                self._fail("forward-accounted", f"{story.invitation_id} has no forward to {sink}, which was enabled")
            elif enabled == {False} and forward is not None and not replayed:
                self._fail("forward-accounted", f"{story.invitation_id} was forwarded to {sink}, which was off")
            elif forward is not None:
                self._forward(story, sink, written)

    def _forward(self, story: Story, sink: str, written: float) -> None:
        world, forward = self.world, story.forwards[sink]
        what = f"{story.invitation_id}, version {story.version}, to {sink}"
        taken = any(each.taken for each in self._calls(sink, story.invitation_id, story.version))
        match forward.state.value:
            case "pending":
                self._fail("forward-accounted", f"{what} is still pending")
            case "delivered" if not taken:
                self._fail("forward-accounted", f"{what} counts as delivered, and the sink has it not")
            case "dead" if (story.invitation_id, sink, story.version) not in world.dead_letters:
                self._fail("forward-accounted", f"{what} is dead without a dead letter")
            case "dropped" if self._possibly(sink, written, until=world.kernel.now) == {True}:
                self._fail("forward-accounted", f"{what} was dropped, and the sink was on all the time")
        if forward.version != story.version:
            self._fail("forward-accounted", f"{what}: the forward stands at version {forward.version}")

    def _possibly(self, sink: str, at: float, until: float | None = None) -> set[bool]:
        """Whether the sink was on, as a function may have seen it: caches are half a minute old."""
        since, end = at - CACHED - 2 * self.slack, (at if until is None else until) + self.slack
        changes = [each for each in self.world.truth.switched if each.subject == sink and each.began <= end]
        done = [each for each in changes if 0 <= each.acknowledged <= since]
        last = [each for each in done if not any(other.began > each.acknowledged + UNCERTAIN for other in done)]
        states = {bool(each.body["enabled"]) for each in (*last, *(each for each in changes if each not in done))}
        return states if done else states | {True}

    def _calls(self, sink: str, invitation: str, version: int) -> list[SinkCall]:
        return [each for each in self.world.sinks[sink].calls if (each.invitation, each.version) == (invitation, version)]

    def _sink_views(self) -> None:
        world = self.world
        for sink, server in world.sinks.items():
            ids: dict[tuple[str, int], set[str]] = defaultdict(set)
            for call in server.calls:
                ids[call.invitation, call.version].add(call.delivery)
                if self.versions[call.invitation].get(call.version) != (call.rating, dict(call.details)):
                    self._fail("sink-view", f"{sink} was sent {call.rating} as version {call.version} of {call.invitation}")
            for (invitation, version), names in ids.items():
                if len(names) != 1:
                    self._fail("sink-view", f"{sink} was sent version {version} of {invitation} under {len(names)} ids")
            if len({next(iter(names)) for names in ids.values()}) != len(ids):
                self._fail("sink-view", f"{sink} was sent different versions under one id")
            for invitation, (version, _, _) in server.view.items():
                story = world.stories.get(invitation)
                forward = story.forwards.get(sink) if story else None
                if story and forward and forward.state.value == "delivered" and version != story.version:
                    self._fail("sink-view", f"{sink} holds version {version} of {invitation}, stored is {story.version}")

    def _sink_waits(self) -> None:
        """Between two tries of one version: the schedule's least wait and what the sink asked for, where we had noted it."""
        world = self.world
        noted = {
            (change.scope, sink): change.at
            for changes in world.changes.values()
            for change in changes
            if change.method == "note_forwards" and change.before
            for sink, forward in change.after.forwards.items()
            if change.before.forwards.get(sink) != forward
        }
        for sink, server in world.sinks.items():
            made: dict[tuple[str, int], list[SinkCall]] = defaultdict(list)
            for call in server.calls:
                made[call.invitation, call.version].append(call)
            for (invitation, version), calls in made.items():
                event = world.events[invitation]
                if {(sink, invitation), (sink, event.survey)} & set(world.truth.replayed):
                    continue
                ended = {id(each): noted.get((each.scope.partition(BESIDE)[0], sink)) for each in calls}
                done = [each for each in calls if ended[id(each)] is not None]
                if len(done) > TRIES:
                    self._fail("waits", f"{invitation} v{version} was brought to {sink} {len(done)} times")
                for before, after in _pairs(calls):
                    known = ended[id(before)]
                    if known is not None and before.heard and not 200 <= before.status < 300 and after.began > known:
                        tries = sum(each.at <= before.at for each in done)
                        least = max(SCHEDULE[min(tries, len(SCHEDULE)) - 1], before.retry_after)
                        if after.at - before.heard_at < least - self.slack:
                            said = f"{after.at - before.heard_at:.0f} s after {before.status}, Retry-After {before.retry_after:.0f}"
                            self._fail("waits", f"{invitation} v{version} was brought to {sink} again {said}")
        self._send_waits()

    def _send_waits(self) -> None:
        settled = {each.scope: each.ended for each in self.world.operations if each.method == "settle" and each.outcome == "ok"}
        for invitation, sends in self._by_story().items():
            for before, after in _pairs(sends):
                if before.busy and before.heard == "no" and before.scope in settled and after.began > settled[before.scope]:
                    least = max(60.0, before.retry_after)
                    if after.at - before.heard_at < least - self.slack:
                        said = f"{after.at - before.heard_at:.0f} s after the provider asked for {before.retry_after:.0f}"
                        self._fail("waits", f"{invitation} was sent again {said}")

    # --- 13, 14, 15: reports ----------------------------------------------------------------------------------------------------------

    def reported(self) -> None:
        self._erased()
        self._grown_old()
        for name, times in Counter(self.world.ses.mails).items():
            if times > 1:
                self._fail("one-digest", f"{name} was mailed {times} times")
        for survey in self.world.load.surveys:
            self._recount(survey)
            self._pointer(f"reports/survey={survey}/latest.json")

    def _erased(self) -> None:
        """Of a person who was not heard of again, nothing is left, and nothing was sent after the last search had begun."""
        world = self.world
        for wish in world.truth.erasures:
            came_back = any(
                not told.acknowledged or told.acknowledged[-1][0] > wish.began - UNCERTAIN
                for told in world.truth.told.values()
                if told.event.person.number == wish.number or any(wish.email in body.decode().lower() for body in told.bodies)
            )
            if wish.acknowledged < 0 or came_back:
                continue
            for place, text in world.everything():
                if wish.email in text.lower():
                    self._fail("erased", f"{wish.email} is still in {place}")
        self._words_gone()
        self._sinks_told()
        for key in world.blobs.keys("erasures/open/"):
            stage = json.loads(world.blobs.get(key) or b"{}").get("stage")
            if stage not in {"untold", "done"}:
                self._fail("erased", f"{key} is still {stage}")
        for send in world.sends:
            story = world.stories.get(send.invitation)
            if story is not None and story.erased_at is not None and send.began > world.kernel.seconds(story.erased_at) + self.slack:
                self._fail("erased", f"{send.invitation} was sent after it had been erased")

    def _grown_old(self) -> None:
        world = self.world
        if not world.truth.kept:
            return
        long_ago = world.kernel.now - (min(each.days for each in world.truth.kept) + 7) * DAY - SEEN_AFTER * HOUR - UNCERTAIN
        for invitation, story in world.all_stories():
            if story.erased_at is None and self._last_heard(story) < long_ago:
                self._fail("grown-old", f"{invitation} is older than is kept, and still has its person")
        self._names_gone()
        self._old_files_gone(long_ago)
        erased = {invitation: world.kernel.seconds(story.erased_at) for invitation, story in world.all_stories() if story.erased_at}
        for press in world.truth.presses:
            if press.acknowledged >= 0 and press.began > erased.get(press.invitation, math.inf) + self.slack:
                self._fail("erased", f"{press.invitation} was answered after it had been erased")

    def _names_gone(self) -> None:
        """Whoever is in no story any more is in nothing that was made of it."""
        alive = {story.trigger.contact.email.lower() for _, story in self.world.all_stories()}
        gone = [each.email for each in self.world.load.people if each.email not in alive]
        for place, text in self.world.everything():
            for email in gone:
                if email in text.lower():
                    self._fail("grown-old", f"{email} is still in {place}")

    def _old_files_gone(self, long_ago: float) -> None:
        for survey, body in self.world.load.surveys.items():
            zone = ZoneInfo(body["timezone"])
            days = {at.astimezone(zone).date() for at, _ in self._imported(survey) if self.world.kernel.seconds(at) < long_ago - DAY}
            for entry in (each for day in sorted(days) for each in self.world.stories.answers_of_day(survey, day)):
                if entry.answer.get("imported") and "fine" in str(entry.answer.get("details")):
                    self._fail("grown-old", f"what was imported as {entry.invitation_id} still has its words")

    def _words_gone(self) -> None:
        """What the person wrote is in no digest, report or file any more."""
        erased = [invitation for invitation, story in self.world.all_stories() if story.erased_at is not None]
        for place, text in self.world.everything() if erased else ():
            for invitation in erased:
                if f"words of customer/{invitation}" in text:
                    self._fail("erased", f"the words of {invitation} are still in {place}")

    def _sinks_told(self) -> None:
        world = self.world
        waiting = [json.loads(world.blobs.get(key) or b"{}") for key in world.blobs.keys("erasures/open/")]
        untold = {(each["sink"], each["answer"]) for erasure in waiting for each in erasure.get("untold", ())}
        for invitation, story in world.all_stories():
            for sink, forward in story.forwards.items() if story.erased_at is not None else ():
                server = world.sinks[sink]
                if forward.state.value == "pending":
                    self._fail("erased", f"nobody has told {sink} that {invitation} was erased")
                if forward.state.value in {"dropped", "dead"} and (sink, invitation) not in untold:
                    self._fail("erased", f"{sink} was not told that {invitation} was erased, and no erasure says so")
                if forward.state.value == "delivered" and (invitation not in server.forgotten or invitation in server.view):
                    self._fail("erased", f"{sink} counts as told, and holds {invitation}")
            if story.erased_at is not None:
                before = self._as_known(invitation)
                if before is not None and self._may_have_grown_old(before, world.kernel.seconds(story.erased_at)):
                    continue
                for sink, server in world.sinks.items():
                    if invitation in server.view and sink not in story.forwards:
                        self._fail("erased", f"{sink} holds {invitation}, and will never hear that it was erased")

    def _recount(self, survey: str) -> None:
        world = self.world
        zone = ZoneInfo(world.load.surveys[survey]["timezone"])
        answered: dict[date, Counter[str]] = defaultdict(Counter)
        outcomes: Counter[str] = Counter()
        for invitation, story in world.all_stories():
            if world.events[invitation].survey != survey:
                continue
            outcomes[_outcome(story)] += 1
            if story.first_answered_at is not None:
                answered[story.first_answered_at.astimezone(zone).date()][str(story.answers[-1].answer.rating)] += 1
        imported = self._imported(survey)
        for moment, rating in imported:
            answered[moment.astimezone(zone).date()][str(rating)] += 1
        self._published(survey, answered)
        self._compare(survey, answered, outcomes)

    def _published(self, survey: str, answered: dict[date, Counter[str]]) -> None:
        world = self.world
        reply, body = world.truth.scores.get(survey), world.load.surveys[survey]
        if reply is None or any(each.where.startswith(f"score/{survey}/in the end") for each in world.weather.struck):
            return
        last = world.kernel.moment().astimezone(ZoneInfo(body["timezone"])).date().replace(day=1) - timedelta(days=1)
        n = sum(counter.total() for day, counter in answered.items() if (day.year, day.month) == (last.year, last.month))
        expected = (200, n) if body.get("published") and n >= body.get("minimum_group", 5) else (404, 0)
        said = json.loads(reply["body"]) if reply["statusCode"] == 200 else {}
        if (reply["statusCode"], said.get("score", {}).get("n", 0)) != expected:
            self._fail("published-score", f"{survey}: {reply['statusCode']} {reply['body'][:200]}, but {n} answered until {last}")

    def _imported(self, survey: str) -> list[tuple[datetime, int]]:
        """The rows of files whose import was acknowledged, as they stand in the bucket. Of one that was asked for in vain nobody knows:
        it was done if anything of it is there.
        """
        found: dict[str, tuple[datetime, int]] = {}
        done = any(each["imported"] for _, report in self._day_reports(survey) for each in [report["counts"]])
        for key, (body, _) in self.world.blobs.kept.items():
            if not key.startswith(f"imports/import-{survey}.") or not (done or key in self.world.truth.brought_in):
                continue
            for line in body.decode().splitlines()[1:]:
                row, rating, when, _ = line.split(",")
                if rating.isdigit():
                    found[row] = (datetime.fromisoformat(when), int(rating))
        return list(found.values())

    def _compare(self, survey: str, answered: dict[date, Counter[str]], outcomes: Counter[str]) -> None:
        total, asked = 0, Counter[str]()
        for day, report in self._day_reports(survey):
            counts, histogram = report["counts"], {name: n for name, n in report["histogram"].items() if n}
            expected = answered.pop(day, Counter())
            if histogram != dict(expected):
                self._fail("report-recount", f"{survey} {day}: the report says {histogram}, the store {dict(expected)}")
            total += counts["answered"]
            asked.update(
                {"sent": counts["sent"] - counts["delivered"], **{name: counts[name] for name in ("delivered", "unknown", "refused")}}
            )
            asked.update({f"skipped:{reason}": n for reason, n in counts["not_asked"].items()})
        left = {str(day): dict(counter) for day, counter in answered.items()}
        if left:
            self._fail("report-recount", f"{survey}: no report counts {left}")
        if +asked != outcomes:
            self._fail("one-day-each", f"{survey}: the days say {dict(+asked)}, the store {dict(outcomes)}")

    def _day_reports(self, survey: str) -> Iterator[tuple[date, dict[str, Any]]]:
        prefix = f"reports/survey={survey}/period=day/"
        for key in self.world.blobs.keys(prefix):
            if key.endswith("/report.json"):
                body = self.world.blobs.get(key)
                assert body is not None
                yield date.fromisoformat(key.removeprefix(prefix).split("/")[0]), json.loads(body)

    def unchanged(self, before: dict[str, tuple[bytes, str]]) -> None:
        after = self.world.blobs.kept
        if before != after:
            keys = sorted(key for key in {*before, *after} if before.get(key) != after.get(key))
            self._fail("same-bytes", f"another night changed {keys[:3]}")

    def ends(self) -> Counter[str]:
        return Counter(story.state.value for _, story in self.world.all_stories())


def _counted(story: Story) -> tuple[Any, ...]:
    """What reports make of a story. What still waited to be sent counts as not sent, what was being sent as unknown."""
    state = {"pending": "skipped", "claimed": "unknown"}.get(story.state.value, story.state.value)
    answers = [(each.version, each.answer.rating, each.at, sorted(each.answer.details)) for each in story.answers]
    doubted = [(each.number, each.answer.rating, each.at, each.doubts) for each in story.doubted]
    return story.survey, state, story.sent_at, story.delivered_at, story.first_answered_at, answers, doubted


def _content(answer: Any) -> tuple[int, dict[str, Any]]:
    return answer.rating, dict(answer.details)


def _subsumed(press: Press, final: tuple[int, dict[str, Any]]) -> bool:
    """Pressing an old page again takes no word back."""
    return press.rating == final[0] and press.details.items() <= final[1].items()


def _presses(scope: str) -> bool:
    """Whether a request of this name is one by which somebody answers, or an operator vouches for an answer."""
    if scope.startswith("operator/"):
        return "/vouch" in scope
    return scope.startswith(("customer/", "visitor/")) and any(
        f"/{each}" in scope for each in ("press", "edit", "comment", "second", "tap", "typed")
    )


def _outcome(story: Story) -> str:
    if story.state.value == "skipped":
        return f"skipped:{story.decision.reason.value}"
    return "delivered" if story.delivered_at else story.state.value


def _pairs(calls: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
    held: Any = None
    for each in calls:
        if held is not None:
            yield held, each
        held = each

"""Mistakes that somebody might make, planted one at a time: each takes one rule away. A simulation that does not notice has no teeth."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hearback.adapters.dynamo.configs import CachedConfigs
from hearback.adapters.sources.standard import Standard
from hearback.domain import deciding, erasing, moves, retrying
from hearback.domain.answer import AnswerVersion
from hearback.domain.erasure import Stage
from hearback.domain.errors import Unavailable
from hearback.domain.links import AnswerLink, LinkSigner
from hearback.domain.scoring.latest import Latest
from hearback.domain.story import Forward, ForwardState, SendOutcome, State, Story
from hearback.domain.survey import Survey
from hearback.ports import Accepted, Busy, Refusal, SlotRefused, SlotTaken
from hearback.runtime import queue
from hearback.runtime.answer_routes import AnswerRoutes
from hearback.runtime.http import Reply
from hearback.usecases import accept_trigger, dispatch_survey, forward_answer, run_erasures, show_score, sweep_due, take_press
from hearback.usecases.accept_trigger import AcceptTrigger
from hearback.usecases.dispatch_survey import DispatchSurvey
from hearback.usecases.forward_answer import ForwardAnswer
from hearback.usecases.receive_reply import ReceiveReply
from hearback.usecases.record_answer import RecordAnswer
from hearback.usecases.show_score import PublishedScore, ShowScore
from hearback.usecases.sweep_due import SweepDue, Swept
from tests.fakes import MemoryBlobs, MemoryCensus, MemoryConversations, MemoryNights, MemoryPeople, MemoryStories, RecordingOutbox
from tests.sim import cloud
from tests.sim.simulation import Outcome, simulate
from tests.sim.stories import STORIES
from tests.sim.workload import HOUR, Action, Workload


@dataclass(frozen=True)
class Mutant:
    """`caught_by`: the invariant that must notice. `plant` puts other things in place of some attributes, and gives them back.
    `rougher`, `manners`: chances that make the mistake matter more often; `change`: what it needs to happen; `story`: a told one that it
    needs.
    """

    name: str
    caught_by: str
    plant: Callable[[], Any]
    rougher: Mapping[str, float] = field(default_factory=dict)
    manners: Mapping[str, float] = field(default_factory=dict)
    story: str = ""
    change: Callable[[Workload], None] = lambda _: None

    def run(self, seed: int) -> Outcome:
        told = next((each for each in STORIES if each.name == self.story), None)
        return told.run(seed=seed) if told else simulate(seed, rougher=self.rougher, manners=self.manners, change=self.change)


def somebody_leaves_for_good(load: Workload) -> None:
    load.actions.append(Action("erase-first", load.horizon + 2 * HOUR, "erase", str(load.events[0].person.number)))


def every_sink_is_switched_off(load: Workload) -> None:
    load.actions += [Action(f"off-all-{sink}", load.horizon / 2, "switch_sink", sink, False) for sink in load.sinks]


def answers_stand_after_an_hour(load: Workload) -> None:
    for body in load.surveys.values():
        body["policy"]["edit_hours"] = 1


@contextmanager
def instead(*changes: tuple[Any, str, Any]) -> Iterator[None]:
    before = [(owner, name, owner.__dict__[name]) for owner, name, _ in changes]
    for owner, name, value in changes:
        setattr(owner, name, value)
    cloud._JUDGED.clear()
    try:
        yield
    finally:
        for owner, name, value in before:
            setattr(owner, name, value)
        cloud._JUDGED.clear()


# --- asking -----------------------------------------------------------------------------------------------------------------------


def claim_without_condition() -> Any:
    def claim(self: MemoryStories, story: Story, attempt: Any, *, lease_until: Any, expires_at: Any) -> Story:
        kept = self._kept[story.invitation_id]
        pending = replace(story, state=State.PENDING, revision=kept.story.revision)
        after = moves.claimed(pending, attempt, lease_until, expires_at)
        assert after is not None
        kept.story = after
        return after

    return instead((MemoryStories, "claim", claim))


def resend_on_silence() -> Any:
    real = DispatchSurvey._record

    def record(self: DispatchSurvey, story: Story, survey: Any, attempt: Any, result: Any, now: Any) -> Any:
        known = result if isinstance(result, Accepted | Busy | Refusal) else Busy("silence")
        return real(self, story, survey, attempt, known, now)  # type: ignore[arg-type]

    return instead((DispatchSurvey, "_record", record))


def resend_after_a_crash() -> Any:
    def look_after(self: DispatchSurvey, story: Story, now: Any) -> Any:
        if story.lease_until is not None and story.lease_until > now:
            return dispatch_survey.Dispatched.LOST_RACE
        busy = replace(story.attempts[-1], outcome=SendOutcome.BUSY)
        self._settle(story, busy, State.PENDING, story.decision, self._survey(story.survey), due=now)
        return dispatch_survey.Dispatched.POSTPONED

    return instead((DispatchSurvey, "_look_after", look_after))


def cooldown_is_only_read() -> Any:
    real = MemoryPeople.take_slot

    def take_slot(self: MemoryPeople, keys: Sequence[str], invitation_id: str, now: Any, cooldown_seconds: float) -> Any:
        person = self._person(self._join(keys))
        before = (person.asked, person.before)
        slot = real(self, keys, invitation_id, now, cooldown_seconds)
        person.asked, person.before = before
        return slot

    return instead((MemoryPeople, "take_slot", take_slot))


def one_identity_is_enough() -> Any:
    real = MemoryPeople.take_slot
    return instead((MemoryPeople, "take_slot", lambda self, keys, *rest: real(self, keys[:1], *rest)))


def cooldown_counts_from_the_first_try() -> Any:
    real = MemoryPeople.take_slot

    def take_slot(self: MemoryPeople, keys: Sequence[str], invitation_id: str, now: Any, cooldown_seconds: float) -> Any:
        asked = self._person(self._join(keys)).asked
        at = asked[0] if asked and asked[1] == invitation_id else now
        return real(self, keys, invitation_id, at, cooldown_seconds)

    return instead((MemoryPeople, "take_slot", take_slot))


def opt_out_is_not_looked_at() -> Any:
    real = MemoryPeople.take_slot

    def take_slot(self: MemoryPeople, keys: Sequence[str], *rest: Any) -> Any:
        slot = real(self, keys, *rest)
        return SlotTaken(self._join(keys)) if isinstance(slot, SlotRefused) and slot.opted_out else slot

    return instead((MemoryPeople, "take_slot", take_slot))


def reopening_is_forgotten() -> Any:
    return instead((DispatchSurvey, "_reopened", lambda self, trigger: False))


def sampling_is_rolled_anew() -> Any:
    rolled = iter(range(10**9))
    return instead((deciding, "sampled_out", lambda trigger, survey: survey.policy.sample_percent < 100 and next(rolled) % 3 == 0))


def reminder_without_a_memory() -> Any:
    def reminded(story: Story, attempt: Any) -> Story:
        return moves._moved(story, attempts=(*story.attempts, attempt), reminder_at=attempt.at + timedelta(hours=6))

    return instead((moves, "reminded", reminded))


def refusal_counts_as_sent() -> Any:
    def refused(self: DispatchSurvey, story: Story, survey: Any, attempt: Any, said: Any, now: Any, *, left: bool) -> Any:
        self._record(story, survey, attempt, Accepted("?"), now)
        return None

    return instead((DispatchSurvey, "_refused", refused))


# --- intake -----------------------------------------------------------------------------------------------------------------------


def acknowledged_before_it_is_stored() -> Any:
    real = AcceptTrigger.__call__

    def accept(self: AcceptTrigger, trigger: Any) -> Any:
        try:
            return real(self, trigger)
        except Unavailable:
            return accept_trigger.Taken(self._new_story(trigger, self._survey(trigger.survey)))

    return instead((AcceptTrigger, "__call__", accept))


def a_redelivery_is_a_new_story() -> Any:
    real = MemoryStories.add

    def add(self: MemoryStories, story: Story, **rest: Any) -> Any:
        self._kept.pop(story.invitation_id, None)
        return real(self, story, **rest)

    return instead((MemoryStories, "add", add))


def no_signature_is_needed() -> Any:
    return instead((Standard, "verify", lambda self, request, secret, settings, now: None))


def skipped_without_saying_so() -> Any:
    real = MemoryStories.skip

    def skip(self: MemoryStories, story: Story, decision: Any, *, asked_day: Any) -> bool:
        return real(self, story, replace(decision, outcome=story.decision.outcome), asked_day=asked_day)

    return instead((MemoryStories, "skip", skip))


# --- answering --------------------------------------------------------------------------------------------------------------------


def opening_the_page_answers() -> Any:
    real = AnswerRoutes.show

    def show(self: AnswerRoutes, request: Any, path: Any) -> Any:
        invitation_id, survey_id = self.open.survey_of(path["token"])
        self.press.record(invitation_id, survey_id, int(request.query.get("rating", "1")), {}, channel="web")
        return real(self, request, path)

    return instead((AnswerRoutes, "show", show))


def any_link_is_believed() -> Any:
    def answer_token(self: LinkSigner, token: str, now: Any) -> Any:
        _, invitation, survey, expires, *_ = token.replace(".x", ".").split(".")
        return AnswerLink(invitation, survey, datetime.fromtimestamp(int(expires, 16), UTC))

    return instead((LinkSigner, "read_answer_token", answer_token))


def an_answer_is_overwritten() -> Any:
    def answered(story: Story, answer: Any, at: Any, channel: str, sinks: list[str], *rest: Any, **named: Any) -> Story:
        forwards = {sink: Forward(version=1, next_at=at + moves.FORWARD_GUARD) for sink in sorted(sinks)}
        first = story.first_answered_at or at
        return moves._moved(story, answers=(AnswerVersion(1, answer, at, channel),), first_answered_at=first, forwards=forwards)

    return instead((moves, "answered", answered))


def thanked_before_it_is_stored() -> Any:
    real = AnswerRoutes.answer

    def answer(self: AnswerRoutes, request: Any, path: Any) -> Reply:
        try:
            return real(self, request, path)
        except Unavailable:
            return Reply(200, '<svg class="mark">')

    return instead((AnswerRoutes, "answer", answer))


def answers_are_taken_for_ever() -> Any:
    ever: Any = lambda story, survey, at: True  # noqa: E731 - named for what it is
    return instead((moves, "may_answer", ever), (take_press, "may_answer", ever))


# --- forwarding -------------------------------------------------------------------------------------------------------------------


def the_outbox_is_forgotten() -> Any:
    return instead((RecordAnswer, "sinks", lambda self, survey_id: []))


def a_forward_ignores_the_version() -> Any:
    real = MemoryStories.note_forwards

    def note_forwards(self: MemoryStories, story: Story, forwards: Mapping[str, Forward]) -> Any:
        current = self.get(story.invitation_id)
        assert current is not None
        return real(self, current, {sink: replace(each, version=current.version) for sink, each in forwards.items()})

    return instead((MemoryStories, "note_forwards", note_forwards), (ForwardAnswer, "_wanted", _pending))


def _pending(self: ForwardAnswer, story: Story | None, sink: str, version: int) -> Forward | None:
    forward = story.forwards.get(sink) if story else None
    return forward if forward and forward.state is ForwardState.PENDING else None


def retry_after_is_lost() -> Any:
    real = retrying.next_try

    def next_try(waits: Any, tries: int, now: Any, retry_after: float | None, *, salt: str) -> Any:
        return real(waits, tries, now, None, salt=salt)

    return instead((forward_answer, "next_try", next_try), (dispatch_survey, "next_try", next_try))


def retries_without_patience() -> Any:
    return instead((forward_answer, "FORWARD_WAITS", (timedelta(seconds=1),) * 9))


def a_dead_letter_is_dropped() -> Any:
    return instead((RecordingOutbox, "forward_is_dead", lambda self, message, reason: None))


def each_try_has_its_own_id() -> Any:
    real = forward_answer.delivery_of

    def delivery_of(story: Story, survey: Any, sink: Any, forward: Forward) -> Any:
        return replace(real(story, survey, sink, forward), id=f"{story.invitation_id}.{sink.id}.{story.version}.{forward.attempts}")

    return instead((forward_answer, "delivery_of", delivery_of))


def silence_counts_as_delivered() -> Any:
    real = forward_answer._outcome

    def outcome(forward: Forward, result: Any, now: Any, version: int, *, salt: str) -> Forward:
        found = real(forward, result, now, version, salt=salt)
        return replace(found, state=ForwardState.DELIVERED, next_at=None) if found.state is ForwardState.PENDING else found

    return instead((forward_answer, "_outcome", outcome))


def configuration_is_cached_for_ever() -> Any:
    return instead((CachedConfigs, "_fresh", lambda self, kept: kept[1] if kept else None))


# --- schedules, queues, nights ------------------------------------------------------------------------------------------------------


def the_sweeper_sleeps() -> Any:
    return instead((SweepDue, "__call__", lambda self, *rest: Swept()))


def the_sweeper_knows_no_forwards() -> Any:
    return instead((sweep_due, "due_forwards", lambda story, now: ()))


def failed_records_are_acknowledged() -> Any:
    return instead((queue, "is_acknowledged", lambda error: True))


def latest_is_written_first() -> Any:
    return instead((Latest, "withdraw", lambda self, span, files: self.add(span, files) or True))


def a_day_is_counted_twice() -> Any:
    real = MemoryStories.answers_of_day
    return instead((MemoryStories, "answers_of_day", lambda self, *rest: iter([*real(self, *rest), *real(self, *rest)])))


def marks_are_cleaned_without_a_count() -> Any:
    def dirty_days(self: MemoryNights, survey: str) -> list[Any]:
        self._dirty = {key: value for key, value in self._dirty.items() if key[0] != survey}
        return []

    return instead((MemoryNights, "dirty_days", dirty_days))


def a_late_word_marks_no_day() -> Any:
    return instead((ReceiveReply, "_count_again", lambda self, story: None))


def a_score_is_published_of_the_running_month() -> Any:
    def named(self: ShowScore, survey: Any) -> Any:
        latest = json.loads(self.blobs.get(f"reports/survey={survey.id}/latest.json") or b"{}")
        entry = latest.get("running", {}).get("month")
        return entry["files"]["report.json"] if entry else None

    return instead((ShowScore, "_named", named))


def a_score_of_few_is_published() -> Any:
    real = ShowScore.__call__

    def show(self: ShowScore, survey_id: str) -> Any:
        found = real(self, survey_id)
        report = self._report(Survey.from_plain(survey_id, self.configs.get("surveys", survey_id).body))  # type: ignore[union-attr]
        return found if isinstance(found, PublishedScore) or report is None else show_score._published(report)

    return instead((ShowScore, "__call__", show))


def a_digest_is_mailed_unclaimed() -> Any:
    return instead((MemoryNights, "claim_digest", lambda self, *rest: True))


def bytes_differ_every_night() -> Any:
    real = MemoryBlobs.put
    count = iter(range(10**9))

    def put(self: MemoryBlobs, key: str, body: bytes, content_type: str) -> bool:
        return real(self, key, body + b" " * (next(count) % 7) if key.endswith("report.html") else body, content_type)

    return instead((MemoryBlobs, "put", put))


# --- machines, and who wants to be forgotten ----------------------------------------------------------------------------------------


def rounds_are_not_seen() -> Any:
    return instead((take_press, "machine_round", lambda story, scale: None))


def an_answer_of_no_page_counts() -> Any:
    return instead((take_press, "page_doubts", lambda press: ()), (take_press, "guard_of", lambda press, too_soon: moves.Guard(0)))


def an_erasure_looks_at_one_page() -> Any:
    real = MemoryCensus.page
    return instead((MemoryCensus, "page", lambda self, after="": replace(real(self, after), next="")))


def reports_keep_what_was_erased() -> Any:
    def ask_for_rebuilding(self: Any, erasure: Any) -> None:
        erasure.stage = Stage.REBUILDING

    return instead((run_erasures._Run, "_ask_for_rebuilding", ask_for_rebuilding))


def earlier_versions_stay() -> Any:
    return instead((run_erasures._Run, "_purge", lambda self, erasure: None))


def words_outlive_their_writer() -> Any:
    return instead((erasing, "_without_words", lambda answer: answer))


def sinks_hear_of_no_erasure() -> Any:
    real = erasing.erased
    return instead((run_erasures, "erased", lambda *args, **named: replace(real(*args, **named), forwards={})))


def only_the_newest_version_s_sinks_are_told() -> Any:
    real = erasing.erased
    forgetful = lambda story, at, **named: real(replace(story, sinks=frozenset()), at, **named)  # noqa: E731 - named for what it is
    return instead((run_erasures, "erased", forgetful))


def a_late_event_brings_the_erased_back() -> Any:
    real = MemoryStories.add

    def add(self: MemoryStories, story: Story, **rest: Any) -> Any:
        found = self.get(story.invitation_id)
        if found is not None and found.erased_at is not None:
            self._kept.pop(story.invitation_id)
        return real(self, story, **rest)

    return instead((MemoryStories, "add", add))


def nothing_grows_old() -> Any:
    return instead((run_erasures._Run, "_begin_retention", lambda self, *, at_once: None))


def age_counts_from_the_beginning() -> Any:
    return instead((run_erasures, "last_moment", lambda story: story.created_at))


def sinks_hear_of_age() -> Any:
    real = run_erasures._Run._without_person
    return instead((run_erasures._Run, "_without_person", lambda self, story, *, tell: real(self, story, tell=True)))


def slots_go_with_their_stories() -> Any:
    return instead((run_erasures._Run, "_longest_cooldown", timedelta()))


def opt_outs_go_with_their_persons() -> Any:
    def forget(self: MemoryPeople, key: str, *, asked_before: datetime | None = None) -> bool:
        return self._persons.pop(self._root(key), None) is not None

    return instead((MemoryPeople, "forget", forget))


def a_conversation_goes_with_what_is_old_about_it() -> Any:
    real = MemoryConversations.forget
    return instead((MemoryConversations, "forget", lambda self, source, conversation, **until: real(self, source, conversation)))


def answers_go_with_their_persons() -> Any:
    real = erasing.erased
    return instead((run_erasures, "erased", lambda *args, **named: replace(real(*args, **named), answers=(), first_answered_at=None)))


MUTANTS = [
    Mutant("claim without condition", "one-send-a-story", claim_without_condition, rougher={"delivered_twice": 0.6, "web_twice": 0.6}),
    Mutant("resend on silence", "one-send-a-story", resend_on_silence),
    Mutant("resend after a crash", "one-send-a-story", resend_after_a_crash),
    Mutant("cooldown is only read", "one-survey-a-cooldown", cooldown_is_only_read),
    Mutant("one identity is enough", "one-survey-a-cooldown", one_identity_is_enough),
    Mutant("cooldown counts from the first try", "one-survey-a-cooldown", cooldown_counts_from_the_first_try, story="busy for hours"),
    Mutant(
        "opt-out is not looked at",
        "no-send-after-opt-out",
        opt_out_is_not_looked_at,
        manners={"ignores": 0.0, "opts_out": 1.0, "pace": 0.2},
    ),
    Mutant("reopening is forgotten", "no-send-after-reopening", reopening_is_forgotten),
    Mutant("sampling is rolled anew", "sampling", sampling_is_rolled_anew),
    Mutant("reminder without a memory", "one-reminder", reminder_without_a_memory),
    Mutant("refusal counts as sent", "sent-is-true", refusal_counts_as_sent),
    Mutant("acknowledged before it is stored", "webhook-kept", acknowledged_before_it_is_stored),
    Mutant("a redelivery is a new story", "webhook-kept", a_redelivery_is_a_new_story),
    Mutant("no signature is needed", "honest-replies", no_signature_is_needed),
    Mutant("skipped without saying so", "decided", skipped_without_saying_so),
    Mutant("opening the page answers", "only-a-press-counts", opening_the_page_answers),
    Mutant("any link is believed", "honest-replies", any_link_is_believed, rougher={"token_forged": 1.0}),
    Mutant("an answer is overwritten", "versions", an_answer_is_overwritten),
    Mutant("thanked before it is stored", "answer-kept", thanked_before_it_is_stored, rougher={"throttled": 0.4}, manners={"ignores": 0.0}),
    Mutant(
        *("answers are taken for ever", "in-time", answers_are_taken_for_ever),
        manners={"ignores": 0.0, "edits": 1.0},
        change=answers_stand_after_an_hour,
    ),
    Mutant("the outbox is forgotten", "forward-accounted", the_outbox_is_forgotten),
    Mutant("a forward ignores the version", "forward-accounted", a_forward_ignores_the_version, story="changed on the way"),
    Mutant("Retry-After is lost", "waits", retry_after_is_lost),
    Mutant("retries without patience", "waits", retries_without_patience, rougher={"provider_error": 0.7}, manners={"ignores": 0.0}),
    Mutant("a dead letter is dropped", "forward-accounted", a_dead_letter_is_dropped),
    Mutant("each try has its own id", "sink-view", each_try_has_its_own_id),
    Mutant("silence counts as delivered", "forward-accounted", silence_counts_as_delivered),
    Mutant(
        *("configuration is cached for ever", "forward-accounted", configuration_is_cached_for_ever),
        manners={"ignores": 0.0, "pace": 12.0},
        change=every_sink_is_switched_off,
    ),
    Mutant("the sweeper sleeps", "drains", the_sweeper_sleeps),
    Mutant("the sweeper knows no forwards", "drains", the_sweeper_knows_no_forwards),
    Mutant("failed records are acknowledged", "report-recount", failed_records_are_acknowledged, rougher={"throttled": 0.3}),
    Mutant("latest is written first", "latest-pointer", latest_is_written_first),
    Mutant("a day is counted twice", "report-recount", a_day_is_counted_twice),
    Mutant("marks are cleaned without a count", "report-recount", marks_are_cleaned_without_a_count, story="counted"),
    Mutant("a late word marks no day", "one-day-each", a_late_word_marks_no_day, story="said late"),
    Mutant("a score is published of the running month", "published-score", a_score_is_published_of_the_running_month, story="published"),
    Mutant("a score of few is published", "published-score", a_score_of_few_is_published, manners={"ignores": 0.0}),
    Mutant("rounds are not seen", "no-round-counts", rounds_are_not_seen, manners={"readers": 1.0, "ignores": 1.0, "skew": 0.0}),
    Mutant("an answer of no page counts", "answer-from-nowhere", an_answer_of_no_page_counts, manners={"machines": 1.0}),
    Mutant("an erasure looks at one page", "erased", an_erasure_looks_at_one_page, change=somebody_leaves_for_good),
    Mutant("reports keep what was erased", "erased", reports_keep_what_was_erased, story="forgotten"),
    Mutant("earlier versions stay", "erased", earlier_versions_stay, story="forgotten"),
    Mutant("words outlive their writer", "erased", words_outlive_their_writer, story="forgotten"),
    Mutant("sinks hear of no erasure", "erased", sinks_hear_of_no_erasure, story="forgotten"),
    Mutant("only the newest version's sinks are told", "erased", only_the_newest_version_s_sinks_are_told, story="forgotten"),
    Mutant(
        *("a late event brings the erased back", "erased", a_late_event_brings_the_erased_back),
        rougher={"event_twisted": 0.6, "web_late": 0.3, "web_twice": 0.6},
        change=somebody_leaves_for_good,
    ),
    Mutant("nothing grows old", "grown-old", nothing_grows_old, story="out of mind"),
    Mutant("age counts from the beginning", "grown-old", age_counts_from_the_beginning, story="out of mind"),
    Mutant("sinks hear of age", "grown-old", sinks_hear_of_age, story="out of mind"),
    Mutant("slots go with their stories", "one-survey-a-cooldown", slots_go_with_their_stories, story="out of mind"),
    Mutant(
        *("opt-outs go with their persons", "no-send-after-opt-out", opt_outs_go_with_their_persons),
        manners={"ignores": 0.0, "opts_out": 1.0, "pace": 0.2},
    ),
    Mutant(
        *("a conversation goes with what is old about it", "no-send-after-reopening", a_conversation_goes_with_what_is_old_about_it),
        story="out of mind",
    ),
    Mutant("answers go with their persons", "counts-stay", answers_go_with_their_persons, story="out of mind"),
    Mutant("a digest is mailed unclaimed", "one-digest", a_digest_is_mailed_unclaimed),
    Mutant("bytes differ every night", "same-bytes", bytes_differ_every_night),
]

"""Every trigger can be asked why, and the answer needs no manual."""

from datetime import timedelta
from typing import Any

import pytest

from hearback.domain.errors import NotFound
from hearback.domain.links import LinkSigner
from hearback.domain.story import Reason, State
from hearback.usecases.explain_trigger import REASONS, STATES, ExplainTrigger
from hearback.usecases.page_link import PageLink
from tests.builders import NOW, a_decision, a_forward, a_story, an_attempt
from tests.fakes import FixedClock, MemoryStories

SIGNER = LinkSigner(["k" * 32])


def explain() -> ExplainTrigger:
    return ExplainTrigger(MemoryStories(), FixedClock(NOW))


def link_of(**story: Any) -> str | None:
    return PageLink(lambda: SIGNER, FixedClock(NOW))(a_story(**story), "https://ask.example")


def test_every_reason_and_every_state_has_words() -> None:
    assert set(REASONS) == set(Reason)
    assert set(STATES) == set(State)


@pytest.mark.parametrize("reason", Reason)
def test_each_reason_is_told_in_words(reason: Reason) -> None:
    shown = explain().describe(a_story(decision=a_decision(reason), state=State.SKIPPED, due_at=None), None)
    assert shown["explanation"].startswith(REASONS[reason])
    assert shown["decision"]["reason"] == reason.value


def test_a_waiting_story_says_until_when() -> None:
    due = NOW + timedelta(hours=1)
    shown = explain().describe(a_story(decision=a_decision(Reason.DELAYED), due_at=due), None)
    assert shown["due_at"] == "2026-03-02T13:00:00.000000Z"
    assert "due at 2026-03-02T13:00" in shown["explanation"]


def test_an_invitation_that_nobody_answered_in_time_says_so() -> None:
    shown = explain().describe(a_story(state=State.SENT, decision=a_decision(Reason.SENT), expires_at=NOW, due_at=None), None)
    assert "No answer came before the invitation expired." in shown["explanation"]


def test_attempts_and_forwards_are_shown_without_what_is_only_ours() -> None:
    story = a_story(attempts=(an_attempt("a-token-of-ours"),), forwards={"crm": a_forward(status=503, note="busy")})
    shown = explain().describe(story, None)
    assert [(each["channel"], each["outcome"]) for each in shown["attempts"]] == [("email", "claimed")]
    assert [(each["status"], each["response"]) for each in shown["forwards"]] == [(503, "busy")]
    assert shown["sinks"] == ["crm"]
    assert "a-token-of-ours" not in str(shown)


def test_a_trigger_that_never_came_is_not_found() -> None:
    with pytest.raises(NotFound):
        explain()("helpdesk", "event-1")


def test_the_link_opens_the_page_for_as_long_as_the_invitation_lives() -> None:
    link = link_of(expires_at=NOW + timedelta(days=1))
    assert link is not None
    token = link.removeprefix("https://ask.example/r/")
    assert SIGNER.read_answer_token(token, NOW).survey_id == "support"


@pytest.mark.parametrize(
    "story",
    [
        {"state": State.SKIPPED, "expires_at": NOW + timedelta(days=1)},
        {"state": State.IMPORTED, "expires_at": NOW + timedelta(days=1)},
        {"expires_at": NOW},
        {"expires_at": None},
    ],
)
def test_there_is_no_link_where_nothing_could_be_answered(story: dict[str, object]) -> None:
    assert link_of(**story) is None

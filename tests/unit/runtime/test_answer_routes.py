"""Scanners and people at the page: no machine changes a score, and no person is lost."""

from __future__ import annotations

import pytest

from hearback.domain.quarantine import waiting
from hearback.domain.story import Doubt
from tests import scanners
from tests.builders import a_trigger
from tests.e2e.browsing import FORM, form_of, forms_in, words_of
from tests.unit.runtime.answer_world import CHROMIUM, AnswerWorld

ONCE_MORE = "press Send once more"
USER = {**CHROMIUM, "sec-fetch-user": "?1"}
each_machine = pytest.mark.parametrize("profile", [*scanners.HARMLESS, *scanners.PRESSING], ids=lambda each: each.__name__)
each_speed = pytest.mark.parametrize("seconds_each", [0.001, 0.1, 1.0, 2.0])


@pytest.fixture
def desk() -> AnswerWorld:
    return AnswerWorld().sent()


def reasons(desk: AnswerWorld) -> list[tuple[Doubt, ...]]:
    return [each.doubts for each in desk.story().doubted]


# --- machines ---------------------------------------------------------------------------------------------------------------


@each_speed
@each_machine
def test_no_machine_s_score_counts_or_is_passed_on(desk: AnswerWorld, profile: scanners.Profile, seconds_each: float) -> None:
    desk.seconds_each = seconds_each
    profile(desk, desk.links())
    story = desk.story()
    assert not story.answered
    assert [*desk.world.stories.answers_of_day("support", desk.world.clock.now().date())] == []
    assert bool(waiting(story)) == (profile in scanners.PRESSING)
    assert desk.passed_on() == []


@each_speed
@pytest.mark.parametrize("own", [1, 3, 5])
@pytest.mark.parametrize("pause", [0, 0.2, 15, 600, 86_000])
@each_machine
def test_no_machine_displaces_what_a_person_answered(
    desk: AnswerWorld, profile: scanners.Profile, own: int, pause: float, seconds_each: float
) -> None:
    """Also when it comes in the same second."""
    desk.answers(own)
    desk.waits(pause)
    desk.seconds_each = seconds_each
    profile(desk, desk.links())
    assert desk.counted() == own
    assert desk.passed_on()[-1] == own


@each_machine
def test_a_person_who_answers_after_a_machine_is_heard(desk: AnswerWorld, profile: scanners.Profile) -> None:
    profile(desk, desk.links())
    desk.waits(15)
    assert "Your rating is saved" in words_of(desk.answers(4))
    assert desk.counted() == 4


@each_machine
def test_a_person_in_the_middle_of_a_machine_s_round_is_asked_once_more_and_heard(desk: AnswerWorld, profile: scanners.Profile) -> None:
    profile(desk, desk.links())
    page = desk.answers(4)
    if ONCE_MORE in words_of(page):
        desk.waits(11)
        page = form_of(page).press(desk, change="1")
    assert "Your rating is saved" in words_of(page)
    assert desk.counted() == 4


def test_a_form_that_the_browser_says_nobody_sent_does_not_count(desk: AnswerWorld) -> None:
    page = desk.page(2)
    desk.headers = CHROMIUM
    assert ONCE_MORE in words_of(page.press(desk))
    assert reasons(desk) == [(Doubt.BY_SCRIPT,)]
    assert desk.counted() is None


@pytest.mark.parametrize(
    "headers",
    [USER, {}, {"sec-fetch-mode": "navigate", "sec-fetch-site": "same-origin"}, {"user-agent": "Lynx/2.9", "accept-language": "fr"}],
    ids=["Chromium", "nothing said", "Safari", "Lynx"],
)
def test_a_browser_that_says_nothing_of_it_is_believed(desk: AnswerWorld, headers: dict[str, str]) -> None:
    desk.headers = headers
    desk.answers(2)
    assert desk.counted() == 2


def test_a_machine_that_does_once_what_a_person_does_counts_as_one(desk: AnswerWorld) -> None:
    """The limit of it all: one link opened, one form sent, by something that is no browser."""
    desk.answers(1)
    assert desk.counted() == 1


# --- people -----------------------------------------------------------------------------------------------------------------


def test_the_fastest_of_clickers_counts_at_the_first_press(desk: AnswerWorld) -> None:
    desk.seconds_each = 0
    desk.answers(5)
    assert (desk.counted(), desk.story().doubted) == (5, ())


def test_a_double_click_is_one_answer_and_leaves_no_doubt(desk: AnswerWorld) -> None:
    page = desk.page(4)
    pages = [page.press(desk) for _ in range(4)]
    assert all("Your rating is saved" in words_of(each) for each in pages)
    story = desk.story()
    assert ([each.answer.rating for each in story.answers], story.doubted) == ([4], ())


def test_follow_ups_complete_the_rating_also_when_a_reply_was_lost(desk: AnswerWorld) -> None:
    thanks = form_of(desk.answers(2))
    thanks.press(desk, details__comment="slow")
    done = thanks.press(desk, details__comment="slow, really")
    assert "Thank you" in words_of(done)
    assert [each.answer.details for each in desk.story().answers] == [{}, {"comment": "slow"}, {"comment": "slow, really"}]
    assert desk.story().doubted == ()


def test_the_page_changes_an_answer_at_one_press(desk: AnswerWorld) -> None:
    desk.answers(2)
    desk.page().press(desk, rating="5")
    assert (desk.counted(), desk.story().version) == (5, 2)


def test_another_star_in_the_message_changes_an_answer_at_two_presses(desk: AnswerWorld) -> None:
    desk.answers(2)
    desk.waits(minutes=5)
    page = desk.answers(5)
    assert desk.counted() == 2
    assert "Keep 2 of 5Change it to 5 of 5" in words_of(page)
    desk.waits(3)
    assert "You rated us 5 of 5" in words_of(form_of(page).press(desk, change="1"))
    assert desk.counted() == 5
    assert waiting(desk.story()) == (), "what was said properly waits no more"


def test_an_answer_is_kept_by_the_button_that_says_so_and_by_no_button(desk: AnswerWorld) -> None:
    desk.answers(2)
    desk.waits(minutes=5)
    page = form_of(desk.answers(5))
    desk.waits(3)
    for entered in ({"keep": "1"}, {}):
        assert "You rated us 2 of 5" in words_of(page.press(desk, **entered))
    assert (desk.counted(), len(desk.story().doubted)) == (2, 1)


def test_the_same_star_again_changes_nothing(desk: AnswerWorld) -> None:
    desk.answers(2)
    desk.waits(minutes=5)
    assert "Your rating is saved" in words_of(desk.answers(2))
    assert (desk.story().version, desk.story().doubted) == (1, ())


def test_going_back_and_pressing_another_score_takes_one_press_more(desk: AnswerWorld) -> None:
    """The browser shows the page as it was before the answer."""
    page = desk.page(2)
    page.press(desk)
    desk.waits(8)
    again = page.press(desk, rating="4")
    assert desk.counted() == 2
    desk.waits(3)
    form_of(again).press(desk, change="1")
    assert desk.counted() == 4


def test_an_old_page_pressed_again_does_not_wipe_out_what_was_written_since(desk: AnswerWorld) -> None:
    page = desk.page(2)
    form_of(page.press(desk)).press(desk, details__comment="slow")
    desk.waits(60)
    page.press(desk)
    assert desk.story().answers[-1].answer.details == {"comment": "slow"}


@pytest.mark.parametrize(("days", "presses"), [(6.9, 1), (7.1, 2)])
def test_a_page_may_lie_open_for_days(desk: AnswerWorld, days: float, presses: int) -> None:
    page = desk.page(4)
    desk.waits(days=days)
    answer = page.press(desk)
    if presses == 2:
        assert desk.counted() is None
        desk.waits(3)
        form_of(answer).press(desk)
    assert desk.counted() == 4


def test_who_is_asked_once_more_keeps_every_word(desk: AnswerWorld) -> None:
    path = desk.page_link(a_trigger())
    page = desk.request("POST", path, b"rating=2&details.comment=Two%0D%0Alines&asked=1", FORM)
    assert page.status == 200
    form = form_of(page)
    assert (form.value("rating"), form.value("details.comment"), form.value("asked")) == ("2", "Two\nlines", "1")
    desk.waits(3)
    assert "Thank you" in words_of(form.press(desk))
    assert desk.story().answers[-1].answer.details == {"comment": "Two\nlines"}


def test_who_presses_once_more_too_fast_is_asked_again_and_not_lost(desk: AnswerWorld) -> None:
    page = desk.request("POST", desk.page_link(a_trigger()), b"rating=2", FORM)
    page = form_of(page).press(desk)
    assert ONCE_MORE in words_of(page)
    assert reasons(desk) == [(Doubt.NO_PROOF,)], "one press, one entry"
    desk.waits(3)
    form_of(page).press(desk)
    assert desk.counted() == 2


def test_pressing_once_more_does_not_displace_an_answer_that_came_since(desk: AnswerWorld) -> None:
    once_more = form_of(desk.request("POST", desk.page_link(a_trigger()), b"rating=1", FORM))
    desk.waits(15)
    desk.answers(5)
    desk.waits(15)
    page = once_more.press(desk)
    assert desk.counted() == 5
    desk.waits(3)
    form_of(page).press(desk, change="1")
    assert desk.counted() == 1, "now the page had shown what it replaces"


def test_a_whole_office_behind_one_address_answers_in_one_second() -> None:
    desk = AnswerWorld(seconds_each=0.001, headers={"x-forwarded-for": "198.51.100.7", **USER})
    people = [f"event-{n}" for n in range(200)]
    for n, each in enumerate(people):
        desk.world.accept(a_trigger(each, contact=a_trigger().contact.__class__(id=f"c-{n}", email=f"p{n}@example.com", language="en")))
        desk.world.dispatch(a_trigger(each).invitation_id)
    for n, each in enumerate(people):
        desk.answers(1 + n % 5, each)
    assert [desk.counted(each) for each in people] == [1 + n % 5 for n in range(200)]


def test_a_voice_that_clicks_by_script_is_heard_at_the_second_press(desk: AnswerWorld) -> None:
    desk.headers = CHROMIUM
    page = desk.answers(4)
    desk.waits(6)
    form_of(page).press(desk)
    assert desk.counted() == 4


def test_a_slow_machine_s_script_that_presses_whatever_it_is_shown_does_not_count(desk: AnswerWorld) -> None:
    desk.headers = CHROMIUM
    page = desk.answers(4)
    for _ in range(5):
        desk.waits(3)
        page = form_of(page).press(desk)
    assert desk.counted() is None


# --- too soon after the sending ---------------------------------------------------------------------------------------------------


def test_an_answer_that_comes_before_a_message_can_be_read_is_asked_for_once_more() -> None:
    desk = AnswerWorld(too_soon=5).sent()
    page = desk.answers(4)
    assert (reasons(desk), desk.counted()) == ([(Doubt.TOO_SOON,)], None)
    desk.waits(3)
    form_of(page).press(desk)
    assert desk.counted() == 4


def test_a_moment_later_it_counts_at_once() -> None:
    desk = AnswerWorld(too_soon=5).sent()
    page = desk.page(4)
    desk.waits(5)
    page.press(desk)
    assert desk.counted() == 4
    form_of(desk.request("GET", desk.page_link(a_trigger()))).press(desk, rating="3")
    assert desk.counted() == 3


def test_a_link_that_was_handed_out_may_be_answered_in_the_same_second() -> None:
    desk = AnswerWorld(too_soon=5)
    desk.world.survey(channels=["web"])
    desk.sent()
    assert desk.story().channel == "web"
    desk.answers(4)
    assert (desk.counted(), desk.story().doubted) == (4, ())


# --- programs ---------------------------------------------------------------------------------------------------------------


def test_a_program_s_answer_counts_and_changes_without_a_page(desk: AnswerWorld) -> None:
    path = desk.page_link(a_trigger())
    told = desk.request("POST", path, {"rating": 4, "details": {"comment": "fine"}})
    assert (told.json()["status"], told.json()["version"]) == ("recorded", 1)
    assert desk.request("POST", path, {"rating": 4, "details": {"comment": "fine"}}).json()["version"] == 1, "said twice, counted once"
    desk.waits(60)
    assert desk.request("POST", path, {"rating": 2}).json()["version"] == 2
    assert (desk.counted(), waiting(desk.story())) == (2, ())


def test_a_program_that_sends_every_score_is_no_customer(desk: AnswerWorld) -> None:
    path = desk.page_link(a_trigger())
    for rating in range(1, 6):
        desk.request("POST", path, {"rating": rating})
    assert desk.counted() is None
    assert Doubt.ALL_SCORES in reasons(desk)[-1]
    assert desk.passed_on() == []


def test_a_program_faster_than_a_message_travels_is_doubted(desk: AnswerWorld) -> None:
    desk.too_soon = 5
    told = desk.request("POST", desk.page_link(a_trigger()), {"rating": 4})
    assert told.json()["doubts"] == ["too_soon"]


def test_a_json_answer_with_a_wrong_proof_is_kept_aside_and_told_how_to_count(desk: AnswerWorld) -> None:
    path = desk.page_link(a_trigger())
    told = desk.request("POST", path, {"rating": 4, "details": {"comment": "fine"}, "proof": "made-up"})
    assert told.status == 200
    assert {**told.json(), "proof": "", "message": ""} == {
        "status": "quarantined",
        "rating": 4,
        "doubts": ["no_proof"],
        "message": "",
        "proof": "",
        "wait_seconds": 2.0,
    }
    assert desk.counted() is None
    desk.waits(told.json()["wait_seconds"])
    again = desk.request("POST", path, {"rating": 4, "details": {"comment": "fine"}, "proof": told.json()["proof"]})
    assert (again.json()["status"], again.json()["version"]) == ("recorded", 1)
    assert desk.story().answers[-1].answer.details == {"comment": "fine"}


def test_json_with_what_the_page_gave_counts_at_once(desk: AnswerWorld) -> None:
    proof = desk.page(None).value("proof")
    told = desk.request("POST", desk.page_link(a_trigger()), {"rating": 5, "proof": proof})
    assert told.json()["status"] == "recorded"
    changed = desk.request("POST", desk.page_link(a_trigger()), {"rating": 5, "details": {"comment": "!"}, "proof": told.json()["proof"]})
    assert changed.json()["version"] == 2


def test_another_invitation_s_proof_is_none(desk: AnswerWorld) -> None:
    desk.world.accept(a_trigger("event-2", contact=a_trigger().contact.__class__(id="c-2", email="bob@example.com")))
    desk.world.dispatch(a_trigger("event-2").invitation_id)
    foreign = desk.page(None, "event-2").value("proof")
    told = desk.request("POST", desk.page_link(a_trigger()), {"rating": 5, "proof": foreign})
    assert told.json()["doubts"] == ["no_proof"]


def test_what_the_page_gave_is_on_every_form_and_the_page_asks_for_nothing_else(desk: AnswerWorld) -> None:
    for page in (
        desk.request("GET", desk.page_link(a_trigger())),
        desk.answers(2),
        desk.request("POST", desk.page_link(a_trigger()), b"rating=3", FORM),
    ):
        (form,) = forms_in(page)
        assert form.value("proof")
        assert "<script" not in page.text

"""Scanners that are browsers, and people in theirs: Chromium at real links."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.e2e.stage import FOLLOW_UPS, Asked, Stage

pytestmark = pytest.mark.browser

SUBMIT = "addEventListener('DOMContentLoaded', () => document.forms[0] && document.forms[0].submit())"
CLICK = "addEventListener('load', () => document.querySelector('form button') && document.querySelector('form button').click())"
Tabs = Callable[..., Page]


@pytest.fixture
def tabs(browser: Browser) -> Iterator[Tabs]:
    made: list[BrowserContext] = []

    def new(script: str = "", *, scripts_run: bool = True) -> Page:
        made.append(browser.new_context(java_script_enabled=scripts_run))
        made[-1].set_default_timeout(20_000)
        if script:
            made[-1].add_init_script(script)
        return made[-1].new_page()

    yield new
    for each in made:
        each.close()


def asked(stage: Stage) -> Asked:
    stage.survey(follow_ups=FOLLOW_UPS)
    return stage.asked(stage.source())


def links(stage: Stage, about: Asked) -> list[str]:
    page = str(stage.story(about)["link"])
    return [f"{page}?rating={n}" for n in range(1, 6)] + [page]


def ratings(stage: Stage, about: Asked) -> list[int]:
    return [each["rating"] for each in stage.story(about)["answers"]]


# --- machines ---------------------------------------------------------------------------------------------------------------


def test_a_browser_that_opens_every_link_and_runs_what_it_finds_changes_nothing(stage: Stage, tabs: Tabs) -> None:
    about = asked(stage)
    before = stage.story(about)
    tab = tabs()
    for link in links(stage, about):
        tab.goto(link, wait_until="networkidle")
    assert stage.story(about) == before


@pytest.mark.parametrize("script", [SUBMIT, CLICK], ids=["submits", "clicks"])
@pytest.mark.parametrize("place", [0, 3])
def test_a_browser_that_submits_the_form_it_is_shown_does_not_count(stage: Stage, tabs: Tabs, script: str, place: int) -> None:
    about = asked(stage)
    tab = tabs(script)
    tab.goto(links(stage, about)[place], wait_until="commit")
    tab.wait_for_timeout(1_500)
    assert ratings(stage, about) == []
    assert {doubt for each in stage.story(about)["quarantined"] for doubt in each["doubts"]} <= {"by_script", "at_once"}
    assert stage.story(about)["quarantined"] != []


def test_a_browser_that_submits_forms_after_the_person_did_changes_nothing(stage: Stage, tabs: Tabs) -> None:
    about = asked(stage)
    stage.answers(about, 5)
    for pause in (0, 300):
        stage.cloud.advance(pause)
        for link in links(stage, about):
            tab = tabs(CLICK)
            with tab.expect_response(lambda answer: answer.request.method == "POST"):
                tab.goto(link, wait_until="commit")
            tab.context.close()  # it presses on and on: over the clock's jump it would pass for somebody who reads for minutes
    assert ratings(stage, about) == [5]


def test_a_browser_that_truly_presses_every_score_changes_nothing(stage: Stage, tabs: Tabs) -> None:
    """It moves a mouse as a person does: only that it presses everything gives it away."""
    about = asked(stage)
    tab = tabs()
    for link in links(stage, about)[:5]:
        tab.goto(link)
        tab.locator("form button").first.click()
        tab.wait_for_load_state()
    stage.cloud.settle()
    assert ratings(stage, about) == []
    assert {each["rating"] for each in stage.story(about)["quarantined"]} == {1, 2, 3, 4, 5}


# --- people -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scripts_run", [True, False])
def test_a_person_s_click_counts_at_once(stage: Stage, tabs: Tabs, scripts_run: bool) -> None:
    about = asked(stage)
    tab = tabs(scripts_run=scripts_run)
    tab.goto(links(stage, about)[3])
    tab.get_by_role("button", name="Send").click()
    tab.get_by_role("heading", name="Your rating is saved").wait_for()
    assert (ratings(stage, about), stage.story(about)["quarantined"]) == ([4], [])


def test_a_person_s_keys_count_at_once(stage: Stage, tabs: Tabs) -> None:
    about = asked(stage)
    tab = tabs(scripts_run=False)
    tab.goto(links(stage, about)[5])
    for key in ("Tab", "Space", "ArrowRight", "Tab", "Enter"):
        tab.keyboard.press(key)
    tab.get_by_role("heading", name="Your rating is saved").wait_for()
    assert (ratings(stage, about), stage.story(about)["quarantined"]) == ([2], [])


def test_a_double_click_counts_once(stage: Stage, tabs: Tabs) -> None:
    about = asked(stage)
    tab = tabs()
    tab.goto(links(stage, about)[4])
    tab.get_by_role("button", name="Send").dblclick()
    tab.get_by_role("heading", name="Your rating is saved").wait_for()
    assert (ratings(stage, about), stage.story(about)["quarantined"]) == ([5], [])


def test_going_back_and_choosing_another_score_is_not_lost(stage: Stage, tabs: Tabs) -> None:
    about = asked(stage)
    tab = tabs(scripts_run=False)
    tab.goto(links(stage, about)[1])
    tab.get_by_role("button", name="Send").click()
    tab.get_by_role("heading", name="Your rating is saved").wait_for()
    tab.go_back()
    tab.get_by_text("4 of 5").locator("..").click()
    tab.get_by_role("button", name="Send").click()
    stage.cloud.advance(3)
    tab.get_by_role("button", name="Change it to 4 of 5").click()
    tab.get_by_role("heading", name="Your rating is saved").wait_for()
    assert ratings(stage, about) == [2, 4]


def test_the_link_in_the_thanks_changes_the_answer_at_one_press(stage: Stage, tabs: Tabs) -> None:
    about = asked(stage)
    tab = tabs(scripts_run=False)
    tab.goto(links(stage, about)[1])
    tab.get_by_role("button", name="Send").click()
    tab.get_by_role("link", name="Change my answer").click()
    tab.get_by_text("5 of 5").locator("..").click()
    tab.get_by_role("button", name="Send").click()
    tab.get_by_role("heading", name="Your rating is saved").wait_for()
    assert ratings(stage, about) == [2, 5]

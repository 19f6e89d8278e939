"""The playground as a person meets it: the whole story, clicked through in Chromium."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Locator, Page

from tests.e2e.chromium import rules
from tests.e2e.stage import Stage

pytestmark = pytest.mark.browser

LONGEST_MS = 30_000
RULES = rules()


@pytest.fixture
def tab(browser: Browser, stage: Stage) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(LONGEST_MS)
    page = context.new_page()
    page.goto(stage.cloud.url)
    yield page
    context.close()


def close_a_conversation(tab: Page, address: str, channel: str) -> Locator:
    """The message that the customer gets."""
    tab.get_by_label("Customer came by").select_option(channel)
    tab.get_by_label("Customer's address there").fill(address)
    tab.get_by_role("button", name="Send the webhook").click()
    tab.get_by_text("Taken in: accepted").wait_for()
    message = tab.locator("#messages > li").filter(has_text=address.lstrip("+"))
    message.wait_for()
    return message


def test_the_whole_story_can_be_clicked_through(tab: Page, stage: Stage) -> None:
    stage.go_on_by_day()
    day = f"{stage.now():%Y-%m-%d}"
    message = close_a_conversation(tab, stage.email("clicked"), "email")
    mail = message.frame_locator("iframe")
    mail.get_by_text("How did we do?").first.wait_for()
    comment = f'Slow, "really" slow {stage.mark}'
    answer_on_the_page(tab, mail.get_by_role("link", name="2", exact=False).first, comment)
    forwarded = tab.locator("#forwards > li").filter(has_text=stage.mark)
    forwarded.first.wait_for(state="attached")
    assert "answered 200" in forwarded.first.inner_text()
    tab.get_by_role("button", name="Until after the night").click()
    tab.get_by_text("Done, in").wait_for()
    report = tab.get_by_role("link", name=f"playground: day of {day}")
    with tab.context.expect_page() as opened:
        report.click()
    assert "Playground" in opened.value.locator("body").inner_text()


def answer_on_the_page(tab: Page, link: Locator, comment: str) -> None:
    with tab.context.expect_page() as opened:
        link.click()
    page = opened.value
    assert page.get_by_role("radio", name="2 of 5").is_checked()
    page.get_by_role("button", name="Send").click()
    page.get_by_label("It took too long").check()
    page.get_by_label("Anything you would like to add?").fill(comment)
    page.get_by_role("button", name="Send").click()
    page.get_by_role("heading", name="Thank you").wait_for()
    page.close()


def test_a_chat_is_answered_by_a_tap_and_by_typing(tab: Page, stage: Stage) -> None:
    tapping = close_a_conversation(tab, "+" + stage.phone("taps"), "whatsapp")
    tapping.get_by_role("button", name="4 of 5, Good").click()
    tab.get_by_text("The reply has arrived").wait_for()
    typing = close_a_conversation(tab, "+" + stage.phone("types"), "whatsapp")
    typing.get_by_label("Type a reply").fill("٣")
    typing.get_by_role("button", name="Reply").click()
    tab.get_by_text("The reply has arrived").wait_for()
    for name, rating in (("taps", 4), ("types", 3)):
        bodies = [each["request"]["body"] for each in stage.cloud.requests("http") if stage.phone(name) in str(each["request"]["body"])]
        assert [body["data"]["answer"]["rating"] for body in bodies] == [rating]


@pytest.mark.parametrize("width", [390, 1280])
def test_the_playground_fits_every_screen_and_every_reader(tab: Page, stage: Stage, width: int) -> None:
    close_a_conversation(tab, stage.email("fits"), "email")
    tab.set_viewport_size({"width": width, "height": 844})
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    found = Axe().run(tab, options=RULES).response["violations"]
    assert not found, "; ".join(f"{each['id']}: {each['nodes'][0]['html'][:200]}" for each in found)

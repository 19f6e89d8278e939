"""The pages as a person meets them: in Chromium, without scripts, by thumb, by key, by ear.

They are served here from memory, so that what is tested is the page and not the cloud behind it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, BrowserContext
from playwright.sync_api import Page as Tab

from hearback.adapters.pages.document import Page
from hearback.adapters.pages.forms import is_one_click, parse_form
from hearback.adapters.pages.notices import error_page, opt_out_page, opted_out_page
from hearback.adapters.pages.survey_pages import rating_page, thanks_page
from hearback.adapters.pages.views import RatingView, ThanksView, follow_up_views
from hearback.domain.answer import Answer, checked_answer
from hearback.domain.errors import Gone, NotFound
from hearback.domain.languages import words
from hearback.domain.survey import DEFAULT_SCALES, Choice, FollowUp, Metric, Scale, Style, Survey, Texts
from tests.e2e.chromium import STRICT

pytestmark = pytest.mark.browser

WEIGHT_LIMIT = 15_000

FOLLOW_UPS = (
    FollowUp(
        "why",
        "choices",
        {"en": "What went wrong?", "ar": "ما الذي لم يكن على ما يرام؟"},
        (
            Choice("slow", {"en": "It took too long", "ar": "استغرق الأمر وقتًا طويلًا"}),
            Choice("unsolved", {"en": "My problem is not solved", "ar": "لم تُحل مشكلتي"}),
        ),
        max_rating=3,
    ),
    FollowUp("comment", "text", {"en": "Anything else?", "ar": "هل من شيء آخر؟"}),
)
CSAT = Survey("support", Metric.CSAT, DEFAULT_SCALES[Metric.CSAT], 4, 75.0, "UTC", {"en": Texts("q")}, follow_ups=FOLLOW_UPS)
SURVEYS = {
    "csat": CSAT,
    "faces": replace(CSAT, scale=Scale(1, 5, Style.EMOJI)),
    "nps": replace(CSAT, metric=Metric.NPS, scale=DEFAULT_SCALES[Metric.NPS]),
    "ces": replace(CSAT, metric=Metric.CES, scale=DEFAULT_SCALES[Metric.CES]),
}


@dataclass
class Desk:
    """Answers in memory. A path is /r/{survey}.{language} or /u/..., as a token would be."""

    answers: dict[str, list[Answer]] = field(default_factory=dict)
    opted_out: list[str] = field(default_factory=list)

    def get(self, path: str, query: dict[str, list[str]]) -> Page:
        kind, survey, language = self._read(path)
        if survey is None:
            return error_page(NotFound("x") if kind == "r" else Gone("x", code="expired"), language)
        if kind == "u":
            return opt_out_page(path, language)
        return rating_page(self._question(path, survey, language, chosen=int(query["rating"][0]) if "rating" in query else None))

    def post(self, path: str, body: bytes, content_type: str) -> Page:
        kind, survey, language = self._read(path)
        assert survey is not None
        if kind == "u":
            assert is_one_click(body, content_type)
            self.opted_out.append(path)
            return opted_out_page(language)
        sent = parse_form(body, content_type)
        if sent.rating is None:
            return rating_page(self._question(path, survey, language, problem="choose_first"))
        self.answers.setdefault(path, []).append(checked_answer(survey, sent.rating, sent.details))
        asked = follow_up_views(survey, sent.rating, language)
        return thanks_page(
            ThanksView(survey, language, sent.rating, path, follow_ups=asked, details=sent.details, complete=sent.asked or not asked)
        )

    def _question(self, path: str, survey: Survey, language: str, **more: Any) -> RatingView:
        before = self.answers.get(path)
        if before:
            more = {"answered": before[-1].rating, "details": before[-1].details, **more}
        return RatingView(survey, language, words(language)[f"question_{survey.metric}"], path, opt_out=f"/u{path[2:]}", **more)

    def _read(self, path: str) -> tuple[str, Survey | None, str]:
        _, kind, token = path.split("/")
        name, _, language = token.partition(".")
        return kind, SURVEYS.get(name), language or "en"


def handler_of(desk: Desk) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            url = urlsplit(self.path)
            self._answer(desk.get(url.path, parse_qs(url.query)))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            self._answer(desk.post(urlsplit(self.path).path, body, self.headers["content-type"]))

        def _answer(self, page: Page) -> None:
            self.send_response(page.status)
            for name, value in page.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(page.body.encode())

        def log_message(self, *args: Any) -> None:
            pass

    return Handler


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def site(desk: Desk) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler_of(desk))
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def contexts(browser: Browser) -> Iterator[Any]:
    made: list[BrowserContext] = []

    def new(**more: Any) -> Tab:
        made.append(browser.new_context(**{"java_script_enabled": False, "viewport": {"width": 390, "height": 844}, **more}))
        tab = made[-1].new_page()
        tab.set_default_timeout(10_000)
        return tab

    yield new
    for each in made:
        each.close()


@pytest.fixture
def phone(contexts: Any) -> Tab:
    tab: Tab = contexts()
    return tab


# --- the flow, with no script --------------------------------------------------------------------------------------------


def test_a_link_with_a_score_counts_once_send_is_pressed(desk: Desk, site: str, phone: Tab) -> None:
    phone.goto(f"{site}/r/csat?rating=2")
    assert phone.get_by_role("radio", name="2 of 5, Bad").is_checked()
    assert desk.answers == {}
    phone.get_by_role("button", name="Send").click()
    assert phone.get_by_role("heading", name="Your rating is saved").is_visible()
    assert desk.answers["/r/csat"] == [Answer(2)]


def test_reasons_and_a_comment_follow_and_each_press_is_a_whole_answer(desk: Desk, site: str, phone: Tab) -> None:
    phone.goto(f"{site}/r/csat?rating=2")
    phone.get_by_role("button", name="Send").click()
    phone.get_by_label("It took too long").check()
    phone.get_by_label("Anything else?").fill("Two\nlines <3")
    phone.get_by_role("button", name="Send").click()
    assert phone.get_by_role("heading", name="Thank you").is_visible()
    assert desk.answers["/r/csat"][-1] == Answer(2, {"why": ["slow"], "comment": "Two\nlines <3"})


def test_pressing_send_on_empty_follow_ups_ends_politely(desk: Desk, site: str, phone: Tab) -> None:
    phone.goto(f"{site}/r/csat?rating=2")
    phone.get_by_role("button", name="Send").click()
    phone.get_by_role("button", name="Send").click()
    assert phone.get_by_role("heading", name="Thank you").is_visible()
    assert desk.answers["/r/csat"] == [Answer(2), Answer(2)]


def test_an_answer_can_be_changed_and_what_was_written_stays(desk: Desk, site: str, phone: Tab) -> None:
    desk.answers["/r/csat"] = [Answer(2, {"why": ["slow"], "comment": "hm"})]
    phone.goto(f"{site}/r/csat")
    assert "You answered 2 of 5, Bad." in phone.inner_text("main")
    phone.get_by_text("3 of 5").locator("..").click()
    phone.get_by_role("button", name="Send").click()
    assert desk.answers["/r/csat"][-1] == Answer(3, {"why": ["slow"], "comment": "hm"})
    assert phone.get_by_label("It took too long").is_checked()
    phone.get_by_role("link", name="Change my answer").click()
    assert phone.get_by_role("radio", name="3 of 5, Okay").is_checked()


def test_send_without_a_rating_is_held_back_by_the_browser_itself(desk: Desk, site: str, phone: Tab) -> None:
    phone.goto(f"{site}/r/csat")
    phone.get_by_role("button", name="Send").click()
    assert phone.get_by_role("radio").count() == 5
    assert desk.answers == {}


def test_opting_out_takes_one_press_and_not_merely_a_visit(desk: Desk, site: str, phone: Tab) -> None:
    phone.goto(f"{site}/r/csat")
    phone.get_by_role("link", name="Do not ask me again").click()
    assert desk.opted_out == []
    phone.get_by_role("button", name="Do not ask me again").click()
    assert phone.get_by_role("heading", name="We will not ask you again").is_visible()
    assert desk.opted_out == ["/u/csat"]


# --- by key, by ear, by thumb --------------------------------------------------------------------------------------------


def test_the_whole_survey_can_be_answered_by_keys_alone(desk: Desk, site: str, phone: Tab) -> None:
    phone.goto(f"{site}/r/csat")
    for key in ("Tab", "Space", "ArrowRight", "ArrowRight", "ArrowLeft", "Tab", "Enter"):
        phone.keyboard.press(key)
    phone.get_by_role("heading", name="Your rating is saved").wait_for()
    for key in ("Tab", "Tab", "Space", "Tab", "Tab"):
        phone.keyboard.press(key)
    phone.keyboard.type("slow")
    for key in ("Tab", "Enter"):
        phone.keyboard.press(key)
    phone.get_by_role("heading", name="Thank you").wait_for()
    assert desk.answers["/r/csat"] == [Answer(2), Answer(2, {"why": ["slow"], "comment": "slow"})]


@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_right_arrow_raises_the_rating_in_every_direction_of_writing(site: str, phone: Tab, language: str) -> None:
    phone.goto(f"{site}/r/csat.{language}?rating=3")
    phone.locator("input:checked").focus()
    phone.keyboard.press("ArrowRight")
    assert phone.locator("input:checked").get_attribute("value") == "4"


def test_the_focus_can_be_seen(site: str, phone: Tab) -> None:
    phone.goto(f"{site}/r/nps")
    phone.keyboard.press("Tab")
    drawn = phone.locator("input:focus + .f").evaluate("each => getComputedStyle(each).outlineWidth + getComputedStyle(each).outlineStyle")
    assert drawn == "3pxsolid"


def test_a_screen_reader_hears_the_question_and_each_rating_with_its_words(site: str, phone: Tab) -> None:
    phone.goto(f"{site}/r/csat")
    said = phone.locator("main").aria_snapshot()
    assert 'group "How would you rate the help you received?"' in said
    names = ["1 of 5, Very bad", "2 of 5, Bad", "3 of 5, Okay", "4 of 5, Good", "5 of 5, Very good"]
    assert [line.split('"')[1] for line in said.splitlines() if "- radio" in line] == names


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("width", [320, 390])
def test_every_scale_fits_a_phone_with_a_thumbs_room_for_each_rating(site: str, contexts: Any, language: str, width: int) -> None:
    tab = contexts(viewport={"width": width, "height": 640})
    for kind in SURVEYS:
        tab.goto(f"{site}/r/{kind}.{language}?rating=1")
        assert tab.evaluate("document.documentElement.scrollWidth") <= width
        boxes = [each.bounding_box() for each in tab.locator("label.o").all()]
        assert min(box["width"] for box in boxes) >= 36
        assert min(box["height"] for box in boxes) >= 44
        assert all(box["x"] >= 0 and box["x"] + box["width"] <= width for box in boxes)


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("kind", ["csat", "nps"])
def test_low_is_left_of_high_in_every_direction_of_writing(site: str, contexts: Any, language: str, kind: str) -> None:
    tab = contexts(viewport={"width": 1280, "height": 800})
    tab.goto(f"{site}/r/{kind}.{language}")
    left = [each.bounding_box()["x"] for each in tab.locator("label.o").all()]
    assert left == sorted(left)
    low, high = (each.bounding_box()["x"] for each in tab.locator(".ends span").all())
    assert low < high
    assert tab.evaluate("getComputedStyle(document.querySelector('h1')).direction") == ("rtl" if language == "ar" else "ltr")


def test_stars_are_filled_up_to_the_chosen_one(site: str, phone: Tab) -> None:
    phone.goto(f"{site}/r/csat?rating=3")
    filled = phone.locator(".f svg").evaluate_all("all => all.map(each => getComputedStyle(each).fill !== 'none')")
    assert filled == [True, True, True, False, False]


# --- for everybody, and for nobody else ----------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "ar"])
def test_axe_finds_nothing_on_any_page(desk: Desk, site: str, contexts: Any, language: str, scheme: str) -> None:
    tab = contexts(java_script_enabled=True, bypass_csp=True, color_scheme=scheme, reduced_motion="reduce")
    paths = [f"/r/{kind}.{language}?rating=1" for kind in SURVEYS]
    for path in (*paths, f"/r/csat.{language}", f"/u/csat.{language}", f"/r/none.{language}", f"/u/none.{language}"):
        tab.goto(site + path)
        check(tab, path)
    tab.goto(f"{site}/r/csat.{language}?rating=1")
    for step in ("follow-ups", "thanks"):
        tab.get_by_role("button").click()
        check(tab, step)
    tab.goto(f"{site}/r/csat.{language}")
    check(tab, "answered before")
    tab.locator("form").evaluate("form => { form.noValidate = true; form.querySelector(':checked').checked = false }")
    tab.get_by_role("button").click()
    assert tab.get_by_role("alert").is_visible()
    check(tab, "no rating chosen")


def check(tab: Tab, where: str) -> None:
    found = Axe().run(tab, options=STRICT).response["violations"]
    assert not found, f"{where}: " + "; ".join(f"{each['id']}: {each['nodes'][0]['html'][:200]}" for each in found)


@pytest.mark.parametrize("kind", sorted(SURVEYS))
def test_a_page_is_light_asks_for_nothing_else_and_breaks_no_policy(site: str, contexts: Any, kind: str) -> None:
    tab = contexts(java_script_enabled=True)
    complaints: list[str] = []
    requests: list[str] = []
    weights: list[int] = []
    tab.on("console", lambda message: complaints.append(message.text))
    tab.on("request", lambda request: requests.append(request.url))
    tab.on("response", lambda response: weights.append(len(response.body()) + len(str(response.all_headers()))))
    tab.goto(f"{site}/r/{kind}?rating=1")
    tab.get_by_role("button").click()
    tab.get_by_role("heading", name="Your rating is saved").wait_for()
    assert complaints == []
    assert [url for url in requests if not url.startswith("data:")] == [f"{site}/r/{kind}?rating=1", f"{site}/r/{kind}"]
    assert max(weights) < WEIGHT_LIMIT
    assert tab.evaluate("document.fonts.size") == 0


def test_the_style_is_let_in_and_a_foreign_one_is_not(site: str, contexts: Any) -> None:
    tab = contexts(java_script_enabled=True)
    complaints: list[str] = []
    tab.on("console", lambda message: complaints.append(message.text))
    tab.goto(f"{site}/r/csat")
    assert tab.evaluate("getComputedStyle(document.querySelector('.scale')).display") == "grid"
    tab.evaluate("document.head.append(Object.assign(document.createElement('style'), {textContent: '.scale{display:none}'}))")
    assert tab.evaluate("getComputedStyle(document.querySelector('.scale')).display") == "grid"
    assert "Content Security Policy" in complaints[0]


def test_in_forced_colours_the_chosen_rating_is_outlined(site: str, contexts: Any) -> None:
    tab = contexts(forced_colors="active")
    tab.goto(f"{site}/r/nps?rating=7")
    outlines = tab.locator(".f").evaluate_all("all => all.map(each => getComputedStyle(each).outlineStyle)")
    assert outlines == ["none"] * 7 + ["solid"] + ["none"] * 3

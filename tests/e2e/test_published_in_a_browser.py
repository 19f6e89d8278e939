"""What leaves the house, as its readers meet it: in Chromium, narrow and wide, light and dark, in every direction of writing."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser

from hearback.adapters.pages.score_badge import no_score_badge, score_badge
from hearback.adapters.pages.score_page import no_score_page, score_page, score_problem_page
from hearback.adapters.reports.digest_mail import digest_mail
from hearback.adapters.reports.index_page import index_page
from hearback.domain.calendar import Period, first_day
from hearback.domain.scoring.line import ReportLine
from tests.builders import a_survey
from tests.e2e.chromium import STRICT, rules
from tests.sample_report import a_full_report
from tests.unit.usecases.test_show_score import a_score_report

pytestmark = pytest.mark.browser

MAIL_RULES = rules()
LANGUAGES = ("en", "es", "zh", "ar")
BOXES = """() => {
    const ends = each => { const box = each.getBoundingClientRect(); return [box.left, box.right]; };
    const grounds = document.querySelectorAll("g rect");
    return [...document.querySelectorAll("text")].map((text, place) => [ends(text), ends(grounds[place])]);
}"""
"""Each text's ends, and those of the ground it stands on."""

HOSTILE = "W" * 90 + " ضعيف\u202e <b>"
NPS_INTERVAL = {"low": -12.6, "high": 40.2, "level": 0.95, "method": "m"}
NPS: dict[str, Any] = {"value": 8.4, "interval": NPS_INTERVAL, "target": 30.0, "verdict": "not_proven"}


def an_index(language: str, name: str = "Support") -> bytes:
    spans = {(period, first_day(period, date(2026, 3, 8) - timedelta(days=n))) for n in range(120) for period in Period}
    known = {"metric": "csat", "n": 1312, "value": 76.31, "low": 71.2, "high": 80.9}
    lines = [
        ReportLine(**(ReportLine.unread(period, start).plain() | known | {"verdict": verdict, "complete": start < date(2026, 3, 1)}))
        for (period, start), verdict in zip(sorted(spans), ("met", "missed", "not_proven") * 200, strict=False)
    ]
    return index_page(a_survey(report_language=language, name=name), lines)


def pages() -> dict[str, bytes]:
    scores = {f"score-{language}": score_page(a_score_report(), language).body.encode() for language in LANGUAGES}
    return {
        **scores,
        "score-nps": score_page(a_score_report(**NPS) | {"metric": "nps", "name": HOSTILE}, "en").body.encode(),
        "none": no_score_page("Support", "ar").body.encode(),
        "unknown": score_problem_page(404, "zh").body.encode(),
        "busy": score_problem_page(503, "en").body.encode(),
        "index": an_index("en", HOSTILE),
        "index-zh": an_index("zh"),
        "mail": digest_mail(a_full_report(), "en").html.encode(),
        "mail-zh": digest_mail(a_full_report("nps", "zh"), "zh").html.encode(),
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("published")
    for name, body in pages().items():
        (folder / f"{name}.html").write_bytes(body)
    return folder


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(browser: Browser, folder: Path, width: int, scheme: str) -> None:
    context = browser.new_context(bypass_csp=True, viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
    tab = context.new_page()
    for file in sorted(folder.glob("*.html")):
        tab.goto(file.as_uri())
        assert tab.evaluate("document.documentElement.scrollWidth") <= width, file.stem
        found = Axe().run(tab, options=MAIL_RULES if file.stem.startswith("mail") else STRICT).response["violations"]
        assert not found, f"{file.stem}: " + "; ".join(f"{each['id']}: {each['nodes'][0]['html'][:200]}" for each in found)
    context.close()


def test_no_page_asks_for_anything_or_breaks_its_own_policy(browser: Browser, folder: Path) -> None:
    context = browser.new_context()
    tab = context.new_page()
    asked: list[str] = []
    complaints: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    tab.on("console", lambda message: complaints.append(message.text))
    files = sorted(folder.glob("*.html"))
    for file in files:
        tab.goto(file.as_uri())
    assert [url for url in asked if not url.startswith("data:")] == [file.as_uri() for file in files]
    assert complaints == []
    context.close()


def test_the_newest_days_of_the_index_are_open_and_older_months_a_press_away(browser: Browser, folder: Path) -> None:
    tab = browser.new_page()
    tab.goto((folder / "index.html").as_uri())
    assert tab.locator("details[open]").count() == 1
    assert tab.get_by_role("link", name="8 Mar 2026", exact=True).is_visible()
    older = tab.get_by_role("link", name="28 Feb 2026", exact=True)
    assert not older.is_visible()
    tab.get_by_text("February 2026, 28 days").click()
    assert older.is_visible()
    tab.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_badge_is_drawn_as_an_image_and_its_words_stay_inside(browser: Browser, tmp_path: Path, language: str) -> None:
    tab = browser.new_page()
    for name in ("Support", "客服满意度调查中心", "دعم العملاء", "W" * 90, "i" * 200):
        for drawn in (score_badge(a_score_report() | {"name": name}, language), no_score_badge(name, "support", language)):
            (tmp_path / "badge.svg").write_text(drawn, encoding="utf-8")
            tab.goto((tmp_path / "badge.svg").as_uri())
            boxes = tab.evaluate(BOXES)
            assert len(boxes) == 2
            for (left, right), (from_, to) in boxes:
                assert from_ <= left < right <= to, (name, language)
    tab.close()


def test_a_badge_stands_in_another_page_as_a_picture(browser: Browser, tmp_path: Path) -> None:
    (tmp_path / "badge.svg").write_text(score_badge(a_score_report(), "en"), encoding="utf-8")
    (tmp_path / "page.html").write_text('<!doctype html><img src="badge.svg" alt="">', encoding="utf-8")
    tab = browser.new_page()
    tab.goto((tmp_path / "page.html").as_uri())
    size = tab.evaluate("(() => { const i = document.images[0]; return [i.complete, i.naturalWidth, i.naturalHeight]; })()")
    assert size[0]
    assert (size[1] > 200, size[2]) == (True, 20)
    tab.close()

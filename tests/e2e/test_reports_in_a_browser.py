"""report.html as a person opens it, from a disk and without a network: on a phone, on a desk, in the dark, on paper."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page

from hearback.adapters.reports.html_report import HtmlReport
from tests.e2e.chromium import STRICT
from tests.sample_report import NAMES, a_full_report

pytestmark = pytest.mark.browser

PHONE, DESK = 390, 1280
HOSTILE = ("x" * 10_000, "ضعيف جدا \u202e1234", "<img src=//evil.example/x>", "品质保证部门" * 20)

CELLS = a_full_report()["segment_pairs"]
WIDE_GRID = [
    {
        **CELLS[0],
        "by": ["agent", "channel"],
        "name": [f"Agent {agent}", f"A channel of many words {channel}"],
        "suppressed": (agent + channel) % 3 == 0,
    }
    for agent in range(8)
    for channel in range(6)
]
REPORTS = {
    "csat": a_full_report("csat"),
    "nps-zh": a_full_report("nps", "zh"),
    "ces": a_full_report("ces"),
    "hostile": a_full_report(agents=(*HOSTILE, *NAMES), name="ضعيف" * 30),
    "grid": a_full_report(segment_pairs=WIDE_GRID),
    "fifty": a_full_report(agents=[f"Team {n}" for n in range(50)]),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reports")
    for name, report in REPORTS.items():
        (folder / f"{name}.html").write_bytes(HtmlReport().write(report))
    return folder


@pytest.fixture
def tab(browser: Browser, folder: Path, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A tab with the report of (name, width, scheme) open, and what it asked for and complained about on it."""
    name, width, scheme = request.param
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=False)
    page = context.new_page()
    asked: list[str] = []
    complained: list[str] = []
    page.on("request", lambda sent: asked.append(sent.url))
    page.on("console", lambda said: complained.append(said.text))
    page.goto((folder / f"{name}.html").as_uri())
    yield page
    assert asked == [(folder / f"{name}.html").as_uri()]
    assert complained == []
    context.close()


VIEWS = [(name, width, scheme) for name in REPORTS for width, scheme in ((PHONE, "dark"), (DESK, "light"))] + [
    ("csat", PHONE, "light"),
    ("csat", DESK, "dark"),
]


@pytest.mark.parametrize("tab", VIEWS, indirect=True, ids=lambda view: "-".join(map(str, view)))
def test_a_report_fits_its_window_and_asks_nobody(tab: Page) -> None:
    assert tab.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
    seen = [tab.locator(f"svg.{kind}:visible").count() for kind in ("wide", "narrow")]
    assert min(seen) == 0, "one of the two sizes"
    assert max(seen) >= 6


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: "-".join(map(str, view)))
def test_a_report_passes_axe(browser: Browser, folder: Path, view: tuple[str, int, str]) -> None:
    """The page's policy lets no script in, so here it is set aside for axe."""
    name, width, scheme = view
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto((folder / f"{name}.html").as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    found = Axe().run(page, options=STRICT).response["violations"]
    context.close()
    assert [(each["id"], [node["html"][:120] for node in each["nodes"][:3]]) for each in found] == []


@pytest.mark.parametrize("tab", [("csat", DESK, "dark")], indirect=True, ids=["csat"])
def test_paper_is_white_and_shows_the_tables(tab: Page) -> None:
    tab.emulate_media(media="print")
    assert tab.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert tab.locator("svg.wide:visible").count() >= 6
    tables = tab.locator("details:not(.rest) table")
    assert [table.bounding_box() is not None for table in tables.all()] == [True] * 4
    assert tab.locator("details").first.locator("td").first.bounding_box()


@pytest.mark.parametrize("tab", [("hostile", DESK, "light")], indirect=True, ids=["hostile"])
def test_a_strangers_letters_do_not_turn_the_numbers_beside_them(tab: Page) -> None:
    assert tab.locator("h1 bdi").count() == 1
    for row in tab.locator("tbody th[scope=row] bdi").all():
        assert not set(row.inner_text()) & set("\u202a\u202b\u202c\u202d\u202e")
    left_to_right = tab.evaluate("getComputedStyle(document.documentElement).direction")
    assert left_to_right == "ltr"

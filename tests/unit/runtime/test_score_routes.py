"""/scores over HTTP: three forms of one figure, made to be cached and embedded, and the same silence about everything else."""

import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearback.adapters.admin.responses import ScoreShown
from hearback.adapters.pages.score_badge import no_score_badge, score_badge
from hearback.adapters.pages.score_page import score_page
from hearback.runtime.http import http_handler
from hearback.runtime.score_routes import score_routes
from hearback.usecases.show_score import ShowScore
from tests.unit.runtime.admin_world import Context
from tests.unit.usecases.test_show_score import ROOT, World, a_score_report

SVG = "{http://www.w3.org/2000/svg}"
LANGUAGES = ("en", "es", "zh", "ar")
HOSTILE = "<script>alert(1)</script>\"'&\u202e\x07]]>" + "W" * 200


def get(world: World, path: str, *, method: str = "GET", query: str = "", **headers: str) -> dict[str, Any]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    event = {"rawPath": path, "rawQueryString": query, "headers": named, "requestContext": {"http": {"method": method}}}
    show = ShowScore(world.configs, world.blobs, world.clock)
    reply: dict[str, Any] = http_handler(score_routes(show))(event, Context())
    return reply


@pytest.fixture
def world() -> World:
    return World().publish().month()


def test_the_page_shows_value_n_interval_period_and_formula(world: World) -> None:
    reply = get(world, "/scores/support")
    assert (reply["statusCode"], reply["headers"]["content-type"]) == (200, "text/html; charset=utf-8")
    for shown in ("75.0%", "500", "71.0% to 78.6%", "October 2026", "2026-10-01", "CSAT = 100", "Not proven", "95% interval"):
        assert shown in reply["body"]


def test_the_data_is_not_rounded_and_may_be_read_from_any_page(world: World) -> None:
    reply = get(world, "/scores/support.json")
    assert json.loads(reply["body"])["score"]["interval"]["low"] == 71.04
    assert reply["headers"]["access-control-allow-origin"] == "*"
    assert reply["headers"]["content-type"].startswith("application/json")


def test_the_badge_is_an_image_that_any_page_may_embed_and_that_runs_nothing(world: World) -> None:
    reply = get(world, "/scores/support.svg")
    assert reply["headers"]["content-type"].startswith("image/svg+xml")
    assert reply["headers"]["cross-origin-resource-policy"] == "cross-origin"
    assert "default-src 'none'" in reply["headers"]["content-security-policy"]
    drawn = ET.fromstring(reply["body"])
    assert drawn.tag == f"{SVG}svg"
    assert "Support" in (drawn.findtext(f"{SVG}title") or "")


@pytest.mark.parametrize("form", ["", ".json", ".svg"])
def test_every_form_may_be_kept_and_is_not_sent_twice(world: World, form: str) -> None:
    reply = get(world, f"/scores/support{form}")
    assert reply["headers"]["cache-control"].startswith("public, max-age=3600")
    again = get(world, f"/scores/support{form}", if_none_match=f'"other", W/{reply["headers"]["etag"]}')
    assert (again["statusCode"], again["body"], again["headers"]["etag"]) == (304, "", reply["headers"]["etag"])
    assert get(world, f"/scores/support{form}", if_none_match="*")["statusCode"] == 304
    assert get(world, f"/scores/support{form}", if_none_match='"other"')["statusCode"] == 200


def test_another_language_is_another_entity_and_caches_are_told(world: World) -> None:
    english, arabic = get(world, "/scores/support"), get(world, "/scores/support", accept_language="ar-EG,ar;q=0.9")
    assert 'dir="rtl"' in arabic["body"]
    assert english["headers"]["etag"] != arabic["headers"]["etag"]
    assert arabic["headers"]["vary"] == "Accept-Language"
    assert get(world, "/scores/support", accept_language="ar", query="language=en")["body"] == english["body"]


def test_a_new_month_is_a_new_entity(world: World) -> None:
    before = get(world, "/scores/support.svg")["headers"]["etag"]
    world.clock.advance(days=31)
    world.month(date(2026, 11, 1), value=76.0)
    assert get(world, "/scores/support.svg", if_none_match=before)["statusCode"] == 200


def test_a_head_request_tells_what_a_get_would_and_sends_nothing(world: World) -> None:
    head, full = get(world, "/scores/support", method="HEAD"), get(world, "/scores/support")
    assert (head["statusCode"], head["headers"], head["body"]) == (200, full["headers"], "")


@pytest.mark.parametrize("form", ["", ".json", ".svg"])
def test_what_is_not_published_answers_like_what_does_not_exist(form: str) -> None:
    world = World().publish(published=False).month()
    hidden, unknown = get(world, f"/scores/support{form}"), get(world, f"/scores/nobody{form}")
    assert hidden["statusCode"] == 404
    assert hidden == unknown
    assert hidden["headers"].get("cache-control") == "no-store"


@pytest.mark.parametrize("name", ["support.html", "support.", ".json", "support.json.svg", "support.JSON", "..", "%2e%2e"])
def test_a_form_that_there_is_not_is_not_found(world: World, name: str) -> None:
    assert get(world, f"/scores/{name}")["statusCode"] == 404


def test_a_page_that_is_not_there_is_never_called_unchanged() -> None:
    world = World().publish().month(n=4)
    tag = get(world, "/scores/support")["headers"]["etag"]
    assert get(world, "/scores/support", if_none_match=tag)["statusCode"] == 404


def test_too_few_answers_are_404_as_page_and_data_and_a_grey_badge() -> None:
    world = World().publish().month(n=4)
    page, data, badge = (get(world, f"/scores/support{form}") for form in ("", ".json", ".svg"))
    assert (page["statusCode"], data["statusCode"], badge["statusCode"]) == (404, 404, 200)
    assert "No score yet" in page["body"]
    assert json.loads(data["body"])["error"]["code"] == "not_enough_answers"
    assert "not enough answers" in badge["body"]
    for each in (page, data, badge):
        assert "75" not in each["body"].split("</style>")[-1]
        assert "max-age=300" in each["headers"]["cache-control"]


@pytest.mark.parametrize("form", ["", ".json", ".svg"])
def test_while_the_report_is_being_replaced_the_answer_is_later(world: World, form: str) -> None:
    world.blobs.put(f"{ROOT}/latest.json", b'{"survey":"support","reports":{},"running":{}}', "application/json")
    reply = get(world, f"/scores/support{form}")
    assert (reply["statusCode"], reply["headers"]["retry-after"]) == (503, "60")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_is_light_and_has_nothing_that_its_policy_would_block(language: str) -> None:
    page = score_page(a_score_report() | {"name": HOSTILE}, language)
    assert len(page.body.encode()) + len(str(page.headers)) < 15_000
    assert not re.search(r"<script|\sstyle=|\son\w+=|@import|url\(", page.body)
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    assert "script-src" not in page.headers["Content-Security-Policy"]


@given(name=st.text(max_size=120), language=st.sampled_from(LANGUAGES))
def test_whatever_a_survey_is_called_badge_and_page_are_well_formed(name: str, language: str) -> None:
    report = a_score_report() | {"name": name}
    for drawn in (score_badge(report, language), no_score_badge(name, "support", language)):
        root = ET.fromstring(drawn)
        assert {each.tag.removeprefix(SVG) for each in root.iter()} <= {"svg", "title", "clipPath", "rect", "g", "path", "text"}
        drawn.encode()
    assert "<script" not in score_page(report, language).body


@given(name=st.text(max_size=80))
def test_no_text_of_a_badge_reaches_over_its_own_box(name: str) -> None:
    root = ET.fromstring(score_badge(a_score_report() | {"name": name}, "en"))
    split = float(root.findall(f".//{SVG}g/{SVG}rect")[1].get("x") or 0)
    label, facts = root.findall(f".//{SVG}text")
    for text, left, right in ((label, 0.0, split), (facts, split, float(root.get("width") or 0))):
        middle, half = float(text.get("x") or 0), float(text.get("textLength") or 0) / 2
        assert left < middle - half
        assert middle + half < right


def width_of(name: str) -> float:
    return float(ET.fromstring(score_badge(a_score_report() | {"name": name}, "en")).get("width") or 0)


def test_a_long_name_is_cut_and_marks_above_letters_take_no_room() -> None:
    assert width_of("x" * 500) < width_of("Support") + 200
    assert width_of("e\u0301" * 5) == width_of("e" * 5) < width_of("客" * 5)


def test_a_hostile_name_is_text_in_every_form(world: World) -> None:
    report = a_score_report() | {"name": HOSTILE}
    world.blobs.put(world.key(date(2026, 10, 1)), json.dumps(report).encode(), "application/json")
    for body in (score_page(report, "en").body, score_badge(report, "en")):
        assert "<script>" not in body
        assert "\u202e" not in body
        assert "\x07" not in body


@pytest.mark.parametrize(
    ("metric", "score", "shown"),
    [
        (
            "nps",
            {"value": 8.4, "interval": {"low": -12.6, "high": 40.2, "level": 0.95, "method": "m"}, "target": 30.0},
            ("+8", "-13 to +40", "+30"),
        ),
        (
            "ces",
            {"value": 5.678, "interval": {"low": 5.5, "high": 5.99, "level": 0.95, "method": "m"}, "target": 5.5},
            ("5.68", "5.50 to 5.99"),
        ),
        ("nps", {"value": -0.3, "interval": None, "target": 30.0}, (">0<",)),
    ],
)
def test_each_metric_is_written_its_own_way(metric: str, score: dict[str, Any], shown: tuple[str, ...]) -> None:
    body = score_page(a_score_report(**score) | {"metric": metric, "scale": {"min": 1, "max": 7, "direction": "high_is_good"}}, "en").body
    assert all(each in body for each in shown)


def test_the_spanish_comma_is_on_the_page_and_in_the_badge() -> None:
    assert "75,0\u00a0%" in score_page(a_score_report(), "es").body
    assert "75,0\u00a0%" in score_badge(a_score_report(), "es")


def contrast(one: str, other: str) -> float:
    """WCAG 2.2's contrast ratio of two colours."""

    def luminance(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("verdict", ["met", "missed", "not_proven"])
def test_a_badge_can_be_read_and_says_its_verdict_without_colour(verdict: str) -> None:
    drawn = score_badge(a_score_report(verdict=verdict), "en")
    fills = re.findall(r'<rect[^>]*fill="(#\w{6})"', drawn)
    assert len(fills) == 2
    assert all(contrast("#ffffff", fill) >= 6 for fill in fills)
    assert "<path" in drawn
    assert {"met": "Target met", "missed": "Target missed", "not_proven": "Not proven"}[verdict] in drawn


def test_the_data_is_as_the_documentation_says(world: World) -> None:
    ScoreShown.model_validate_json(get(world, "/scores/support.json")["body"])


@pytest.mark.parametrize("path", sorted((Path(__file__).parents[3] / "events/published_score").glob("*.json")), ids=lambda path: path.stem)
def test_each_sample_event_is_answered_as_meant(world: World, path: Path) -> None:
    show = ShowScore(world.configs, world.blobs, world.clock)
    reply = http_handler(score_routes(show))(json.loads(path.read_text()), Context())
    assert reply["statusCode"] == (404 if path.stem == "not_published" else 200)


def test_a_cold_start_pays_for_no_template_engine_and_no_validation() -> None:
    loaded = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path[:] = {sys.path!r}; import hearback.runtime.score_routes; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert not {"jinja2", "pydantic", "boto3", "lets_plot", "hearback.adapters.reports"} & set(loaded)

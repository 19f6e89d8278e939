import base64
import hashlib
import re
import subprocess
import sys

import pytest

from hearback.adapters.pages.document import page


def test_the_policy_lets_nothing_in_but_the_pages_own_style() -> None:
    made = page("Title", "<h1>Title</h1>", "en")
    policy = dict(part.strip().split(" ", 1) for part in made.headers["Content-Security-Policy"].split(";"))
    (style,) = re.findall("<style>(.*?)</style>", made.body, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy == {
        "default-src": "'none'",
        "style-src": f"'sha256-{digest}'",
        "img-src": "data:",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }


def test_the_page_has_nothing_that_its_policy_would_block() -> None:
    body = page("Title", "", "en").body
    assert not re.search(r"<script|\sstyle=|\son\w+=|@import|url\(", body)
    assert not re.search(r"(src|href)=\"(?!data:)", body)


def test_the_page_stays_with_its_reader() -> None:
    headers = page("Title", "", "ar", status=410).headers
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    assert headers["Content-Language"] == "ar"
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Robots-Tag"] == "noindex, nofollow"


@pytest.mark.parametrize(("language", "direction"), [("en", "ltr"), ("ar-EG", "rtl"), ("zh_Hans", "ltr")])
def test_the_page_says_its_language_and_direction(language: str, direction: str) -> None:
    assert f'<html lang="{language.replace("_", "-")}" dir="{direction}">' in page("T", "", language).body


def test_a_title_is_text() -> None:
    assert "<title>&lt;b&gt;</title>" in page("<b>", "", "en").body


def test_a_cold_start_pays_for_no_template_engine() -> None:
    modules = "from hearback.adapters.pages import forms, notices, survey_pages; from hearback.domain import links, typed"
    loaded = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path[:] = {sys.path!r}; {modules}; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert not {"jinja2", "pydantic", "boto3", "email", "http", "asyncio"} & set(loaded)

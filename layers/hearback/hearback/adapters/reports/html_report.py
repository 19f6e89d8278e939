"""report.html: the report for people, one file that asks nobody for anything: no script, no font, no picture to fetch.

The page's own policy allows its one style sheet and nothing else. Pictures are SVG inside it, in the sheet's colours.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup

from hearback.adapters.reports.formatting import Figures
from hearback.adapters.reports.sections.changes import changes
from hearback.adapters.reports.sections.coverage import coverage
from hearback.adapters.reports.sections.drivers import drivers, reasons
from hearback.adapters.reports.sections.groups import groups, pairs
from hearback.adapters.reports.sections.headline import headline
from hearback.adapters.reports.sections.method import method
from hearback.adapters.reports.sections.ratings import ratings
from hearback.adapters.reports.sections.trend import target_says, trend_part


@dataclass(frozen=True, slots=True)
class HtmlReport:
    name: str = "report.html"
    content_type: str = "text/html; charset=utf-8"

    def write(self, report: Mapping[str, Any]) -> bytes:
        """In the report's language. What it lacks, as older reports do, is left out of the page."""
        figures = Figures.of(report)
        template, style, style_hash = _template()
        page = template.render(r=report, w=figures.words, style=style, style_hash=style_hash, **_parts(report, figures))
        return page.encode(errors="replace")


def _parts(report: Mapping[str, Any], figures: Figures) -> dict[str, Any]:
    return {
        "head": headline(report, figures),
        "target": target_says(report, figures),
        "changes": changes(report, figures),
        "ratings": ratings(report, figures),
        "trend": trend_part(report, figures),
        "groups": groups(report, figures),
        "pairs": list(pairs(report, figures)),
        "drivers": drivers(report, figures),
        "reasons": list(reasons(report, figures)),
        "coverage": coverage(report, figures),
        "method": method(report, figures),
    }


@cache
def _template() -> tuple[Template, Markup, str]:
    """The template, its style sheet, and the hash under which the page's own policy allows it."""
    here = Path(__file__)
    style = here.with_name("report.css").read_text("utf-8").replace("\n", "")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    environment = Environment(autoescape=True, undefined=StrictUndefined, keep_trailing_newline=True)
    template = environment.from_string(here.with_name("report.html.jinja").read_text("utf-8"))
    return template, Markup(style), f"sha256-{digest}"  # noqa: S704 - our own file

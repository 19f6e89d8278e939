"""index.html: every report of a survey, the newest first. One file that asks nobody for anything; its links are relative, so
that they work in the bucket, on a disk and behind any address.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Sequence
from datetime import date
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup

from hearback.adapters.reports.formatting import NOTHING, Figures, count, shown
from hearback.adapters.reports.mail_words import mail_words
from hearback.domain.calendar import Period
from hearback.domain.scoring.line import ReportLine
from hearback.domain.survey import Survey

_NAME_LIMIT = 90
_MONTH_ENDS = len("2026-11")
_TITLES = {Period.QUARTER: "quarters", Period.MONTH: "months", Period.WEEK: "weeks"}


def index_page(survey: Survey, lines: Sequence[ReportLine]) -> bytes:
    template, style, style_hash = _template()
    view = _View(survey)
    newest = sorted(lines, key=lambda each: each.start, reverse=True)
    by_period = {period: [each for each in newest if each.period == period.value] for period in Period}
    page = template.render(
        w=view.words,
        o=view.own,
        style=style,
        style_hash=style_hash,
        **view.head(),
        groups=[view.group(view.own[title], by_period[period]) for period, title in _TITLES.items() if by_period[period]],
        days=list(view.months_of_days(by_period[Period.DAY])),
    )
    return page.encode(errors="replace")


@cache
def _template() -> tuple[Template, Markup, str]:
    """The template, its style sheet, and the hash under which the page's own policy allows it."""
    here = Path(__file__)
    style = here.with_name("index.css").read_text("utf-8").replace("\n", "")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    environment = Environment(autoescape=True, undefined=StrictUndefined, keep_trailing_newline=True)
    template = environment.from_string(here.with_name("index.html.jinja").read_text("utf-8"))
    return template, Markup(style), f"sha256-{digest}"  # noqa: S704 - our own file


class _View:
    """What the page says, rounded for the eye."""

    def __init__(self, survey: Survey) -> None:
        self._survey = survey
        self._scale = {"min": survey.scale.min, "max": survey.scale.max}
        self.words = Figures.of({"metric": survey.metric.value, "scale": self._scale}, survey.report_language).words
        self.own = mail_words(survey.report_language)

    def head(self) -> dict[str, str]:
        survey = self._survey
        name = shown(survey.name or survey.id, _NAME_LIMIT)
        return {
            "title": self.own["index_title"].format(name=name),
            "kind": self.own["index_kind"].format(metric=survey.metric.value.upper()),
            "name": name,
            "says": self.own["index_says"].format(timezone=survey.timezone),
        }

    def group(self, title: str, lines: Sequence[ReportLine], *, data: bool = True) -> dict[str, Any]:
        return {"title": title, "data": data, "rows": [self._row(each) for each in lines]}

    def months_of_days(self, days: Sequence[ReportLine]) -> Iterator[dict[str, Any]]:
        """Years of days stay a light page: a day's data is one step further, beside its report."""
        for month, held in groupby(days, key=lambda each: each.start[:_MONTH_ENDS]):
            group = list(held)
            title = self._month(date.fromisoformat(f"{month}-01"))
            number = self.own["day_one" if len(group) == 1 else "day_many"].format(n=len(group))
            yield {**self.group(title, group, data=False), "summary": self.own["days_of"].format(month=title, days=number)}

    def _row(self, line: ReportLine) -> dict[str, Any]:
        """A score is shown in the metric that it was reported in, which need not be today's."""
        figures = Figures.of({"metric": line.metric or self._survey.metric.value, "scale": self._scale}, self._survey.report_language)
        interval = None if line.low is None else {"low": line.low, "high": line.high}
        return {
            "folder": f"period={line.period}/{line.start}/",
            "name": self._name(line, figures),
            "running": not line.complete,
            "score": figures.score(line.value),
            "interval": figures.interval(interval),
            "n": NOTHING if line.n is None else count(line.n),
            "verdict": line.verdict if line.n else "",
        }

    def _name(self, line: ReportLine, figures: Figures) -> str:
        start = date.fromisoformat(line.start)
        match line.period:
            case Period.QUARTER:
                return self.own["quarter_of"].format(quarter=(start.month + 2) // 3, year=start.year)
            case Period.MONTH:
                return self._month(start)
            case Period.WEEK:
                return figures.span(line.start, line.end)
            case _:
                return figures.day(start)

    def _month(self, day: date) -> str:
        return self.own["month_of"].format(month=self.own["month_names"].split()[day.month - 1], year=day.year)

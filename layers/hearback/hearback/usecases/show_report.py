"""GET /admin/reports/{survey}/{date}: one finished report, and where its other forms are."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from hearback.domain.calendar import Period, first_day
from hearback.domain.errors import Invalid, NotFound
from hearback.domain.ids import ID_PATTERN
from hearback.ports import Blobs

_FORMS = ("json", "csv", "html")


@dataclass(frozen=True)
class ShowReport:
    blobs: Blobs

    def __call__(self, survey: str, day: str, period: str = Period.DAY) -> dict[str, Any]:
        """The report of the period that holds the day. Raises `Invalid` for a day or period that is none, `NotFound`."""
        folder = _folder(survey, day, period)
        found = self.blobs.get(f"{folder}/report.json")
        if found is None:
            raise NotFound("there is no such report", code="unknown_report")
        report: dict[str, Any] = json.loads(found)
        return {**report, "files": {form: f"{folder}/report.{form}" for form in _FORMS}}


def _folder(survey: str, day: str, period: str) -> str:
    problems: dict[str, str] = {}
    if period not in set(Period):
        problems["period"] = f"must be one of {', '.join(Period)}"
    try:
        asked = date.fromisoformat(day)
    except ValueError:
        asked = None
    if asked is None or asked.isoformat() != day or asked.year in (1, 9999):
        problems["date"] = "must be a date such as 2026-11-21"
    if problems or asked is None:
        raise Invalid("there can be no such report", fields=problems)
    if not ID_PATTERN.fullmatch(survey):
        raise NotFound("there is no such report", code="unknown_report")
    return f"reports/survey={survey}/period={period}/{first_day(Period(period), asked).isoformat()}"

"""A report in one line: what the index page says about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from hearback.domain.calendar import Period, days_of


@dataclass(frozen=True, slots=True)
class ReportLine:
    """`n` is None where nobody has read the report: it is there, and that is all that is known. `low` and `high` bound the
    score's interval.
    """

    period: str
    start: str
    end: str
    complete: bool = True
    metric: str = ""
    n: int | None = None
    value: float | None = None
    low: float | None = None
    high: float | None = None
    verdict: str = ""

    @staticmethod
    def of(report: Mapping[str, Any]) -> ReportLine:
        period, score = report["period"], report["score"]
        interval = score["interval"] or {"low": None, "high": None}
        return ReportLine(
            period=period["kind"],
            start=period["start"],
            end=period["end"],
            complete=report["complete"],
            metric=report["metric"],
            n=score["n"],
            value=score["value"],
            low=interval["low"],
            high=interval["high"],
            verdict=score["verdict"],
        )

    @staticmethod
    def unread(period: Period, start: date) -> ReportLine:
        return ReportLine(period.value, start.isoformat(), days_of(period, start)[-1].isoformat())

    @property
    def key(self) -> tuple[str, str]:
        return self.period, self.start

    def plain(self) -> dict[str, Any]:
        return asdict(self)

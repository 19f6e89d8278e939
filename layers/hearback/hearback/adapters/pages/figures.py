"""A published score's figures as people read them, in one language: rounded for the eye, and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from hearback.domain.languages import words
from hearback.domain.plain_text import plain_text


@dataclass(frozen=True, slots=True)
class Figures:
    """Plain text, every part. `interval` is empty when there is none."""

    name: str
    metric: str
    value: str
    meaning: str
    interval_name: str
    interval: str
    n: str
    target: str
    verdict: str
    verdict_says: str
    period: str

    @staticmethod
    def of(score: Mapping[str, Any], language: str) -> Figures:
        """`score` holds name, survey, metric, scale, benchmark, period and score, as report.json has them."""
        said, metric, found = words(language), score["metric"], score["score"]
        scale, interval = score["scale"], found["interval"]
        level = _percent((interval or {"level": 0.95})["level"] * 100, 0, said)
        value = shown(found["value"], metric, language)
        return Figures(
            name=plain_text(score["name"]) or score["survey"],
            metric=said[f"score_{metric}"],
            value=value,
            meaning=said[f"score_{metric}_says"].format(value=value, benchmark=score["benchmark"], min=scale["min"], max=scale["max"]),
            interval_name=said["score_interval"].format(level=level),
            interval=_interval(interval, metric, language),
            n=str(found["n"]),
            target=shown(found["target"], metric, language),
            verdict=said[f"score_{found['verdict']}"],
            verdict_says=said[f"score_{found['verdict']}_says"],
            period=month(date.fromisoformat(score["period"]["start"]), language),
        )

    def sentence(self, language: str) -> str:
        """All of it at once, for a screen reader."""
        return words(language)["score_badge"].format(
            name=self.name,
            metric=self.metric,
            value=self.value,
            interval_name=self.interval_name,
            interval=self.interval,
            answers=words(language)["score_answers"],
            n=self.n,
            period=self.period,
            verdict=self.verdict,
        )


def shown(value: float, metric: str, language: str) -> str:
    """A CSAT to a tenth of a percent, an NPS whole, a CES to a hundredth."""
    said = words(language)
    match metric:
        case "csat":
            return _percent(value, 1, said)
        case "nps":
            return f"{round(value):+d}" if round(value) else "0"
        case _:
            return _decimal(value, 2, said)


def month(start: date, language: str) -> str:
    said = words(language)
    return said["month_of_year"].format(month=said[f"month_{start.month}"], year=start.year)


def _interval(interval: Mapping[str, Any] | None, metric: str, language: str) -> str:
    if interval is None:
        return ""
    low, high = (shown(interval[end], metric, language) for end in ("low", "high"))
    return words(language)["score_from_to"].format(low=low, high=high)


def _percent(value: float, places: int, said: Mapping[str, str]) -> str:
    return said["percent"].format(value=_decimal(value, places, said))


def _decimal(value: float, places: int, said: Mapping[str, str]) -> str:
    return f"{value:.{places}f}".replace(".", said["decimal_mark"])

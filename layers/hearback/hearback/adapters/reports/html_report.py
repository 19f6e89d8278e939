"""report.html: the report for people, one file that asks nobody for anything: no script, no font, no picture.

Bars are widths in whole percent, given by classes, so that the page's policy can forbid every style but its own.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup

from hearback.adapters.reports.words import ENGLISH

_STEPS = "".join(f".w{n}{{width:{n}%}}.s{n}{{left:{n}%}}" for n in range(101))

_PLAIN_COUNTS = ("invited", "sent", "delivered", "unknown", "refused", "answered", "valid")
_RARE_COUNTS = ("imported", "other_scale", "invalid", "quarantined")
"""Shown only when there are any."""


@dataclass(frozen=True, slots=True)
class HtmlReport:
    name: str = "report.html"
    content_type: str = "text/html; charset=utf-8"

    def write(self, report: Mapping[str, Any]) -> bytes:
        template, style, style_hash = _template()
        view = _View(report, ENGLISH)
        page = template.render(r=report, w=ENGLISH, count=_grouped, style=style, style_hash=style_hash, **view.everything())
        return page.encode(errors="replace")


@cache
def _template() -> tuple[Template, Markup, str]:
    """The template, its style sheet, and the hash under which the page's own policy allows it."""
    here = Path(__file__)
    style = here.with_name("report.css").read_text("utf-8").replace("\n", "") + _STEPS
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    environment = Environment(autoescape=True, undefined=StrictUndefined, keep_trailing_newline=True)
    template = environment.from_string(here.with_name("report.html.jinja").read_text("utf-8"))
    return template, Markup(style), f"sha256-{digest}"  # noqa: S704 - our own file


class _View:
    """What the page says, rounded for the eye."""

    def __init__(self, report: Mapping[str, Any], words: Mapping[str, str]) -> None:
        self._r, self._w = report, words
        self._show: Callable[[float | None], str] = {"csat": _percent, "nps": _whole}.get(report["metric"], _rating)
        bounds = {"csat": (0, 100), "nps": (-100, 100)}
        self._low: float
        self._high: float
        self._low, self._high = bounds.get(report["metric"], (report["scale"]["min"], report["scale"]["max"]))

    def everything(self) -> dict[str, Any]:
        r, w = self._r, self._w
        score = r["score"]
        period, metric = r["period"], r["metric"].upper()
        return {
            "metric": metric,
            "title": f"{r['name'] or r['survey']}: {metric} {w['report']}, {w[period['kind']].lower()} {period['start']}",
            "score": "-" if score["value"] is None else self._show(score["value"]),
            "verdict_says": self._verdict_says(),
            "interval_name": w["interval"].format(level=f"{(score['interval'] or {'level': 0.95})['level'] * 100:g}%"),
            "interval": self._interval(score["interval"]),
            "track": self._track(score["value"], score["interval"]),
            "mean": _rating(r["mean"]),
            "response_rate": _percent(r["response_rate"]),
            "ratings": list(self._ratings()),
            "trend": [self._row(each, _between(each["start"], each["end"])) for each in r["trend"]],
            "segments": list(self._segments()),
            "few": w["suppressed"].format(minimum=r["minimum_group"]),
            "reasons": self._reasons(),
            "counts": list(self._counts()),
            "minimum_says": w["minimum_says"].format(minimum=r["minimum_group"]),
            "left_out": self._left_out(),
            "other_scales": list(self._other_scales()),
        }

    def _verdict_says(self) -> str:
        score = self._r["score"]
        target = self._show(score["target"])
        if score["n"] == 0:
            return self._w["no_answers_says"]
        if score["interval"] is None:
            return self._w["no_interval_says"]
        if not self._low <= score["target"] <= self._high:
            return self._w["target_off_scale_says"].format(target=target)
        low_is_good = self._r["metric"] == "ces" and self._r["scale"]["direction"] == "low_is_good"
        return self._w[f"{score['verdict']}{'_low' if low_is_good else ''}_says"].format(target=target)

    def _interval(self, interval: Mapping[str, Any] | None) -> str:
        if interval is None:
            return ""
        return self._w["from_to"].format(low=self._show(interval["low"]), high=self._show(interval["high"]))

    def _track(self, value: float | None, interval: Mapping[str, Any] | None) -> dict[str, Any] | None:
        if value is None or interval is None:
            return None
        left, right = self._place(interval["low"]), self._place(interval["high"])
        target = self._r["score"]["target"]
        return {
            "left": left,
            "width": right - left,
            "at": self._place(value),
            "target": self._place(target) if self._low <= target <= self._high else None,
            "low": self._low,
            "high": self._high,
        }

    def _place(self, value: float) -> int:
        return round(100.0 * (min(max(value, self._low), self._high) - self._low) / (self._high - self._low))

    def _ratings(self) -> Iterator[dict[str, Any]]:
        """The best rating first."""
        r = self._r
        n = r["score"]["n"]
        low_is_good = r["scale"]["direction"] == "low_is_good"
        for rating in sorted(r["histogram"], key=int, reverse=not low_is_good):
            count = r["histogram"][rating]
            share = 100 * count / n if n else 0.0
            yield {
                "rating": rating,
                "n": count,
                "share": _percent(share) if n else "-",
                "width": round(share),
                "good": self._good(int(rating)),
            }

    def _good(self, rating: int) -> bool:
        r = self._r
        if r["metric"] == "nps":
            return rating >= 9  # noqa: PLR2004 - promoters
        if r["metric"] == "csat":
            low_is_good = r["scale"]["direction"] == "low_is_good"
            return bool(rating <= r["benchmark"] if low_is_good else rating >= r["benchmark"])
        return True

    def _row(self, each: Mapping[str, Any], name: str) -> dict[str, Any]:
        return {
            **each,
            "name": name,
            "score": self._show(each["score"]),
            "mean": _rating(each["mean"]),
            "interval": self._interval(each["interval"]) or "-",
            "track": self._track(each["score"], each["interval"]),
        }

    def _segments(self) -> Iterator[dict[str, Any]]:
        for by, rows in groupby(self._r["segments"], key=lambda each: each["by"]):
            yield {"by": by, "title": self._w["segments"].format(by=by), "rows": [self._row(each, each["name"]) for each in rows]}

    def _reasons(self) -> list[dict[str, Any]]:
        n = max(self._r["score"]["n"], 1)
        return [
            {"name": f"{each['question']}: {each['choice']}", "n": each["n"], "width": min(round(100 * each["n"] / n), 100)}
            for each in self._r["reasons"]
        ]

    def _counts(self) -> Iterator[tuple[str, int]]:
        counts = self._r["counts"]
        for name in _PLAIN_COUNTS:
            yield self._w[name], counts[name]
        for name in _RARE_COUNTS:
            if counts[name]:
                yield self._w[name], counts[name]
        for reason, n in counts["not_asked"].items():
            yield self._w["not_asked"].format(reason=reason.replace("_", " ")), n

    def _left_out(self) -> str:
        names = [each["by"] for each in self._r["segments_left_out"]]
        return self._w["left_out"].format(names=", ".join(names)) if names else ""

    def _other_scales(self) -> Iterator[str]:
        for each in self._r["other_scales"]:
            scale = f"{each['scale']['min']}-{each['scale']['max']}"
            yield self._w["other_scales_says"].format(n=_grouped(each["n"]), scale=scale, metric=each["metric"].upper())


def _grouped(n: int) -> str:
    """17,182 with a narrow blank, which no language reads as a decimal mark."""
    return f"{n:,}".replace(",", "\u202f")


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f}%"


def _whole(value: float | None) -> str:
    """NPS: whole, with its sign, and never "-0"."""
    return "-" if value is None else f"{round(value):+d}" if round(value) else "0"


def _rating(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def _between(start: str, end: str) -> str:
    return start if start == end else f"{start} - {end}"

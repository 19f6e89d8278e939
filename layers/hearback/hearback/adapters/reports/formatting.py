"""How numbers, dates and strangers' texts are shown to people: one place for pages and mails, one form for each language.

Numbers are rounded here and nowhere else.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from hearback.adapters.reports.words import Words, words_of

NOTHING = "\u2013"
MINUS = "\u2212"
_UNSEEN = frozenset("\u061c\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff")
"""Direction marks and blanks of no width: in a name they say nothing, and they could turn the words around it."""


def shown(text: str, most: int = 60) -> str:
    """A stranger's text on one line: no control characters, no direction marks, cut where it gets too long."""
    seen = "".join(_seen(character) for character in text[: 4 * most + 200])
    line = " ".join(seen.encode(errors="replace").decode().split())
    if len(line) <= most and len(text) <= 4 * most + 200:
        return line
    cut = line[: most - 1]
    while cut and (unicodedata.combining(line[len(cut) : len(cut) + 1] or " ") or cut[-1] == "\u200d"):
        cut = cut[:-1]
    return cut.rstrip() + "…"


def _seen(character: str) -> str:
    if character in _UNSEEN:
        return ""
    return " " if unicodedata.category(character) in {"Cc", "Zl", "Zp"} else character


def columns(text: str) -> int:
    """How many half-width columns the text takes: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else not unicodedata.combining(each) for each in text)


def signed(value: float, places: int = 0) -> str:
    """With its sign; what rounds to nothing has none."""
    digits = f"{abs(value):,.{places}f}"
    return digits if not any(each in "123456789" for each in digits) else ("+" if value > 0 else MINUS) + digits


def unsigned(value: float, places: int = 0) -> str:
    return signed(value, places).removeprefix("+")


def count(number: int | None) -> str:
    return NOTHING if number is None else f"{number:,}"


def percent(value: float | None) -> str:
    return NOTHING if value is None else f"{unsigned(value, 1)}%"


def rating(value: float | None) -> str:
    return NOTHING if value is None else unsigned(value, 2)


@dataclass(frozen=True, slots=True)
class Figures:
    """Shows a report's numbers in its metric's units and its reader's language."""

    metric: str
    words: Words
    low: float
    high: float

    @staticmethod
    def of(report: Mapping[str, Any], language: str | None = None) -> Figures:
        """`language` wins over the report's own."""
        scale = report["scale"]
        low, high = {"csat": (0.0, 100.0), "nps": (-100.0, 100.0)}.get(report["metric"], (float(scale["min"]), float(scale["max"])))
        return Figures(report["metric"], words_of(language or report.get("language", "en")), low, high)

    def score(self, value: float | None) -> str:
        """CSAT: percent, one decimal. NPS: whole, with its sign. CES: a rating, two decimals."""
        if value is None:
            return NOTHING
        match self.metric:
            case "csat":
                return percent(value)
            case "nps":
                return signed(value)
            case _:
                return rating(value)

    def difference(self, value: float) -> str:
        return signed(value, {"csat": 1, "nps": 0}.get(self.metric, 2))

    def tick_difference(self, value: float) -> str:
        """A difference on an axis: no more places than it needs."""
        shown_value = f"{abs(value):g}"
        return "0" if shown_value == "0" else ("+" if value > 0 else MINUS) + shown_value

    def points(self, value: float) -> str:
        """A difference without its sign, with its unit: "5.2 points"."""
        return self.words["points"].format(value=self.difference(abs(value)).removeprefix("+"))

    def interval(self, interval: Mapping[str, Any] | None) -> str:
        return NOTHING if interval is None else self._from_to(self.score(interval["low"]), self.score(interval["high"]))

    def difference_interval(self, interval: Mapping[str, Any] | None) -> str:
        return NOTHING if interval is None else self._from_to(self.difference(interval["low"]), self.difference(interval["high"]))

    def share_interval(self, interval: Mapping[str, Any] | None) -> str:
        return NOTHING if interval is None else self._from_to(percent(interval["low"]), percent(interval["high"]))

    def answers(self, number: int) -> str:
        return self.words["answers_one" if number == 1 else "answers_many"].format(n=count(number))

    def day(self, day: str | date) -> str:
        day = date.fromisoformat(day) if isinstance(day, str) else day
        return self.words["date"].format(year=day.year, month=self._month(day), day=day.day)

    def short_day(self, day: str | date) -> str:
        day = date.fromisoformat(day) if isinstance(day, str) else day
        return self.words["short_date"].format(month=self._month(day), day=day.day)

    def span(self, start: str, end: str) -> str:
        return self.day(start) if start == end else self._from_to(self.day(start), self.day(end))

    def named(self, name: str) -> str:
        """A fact's name or value, fit to stand in a sentence."""
        return shown(name) or self.words["empty"]

    def first(self, rows: Sequence[Any], most: int) -> dict[str, Any]:
        """Rows to show at once and `rest` to unfold, with the words that say so. A rest of a few is no rest."""
        most = len(rows) if len(rows) <= most + most // 3 else most
        rest = rows[most:]
        return {"rows": rows[:most], "rest": rest, "show_more": self.words["show_more"].format(n=count(len(rest)))}

    def listed(self, names: list[str]) -> str:
        return self.words["comma"].join(names)

    def _month(self, day: date) -> str:
        return self.words["months"].split()[day.month - 1]

    def _from_to(self, low: str, high: str) -> str:
        return self.words["from_to"].format(low=low, high=high)

"""The digest mail: report.html's first minute, as text and as HTML that mail programs understand (tables, inline styles).

It says each thing in the report's own words, so that a mail and its attachment never tell two stories.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

from hearback.adapters.reports.formatting import Figures, count, percent, shown
from hearback.adapters.reports.mail_words import mail_words
from hearback.adapters.reports.sections.changes import changes
from hearback.adapters.reports.sections.coverage import STEPS
from hearback.adapters.reports.sections.drivers import driver_row
from hearback.adapters.reports.sections.headline import interval_says, needed_says, verdict_says
from hearback.ports import Mail

MOST_DRIVERS = 4
_SUBJECT_LIMIT, _NAME_LIMIT = 200, 60
_FONT = "font-family:-apple-system,'Segoe UI',Roboto,'Noto Sans',Helvetica,Arial,sans-serif"
_LOOKS = {"met": ("#0b6b3a", "#e2f4e9"), "missed": ("#9b1c1c", "#fbe7e5"), "not_proven": ("#6b4e00", "#fbf1d7")}


@dataclass(frozen=True, slots=True)
class _Section:
    title: str
    lines: tuple[str, ...]


def digest_mail(report: Mapping[str, Any], language: str) -> Mail:
    """`report` as report.json has it. Receivers and the attachment are the caller's to add."""
    digest = _Digest(report, language)
    return Mail(to=(), subject=digest.subject, text=digest.text(), html=digest.html())


class _Digest:
    def __init__(self, report: Mapping[str, Any], language: str) -> None:
        self._r, self._own = report, mail_words(language)
        self._figures = Figures.of(report, language)
        self._language = language if language == "zh" else "en"
        period = report["period"]
        self._name = shown(report["name"] or report["survey"], _NAME_LIMIT)
        self._metric = report["metric"].upper()
        self._span = self._figures.span(period["start"], period["end"])
        self._kind = self._figures.words["kind"].format(metric=self._metric, period=self._figures.words[period["kind"]])

    @property
    def subject(self) -> str:
        score = self._r["score"]
        form = self._own["subject" if score["n"] else "subject_none"]
        return form.format(
            name=self._name,
            metric=self._metric,
            score=self._figures.score(score["value"]),
            verdict=self._own[score["verdict"]],
            answers=self._figures.answers(score["n"]),
            span=self._span,
        )[:_SUBJECT_LIMIT]

    def text(self) -> str:
        words, score = self._figures.words, self._r["score"]
        value, answers = self._figures.score(score["value"]), self._figures.answers(score["n"])
        head = self._own["headline"].format(score=value, answers=answers, verdict=words[score["verdict"]])
        parts = [f"{self._name}\n{self._kind}{self._own['comma']}{self._span}", "\n".join([head, *self._score_lines()])]
        parts += ["\n".join([each.title, *(f"- {line}" for line in each.lines)]) for each in self._sections()]
        return "\n\n".join([*parts, self._own["attached"], f"-- \n{self._why()}\n"])

    def html(self) -> str:
        words, score = self._figures.words, self._r["score"]
        ink, ground = _LOOKS[score["verdict"]]
        sections = "".join(_section_html(each) for each in self._sections())
        return (
            f'<!doctype html><html lang="{self._language}"><head><meta charset="utf-8">'
            f'<meta name="viewport" content="width=device-width,initial-scale=1"><title>{escape(self.subject)}</title></head>'
            '<body style="margin:0;padding:0;background:#f3f2ee"><table role="presentation" width="100%" cellpadding="0" cellspacing="0">'
            '<tr><td align="center" style="padding:24px 12px"><table role="presentation" width="100%" cellpadding="0" cellspacing="0" '
            f'style="max-width:600px;background:#fff;border-radius:12px"><tr><td style="padding:28px 24px;{_FONT};font-size:16px;'
            'line-height:1.5;color:#1c2430">'
            f'<p style="margin:0;font-size:14px;font-weight:600;color:#545d6b">{escape(self._kind)}</p>'
            f'<h1 style="margin:0 0 2px;font-size:22px;line-height:1.3"><bdi>{escape(self._name)}</bdi></h1>'
            f'<p style="margin:0 0 18px;color:#545d6b">{escape(self._span)}</p>'
            f'<p style="margin:0 0 4px"><span style="font-size:46px;line-height:1.1;font-weight:700">'
            f"{escape(self._figures.score(score['value']))}</span> "
            f'<span style="color:#545d6b">{escape(self._figures.answers(score["n"]))}</span></p>'
            f'<p style="margin:0 0 12px"><span style="display:inline-block;padding:2px 12px;border-radius:14px;font-weight:600;'
            f'background:{ground};color:{ink}">{escape(words[score["verdict"]])}</span></p>'
            f"{''.join(_paragraph(line) for line in self._score_lines())}{sections}"
            f'<p style="margin:24px 0 0;padding-top:16px;border-top:1px solid #e4e2dc">{escape(self._own["attached"])}</p>'
            f'<p style="margin:12px 0 0;font-size:13px;color:#5a6370">{escape(self._why())}</p>'
            "</td></tr></table></td></tr></table></body></html>"
        )

    def _score_lines(self) -> list[str]:
        target = self._own["target"].format(target=self._figures.score(self._r["score"]["target"]))
        said = (verdict_says(self._r, self._figures), interval_says(self._r, self._figures), needed_says(self._r, self._figures))
        return [target, *(each for each in said if each)]

    def _sections(self) -> Iterator[_Section]:
        words = self._figures.words
        if moved := [says for _, says in changes(self._r, self._figures)]:
            yield _Section(words["changes"], tuple(moved))
        found = [driver_row(each, self._figures) for each in self._r["drivers"][:MOST_DRIVERS]]
        if found:
            yield _Section(words["drivers"], tuple(f"{each['name']}{self._own['colon']}{each['says']}" for each in found))
        yield _Section(words["coverage"], (self._coverage(),))

    def _coverage(self) -> str:
        """One line: from everybody who could have been asked to everybody who answered."""
        words, found, counts = self._figures.words, self._r.get("coverage"), self._r["counts"]
        steps = {step: found[step] for step in STEPS} if found else {"sent": counts["sent"], "answered": counts["answered"]}
        line = self._own["arrow"].join(
            self._own["coverage"].format(name=words[f"step_{step}"], n=count(number)) for step, number in steps.items()
        )
        rate = found["response_rate_sent"] if found else self._r["response_rate"]
        if rate is None:
            return line
        name = words["response_rate_sent" if found else "response_rate"]
        return f"{line}{self._own['comma']}{self._own['rate'].format(name=name, rate=percent(rate))}"

    def _why(self) -> str:
        return self._own["why"].format(survey=self._name)


def _section_html(section: _Section) -> str:
    lines = "".join(f'<li style="margin:0 0 8px"><bdi>{escape(line)}</bdi></li>' for line in section.lines)
    title = f'<h2 style="margin:22px 0 8px;font-size:17px;line-height:1.35">{escape(section.title)}</h2>'
    return f'{title}<ul style="margin:0;padding:0 0 0 20px">{lines}</ul>'


def _paragraph(line: str) -> str:
    return f'<p style="margin:0 0 8px">{escape(line)}</p>'

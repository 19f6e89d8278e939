"""The page of a published score: the figure, how sure it is, and how it came about. It may be kept by caches and framed by nobody."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from hearback.adapters.pages.document import Page, page
from hearback.adapters.pages.figures import Figures
from hearback.domain.languages import words
from hearback.domain.plain_text import plain_text

_SHEET = """
:root{color-scheme:light dark;--ground:#f3f2ee;--card:#fff;--text:#1c2430;--quiet:#545d6b;--soft:#e4e2dc;--track:#eceae4;
--band:#9cc3d2;--accent:#0b5a73;--met:#0b5c33;--met-bg:#e2f4e9;--missed:#93201a;--missed-bg:#fbe7e5;--open:#5f4500;--open-bg:#fbf1d7}
@media(prefers-color-scheme:dark){:root{--ground:#11161b;--card:#1a2128;--text:#e8ecf0;--quiet:#aab4bf;--soft:#2d363f;--track:#2d363f;
--band:#35616f;--accent:#7fcbe0;--met:#8fe0b3;--met-bg:#12351f;--missed:#ffb4ab;--missed-bg:#45191a;--open:#f3d58a;--open-bg:#3c2f0c}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;min-height:100vh;min-height:100svh;display:flex;flex-direction:column;align-items:center;justify-content:center;
padding:12px;background:var(--ground);color:var(--text);
font:1.0625rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;overflow-wrap:break-word}
main{width:100%;max-width:34rem;padding:28px 20px;background:var(--card);border:1px solid var(--soft);border-radius:18px}
h1{margin:0 0 .2em;font-size:1.4rem;line-height:1.3;font-weight:650;text-wrap:balance}
p{margin:0 0 1em}
.q,dt{color:var(--quiet)}
.kind{margin:0 0 .1rem;font-weight:600;color:var(--quiet)}
.figure{display:flex;flex-wrap:wrap;align-items:center;gap:.4rem 1.25rem;margin:1rem 0 .4rem}
.figure strong{font-size:3.75rem;line-height:1.05;letter-spacing:-.02em;font-variant-numeric:tabular-nums}
.v{padding:.15rem .85rem;border-radius:1rem;font-weight:650}
.met{background:var(--met-bg);color:var(--met)}.missed{background:var(--missed-bg);color:var(--missed)}
.not_proven{background:var(--open-bg);color:var(--open)}
.bar{display:block;width:100%;height:2.25rem;margin:.75rem 0 1.25rem}
.t{fill:var(--track)}.b{fill:var(--band)}.d{fill:var(--accent)}.g{stroke:var(--text);stroke-width:2;stroke-dasharray:4 3}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.45rem 1.25rem;margin:1.25rem 0;padding:1.1rem 0;
border:solid var(--soft);border-width:1px 0}
dd{margin:0;font-variant-numeric:tabular-nums}
dd code{font:.9375rem/1.5 ui-monospace,"SF Mono",Menlo,Consolas,monospace;overflow-wrap:anywhere}
.small{font-size:.9375rem}
p:last-child{margin-bottom:0}
@media(max-width:26rem){dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:.6rem}dd:last-child{margin:0}}
@media(min-width:37rem){main{padding:40px}h1{font-size:1.6rem}}
@media(prefers-contrast:more){:root{--quiet:var(--text);--soft:var(--text)}}
@media(forced-colors:active){.v{border:1px solid}
.t{fill:Canvas;stroke:CanvasText}.b{fill:Highlight}.d{fill:CanvasText}.g{stroke:CanvasText}}
@media print{body{background:#fff}main{border:0}}
"""

_WIDTH, _HEIGHT = 480, 36


def score_page(score: Mapping[str, Any], language: str) -> Page:
    """`score` holds name, survey, metric, scale, benchmark, period, score and formula, as report.json has them."""
    said, figures, period = words(language), Figures.of(score, language), score["period"]
    days = f"{period['start']} – {period['end']}, {escape(period['timezone'])}"  # noqa: RUF001 - a range
    rows = {
        said["score_period"]: f'{escape(figures.period)}<br><bdi class="q small" dir="ltr">{days}</bdi>',
        said["score_answers"]: f"<bdi>{figures.n}</bdi>",
        figures.interval_name: f"<bdi>{escape(figures.interval) or '-'}</bdi>",
        said["score_target"]: f"<bdi>{escape(figures.target)}</bdi>",
        said["score_formula"]: f'<code lang="en" dir="ltr">{escape(score["formula"])}</code>',
    }
    content = (
        f'<p class="kind">{escape(figures.metric)}</p><h1><bdi>{escape(figures.name)}</bdi></h1><p class="q">{escape(figures.period)}</p>'
        f'<p class="figure"><strong><bdi>{escape(figures.value)}</bdi></strong>'
        f'<span class="v {score["score"]["verdict"]}">{escape(figures.verdict)}</span></p>'
        f"<p>{escape(figures.meaning)} {escape(figures.verdict_says)}</p>{_bar(score)}"
        f"<dl>{''.join(f'<dt>{escape(name)}</dt><dd>{value}</dd>' for name, value in rows.items())}</dl>"
        f'<p class="q small">{escape(said["score_interval_says"])}</p><p class="q small">{escape(said["score_month_says"])}</p>'
    )
    return page(f"{figures.name}: {figures.metric} {figures.value}", content, language, sheet=_sheet())


def no_score_page(name: str, language: str) -> Page:
    """Published, and not enough answers: said with the survey's name, and without a hint of how few they were."""
    said = words(language)
    above = f'<p class="kind"><bdi>{escape(plain_text(name))}</bdi></p>' if plain_text(name) else ""
    why = f'<p>{escape(said["score_none"])}</p><p class="q">{escape(said["score_month_says"])}</p>'
    content = f"{above}<h1>{escape(said['score_none_title'])}</h1>{why}"
    return page(said["score_none_title"], content, language, status=404, sheet=_sheet())


def score_problem_page(status: int, language: str) -> Page:
    """404 is the same for a survey that is not published and one that does not exist."""
    said = words(language)
    key = "score_unknown" if status == 404 else "score_busy"  # noqa: PLR2004
    content = f"<h1>{escape(said[f'{key}_title'])}</h1><p>{escape(said[key])}</p>"
    return page(said[f"{key}_title"], content, language, status=status, sheet=_sheet())


def _sheet() -> str:
    return _SHEET.replace("\n", "")


def _bar(score: Mapping[str, Any]) -> str:
    """Where score, interval and target lie on the whole range; the rows below say the same in words. Low is left, as on a scale."""
    found, interval = score["score"], score["score"]["interval"]
    if interval is None:
        return ""
    low, high = _range(score)

    def place(value: float) -> float:
        return round((min(max(value, low), high) - low) / (high - low) * (_WIDTH - 8) + 4, 1)

    left, right, at = place(interval["low"]), place(interval["high"]), place(found["value"])
    goal = f'<path class="g" d="M{place(found["target"])} 0v{_HEIGHT}"/>' if low <= found["target"] <= high else ""
    return (
        f'<svg class="bar" viewBox="0 0 {_WIDTH} {_HEIGHT}" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect class="t" y="10" width="{_WIDTH}" height="16" rx="8"/>'
        f'<rect class="b" x="{left}" y="10" width="{max(round(right - left, 1), 2)}" height="16" rx="4"/>'
        f'<rect class="d" x="{round(at - 2.5, 1)}" y="6" width="5" height="24" rx="2"/>{goal}</svg>'
    )


def _range(score: Mapping[str, Any]) -> tuple[float, float]:
    match score["metric"]:
        case "csat":
            return 0.0, 100.0
        case "nps":
            return -100.0, 100.0
        case _:
            return float(score["scale"]["min"]), float(score["scale"]["max"])

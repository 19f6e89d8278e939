"""A whole report as plain data, with something in every part of it: made up, but its intervals are computed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from hearback.domain.scoring.comparing import Difference, difference
from hearback.domain.scoring.digest import Group
from hearback.domain.scoring.score import Yardstick, formula_of, score_of
from hearback.domain.scoring.stats import Interval, wilson

NAMES = ("Kim Larsen", "Sam Okafor", "Ada", "王小明", "فاطمة الزهراء", "Jürgen Müßig", "O'Neill & Sons", "Priya", "Noé", "Zoë")
YARDSTICKS = {
    "csat": Yardstick(Group("csat", 1, 5, "high_is_good"), 4, 75.0),
    "nps": Yardstick(Group("nps", 0, 10, "high_is_good"), 9, 30.0),
    "ces": Yardstick(Group("ces", 1, 7, "high_is_good"), 5, 5.5),
}
MONDAY = date(2026, 3, 2)


def a_full_report(metric: str = "csat", language: str = "en", *, agents: Sequence[str] = NAMES, **overrides: Any) -> dict[str, Any]:
    """A week's report. `agents` are the values of the first segment variable."""
    yardstick = YARDSTICKS[metric]
    group = yardstick.group
    mixes = [_mix(group, 36 + 7 * (n % 9), n) for n in range(len(agents))]
    total: Counter[int] = sum(mixes, Counter())
    before = _mix(group, 412, 5)
    report = {
        "survey": "support",
        "name": "Customer support",
        "language": language,
        "metric": metric,
        "scale": {"min": group.min, "max": group.max, "direction": group.direction},
        "benchmark": yardstick.benchmark,
        "period": {"kind": "week", "start": MONDAY.isoformat(), "end": (MONDAY + timedelta(6)).isoformat(), "timezone": "Europe/Berlin"},
        "complete": True,
        "formula": formula_of(yardstick),
        "counts": _counts(total.total()),
        "score": _score(total, yardstick) | {"answers_needed": 1412, "periods_needed": 3.25, "target": yardstick.target},
        "mean": score_of(total, yardstick).mean,
        "histogram": {str(rating): total[rating] for rating in range(group.min, group.max + 1)},
        "response_rate": 31.25,
        "response_rate_formula": "",
        "comments": 187,
        "reasons": [],
        "minimum_group": 5,
        "comparison": _comparison(total, before, yardstick),
        "segments": [_segment("agent", name, mix, total, yardstick) for name, mix in zip(agents, mixes, strict=True)]
        + [_segment("channel", name, mix, total, yardstick) for name, mix in zip(("email", "web", "whatsapp"), mixes, strict=False)]
        + [_hidden("agent", f"Temp {n}") for n in (1, 2, 3)],
        "segment_pairs": [
            _pair(agent, channel, mix, yardstick)
            for number, (agent, mix) in enumerate(zip(agents, mixes, strict=True))
            for channel in ("email", "web")[: 2 - number % 4 // 3]
        ],
        "segments_left_out": [{"by": "order", "reason": "too_many_values"}],
        "drivers": _drivers(total, yardstick),
        "driver_tests": {
            "tested": 143, "rate": 0.05, "method": "",
            "left_out": [{"kind": "segment", "by": "order", "reason": "too_many_values", "count": 310}],
        },
        "unhappy_reasons": [_reason(choice, n, 133) for choice, n in (("slow", 71), ("not solved", 40), ("<b>rude</b>", 12))],
        "trend": _trend(yardstick),
        "trend_analysis": {
            "window": {"start": "2025-12-15", "end": "2026-03-08"}, "method": "p charts", "false_alarm_rate": 0.01, "points": 12,
            "change": _change(yardstick),
        },
        "coverage": _coverage(agents),
        "other_scales": [{"metric": metric, "scale": {"min": 1, "max": 3, "direction": "high_is_good"}, "n": 12, "mean": 2.5}],
        "method": [{"name": "some_new_method", "text": "Words that come with the report."}],
    }  # fmt: skip
    return report | overrides


def _mix(group: Group, n: int, kind: int) -> Counter[int]:
    """Ratings piled up at the good end; a greater `kind` (of 0-9) is worse."""
    ratings = range(group.max, group.min - 1, -1)
    weights = [2.0 ** -(place * (1.5 - (kind * 7 % 10) * 0.12)) for place in range(len(ratings))]
    return Counter({rating: round(n * weight / sum(weights)) for rating, weight in zip(ratings, weights, strict=True)})


def _plain(interval: Interval | None) -> dict[str, Any] | None:
    return None if interval is None else {"low": interval.low, "high": interval.high, "level": interval.level, "method": interval.method}


def _score(histogram: Counter[int], yardstick: Yardstick) -> dict[str, Any]:
    score = score_of(histogram, yardstick)
    return {"value": score.value, "n": score.n, "interval": score.interval_plain(), "verdict": score.verdict.value}


def _counts(n: int) -> dict[str, Any]:
    counts = {
        "invited": 1822,
        "sent": 1750,
        "delivered": 1600,
        "unknown": 12,
        "refused": 60,
        "not_asked": {"cooldown": 240, "opted_out": 31},
    }
    return counts | {"answered": n + 15, "valid": n, "other_scale": 12, "invalid": 3, "imported": 0, "quarantined": 0}


def _comparison(total: Counter[int], before: Counter[int], yardstick: Yardstick) -> dict[str, Any]:
    found = difference(total, before, yardstick)
    assert found is not None
    verdict = "not_proven" if found.p > 0.05 else "up" if found.value > 0 else "down"
    earlier = {"start": "2026-02-23", "end": "2026-03-01", "n": before.total(), "score": score_of(before, yardstick).value}
    return {"with": earlier, "difference": found.value, "interval": _plain(found.interval), "p": found.p, "verdict": verdict}


def _segment(by: str, name: str, mix: Counter[int], total: Counter[int], yardstick: Yardstick) -> dict[str, Any]:
    found, change = difference(mix, total - mix, yardstick), difference(mix, _mix(yardstick.group, 50, 4), yardstick)
    row = {"by": by, "name": name, **_score(mix, yardstick), "mean": score_of(mix, yardstick).mean, "suppressed": False}
    row["score"] = row.pop("value")
    row["difference"] = found and {"value": found.value, "interval": _plain(found.interval)}
    verdict = "not_proven" if change is None or change.p > 0.004 else "up" if change.value > 0 else "down"
    row["change"] = change and {"difference": change.value, "interval": _plain(change.interval), "verdict": verdict}
    return row


def _hidden(by: str, name: str) -> dict[str, Any]:
    nothing = {"score": None, "mean": None, "interval": None, "difference": None, "change": None}
    return {"by": by, "name": name, "n": None, "verdict": "not_proven", "suppressed": True, **nothing}


def _pair(agent: str, channel: str, mix: Counter[int], yardstick: Yardstick) -> dict[str, Any]:
    half = Counter({rating: n // 2 for rating, n in mix.items()})
    row = {"by": ["agent", "channel"], "name": [agent, channel], **_score(half, yardstick), "mean": None, "suppressed": half.total() < 20}
    row["score"] = row.pop("value")
    return row


def _drivers(total: Counter[int], yardstick: Yardstick) -> list[dict[str, Any]]:
    group = yardstick.group
    low, high = _mix(group, 90, 7), _mix(group, 61, 0)
    quotes = [
        {"rating": group.min, "text": "I waited three weeks and got <b>nothing</b>. Ask [e-mail]!"},
        {"rating": 2, "text": "等了三个星期，没有人回复。"},
    ]
    rows = []
    for kind, by, name, mix in (("word", None, "waited", low), ("segment", "agent", "Priya", low), ("reason", "reasons", "friendly", high)):
        rest = total - mix
        found = difference(mix, rest, yardstick)
        assert found is not None
        rows.append(
            {
                "kind": kind, "by": by, "name": name, "n": mix.total(), "n_without": rest.total(),
                "score_with": score_of(mix, yardstick).value, "score_without": score_of(rest, yardstick).value,
                "effect": found.value, "interval": _plain(found.interval), "p": found.p, "q": found.p,
                "direction": "lowers" if found.value < 0 else "raises", "examples": quotes if kind == "word" else [],
                "adjusted": _adjusted(found) if kind == "segment" else None,
                "inseparable_from": ["team"] if kind == "segment" else [],
            }
        )  # fmt: skip
    return rows


def _adjusted(found: Difference) -> dict[str, Any]:
    interval = _plain(found.interval)
    return {"for": "channel", "effect": found.value / 2, "interval": interval and interval | {"high": 1.5}, "differs": True}


def _reason(choice: str, n: int, of: int) -> dict[str, Any]:
    interval = wilson(n, of)
    return {"question": "reasons", "choice": choice, "n": n, "share": 100 * n / of, "interval": _plain(interval and interval.times(100))}


def _trend(yardstick: Yardstick) -> list[dict[str, Any]]:
    rows = []
    for week in range(12):
        start = MONDAY - timedelta(weeks=11 - week)
        mix = _mix(yardstick.group, 90 + 13 * (week % 4), (4, 7, 4, 7, 4, 4, 0, 3, 0, 0, 3, 6)[week])
        row = {"start": start.isoformat(), "end": (start + timedelta(6)).isoformat(), **_score(mix, yardstick), "mean": None}
        row["score"] = row.pop("value")
        low, high = yardstick.bounds
        middle, reach = score_of(_mix(yardstick.group, 1200, 4), yardstick).value or 0, (high - low) / 9
        limits = {"low_limit": max(low, middle - reach), "high_limit": min(high, middle + reach)}
        outside = row["score"] is not None and not limits["low_limit"] <= row["score"] <= limits["high_limit"]
        rows.append(row | limits | {"outside": outside, "in_period": week == 11})
    return rows


def _change(yardstick: Yardstick) -> dict[str, Any]:
    before, after = _mix(yardstick.group, 600, 4), _mix(yardstick.group, 600, 0)
    found = difference(after, before, yardstick)
    assert found is not None
    sides = [{"n": mix.total(), "score": score_of(mix, yardstick).value} for mix in (before, after)]
    return {
        "at": "2026-01-26",
        "before": sides[0],
        "after": sides[1],
        "difference": found.value,
        "interval": _plain(found.interval),
        "p": 0.002,
    }


def _coverage(agents: Sequence[str]) -> dict[str, Any]:
    return {
        "eligible": 2093, "decided": 1822, "sent": 1750, "delivered": 1600, "answered": 547, "response_rate_sent": 31.25,
        "response_rate_delivered": 34.2, "not_asked": {"cooldown": 240, "opted_out": 31, "a_new_reason": 2}, "seldom_rate": 0.05,
        "by": [_covered(name, number) for number, name in enumerate(agents)]
        + [dict.fromkeys(_covered("", 0)) | {"by": "agent", "name": "Temp 1", "seldom": False, "suppressed": True}],
    }  # fmt: skip


def _covered(name: str, number: int) -> dict[str, Any]:
    eligible, decided = 200, 180 - (70 if number == 1 else number % 7)
    interval = wilson(decided, eligible)
    return {
        "by": "agent", "name": name, "eligible": eligible, "decided": decided, "sent": decided - 4,
        "delivered": decided - 20, "answered": 50,
        "share_asked": 100 * decided / eligible, "share_interval": _plain(interval and interval.times(100)),
        "response_rate": 29.0, "seldom": number == 1, "q": 0.001 if number == 1 else 0.9, "suppressed": False,
    }  # fmt: skip

"""From everybody who could have been asked to everybody who answered; and whose customers are asked unusually seldom."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from hearback.domain.scoring.digest import COVERED, Digest, add
from hearback.domain.scoring.multiple import benjamini_hochberg
from hearback.domain.scoring.seldom import seldom_p
from hearback.domain.scoring.stats import wilson
from hearback.domain.scoring.suppression import hidden_rows

SKIPPED = "skipped:"
"""How the ledger spells the outcome of a trigger that was not surveyed; the reason follows."""

SELDOM_RATE = 0.05
"""The share of those called seldom asked that may be called so by chance; if all are asked alike, the share of reports that
call anybody so."""

_NUMBERS = ("eligible", "decided", "sent", "delivered", "answered", "share_asked", "share_interval", "response_rate", "q")


def coverage_of(total: Digest, minimum: int) -> dict[str, Any]:
    """`eligible` are all triggers decided in the period, `decided` those to ask, `sent` those that certainly left, `delivered`
    those whose arrival was confirmed. `answered` are answers given in the period, imported ones left out.
    """
    answered = sum(counts.n - counts.imported for counts in total.groups.values())
    steps = _steps(total.asked)
    return {
        **steps,
        "answered": answered,
        "response_rate_sent": _rate(answered, steps["sent"]),
        "response_rate_delivered": _rate_where_confirmed(total),
        "not_asked": not_asked(total.asked),
        "by": _rows(total, minimum),
        "seldom_rate": SELDOM_RATE,
        "left_out": [{"by": name, "reason": "too_many_values"} for name in sorted(total.too_many_covered)],
    }


def not_asked(asked: Mapping[str, int]) -> dict[str, int]:
    """By reason."""
    return {each.removeprefix(SKIPPED): asked[each] for each in sorted(asked) if each.startswith(SKIPPED) and asked[each]}


def _steps(asked: Mapping[str, int]) -> dict[str, int]:
    count = Counter(asked)
    sent = count["sent"] + count["delivered"]
    return {
        "eligible": sum(count.values()),
        "decided": sent + count["unknown"] + count["refused"],
        "sent": sent,
        "delivered": count["delivered"],
    }


def _rate(answered: int, invited: int) -> float | None:
    """None when nobody was invited, or when answers to earlier invitations outnumber the period's."""
    return 100 * answered / invited if 0 < invited >= answered else None


def _rate_where_confirmed(total: Digest) -> float | None:
    """Of the channels that confirm deliveries at all: elsewhere nobody knows what arrived."""
    confirming = {value: count["delivered"] for value, count in total.asked_by.get("channel", {}).items() if count["delivered"]}
    answered = _answered(total, "channel")
    return _rate(sum(answered[value] for value in confirming), sum(confirming.values()))


def _answered(total: Digest, name: str) -> Counter[str]:
    answered: Counter[str] = Counter()
    for counts in total.groups.values():
        add(answered, counts.covered.get(name, {}))
    return answered


def _rows(total: Digest, minimum: int) -> list[dict[str, Any]]:
    rows = [row for name in COVERED for row in _rows_of(total, name, minimum)]
    tested = [row for row in rows if not row["suppressed"] and row["eligible"]]
    for row, q in zip(tested, benjamini_hochberg([row["q"] for row in tested]), strict=True):
        row |= {"q": q, "seldom": q <= SELDOM_RATE}
    return rows


def _rows_of(total: Digest, name: str, minimum: int) -> Iterable[dict[str, Any]]:
    """The largest first, the hidden ones last. `q` still is the row's own p, to be adjusted over all rows."""
    asked, answered = total.asked_by.get(name, {}), _answered(total, name)
    steps = {value: _steps(asked.get(value, {})) for value in sorted({*asked, *answered})}
    all_eligible, all_decided = (sum(each[step] for each in steps.values()) for step in ("eligible", "decided"))
    closed = _closed({value: each["eligible"] for value, each in steps.items()}, minimum)
    silent = _closed({value: answered[value] for value in steps}, minimum) | closed
    for value in sorted(steps, key=lambda each: (each in closed, 0 if each in closed else -steps[each]["eligible"], each)):
        row: dict[str, Any] = {"by": name, "name": value, **dict.fromkeys(_NUMBERS), "seldom": False, "suppressed": value in closed}
        if value not in closed:
            eligible, decided = steps[value]["eligible"], steps[value]["decided"]
            row |= steps[value] | {
                "share_asked": 100 * decided / eligible if eligible else None,
                "share_interval": _share(decided, eligible),
            }
            row["q"] = seldom_p(decided, eligible, all_decided - decided, all_eligible - eligible) if eligible else None
        if value not in silent:
            row |= {"answered": answered[value], "response_rate": _rate(answered[value], steps[value]["sent"])}
        yield row


def _closed(sizes: Mapping[str, int], minimum: int) -> set[str]:
    """The rows with too few people, and those that would give them away; a row without anybody tells nothing."""
    held = {value: n for value, n in sizes.items() if n}
    found = hidden_rows(held, minimum)
    return set(held) if found is None else found


def _share(decided: int, eligible: int) -> dict[str, Any] | None:
    interval = wilson(decided, eligible)
    if interval is None:
        return None
    return {"low": 100 * interval.low, "high": 100 * interval.high, "level": interval.level, "method": interval.method}

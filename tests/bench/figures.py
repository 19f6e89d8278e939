"""What benches have in common: on which machine, how figures are summed up, how they are shown and kept."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles
from typing import Any

ROOT = Path(__file__).parents[2]
KEPT = ROOT / ".local" / "bench"


def machine() -> dict[str, Any]:
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "system": f"{platform.system()} {platform.release()}",
        "load": round(os.getloadavg()[0], 1),
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def described(about: dict[str, Any]) -> str:
    return "{processor}, {cores} cores, {python}, load {load} at the end".format(**about)


def middle(values: list[float]) -> dict[str, float]:
    """The median, and where half of the values lie."""
    low, _, high = quantiles(values, n=4) if len(values) > 1 else (values[0],) * 3
    return {"median": median(values), "p25": low, "p75": high, "runs": len(values)}


def keep(name: str, figures: dict[str, Any]) -> Path:
    KEPT.mkdir(parents=True, exist_ok=True)
    file = KEPT / f"{name}.json"
    file.write_text(json.dumps(figures, indent=2), encoding="utf-8")
    return file


def table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """Names to the left, figures to the right."""
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    lines = ("  ".join(_cell(row, column, width) for column, width in enumerate(widths)) for row in (head, *rows))
    return "\n".join(lines)


def _cell(row: tuple[str, ...], column: int, width: int) -> str:
    return row[column].rjust(width) if column else row[column].ljust(width)


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())

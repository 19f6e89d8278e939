"""`make cost`: play a survey's life 1,000 times on DynamoDB Local, and print what one takes and what a million cost."""

from __future__ import annotations

import os
import sys
from typing import Any

from tests.bench.figures import keep, table
from tests.costs.account import STEPS, account
from tests.costs.play import play
from tests.local.dynamodb_local import ADDRESS

COLUMNS = ("write units", "index", "read units", "HTTP requests", "invocations", "queue requests", "log bytes")


def main(surveys: int) -> int:
    url = os.environ[ADDRESS]
    found = account(play(url, surveys))
    singly = account(play(url, surveys, together=1))
    file = keep("cost", found | {"one_by_one": singly})
    print(f"One answered survey with two sinks, of {surveys} played on DynamoDB Local (how: tests/costs/play.py)\n")
    print(_units(found))
    print(f"\nDollars for a million of them, list prices of us-east-1 ({found['prices_as_of']}, tests/costs/prices.py)\n")
    print(_dollars(found, singly))
    sizes = found["story_bytes"]
    print(f"\nA story is {sizes['mean']} bytes in the end. Mail costs ${found['mail_dollars']:.0f} more. Kept in {file}.")
    return 0


def _units(found: dict[str, Any]) -> str:
    rows = [(step, *(_number(found["steps"][step].get(name, 0.0)) for name in COLUMNS)) for step in STEPS]
    total = tuple(_number(found["total"][name]) if name in found["total"] else "" for name in COLUMNS)
    least = tuple(_number(found["minimum"][name]) if name in found["minimum"] else "" for name in COLUMNS)
    return table(("", *("of them index" if name == "index" else name for name in COLUMNS)), [*rows, ("all", *total), ("the least", *least)])


def _dollars(found: dict[str, Any], singly: dict[str, Any]) -> str:
    """Ten records at once, one by one, and the least."""
    ours, alone, least = found["dollars"], singly["dollars"], found["minimum_dollars"]
    rows = [(name, f"{each:.2f}", f"{alone[name]:.2f}", f"{least.get(name, 0.0):.2f}") for name, each in ours.items()]
    return table(("", "ours", "one by one", "the least"), rows)


def _number(value: float) -> str:
    return f"{value:.0f}" if value > 100 else f"{value:.2f}".rstrip("0").rstrip(".") or "0"


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000))

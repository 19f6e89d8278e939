"""What a warm request costs the processor, beside one bare `update_item`, both with the network stood in for."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from statistics import median
from typing import Any

from tests.bench import figures
from tests.bench.story import ACCOUNT, recorded
from tests.bench.warm_process import BARE, ROW

AIM = 2.5
ANSWER = "POST answer"


def measure(build: Path, rounds: int) -> dict[str, Any]:
    story = recorded()
    requests = {
        ANSWER: ("RatingCallback", story.answer("plain")),
        "POST answer, Jinja2": ("RatingCallback", story.answer("variables")),
        "GET page": ("RatingCallback", story.page("plain")),
        "POST trigger": ("SurveyTrigger", story.trigger()),
    }
    wish = {
        "rounds": rounds,
        "replies": story.canned.to_plain(),
        "requests": {name: (str(build / function), event) for name, (function, event) in requests.items()},
    }
    folders = [build / "Vendor" / "python", build / "Hearback" / "python", figures.ROOT]
    environment = {
        **ACCOUNT,
        **story.environment,
        "PATH": os.defpath,
        "PYTHONPATH": os.pathsep.join(map(str, folders)),
        "PYTHONDONTWRITEBYTECODE": "1",
        "AWS_LAMBDA_FUNCTION_NAME": "bench",
    }
    command = [os.path.realpath(sys.executable), "-S", "-m", "tests.bench.warm_process"]
    done = subprocess.run(command, env=environment, input=json.dumps(wish), stdout=subprocess.PIPE, text=True, check=True)
    times: dict[str, dict[str, list[float]]] = json.loads(done.stdout)
    return {name: _summed_up(name, times) for name in times["turns"]}


def show(found: dict[str, Any]) -> str:
    rows = [
        (name, f"{each['cpu_ms']['median']:.2f}", f"{each['to_bare']:.2f}", f"{each['to_bare_in_a_row']:.2f}")
        for name, each in found.items()
    ]
    return figures.table(("warm", "cpu ms", "to bare call", f"to bare, {ROW} in a row"), rows)


def _summed_up(name: str, times: dict[str, dict[str, list[float]]]) -> dict[str, Any]:
    turns, rows = times["turns"], times["rows"]
    return {
        "cpu_ms": figures.middle(turns[name]),
        "to_bare": median(turns[name]) / median(turns[BARE]),
        "to_bare_in_a_row": median(rows[name]) / median(rows[BARE]),
    }

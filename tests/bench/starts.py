"""Cold starts of the two functions that somebody waits for, from the built artefacts, between two yardsticks.

The floor is a bare handler with one client on our own stripped and compiled layer; the usual is boto3 and Powertools as
`sam build` ships them. All variants meet the same canned AWS, in shuffled rounds of one run.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench import figures
from tests.bench.canned import FLOOR_TABLE, served
from tests.bench.packages import RUNTIME_CLIENT, compile_all, ship
from tests.bench.runtime import MEGABYTE, Start, cold_start
from tests.bench.story import ACCOUNT, Story, event, recorded

YARDSTICKS = Path(__file__).parent / "yardsticks"
USUAL_PACKAGES = ["boto3", "aws-lambda-powertools[tracer]", "pydantic"]
FLOOR, USUAL = "floor", "usual"
AIMS = {FLOOR: 1.5, USUAL: 0.35}
OURS: dict[str, tuple[str, Callable[[Story], dict[str, Any]]]] = {
    "survey_trigger, POST": ("SurveyTrigger", lambda story: story.trigger()),
    "rating_callback, GET page": ("RatingCallback", lambda story: story.page("plain")),
    "rating_callback, POST answer": ("RatingCallback", lambda story: story.answer("plain")),
    "rating_callback, GET page, Jinja2": ("RatingCallback", lambda story: story.page("variables")),
    "rating_callback, POST answer, Jinja2": ("RatingCallback", lambda story: story.answer("variables")),
}


@dataclass(frozen=True)
class Variant:
    handler: str
    folders: list[Path]
    event: dict[str, Any]
    environment: dict[str, str]


def measure(build: Path, rounds: int) -> dict[str, Any]:
    story = recorded()
    runtime = ship([RUNTIME_CLIENT], figures.KEPT / "runtime", compiled=True)
    floor, usual = floor_variant(build), _usual()
    chance = random.Random(1)
    starts: dict[str, list[Start]] = {}
    with served(story.canned) as url:
        for _ in range(rounds):
            variants = {FLOOR: floor, USUAL: usual, **{name: _ours(build, story, name) for name in OURS}}
            for name in chance.sample(sorted(variants), len(variants)):
                each = variants[name]
                environment = {**ACCOUNT, "AWS_ENDPOINT_URL": url, **each.environment}
                start = cold_start(each.handler, [*each.folders, runtime], environment, each.event)
                _must_have_worked(name, start, story)
                starts.setdefault(name, []).append(start)
    return _summed_up(starts)


def show(found: dict[str, Any]) -> str:
    rows = [
        (name, f"{each['cpu_ms']['median']:.0f}", f"{each['to_floor']:.2f}", f"{each['to_usual']:.2f}", f"{each['peak_mb']:.0f}")
        for name, each in found.items()
    ]
    return figures.table(("init and first request", "cpu ms", "to floor", "to usual", "peak MB"), rows)


def floor_variant(build: Path) -> Variant:
    folder = figures.KEPT / FLOOR
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(YARDSTICKS / "floor.py", folder / "floor.py")
    compile_all(folder)
    return Variant("floor.lambda_handler", [folder, build / "Vendor" / "python"], event("POST", "/answers", {}), {})


def _usual() -> Variant:
    folder = ship(USUAL_PACKAGES, figures.KEPT / USUAL, compiled=False)
    shutil.copyfile(YARDSTICKS / "usual.py", folder / "usual.py")
    body = b'{"id": "a-1", "rating": 5, "comment": "Quick and kind."}'
    environment = {"FLOOR_TABLE": FLOOR_TABLE, "POWERTOOLS_SERVICE_NAME": "bench", "POWERTOOLS_METRICS_NAMESPACE": "bench"}
    return Variant("usual.lambda_handler", [folder], event("POST", "/answers", {"content-type": "application/json"}, body), environment)


def _ours(build: Path, story: Story, name: str) -> Variant:
    function, made = OURS[name]
    folders = [build / function, build / "Vendor" / "python", build / "Hearback" / "python"]
    return Variant("handler.lambda_handler", folders, made(story), story.environment)


def _must_have_worked(name: str, start: Start, story: Story) -> None:
    if start.answer.get("statusCode") not in (200, 202) or story.canned.unknown:
        raise RuntimeError(f"{name}: {start.answer}; asked, but never recorded: {story.canned.unknown}")


def _summed_up(starts: dict[str, list[Start]]) -> dict[str, Any]:
    cpu = {name: figures.middle([1000 * each.cpu_seconds for each in found]) for name, found in starts.items()}
    peak = {name: figures.middle([each.peak_bytes / MEGABYTE for each in found])["median"] for name, found in starts.items()}
    return {
        name: {
            "cpu_ms": cpu[name],
            "to_floor": cpu[name]["median"] / cpu[FLOOR]["median"],
            "to_usual": cpu[name]["median"] / cpu[USUAL]["median"],
            "peak_mb": peak[name],
        }
        for name in (FLOOR, USUAL, *OURS)
    }

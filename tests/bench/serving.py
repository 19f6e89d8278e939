"""`python -m tests.bench.serving`: what the two functions that somebody waits for cost, cold and warm, and what they weigh.

Everything is measured on the built artefacts, for this machine's processor; AWS is stood in for by canned replies.
"""

from __future__ import annotations

import argparse
import logging
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.bench import figures, starts, warm
from tests.local.instance import TOOLS_PYTHON
from tests.scripts import script

LAYERS = ("Vendor", "Hearback")
FUNCTIONS = ("SurveyTrigger", "RatingCallback")
BUILD = """
from tests.local.deployment import build
from tests.local.settings import ROOT, Settings
settings = Settings(0, ROOT / ".local", ROOT / ".local" / "build")
settings.state.mkdir(exist_ok=True)
build(settings)
"""


def built() -> Path:
    """What the local cloud deploys, built anew if anything has changed."""
    subprocess.run([TOOLS_PYTHON, "-c", BUILD], cwd=figures.ROOT, check=True)
    return figures.ROOT / ".local" / "build" / "sam"


def sizes(build: Path) -> dict[str, float]:
    """Megabytes unzipped, compiled files included."""
    weight = script("weigh").weight
    held = {name: weight(build / name) / 1e6 for name in (*FUNCTIONS, *LAYERS)}
    usual = weight(figures.KEPT / starts.USUAL) / 1e6
    whole = {name: held[name] + sum(held[layer] for layer in LAYERS) for name in FUNCTIONS}
    return {**{f"layer {name}": held[name] for name in LAYERS}, **whole, starts.USUAL: usual}


def run(build: Path, start_rounds: int, warm_rounds: int) -> dict[str, Any]:
    found: dict[str, Any] = {"starts": starts.measure(build, start_rounds), "warm": warm.measure(build, warm_rounds)}
    return {**found, "megabytes": sizes(build), "machine": figures.machine()}


def show(found: dict[str, Any]) -> str:
    weights = figures.table(("unzipped", "MB"), [(name, f"{each:.1f}") for name, each in found["megabytes"].items()])
    return "\n\n".join((figures.described(found["machine"]), starts.show(found["starts"]), warm.show(found["warm"]), weights))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.serving")
    parser.add_argument("--starts", type=int, default=50, help="rounds of cold starts, one of each variant")
    parser.add_argument("--warm", type=int, default=1000, help="rounds of warm requests")
    options = parser.parse_args()
    logging.disable(logging.INFO)  # the story is played in this process first, and tells of itself
    found = run(built(), options.starts, options.warm)
    sys.stdout.write(f"{show(found)}\n\nKept in {figures.keep('serving', found)}\n")


if __name__ == "__main__":
    main()

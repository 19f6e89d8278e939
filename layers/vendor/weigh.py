# ruff: noqa: INP001, T201 - a script that the build runs, no package
"""Print what each function weighs unzipped, layers included, and fail when one is more than Lambda takes.

python weigh.py .aws-sam/build
"""

import sys
from pathlib import Path

LAYERS = {"Vendor": "third-party packages", "Hearback": "our package", "Analysis": "third-party packages of the night"}
FUNCTIONS_WITH_ALL_LAYERS = ("NightlyScoring",)
LIMIT = 250 * 1024 * 1024
"""Bytes of a function and all its layers, unzipped."""


def weight(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def main(build: Path) -> int:
    weights = {name: weight(build / name) for name in LAYERS}
    for name, bytes_held in weights.items():
        print(f"{bytes_held / 1e6:8.1f} MB  layer {name}: {LAYERS[name]}")
    total = sum(weights.values()) + max(weight(build / name) for name in FUNCTIONS_WITH_ALL_LAYERS)
    print(f"{total / 1e6:8.1f} MB  a function with all of them; Lambda takes {LIMIT / 1e6:.1f} MB")
    return int(total >= LIMIT)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))

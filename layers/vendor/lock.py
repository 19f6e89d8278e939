# ruff: noqa: INP001 - a script that the build runs, no package
"""Reads and makes requirements.lock: one file, a section an environment, every package pinned and hashed.

    python lock.py runtime analysis       print those sections, for `pip install --require-hashes`
    python lock.py --make                 resolve pyproject.toml anew (needs uv)

Sections are there because the local cloud's tools pin another botocore than the functions use.
"""

import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
LOCK = ROOT / "requirements.lock"
MARK = "# === "
HEAD = """\
# Made by `make lock` from pyproject.toml; do not edit. Holds for Python 3.11 to 3.13 on x86_64 and arm64.
# One file, a section an environment: `python layers/vendor/lock.py SECTION...` prints what to give to pip.
"""
UNIVERSAL = ("--universal", "--python-version", "3.11", "--generate-hashes", "--no-header", "--no-annotate", "--no-strip-extras", "--quiet")


def section(text: str, name: str) -> str:
    """Return the lines under `# === <name>: ...`, up to the next such line."""
    lines: list[str] = []
    inside = False
    for line in text.splitlines():
        if line.startswith(MARK):
            inside = line.removeprefix(MARK).split(":")[0] == name
        elif inside and line:
            lines.append(line)
    if not lines:
        raise SystemExit(f"requirements.lock has no section {name!r}: run `make lock`")
    return "\n".join(lines) + "\n"


def make() -> str:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    runtime = _resolve(project["dependencies"])
    analysis = _resolve([*_pins(runtime), *extras["analysis"]])
    development = _resolve([*_pins(analysis), *extras["dev"]])
    return "\n".join(
        (
            HEAD,
            f"{MARK}runtime: what the functions use, the layer `vendor`",
            runtime,
            f"{MARK}analysis: what the nightly scoring uses besides, the layer `analysis`",
            _besides(runtime, analysis),
            f"{MARK}development: what the tests and checks use besides",
            _besides(analysis, development),
            f"{MARK}tools: SAM CLI, its linter and the local cloud's engine, in an environment of their own",
            _resolve(extras["tools"]),
            f"{MARK}scanners: what looks for weaknesses, in an environment of their own",
            _resolve(extras["scanners"]),
        )
    )


def _resolve(requirements: list[str]) -> str:
    command = [sys.executable, "-m", "uv", "pip", "compile", *UNIVERSAL, "-"]
    return subprocess.run(command, input="\n".join(requirements), capture_output=True, text=True, check=True).stdout  # noqa: S603


def _besides(known: str, locked: str) -> str:
    held = set(_entries(known))
    return "\n".join(entry for entry in _entries(locked) if entry not in held) + "\n"


def _pins(locked: str) -> list[str]:
    return [entry.split(" \\\n")[0] for entry in _entries(locked)]


def _entries(locked: str) -> list[str]:
    """Split a resolution into requirements, each with its lines of hashes."""
    continued = "\n    "
    return [entry.replace("\0", continued) for entry in locked.strip().replace(continued, "\0").split("\n")]


if __name__ == "__main__":
    if sys.argv[1:] == ["--make"]:
        LOCK.write_text(make(), encoding="utf-8")
    else:
        sys.stdout.write("".join(section(LOCK.read_text(encoding="utf-8"), name) for name in sys.argv[1:]))

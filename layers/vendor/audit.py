# ruff: noqa: INP001, T201 - a script, no package
"""Asks whether a weakness is known in any package that the functions ship with (sections `runtime` and `analysis`).

    python audit.py [SBOM]        also writes a CycloneDX list of those packages to the file SBOM

Exit code 0: every package was looked up and none has a known weakness; 1: some have; 2: not all could be looked up. The last
is no "all clear": pip-audit itself says "no known vulnerabilities found" and 0 when it could not look up a single package.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lock import LOCK, section  # type: ignore[import-not-found, unused-ignore]

SHIPPED = ("runtime", "analysis")
BIN = Path(sys.executable).parent
SECONDS = 20


@dataclass
class Verdict:
    """`weak`: what is known, a line each; `unknown`: packages that nobody could say anything about."""

    asked: int = 0
    weak: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        if self.weak:
            return 1
        return 2 if self.unknown or not self.asked else 0


def verdict(report: dict[str, Any]) -> Verdict:
    """Read pip-audit's JSON."""
    found = Verdict(len(report["dependencies"]))
    for each in report["dependencies"]:
        if "skip_reason" in each:
            found.unknown.append(each["name"])
        for known in each.get("vulns", []):
            fixed = ", ".join(known["fix_versions"]) or "nothing yet"
            found.weak.append(f"{each['name']} {each['version']}: {known['id']}, mended in {fixed}")
    return found


def ask(requirements: Path) -> Verdict:
    """First PyPI's own list of weaknesses, then OSV's."""
    answers = [answer for answer in (_ask(requirements, service) for service in ("pypi", "osv")) if answer is not None]
    complete = [answer for answer in answers if not answer.unknown and answer.asked]
    return next((each for each in answers if each.weak), None) or next(iter(complete or answers), Verdict())


def _ask(requirements: Path, service: str) -> Verdict | None:
    options = ["--disable-pip", "--no-deps", "--require-hashes", "--progress-spinner", "off", "--timeout", str(SECONDS)]
    command = [BIN / "pip-audit", "--vulnerability-service", service, "--format", "json", *options, "--requirement", requirements]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own words
    try:
        return verdict(json.loads(done.stdout))
    except ValueError:
        print(f"{service}: no answer ({(done.stderr.strip().splitlines() or ['it said nothing'])[-1][:120]})", file=sys.stderr)
        return None


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        requirements = Path(folder, "requirements.txt")
        requirements.write_text("".join(section(LOCK.read_text(encoding="utf-8"), name) for name in SHIPPED), encoding="utf-8")
        if len(sys.argv) > 1:
            command = [BIN / "cyclonedx-py", "requirements", requirements, "-o", sys.argv[1]]
            subprocess.run(command, check=True)  # noqa: S603 - our own words
        found = ask(requirements)
    print(*found.weak, sep="\n", end="\n" if found.weak else "")
    if found.unknown or not found.asked:
        who = f"{len(found.unknown)} of {found.asked} packages" if found.asked else "any package"
        print(f"COULD NOT ASK about {who}: this is no all-clear. Try again with a network.")
    elif not found.weak:
        print(f"No weakness is known in any of the {found.asked} packages that are shipped.")
    return found.exit_code


if __name__ == "__main__":
    sys.exit(main())

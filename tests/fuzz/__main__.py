"""`make fuzz`: ten thousand requests made from /openapi.json by schemathesis, against the whole stack in a local cloud of its own.

Fails when an answer is 500 or above, or is not as the document says, or when a function that worked on what was taken in has
failed. The figures are printed and kept in .local/fuzz.json. QUICK=1 sends them to the handlers in one process instead.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from typing import Any

from tests.fuzz.targets import OUT, Target, in_process, local_cloud
from tests.local.settings import ROOT

SCHEMATHESIS = ROOT / ".venv-scanners" / "bin" / "schemathesis"
CASES = int(os.environ.get("CASES", "10000"))
SEED = os.environ.get("SEED", "1")
QUICK = bool(os.environ.get("QUICK"))
CHECKS = [f"{each}_conformance" for each in ("status_code", "content_type", "response_headers", "response_schema")]


def run(target: Target, examples: int) -> int:
    report = OUT / "fuzz.ndjson"
    command = [
        *(str(SCHEMATHESIS), "run", f"{target.url}/openapi.json", "--seed", SEED, "--max-examples", str(examples)),
        *("--phases", "examples,coverage,fuzzing", "--checks", ",".join(["not_a_server_error", *CHECKS]), "--warnings", "off"),
        *("--report", "ndjson", "--report-ndjson-path", str(report), "--suppress-health-check", "all", "--no-shrink"),
        *("--continue-on-failure", "--request-timeout", "60"),
    ]
    hooks = {"SCHEMATHESIS_HOOKS": "tests.fuzz.hooks", "PYTHONPATH": str(ROOT), "HEARBACK_FUZZ_KNOWN": target.known}
    return subprocess.run(command, cwd=OUT, env={**os.environ, **hooks}, check=False).returncode


def figures() -> dict[str, Any]:
    """Read off schemathesis's own record: how many requests, and what they were answered ("none": no answer came)."""
    statuses: Counter[str] = Counter()
    with (OUT / "fuzz.ndjson").open(encoding="utf-8") as lines:
        for line in lines:
            recorder = json.loads(line).get("ScenarioFinished", {}).get("recorder", {})
            answers = [each["response"] for each in recorder.get("interactions", {}).values()]
            statuses.update(str(each["status_code"]) if each else "none" for each in answers)
    return {"requests": statuses.total(), "statuses": dict(sorted(statuses.items()))}


def main() -> int:
    OUT.mkdir(exist_ok=True)
    began = time.monotonic()
    with in_process() if QUICK else local_cloud() as target:
        with urllib.request.urlopen(f"{target.url}/openapi.json", timeout=60) as answer:
            operations = sum(len(methods) for methods in json.load(answer)["paths"].values())
        failed = run(target, max(10, CASES // operations))
        troubles = target.troubles()
    found = {**figures(), "seconds": round(time.monotonic() - began), "seed": SEED, "target": target.name, "troubles": troubles}
    found["server_errors"] = sum(count for status, count in found["statuses"].items() if status >= "500")
    (OUT / "fuzz.json").write_text(json.dumps(found, indent=2), encoding="utf-8")
    print(f"\n{found['requests']:,} requests to {target.name} in {found['seconds']} s: {found['statuses']}")
    print(f"{found['server_errors']} of them answered with 500 or above, or not at all; what failed afterwards: {troubles or 'nothing'}")
    return failed or int(bool(found["server_errors"] or troubles))


if __name__ == "__main__":
    sys.exit(main())

"""`make fuzz`: ten thousand requests made from /openapi.json against the handlers in one process, by schemathesis.

Fails when an answer is 500 or above, or is not as the document says. The figures are printed and kept in .local/fuzz.json.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.local.settings import ROOT, free_port

SCHEMATHESIS = ROOT / ".venv-scanners" / "bin" / "schemathesis"
CASES = int(os.environ.get("CASES", "10000"))
SEED = os.environ.get("SEED", "1")
CHECKS = [f"{each}_conformance" for each in ("status_code", "content_type", "response_headers", "response_schema")]
OUT = ROOT / ".local"


@contextlib.contextmanager
def serving() -> Iterator[str]:
    port = free_port()
    command = [sys.executable, "-m", "tests.fuzz.api", str(port)]
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'layers' / 'hearback'}{os.pathsep}{ROOT}"}
    with (OUT / "fuzz-server.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    try:
        _wait_for(f"http://127.0.0.1:{port}/_fuzz/known", process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=2):
            return
        time.sleep(0.2)
    raise SystemExit(f"the API did not start; its log is {OUT / 'fuzz-server.log'}")


def run(url: str, examples: int) -> int:
    report = OUT / "fuzz.ndjson"
    command = [
        *(str(SCHEMATHESIS), "run", f"{url}/openapi.json", "--seed", SEED, "--max-examples", str(examples), "--continue-on-failure"),
        *("--phases", "examples,coverage,fuzzing", "--checks", ",".join(["not_a_server_error", *CHECKS]), "--warnings", "off"),
        *("--report", "ndjson", "--report-ndjson-path", str(report), "--suppress-health-check", "all", "--no-shrink"),
    ]
    hooks = {"SCHEMATHESIS_HOOKS": "hooks", "PYTHONPATH": str(Path(__file__).parent), "HEARBACK_FUZZ_KNOWN": f"{url}/_fuzz/known"}
    return subprocess.run(command, cwd=OUT, env={**os.environ, **hooks}, check=False).returncode


def figures() -> dict[str, Any]:
    """Read off schemathesis's own record: how many requests, and what they were answered."""
    statuses: Counter[str] = Counter()
    with (OUT / "fuzz.ndjson").open(encoding="utf-8") as lines:
        for line in lines:
            recorder = json.loads(line).get("ScenarioFinished", {}).get("recorder", {})
            statuses.update(str(each["response"]["status_code"]) for each in recorder.get("interactions", {}).values() if each["response"])
    return {"requests": statuses.total(), "statuses": dict(sorted(statuses.items()))}


def main() -> int:
    OUT.mkdir(exist_ok=True)
    began = time.monotonic()
    with serving() as url:
        with urllib.request.urlopen(f"{url}/openapi.json", timeout=10) as answer:
            operations = sum(len(methods) for methods in json.load(answer)["paths"].values())
        failed = run(url, max(10, CASES // operations))
    found = {**figures(), "seconds": round(time.monotonic() - began), "seed": SEED}
    found["server_errors"] = sum(count for status, count in found["statuses"].items() if status >= "500")
    (OUT / "fuzz.json").write_text(json.dumps(found, indent=2), encoding="utf-8")
    print(f"\n{found['requests']:,} requests in {found['seconds']} s: {found['statuses']}; {found['server_errors']} of them 500 or above")
    return failed


if __name__ == "__main__":
    sys.exit(main())

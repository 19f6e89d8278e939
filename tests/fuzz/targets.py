"""What is fuzzed: the whole stack in a local cloud of its own, or the handlers alone in one process, which is quicker."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.fuzz.everything import one_of_everything
from tests.local.client import Client, UnexpectedAnswerError
from tests.local.instance import running
from tests.local.settings import ROOT, free_port
from tests.local.stack import Stack

OUT = ROOT / ".local"
SETTLE_SECONDS = 600
FAILURES = ("DispatchDlq", "ImportDlq", "ErasureDlq", "FanoutFailures", "ScheduleFailures")
"""Where messages end that our functions could not work on. ForwardDlq is not among them: a sink that is not there ends there."""

ERROR = '"level":"ERROR"'


@dataclass(frozen=True)
class Target:
    """`known` is the address of what everything.py found; `troubles` waits for what follows from the requests, and tells what failed."""

    name: str
    url: str
    known: str
    troubles: Callable[[], dict[str, Any]] = dict


@contextlib.contextmanager
def local_cloud() -> Iterator[Target]:
    _say("starting a local cloud (half a minute; more when it has to be built) ...")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, running(Path(folder)) as client:
        known = Path(folder) / "known.json"
        everything = one_of_everything(
            lambda method, path, headers, body: client.request(method, path, body, dict(headers)), lambda _: client.settle()
        )
        known.write_text(json.dumps(everything), encoding="utf-8")
        engine = Stack(f"http://127.0.0.1:{(Path(folder) / 'engine' / 'port').read_text(encoding='ascii')}")
        yield Target("the local cloud", client.url, known.as_uri(), lambda: _troubles(client, engine))


def _troubles(client: Client, stack: Stack) -> dict[str, Any]:
    _say("waiting for what follows from what was taken in ...")
    found: dict[str, Any] = {}
    try:
        client.settle(SETTLE_SECONDS)
    except UnexpectedAnswerError as problem:
        found["not settled"] = str(problem)
    found |= {queue: count for queue in FAILURES if (count := stack.messages_in(queue))}
    return {**found, **_logged(stack)}


def _logged(stack: Stack) -> dict[str, Any]:
    """Whichever functions logged an error: how many, and the first."""
    logs, found = stack.client("logs"), {}
    for group in logs.describe_log_groups(logGroupNamePrefix="/aws/lambda/")["logGroups"]:
        name = group["logGroupName"]
        if events := logs.filter_log_events(logGroupName=name, filterPattern=ERROR)["events"]:
            found[name] = {"errors": len(events), "first": events[0]["message"][:2000]}
    return found


@contextlib.contextmanager
def in_process() -> Iterator[Target]:
    """The real handlers over moto (api.py)."""
    port, log = free_port(), OUT / "fuzz-server.log"
    command = [sys.executable, "-m", "tests.fuzz.api", str(port)]
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'layers' / 'hearback'}{os.pathsep}{ROOT}"}
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=output)
    url = f"http://127.0.0.1:{port}"
    target = Target("the handlers in one process", url, f"{url}/_fuzz/known")
    try:
        _wait_for(target.known, process, log)
        yield target
    finally:
        process.terminate()
        process.wait()


def _wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=2):
            return
        time.sleep(0.2)
    raise SystemExit(f"the API did not start; its log is {log}")


def _say(doing: str) -> None:
    print(doing, flush=True)

"""One cold start under Lambda's own runtime client and SAM's emulator of the runtime interface: a fresh process, one request."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench.figures import ROOT
from tests.local.settings import architecture, free_port

MEGABYTE = 1000 * 1000
START_SECONDS = 60
_PROCESS_CLOCK = 2
"""CPUCLOCK_SCHED of linux/posix-timers.h: the time that all threads of a process have run, user and system, in nanoseconds."""


@dataclass(frozen=True)
class Start:
    """What init and the first request took: processor seconds of the runtime's process, and its peak of resident memory."""

    cpu_seconds: float
    peak_bytes: int
    answer: dict[str, Any]


def cold_start(handler: str, folders: list[Path], environment: dict[str, str], event: dict[str, Any]) -> Start:
    """`folders` are, in this order, the function and its layers. Nothing else but the runtime client can be imported."""
    port, api = free_port(), free_port()
    runtime = [os.path.realpath(sys.executable), "-S", "-m", "awslambdaric", handler]
    command = [_emulator(), "--log-level", "error", "--runtime-interface-emulator-address", f"127.0.0.1:{port}"]
    with subprocess.Popen(
        [*command, "--runtime-api-address", f"127.0.0.1:{api}", *runtime],
        env=_environment(handler, folders, api, environment),
        cwd=folders[0],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as emulator:
        try:
            answer = _invoked(port, event)
            (process,) = _children(emulator.pid)
            return Start(time.clock_gettime(~process << 3 | _PROCESS_CLOCK), _peak(process), answer)
        finally:
            os.killpg(emulator.pid, signal.SIGKILL)


def _emulator() -> str:
    kind = {"x86_64": "x86_64", "arm64": "arm64"}[architecture()]
    (found,) = (ROOT / ".venv-tools" / "lib").glob(f"python3*/site-packages/samcli/local/rapid/aws-lambda-rie-{kind}")
    return str(found)


def _environment(handler: str, folders: list[Path], api: int, more: dict[str, str]) -> dict[str, str]:
    return {
        "PATH": "/usr/bin:/bin",
        "HOME": "/tmp",
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
        "PYTHONPATH": os.pathsep.join(map(str, folders)),
        "PYTHONDONTWRITEBYTECODE": "1",  # where the code lies cannot be written to
        "LAMBDA_TASK_ROOT": str(folders[0]),
        "AWS_LAMBDA_FUNCTION_NAME": "bench",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
        "AWS_LAMBDA_FUNCTION_TIMEOUT": "30",
        "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{api}",
        "_HANDLER": handler,
        **more,
    }


def _invoked(port: int, event: dict[str, Any]) -> dict[str, Any]:
    url = f"http://127.0.0.1:{port}/2015-03-31/functions/function/invocations"
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            with urllib.request.urlopen(urllib.request.Request(url, json.dumps(event).encode()), timeout=START_SECONDS) as reply:
                answer: dict[str, Any] = json.loads(reply.read())
                return answer
        except urllib.error.URLError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def _children(process: int) -> list[int]:
    tasks = Path(f"/proc/{process}/task").iterdir()
    return [int(child) for task in tasks for child in (task / "children").read_text().split()]


def _peak(process: int) -> int:
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    (kilobytes,) = [line.split()[1] for line in lines if line.startswith("VmHWM:")]
    return int(kilobytes) * 1024

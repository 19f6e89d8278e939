"""A local cloud of one's own, for the tests and the demo: a free port, a folder that goes away, the shared build."""

from __future__ import annotations

import contextlib
import subprocess
import time
import urllib.error
from typing import TYPE_CHECKING

from tests.local.client import Client
from tests.local.engine import START_AND_DIE_WITH_PARENT
from tests.local.settings import ROOT, StartError, free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TOOLS_PYTHON = ROOT / ".venv-tools" / "bin" / "python"
START_SECONDS = 240
STOP_SECONDS = 30


@contextlib.contextmanager
def running(state: Path, port: int | None = None, *, throwaway: bool = True) -> Iterator[Client]:
    """Start, wait until it is ready, give a client, stop: cleanly, where the state is wanted afterwards."""
    if not TOOLS_PYTHON.exists():
        raise StartError("The tools' environment is missing: `make .venv-tools/ready` makes it (so do `make test` and `make run`).")
    port = port or free_port()
    state.mkdir(parents=True, exist_ok=True)
    log = state / "starter.log"
    command = [
        *(str(TOOLS_PYTHON), "-c", START_AND_DIE_WITH_PARENT, str(TOOLS_PYTHON)),
        "-m",
        "tests.local",
        "run",
        "--port",
        str(port),
        "--state",
        str(state),
        *(["--throwaway"] if throwaway else []),
    ]
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT, start_new_session=True)
    try:
        client = Client(f"http://127.0.0.1:{port}")
        _wait_until_ready(client, process, log)
        yield client
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_ready(client: Client, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(urllib.error.URLError, ConnectionError):
            if client.get("/_local/health").status == 200:
                return
        time.sleep(0.1)
    raise StartError(f"The local cloud did not become ready:\n{log.read_text(encoding='utf-8')[-4000:]}")

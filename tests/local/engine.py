"""MiniStack as a child process, on a port of its own that stays the same for as long as its state is kept."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from tests.local.settings import CREDENTIALS, REGION, StartError, free_port, is_free
from tests.local.workers import kill_one

WATCHED = Path(__file__).with_name("watched_engine.py")
START_SECONDS = 30
STOP_SECONDS = 20
START_AND_DIE_WITH_PARENT = """
import ctypes, os, signal, sys
PR_SET_PDEATHSIG = 1
if sys.platform == "linux":
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
os.execv(sys.argv[1], sys.argv[1:])
"""
"""A test run that is killed would otherwise leave its local clouds behind, and a starter its engine."""


class Engine:
    def __init__(self, state: Path) -> None:
        self._state = state / "engine"
        self._process: subprocess.Popen[bytes] | None = None
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def calls(self) -> Path:
        """What the functions' roles have asked for (watched_engine.py)."""
        return self._state / "calls.jsonl"

    @property
    def log(self) -> Path:
        return self._state / "ministack.log"

    def start(self) -> None:
        self._state.mkdir(parents=True, exist_ok=True)
        self.port = self._kept_port()
        self._forget_stream_positions()
        self._forget_workers()
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-c", START_AND_DIE_WITH_PARENT, sys.executable, str(WATCHED)],
                env=self._environment(),
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._wait_until_it_answers()

    def stop(self, *, save: bool = True) -> None:
        """End it the gentle way: MiniStack saves its state on a clean stop only, and takes half a minute after much work."""
        if self._process is None:
            return
        if save:
            self._process.send_signal(signal.SIGTERM)
        else:
            os.killpg(self._process.pid, signal.SIGKILL)
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._forget_workers()

    def kill_worker(self, functions: list[str]) -> str | None:
        """End one process in which one of these functions runs; its name, None when nothing runs."""
        return kill_one(self._process.pid, functions) if self._process else None

    def _kept_port(self) -> int:
        """Queue addresses in the state name the port, so it may not change while the state is kept."""
        file = self._state / "port"
        if not file.exists():
            file.write_text(str(free_port()), encoding="ascii")
        port = int(file.read_text(encoding="ascii"))
        for _ in range(50):
            if is_free(port):
                return port
            time.sleep(0.1)
        raise StartError(f"Port {port}, where the local cloud's engine lives, is taken. Free it, or start afresh with `make clean`.")

    def _forget_stream_positions(self) -> None:
        """MiniStack keeps how far a function has read a table's stream, but not the stream: it would wait for records that
        have to come first. What the stream had not delivered is the sweeper's to find.
        """
        file = self._state / "lambda.json"
        if file.exists():
            saved = json.loads(file.read_text(encoding="utf-8"))
            saved.get("payload", {}).pop("dynamodb_stream_positions", None)
            file.write_text(json.dumps(saved), encoding="utf-8")

    @property
    def _workers(self) -> Path:
        return self._state / "tmp"

    def _forget_workers(self) -> None:
        """MiniStack unpacks a function's code and layers anew for each worker (250 MB for the night's) and leaves them behind
        when it is killed: in a folder of our own they go away with the next start at the latest.
        """
        shutil.rmtree(self._workers, ignore_errors=True)
        self._workers.mkdir(parents=True, exist_ok=True)

    def _environment(self) -> dict[str, str]:
        """Nothing of the caller's AWS account is passed on."""
        return {
            **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
            **CREDENTIALS,
            "TMPDIR": str(self._workers),
            "AUTH": "true",  # a function may do what its role says, as in AWS; the key `test` is root
            "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(self.port),
            "MINISTACK_HOST": "127.0.0.1",
            "MINISTACK_REGION": REGION,
            "PERSIST_STATE": "1",
            "STATE_DIR": str(self._state),
            "S3_PERSIST": "1",
            "S3_DATA_DIR": str(self._state / "s3"),
            "LOG_LEVEL": "INFO",
            "HEARBACK_CALLS_FILE": str(self.calls),
            "PYTHONDONTWRITEBYTECODE": "1",
        }

    def _wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                break
            with contextlib.suppress(OSError), urllib.request.urlopen(f"{self.url}/_ministack/health", timeout=1):
                return
            time.sleep(0.05)
        self.stop()
        raise StartError(f"MiniStack did not start; its log is {self.log}")

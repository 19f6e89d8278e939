"""`python -m tests.local run|stop`: the local cloud as a process of its own."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import sys
import threading
import time
from pathlib import Path

from tests.local.cloud import Cloud, require_free
from tests.local.server import make_http_server
from tests.local.settings import ROOT, Settings, StartError

STOP_SECONDS = 30
CUT_OFF = "The last run was cut off, and what was done in it may be gone: only a clean stop (Ctrl-C or `make stop`) saves it all."


def run(settings: Settings) -> None:
    require_free(settings.port)
    if settings.process_file.exists() and _running_here(settings) is None:
        print(CUT_OFF, flush=True)
    began = time.monotonic()
    cloud = Cloud(settings, say=lambda line: print(line, flush=True))
    server = make_http_server(settings.port, cloud)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.process_file.write_text(json.dumps({"pid": os.getpid(), "port": settings.port}), encoding="ascii")
    for number in _ends():
        signal.signal(number, _interrupt)
    try:
        cloud.start()
        print(f"Ready after {time.monotonic() - began:.0f} s: {settings.url}   (stop: Ctrl-C or `make stop`)", flush=True)
        while True:
            signal.pause()
    except KeyboardInterrupt:
        print("Stopping, and saving what there is ...", flush=True)
    finally:
        for number in _ends():
            signal.signal(number, signal.SIG_IGN)
        cloud.stop()
        server.shutdown()
        settings.process_file.unlink(missing_ok=True)


def stop(settings: Settings) -> None:
    if not settings.process_file.exists():
        print("Nothing runs here.")
        return
    pid = _running_here(settings)
    if pid is None:
        settings.process_file.unlink(missing_ok=True)
        print("Nothing runs here any more.")
        return
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while _is_running(pid) and time.monotonic() < deadline:
        time.sleep(0.1)
    print("Stopped." if not _is_running(pid) else f"Process {pid} does not stop.")


def _ends() -> list[signal.Signals]:
    """What asks for an end; of these a closed terminal only where it is not meant to go on (`nohup`)."""
    closed = [signal.SIGHUP] if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN else []
    return [signal.SIGTERM, signal.SIGINT, *closed]


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def _running_here(settings: Settings) -> int | None:
    try:
        pid: int = json.loads(settings.process_file.read_text(encoding="ascii"))["pid"]
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return pid if _is_running(pid) else None


def _is_running(pid: int) -> bool:
    """Whether the process of that number is a local cloud: after a power cut the number may have become somebody else's."""
    try:
        return b"tests.local" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.local")
    parser.add_argument("verb", choices=["run", "stop"])
    parser.add_argument("--port", type=int, default=3000)
    parser.add_argument("--state", type=Path, default=ROOT / ".local")
    parser.add_argument("--containers", default="", metavar="ADDRESS", help="let SAM's containers in by this address of this machine")
    parser.add_argument("--throwaway", action="store_true", help="save nothing at the end, and be quick about it")
    options = parser.parse_args()
    settings = Settings(options.port, options.state.resolve(), ROOT / ".local" / "build", options.containers, options.throwaway)
    try:
        run(settings) if options.verb == "run" else stop(settings)
    except StartError as problem:
        sys.exit(f"\n{problem}")


if __name__ == "__main__":
    main()

"""Where the local cloud keeps things and how it calls itself."""

from __future__ import annotations

import platform
import random
import socket
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
REGION = "eu-central-1"
STACK = "hearback"
TIME_ZONE = "UTC"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": REGION}


class StartError(Exception):
    """Something that a person must put right before the local cloud can start; the message says what and how."""


@dataclass(frozen=True, slots=True)
class Settings:
    """`state` is what outlives a restart; `build` may be shared by several instances. `containers` is this machine's address
    on the network of SAM's containers, when they are to be let in. `throwaway`: nobody wants its state afterwards.
    """

    port: int
    state: Path
    build: Path
    containers: str = ""
    throwaway: bool = False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def vendors_url(self) -> str:
        return f"{self.url}/_local/vendors"

    @property
    def clock_file(self) -> Path:
        return self.state / "clock.json"

    @property
    def process_file(self) -> Path:
        return self.state / "process.json"


def architecture() -> str:
    """This machine's processor, in Lambda's words."""
    return "arm64" if platform.machine() in ("aarch64", "arm64") else "x86_64"


def script(name: str) -> str:
    """The path of a command installed beside this interpreter."""
    return str(Path(sys.executable).parent / name)


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """A port outside the range that outgoing connections draw from, so that it is still free at the next start."""
    for _ in range(100):
        port = random.randint(20_000, 30_000)
        if is_free(port):
            return port
    raise StartError("No free port between 20000 and 30000.")

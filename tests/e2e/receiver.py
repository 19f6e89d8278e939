"""A receiver of forwards in trouble: answers as told, by path, and remembers what came."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

SILENCE, ENDLESS, NONSENSE = -1, -2, -3
"""What a path may do instead of answering with a status: say nothing, never stop, speak no HTTP."""

LONGEST_SECONDS = 60
PIECE = b"x" * 65536


@dataclass
class Receiver:
    """`script`: a path to what it answers one after the other; the last one stays. `came` are (path, body), in order."""

    url: str
    script: dict[str, list[int]] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    came: list[tuple[str, bytes]] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)

    def count(self, path: str) -> int:
        return sum(each == path for each, _ in self.came)

    def next_answer(self, path: str) -> int:
        answers = self.script.get(path, [200])
        return answers.pop(0) if len(answers) > 1 else answers[0]


@contextlib.contextmanager
def receiver() -> Iterator[Receiver]:
    def handler(request: Any, address: Any, server: ThreadingHTTPServer) -> BaseHTTPRequestHandler:
        return _Handler(known, request, address, server)

    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    known = Receiver(f"http://127.0.0.1:{server.server_port}")
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    yield known
    known.released.set()
    server.shutdown()
    server.server_close()


class _Handler(BaseHTTPRequestHandler):
    def __init__(self, known: Receiver, *arguments: Any) -> None:
        self._known = known
        super().__init__(*arguments)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        self._known.came.append((self.path, body))
        with contextlib.suppress(OSError):
            self._answer(self._known.next_answer(self.path))

    def _answer(self, wanted: int) -> None:
        if wanted == SILENCE:
            self._known.released.wait(LONGEST_SECONDS)
        elif wanted == NONSENSE:
            self.wfile.write(b"\x00\xffthis is no HTTP\r\n\r\n")
        elif wanted == ENDLESS:
            self.send_response(200)
            self.end_headers()
            while not self._known.released.is_set():
                self.wfile.write(PIECE)
        else:
            self._say(wanted)

    def _say(self, status: int) -> None:
        self.send_response(status)
        for name, value in self._known.headers.items() if status >= 400 else ():
            self.send_header(name, value)
        self.send_header("content-length", "4")
        self.end_headers()
        self.wfile.write(b"said")

    def log_message(self, *_: Any) -> None:
        pass

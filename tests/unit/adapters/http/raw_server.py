"""A server on 127.0.0.1 that says exactly the bytes a test wants, as slowly as it wants."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field


@dataclass
class RawServer:
    """Answers every connection with `pieces`; a number among them is a pause in seconds."""

    pieces: Iterable[bytes | float] = ()
    wait_for_request: bool = True
    received: list[bytes] = field(default_factory=list)
    port: int = 0
    written: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @contextmanager
    def running(self) -> Iterator[RawServer]:
        listening = socket.create_server(("127.0.0.1", 0))
        self.port = listening.getsockname()[1]
        thread = threading.Thread(target=self._serve, args=(listening,), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            with suppress(OSError):
                listening.shutdown(socket.SHUT_RDWR)
            listening.close()
            thread.join(5)

    def _serve(self, listening: socket.socket) -> None:
        with suppress(OSError):
            while True:
                connection, _ = listening.accept()
                with connection, suppress(OSError):
                    self._answer(connection)

    def _answer(self, connection: socket.socket) -> None:
        if self.wait_for_request:
            self.received.append(_request(connection))
        for piece in self.pieces:
            if isinstance(piece, bytes):
                connection.sendall(piece)
                self.written += len(piece)
            else:
                time.sleep(piece)


def _request(connection: socket.socket) -> bytes:
    connection.settimeout(5)
    held = b""
    while b"\r\n\r\n" not in held:
        held += connection.recv(65536) or b"\r\n\r\n"
    head, _, body = held.partition(b"\r\n\r\n")
    length = next((int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")), 0)
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body

"""Lets SAM's containers reach what listens on 127.0.0.1 only, through the address of the network they share with this machine."""

from __future__ import annotations

import contextlib
import socket
import socketserver
import threading

FREEBIND = 15  # IP_FREEBIND: the container engine may make the address only when its first container starts
CHUNK = 65536


def relay(address: str, port: int) -> None:
    """From now on, address:port leads to 127.0.0.1:port."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)) as inside:
                back = threading.Thread(target=_pump, args=(inside, self.request), daemon=True)
                back.start()
                _pump(self.request, inside)
                back.join()

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True

        def server_bind(self) -> None:
            self.socket.setsockopt(socket.IPPROTO_IP, FREEBIND, 1)
            super().server_bind()

    server = Server((address, port), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(CHUNK):
            sink.sendall(data)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)

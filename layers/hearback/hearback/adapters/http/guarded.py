"""The outbound guard: one request to an address that was checked, and nothing else that an HTTP library might do for us.

The name is resolved once and the checked address is dialled, so that a second answer of the resolver cannot lead elsewhere
(DNS rebinding); TLS is still verified against the name. No redirects, no proxies, no cookies, no decompression, no
connection kept: a connection that was reused could be dead, and its failure would not say whether the request arrived.
"""

from __future__ import annotations

import http.client
import io
import queue
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import quote, urlsplit

from hearback.adapters.http.addresses import Address, is_loopback, parsed, special_use
from hearback.domain.errors import Invalid
from hearback.domain.web_address import LOOPBACK_NAMES, url_problem
from hearback.ports import HttpRequest, HttpResponse, NoReply, NotSent

Resolver = Callable[[str, int], list[str]]
"""Every address of a host, as text. Raises OSError."""

RESPONSE_LIMIT = 256 * 1024
"""Bytes of a response's body that are read; the rest is left unread."""

RESOLVE_SECONDS = 5.0
CONNECT_SECONDS = 5.0
MOST_ADDRESSES = 4
_HTTPS_PORT = 443
_PIECE = 16 * 1024
_HOST = re.compile(r"[a-z0-9_.:-]{1,253}", re.IGNORECASE)
_METHOD = re.compile(r"[A-Z]{1,20}")
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
_KEPT_IN_PATHS = "!$%&'()*+,/:;=?@[]~"


def resolve(host: str, port: int) -> list[str]:
    """The system's resolver. It knows forms that look like names and are addresses (`0x7f.1`, `2130706433`)."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


@dataclass(frozen=True)
class GuardedHttp:
    """`allow_loopback` is for a local stack: 127.0.0.1 and localhost, plain http and any port included."""

    allow_loopback: bool = False
    ports: Collection[int] = (_HTTPS_PORT,)
    resolver: Resolver = resolve
    tls: Callable[[], ssl.SSLContext] = ssl.create_default_context

    def send(self, request: HttpRequest, *, deadline_seconds: float = 20.0, trusted: bool = False) -> HttpResponse:
        """Raises `NotSent` while nothing can have reached the other side, `NoReply` from the first byte on.

        `trusted`: the host is a vendor's own and fixed in our code, so its addresses are not looked at.
        """
        ends_at = time.monotonic() + deadline_seconds
        target = _target(request.url)
        addresses = self._addresses(target, ends_at, trusted=trusted)
        prepared = _prepared(request, target)
        line = self._connected(target, addresses, ends_at)
        try:
            return _exchange(line, prepared)
        finally:
            with suppress(OSError):
                line.close()

    def check_url(self, url: str) -> None:
        """For the moment of saving. Raises `Invalid` where `send` would refuse; a name that cannot be resolved now passes:
        it is looked at again at every send.
        """
        if problem := url_problem(url):
            raise Invalid(f"the address {problem}")
        try:
            self._addresses(_target(url), time.monotonic() + RESOLVE_SECONDS, trusted=False)
        except _Unresolved:
            return
        except NotSent as error:
            raise Invalid(str(error)) from None

    # --- where to --------------------------------------------------------------------------------------------------------

    def _addresses(self, target: _Target, ends_at: float, *, trusted: bool) -> list[Address]:
        """Every address of the host; all of them must be allowed, since any of them might be dialled."""
        local = self.allow_loopback and target.host in LOOPBACK_NAMES
        if target.scheme != "https" and not (local and target.scheme == "http"):
            raise NotSent("only https is spoken")
        if not local and target.port not in self.ports:
            raise NotSent(f"port {target.port} is not allowed")
        found = [parsed(each) for each in self._resolved(target, ends_at)]
        addresses = [each for each in found if each is not None]
        if not addresses or len(addresses) != len(found):
            raise _Unresolved("the host has no address")
        for each in addresses:
            use = special_use(each)
            if local and is_loopback(each):
                continue
            if use is not None and not trusted:
                raise NotSent(f"the host's address is set aside ({use})")
        return sorted(addresses, key=lambda each: each.version)[:MOST_ADDRESSES]  # a function's network speaks IPv4 for certain

    def _resolved(self, target: _Target, ends_at: float) -> list[str]:
        """The resolver has no time limit of its own, so it runs beside us; one that hangs is left behind."""
        if parsed(target.host) is not None:
            return [target.host]
        answers: queue.SimpleQueue[list[str] | None] = queue.SimpleQueue()

        def ask() -> None:
            try:
                answers.put(self.resolver(target.host, target.port))
            except (OSError, UnicodeError):
                answers.put(None)

        threading.Thread(target=ask, daemon=True).start()
        try:
            found = answers.get(timeout=min(RESOLVE_SECONDS, _left(ends_at)))
        except (queue.Empty, TimeoutError):
            raise _Unresolved("the host's name was not resolved in time") from None
        if found is None:
            raise _Unresolved("the host's name cannot be resolved")
        return found

    # --- the line --------------------------------------------------------------------------------------------------------

    def _connected(self, target: _Target, addresses: list[Address], ends_at: float) -> _Line:
        for each in addresses:
            try:
                plain = socket.create_connection((str(each), target.port), timeout=min(CONNECT_SECONDS, _left(ends_at)))
            except OSError:
                continue
            return _Line(self._secured(plain, target, ends_at) if target.scheme == "https" else plain, ends_at)
        raise NotSent("the host does not take the connection")

    def _secured(self, plain: socket.socket, target: _Target, ends_at: float) -> socket.socket:
        try:
            plain.settimeout(_left(ends_at))
            return self._tls.wrap_socket(plain, server_hostname=target.host)
        except (OSError, ValueError) as error:
            plain.close()
            reason = "its certificate does not verify" if isinstance(error, ssl.SSLCertVerificationError) else "no TLS connection"
            raise NotSent(f"the host was reached, but {reason}") from error

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return self.tls()


class _Unresolved(NotSent):
    """The host's name led nowhere, this time."""


@dataclass(frozen=True)
class _Target:
    scheme: str
    host: str
    port: int
    path: str
    host_header: str


@dataclass(frozen=True)
class _Prepared:
    method: str
    path: str
    headers: list[tuple[str, bytes]]
    body: bytes


def _target(url: str) -> _Target:
    if url_problem(url) is not None:
        raise NotSent("the address cannot be used")
    parts = urlsplit(url)
    try:
        host = (parts.hostname or "").encode("idna").decode() if not (parts.hostname or "").isascii() else (parts.hostname or "")
    except UnicodeError:
        raise NotSent("the host's name cannot be used") from None
    if not _HOST.fullmatch(host):
        raise NotSent("the host's name cannot be used")
    port = parts.port or (_HTTPS_PORT if parts.scheme == "https" else 80)
    path = quote(parts.path or "/", safe=_KEPT_IN_PATHS) + (f"?{quote(parts.query, safe=_KEPT_IN_PATHS)}" if parts.query else "")
    shown = f"[{host}]" if ":" in host else host
    return _Target(parts.scheme, host, port, path, shown if parts.port in (None, _HTTPS_PORT) else f"{shown}:{port}")


def _prepared(request: HttpRequest, target: _Target) -> _Prepared:
    """Everything that could go wrong in writing the request goes wrong here, before a connection is there."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    for name in ("connection", "content-length", "host", "transfer-encoding"):
        headers.pop(name, None)
    headers |= {"accept-encoding": "identity", "connection": "close"}
    headers.setdefault("user-agent", "hearback")
    headers.setdefault("accept", "*/*")
    if not _METHOD.fullmatch(request.method):
        raise NotSent("the method cannot be used")
    for name, value in headers.items():
        if not _HEADER_NAME.fullmatch(name) or any(each < " " or each == "\x7f" for each in value):
            raise NotSent("a header cannot be written")
    has_body = bool(request.body) or request.method in {"POST", "PUT", "PATCH"}
    length = [("content-length", str(len(request.body)).encode())] if has_body else []
    encoded = [(name, value.encode("utf-8", errors="replace")) for name, value in headers.items()]
    return _Prepared(request.method, target.path, [("host", target.host_header.encode()), *encoded, *length], request.body)


def _exchange(line: _Line, prepared: _Prepared) -> HttpResponse:
    head = f"{prepared.method} {prepared.path} HTTP/1.1\r\n".encode()
    head += b"".join(name.encode() + b": " + value + b"\r\n" for name, value in prepared.headers) + b"\r\n"
    response: http.client.HTTPResponse | None = None
    try:
        line.sendall(head + prepared.body)
        response = http.client.HTTPResponse(line, method=prepared.method)  # type: ignore[arg-type]
        response.begin()
        body = _limited_body(response)
        headers = {name.lower(): value for name, value in response.getheaders()}
        return HttpResponse(response.status, headers, body)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise NoReply("no complete reply came in time") from error
    finally:
        if response is not None:
            response.close()


def _limited_body(response: http.client.HTTPResponse) -> bytes:
    pieces = bytearray()
    while len(pieces) < RESPONSE_LIMIT:
        piece = response.read1(min(_PIECE, RESPONSE_LIMIT - len(pieces)))
        if not piece:
            if response.length:
                raise http.client.IncompleteRead(b"")
            break
        pieces += piece
    return bytes(pieces)


def _left(ends_at: float) -> float:
    """Seconds to the deadline. Raises TimeoutError when it is over: whoever drips a byte a second gains nothing by it."""
    left = ends_at - time.monotonic()
    if left <= 0:
        raise TimeoutError("the deadline is over")
    return left


class _Line:
    """A connected socket on which every single operation ends at one deadline. Has what http.client asks of a socket."""

    def __init__(self, connection: socket.socket, ends_at: float) -> None:
        self._connection = connection
        self._ends_at = ends_at

    def sendall(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            self._connection.settimeout(_left(self._ends_at))
            view = view[self._connection.send(view[:_PIECE]) :]

    def makefile(self, *_: Any, **__: Any) -> io.BufferedReader:
        return io.BufferedReader(_Inflow(self._connection, self._ends_at))

    def close(self) -> None:
        self._connection.close()


class _Inflow(io.RawIOBase):
    def __init__(self, connection: socket.socket, ends_at: float) -> None:
        self._connection = connection
        self._ends_at = ends_at

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._connection.settimeout(_left(self._ends_at))
        return self._connection.recv_into(buffer)

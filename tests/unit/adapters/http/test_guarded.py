from __future__ import annotations

import datetime as dt
import gzip
import ipaddress
import itertools
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from hearback.adapters.http import guarded
from hearback.adapters.http.guarded import RESPONSE_LIMIT, GuardedHttp
from hearback.domain.errors import Invalid
from hearback.ports import HttpRequest, HttpResponse, NoReply, NotSent
from tests.unit.adapters.http.hostile import NAMES, SPECIAL
from tests.unit.adapters.http.raw_server import RawServer

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nRetry-After: 7\r\n\r\nok"
LOCAL = GuardedHttp(allow_loopback=True)


def get(
    url: str, headers: dict[str, str] | None = None, *, http: GuardedHttp = LOCAL, deadline: float = 5.0, trusted: bool = False
) -> HttpResponse:
    return http.send(HttpRequest("GET", url, headers or {}, b""), deadline_seconds=deadline, trusted=trusted)


def resolving(*addresses: str) -> GuardedHttp:
    return GuardedHttp(resolver=lambda host, port: list(addresses))


# --- what goes out ----------------------------------------------------------------------------------------------------------


def test_a_request_goes_out_as_it_was_written_and_the_answer_comes_back() -> None:
    with RawServer([OK]).running() as server:
        request = HttpRequest("POST", f"{server.url}/a b/ü?q=1 2#frag", {"X-Name": "Zoë", "Content-Type": "text/plain"}, "ö".encode())
        response = LOCAL.send(HttpRequest(request.method, request.url.replace(" ", "%20"), request.headers, request.body))
    assert (response.status, response.body, response.headers["retry-after"]) == (200, b"ok", "7")
    head, _, body = server.received[0].partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    assert lines[0] == b"POST /a%20b/%C3%BC?q=1%202 HTTP/1.1"
    assert f"host: 127.0.0.1:{server.port}".encode() in lines
    assert {"x-name: Zoë".encode(), b"accept-encoding: identity", b"connection: close", b"content-length: 2"} <= set(lines)
    assert body == "ö".encode()


def test_nobody_sets_the_headers_that_frame_a_request() -> None:
    with RawServer([OK]).running() as server:
        get(server.url, {"Host": "evil.example", "Content-Length": "999", "Transfer-Encoding": "chunked", "Accept-Encoding": "gzip"})
    head = server.received[0].lower()
    assert b"evil" not in head
    assert b"chunked" not in head
    assert b"999" not in head
    assert b"gzip" not in head


@pytest.mark.parametrize("value", ["a\r\nx: y", "a\nb", "a\x00", "\x7f"])
def test_a_header_that_would_begin_another_is_not_sent(value: str) -> None:
    with RawServer([OK]).running() as server:
        with pytest.raises(NotSent):
            get(server.url, {"x-name": value})
        with pytest.raises(NotSent):
            get(server.url, {f"x{value}": "a"})
    assert not server.received


def test_no_environment_chooses_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with RawServer([OK]).running() as server:
        assert get(server.url).status == 200


# --- where it may go --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/",
        "https://example.com:8443/",
        "https://example.com:22/",
        "https://user@example.com/",
        "https://user:password@example.com/",
        "ftp://example.com/",
        "https:///path",
        "https://exa mple.com/",
        "https://example.com\r\n/",
        "https://a_b%00.example.com/",
        "https://[::1/",
        "https://{{ contact.id }}.example.com/",
        "https://" + "a" * 64 + "ü.example.com/",
    ],
)
def test_only_https_on_its_own_port_with_a_plain_host_is_dialled(url: str) -> None:
    def never(host: str, port: int) -> list[str]:
        raise AssertionError("resolved")

    with pytest.raises(NotSent):
        get(url, http=GuardedHttp(resolver=never))


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "169.254.169.254", "10.0.0.1", "::1", "fd00:ec2::254", "64:ff9b::a9fe:a9fe", "::ffff:10.0.0.1"]
)
def test_a_host_that_leads_inside_is_not_dialled_even_when_other_addresses_are_fine(address: str) -> None:
    for addresses in ([address], ["93.184.216.34", address], [address, "2606:4700::1111"]):
        with pytest.raises(NotSent, match="set aside"):
            get("https://rebind.example/", http=resolving(*addresses))


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "2130706433",
        "0x7f.1",
        "127.1",
        "0177.0.0.1",
        "0",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "①②⑦.⓪.⓪.①",
        "localhost",
        "localhost.",
    ],
)
def test_no_way_of_writing_this_machine_is_dialled_outside_a_local_stack(host: str) -> None:
    with pytest.raises(NotSent):
        get(f"https://{host}/", http=GuardedHttp(), deadline=3)


@pytest.fixture
def dialled(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Whatever anybody tried to connect to. Nothing gets through."""
    tried: list[Any] = []

    def dial(self: socket.socket, address: Any) -> None:
        tried.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket.socket, "connect", dial)
    return tried


def without_a_network(host: str, port: int) -> list[str]:
    """The system's own reading of numbers, and of this machine's name; nothing is asked of anybody."""
    if host.lower().rstrip(".") == "localhost":
        return ["127.0.0.1", "::1"]
    return [str(each[4][0]) for each in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)]


def test_no_hostile_address_reaches_a_socket_in_any_spelling(dialled: list[Any]) -> None:
    literal = [f"[{each}]" if ":" in each else each for each in SPECIAL]
    for host in (*literal, *NAMES):
        for url in (f"https://{host}/", f"https://{host}:443/latest/meta-data"):
            with pytest.raises(NotSent):
                get(url, http=GuardedHttp(resolver=without_a_network), deadline=3)
    for address in SPECIAL:
        with pytest.raises(NotSent):
            get("https://rebind.example/", http=resolving(address))
        with pytest.raises(Invalid):
            resolving(address).check_url("https://rebind.example/")
    assert dialled == []
    assert len(SPECIAL) + len(NAMES) >= 100


def test_an_ordinary_address_does_reach_the_socket_that_the_test_above_watches(dialled: list[Any]) -> None:
    with pytest.raises(NotSent):
        get("https://rebind.example/", http=resolving("93.184.216.34"))
    assert dialled == [("93.184.216.34", 443)]


def test_only_this_machine_is_let_through_in_a_local_stack() -> None:
    local = GuardedHttp(allow_loopback=True, resolver=lambda host, port: ["10.0.0.1"])
    for url in ("http://example.com/", "https://inside.example/", "http://127.0.0.2:80/", "http://localhost/", "http://10.0.0.1/"):
        with pytest.raises(NotSent):
            get(url, http=local)


def test_the_name_is_asked_for_once_and_the_checked_address_is_dialled(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([["93.184.216.34"], ["127.0.0.1"]])
    dialled: list[Any] = []

    def dial(address: tuple[str, int], timeout: float) -> socket.socket:
        dialled.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", dial)
    with pytest.raises(NotSent, match="does not take the connection"):
        get("https://rebind.example/", http=GuardedHttp(resolver=lambda host, port: next(answers)))
    assert dialled == [("93.184.216.34", 443)]


def test_a_vendors_own_host_is_not_judged_by_its_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "create_connection", lambda address, timeout: (_ for _ in ()).throw(ConnectionRefusedError()))
    with pytest.raises(NotSent, match="does not take the connection"):
        get("https://graph.example/", http=resolving("10.0.0.1"), trusted=True)


def test_a_name_that_is_not_known_was_not_sent_to() -> None:
    def unknown(host: str, port: int) -> list[str]:
        raise socket.gaierror("no such host")

    with pytest.raises(NotSent, match="cannot be resolved"):
        get("https://nowhere.example/", http=GuardedHttp(resolver=unknown))
    with pytest.raises(NotSent):
        get("https://nowhere.example/", http=resolving())


def test_a_resolver_that_hangs_takes_no_longer_than_the_deadline() -> None:
    let_go = threading.Event()

    def hang(host: str, port: int) -> list[str]:
        let_go.wait(10)
        return ["93.184.216.34"]

    begun = time.monotonic()
    with pytest.raises(NotSent, match="in time"):
        get("https://slow.example/", http=GuardedHttp(resolver=hang), deadline=0.2)
    assert time.monotonic() - begun < 2
    let_go.set()


def test_a_refused_connection_was_not_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    with pytest.raises(NotSent):
        get(f"http://127.0.0.1:{port}/")


# --- what comes back ---------------------------------------------------------------------------------------------------------


def test_a_redirect_is_an_answer_and_is_not_followed() -> None:
    with RawServer(
        [b"HTTP/1.1 302 Found\r\nlocation: http://169.254.169.254/latest/meta-data\r\ncontent-length: 0\r\n\r\n"]
    ).running() as server:
        response = get(server.url)
    assert response.status == 302
    assert len(server.received) == 1


def test_a_body_without_end_is_cut_at_the_cap() -> None:
    endless = itertools.chain([b"HTTP/1.1 200 OK\r\ncontent-length: 1000000000\r\n\r\n"], itertools.repeat(b"x" * 65536, 1000))
    with RawServer(endless).running() as server:
        assert len(get(server.url).body) == RESPONSE_LIMIT
    assert server.written < 20_000_000


def test_a_chunked_body_is_put_together_and_cut_too() -> None:
    with RawServer([b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n1;x=y\r\n!\r\n0\r\n\r\n"]).running() as server:
        assert get(server.url).body == b"hello!"
    chunks = itertools.repeat(b"10000\r\n" + b"x" * 65536 + b"\r\n", 1000)
    with RawServer(itertools.chain([b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"], chunks)).running() as server:
        assert len(get(server.url).body) == RESPONSE_LIMIT


def test_a_compressed_body_stays_compressed() -> None:
    bomb = gzip.compress(b"0" * 10_000_000)
    head = f"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {len(bomb)}\r\n\r\n".encode()
    with RawServer([head + bomb]).running() as server:
        assert get(server.url).body == bomb


def test_a_body_that_ends_with_the_connection_is_whole() -> None:
    with RawServer([b"HTTP/1.0 200 OK\r\n\r\nall of it"]).running() as server:
        assert get(server.url).body == b"all of it"


DRIPS: dict[str, Iterator[bytes | float]] = {
    "head": itertools.chain([b"HTTP/1.1 200 OK\r\n"], itertools.cycle([b"x-drip: 1\r\n", 0.05])),
    "status line": itertools.cycle([b"H", 0.05]),
    "body": itertools.chain([b"HTTP/1.1 200 OK\r\ncontent-length: 9999\r\n\r\n"], itertools.cycle([b"x", 0.05])),
    "continue": itertools.cycle([b"HTTP/1.1 100 Continue\r\n\r\n", 0.05]),
    "nothing": itertools.chain([3.0]),
}


@pytest.mark.parametrize("where", sorted(DRIPS))
def test_whoever_drips_bytes_gains_no_time(where: str) -> None:
    begun = time.monotonic()
    with RawServer(itertools.islice(DRIPS[where], 120)).running() as server:
        with pytest.raises(NoReply):
            get(server.url, deadline=0.5)
        assert time.monotonic() - begun < 2


def test_whoever_does_not_read_gains_no_time_either() -> None:
    begun = time.monotonic()
    with RawServer([2.0], wait_for_request=False).running() as server, pytest.raises(NoReply):
        LOCAL.send(HttpRequest("POST", server.url, {}, b"x" * 30_000_000), deadline_seconds=0.5)
    assert time.monotonic() - begun < 4


@pytest.mark.parametrize(
    "reply",
    [
        [],
        [b"nonsense\r\n\r\n"],
        [b"HTTP/1.1 abc OK\r\n\r\n"],
        [b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nshort"],
        [b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n"],
        [b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhe"],
        [b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 500 + b"\r\n"],
        [b"HTTP/1.1 200 OK\r\nx: " + b"y" * 70_000 + b"\r\n\r\n"],
    ],
    ids=lambda reply: repr(reply)[:50],
)
def test_nonsense_after_the_request_is_no_reply_never_not_sent(reply: list[bytes]) -> None:
    with RawServer(reply).running() as server, pytest.raises(NoReply):
        get(server.url)


# --- TLS ---------------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for service.example that signs itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "service.example")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(hours=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName("service.example"), x509.IPAddress(ipaddress.ip_address("127.0.0.9"))]),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "service.pem"
    plain = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(plain + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def tls_port(certificate: Path) -> Iterator[tuple[int, list[str | None]]]:
    """A TLS server that answers OK, and the names that it was asked for."""
    asked: list[str | None] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    context.sni_callback = lambda _socket, name, _context: asked.append(name)
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with suppress(OSError):
            while True:
                plain, _ = listening.accept()
                with plain, suppress(OSError):
                    secured = context.wrap_socket(plain, server_side=True)
                    secured.recv(65536)
                    secured.sendall(OK)
                    secured.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield listening.getsockname()[1], asked
    with suppress(OSError):
        listening.shutdown(socket.SHUT_RDWR)
    listening.close()
    thread.join(5)


def guard_for(port: int, trusting: Path | None) -> GuardedHttp:
    context = ssl.create_default_context(cafile=str(trusting)) if trusting else ssl.create_default_context()
    return GuardedHttp(ports={port}, resolver=lambda host, _: ["127.0.0.1"], tls=lambda: context)


def test_the_certificate_is_checked_against_the_name_though_an_address_is_dialled(tls_port: Any, certificate: Path) -> None:
    port, asked = tls_port
    assert get(f"https://service.example:{port}/", http=guard_for(port, certificate), trusted=True).status == 200
    assert asked == ["service.example"]


def test_a_certificate_for_another_name_or_from_nobody_known_is_refused_before_anything_is_sent(tls_port: Any, certificate: Path) -> None:
    port, _ = tls_port
    for host, trusting in (("other.example", certificate), ("service.example", None)):
        with pytest.raises(NotSent, match="certificate"):
            get(f"https://{host}:{port}/", http=guard_for(port, trusting), trusted=True)


def test_a_port_that_speaks_no_tls_was_not_sent_to(certificate: Path) -> None:
    with RawServer([b"HTTP/1.1 200 OK\r\n\r\n"], wait_for_request=False).running() as server, pytest.raises(NotSent, match="TLS"):
        get(f"https://service.example:{server.port}/", http=guard_for(server.port, certificate), trusted=True)


def test_a_handshake_that_hangs_ends_with_the_deadline(certificate: Path) -> None:
    begun = time.monotonic()
    with RawServer([2.0], wait_for_request=False).running() as server, pytest.raises(NotSent):
        get(f"https://service.example:{server.port}/", http=guard_for(server.port, certificate), trusted=True, deadline=0.3)
    assert time.monotonic() - begun < 4


# --- at the moment of saving -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url", ["https://inside.example/", "https://10.0.0.1/", "http://example.com/", "https://example.com:8443/", "http://127.0.0.1/"]
)
def test_an_address_that_leads_inside_cannot_be_saved(url: str) -> None:
    with pytest.raises(Invalid):
        resolving("10.0.0.1").check_url(url)


def test_an_address_outside_can_be_saved_with_a_template_behind_its_host() -> None:
    resolving("93.184.216.34").check_url("https://api.example.com/{{ contact.id }}?q={{ answer.comment }}")
    LOCAL.check_url("http://127.0.0.1:3000/_local/vendors/http")


def test_a_name_that_is_not_known_yet_can_be_saved() -> None:
    def unknown(host: str, port: int) -> list[str]:
        raise socket.gaierror

    GuardedHttp(resolver=unknown).check_url("https://soon.example/")


def test_the_system_resolver_gives_each_address_once() -> None:
    assert guarded.resolve("127.0.0.1", 443) == ["127.0.0.1"]

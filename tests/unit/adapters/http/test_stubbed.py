import pytest
from pytest_httpserver import HTTPServer

from hearback.adapters.http.guarded import GuardedHttp
from hearback.adapters.http.stubbed import MEANT_FOR, StubbedHttp
from hearback.domain.errors import Invalid
from hearback.ports import HttpRequest, NotSent


def only_this_machine(host: str, port: int) -> list[str]:
    if host not in {"127.0.0.1", "localhost"}:
        raise OSError("no names here")
    return ["127.0.0.1"]


def stubbed(server: HTTPServer) -> StubbedHttp:
    return StubbedHttp(GuardedHttp(allow_loopback=True, resolver=only_this_machine), server.url_for("/stub"))


def test_what_is_meant_for_a_stranger_goes_to_the_stub_with_everything_it_had(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/stub/crm.example.com/api/ratings", method="PUT", query_string="a=1", data=b"body").respond_with_data("ok")
    request = HttpRequest("PUT", "https://crm.example.com/api/ratings?a=1", {"x-one": "1"}, b"body")
    assert stubbed(httpserver).send(request).status == 200
    sent, _ = httpserver.log[0]
    assert (sent.headers["x-one"], sent.headers[MEANT_FOR]) == ("1", "https://crm.example.com/api/ratings?a=1")


def test_this_machine_s_own_addresses_are_dialled(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/mine").respond_with_data("mine")
    assert (
        stubbed(httpserver).send(HttpRequest("GET", httpserver.url_for("/mine").replace("localhost", "127.0.0.1"), {}, b"")).body == b"mine"
    )


@pytest.mark.parametrize(
    "url", ["https://169.254.169.254/latest/meta-data", "https://10.0.0.1/", "http://crm.example.com/", "https://user:pw@crm.example.com/"]
)
def test_what_the_guard_refuses_in_aws_is_refused_here_too(httpserver: HTTPServer, url: str) -> None:
    with pytest.raises(NotSent):
        stubbed(httpserver).send(HttpRequest("GET", url, {}, b""))
    with pytest.raises(Invalid):
        stubbed(httpserver).check_url(url)
    assert httpserver.log == []

from __future__ import annotations

import pytest

from hearback.domain.web_address import base_url_problem, url_problem


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com",
        "https://example.com/a/{{ contact.id }}?q={{ answer.comment }}#x",
        "https://api.example.com:8443/x",
        "http://127.0.0.1:3000/_local/vendors/http",
        "http://localhost/x",
        "https://[2606:4700::1111]/x",
    ],
)
def test_an_address_whose_host_is_written_out_may_be_configured(url: str) -> None:
    assert url_problem(url) is None


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("", "such as https"),
        ("example.com", "such as https"),
        ("https://", "such as https"),
        ("https://example.com:port/", "such as https"),
        ("https://[::1/", "such as https"),
        ("http://example.com/", "https://"),
        ("ftp://example.com/", "https://"),
        ("file:///etc/passwd", "such as https"),
        ("https://{{ contact.id }}.example.com/", "written out"),
        ("https://example.com{{ x }}/", "written out"),
        ("https://user:pass@example.com/", "user name"),
        ("https://example.com\\@evil.example/", "user name"),
        ("https://exa mple.com/", "spaces"),
        ("https://example.com/\r\nhost: x", "spaces"),
        ("https://example.com/" + "x" * 2000, "2000"),
        ("{{ conversation.attributes.url }}", "such as https"),
    ],
)
def test_any_other_address_is_refused_with_the_reason(url: str, problem: str) -> None:
    assert problem in (url_problem(url) or "")


@pytest.mark.parametrize(
    "url", ["https://example.com/?a=1", "https://example.com/#x", "https://example.com/{{ x }}", "https://example.com/{% if x %}"]
)
def test_a_base_address_is_neither_template_nor_query(url: str) -> None:
    assert base_url_problem(url)

"""The shape of an address that an operator may configure. Where it leads is for the outbound guard to judge, at each call."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit

LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "::1"})
_LONGEST = 2000
_TEMPLATE_MARKS = ("{{", "{%", "{#")


def base_url_problem(url: str) -> str | None:
    """What is wrong with an API's base address; None: nothing. It has neither query nor fragment."""
    if problem := url_problem(url):
        return problem
    if any(mark in url for mark in _TEMPLATE_MARKS):
        return "must not be a template"
    return "must end before ? and #" if "?" in url or "#" in url else None


def url_problem(url: str) -> str | None:
    """What is wrong with an address, a template after its host allowed; None: nothing.

    The host is written out: were it a template, a customer's words could choose where an answer goes. Plain http is for
    this very machine, and the guard lets it through in a local stack only.
    """
    if len(url) > _LONGEST:
        return f"must be at most {_LONGEST} characters"
    if any(each <= " " or each == "\x7f" for each in _before_templates(url)):
        return "must hold no spaces or control characters"
    parts = split(url)
    return _host_problem(parts) if parts and parts.hostname else "must be an address such as https://example.com/path"


def _host_problem(parts: SplitResult) -> str | None:
    if any(mark in parts.netloc for mark in ("{", "}", "%")):
        return "must have its host written out: only what follows the host may be a template"
    if "@" in parts.netloc:
        return "must hold no user name or password"
    on_this_machine = parts.scheme == "http" and parts.hostname in LOOPBACK_NAMES
    return None if parts.scheme == "https" or on_this_machine else "must begin with https://"


def split(url: str) -> SplitResult | None:
    """The address's parts, None when it has none that could be used (a port that is no number, a broken IPv6 host)."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return parts


def _before_templates(url: str) -> str:
    return url[: min((place for mark in _TEMPLATE_MARKS if (place := url.find(mark)) >= 0), default=len(url))]

"""The outside of a local stack: what is aimed at a stranger's host goes to the stub instead. Nothing leaves the machine."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from hearback.adapters.http.guarded import GuardedHttp
from hearback.domain.errors import Invalid
from hearback.domain.web_address import LOOPBACK_NAMES
from hearback.ports import HttpRequest, HttpResponse, NotSent

MEANT_FOR = "x-hearback-meant-for"
"""The header that tells the stub which address was asked for."""


@dataclass(frozen=True)
class StubbedHttp:
    """Addresses are judged as in AWS: what the guard would refuse is refused here too. This machine's own are dialled."""

    guarded: GuardedHttp
    stub_url: str

    def check_url(self, url: str) -> None:
        self.guarded.check_url(url)

    def send(self, request: HttpRequest, *, deadline_seconds: float = 20.0, trusted: bool = False) -> HttpResponse:
        parts = urlsplit(request.url)
        if parts.hostname in LOOPBACK_NAMES:
            return self.guarded.send(request, deadline_seconds=deadline_seconds, trusted=trusted)
        try:
            self.check_url(request.url)
        except Invalid as error:
            raise NotSent(error.message) from None
        query = f"?{parts.query}" if parts.query else ""
        diverted = replace(
            request,
            url=f"{self.stub_url}/{parts.netloc}{parts.path or '/'}{query}",
            headers={**request.headers, MEANT_FOR: request.url},
        )
        return self.guarded.send(diverted, deadline_seconds=deadline_seconds)

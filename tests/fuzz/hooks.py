"""Lets schemathesis get past the first refusal: cases name what is there, and are signed. Runs in the scanners' environment."""

from __future__ import annotations

import json
import os
import random
import sys
import time
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import schemathesis  # type: ignore[import-not-found, unused-ignore]

from tests.e2e.senders import signed_by_meta, standard
from tests.fuzz.everything import APP_SECRET
from tests.local.http_parts import Request

with urllib.request.urlopen(os.environ["HEARBACK_FUZZ_KNOWN"], timeout=10) as answer:
    KNOWN: dict[str, str] = json.load(answer)
OPT_OUT = "/u/{token}"
FAMILIES = {f"/admin/{family}s/{{id}}": family for family in ("survey", "source", "channel", "sink")}
WRITES = ("PUT", "DELETE")
KNOWN_SHARE, SIGNED_SHARE = 0.5, 0.8
SENDERS: dict[str, Callable[[bytes], Request]] = {
    "/triggers/{source}": lambda raw: standard(raw, datetime.now(UTC)),
    "/replies/{channel}": lambda raw: signed_by_meta(APP_SECRET, raw),
}
dice = random.Random(1)


@schemathesis.hook  # type: ignore[untyped-decorator, unused-ignore]
def before_call(context: Any, case: Any, kwargs: dict[str, Any]) -> None:
    """`auth` of requests sees the body as it will be sent, which is what a sender signs."""
    path = case.operation.path
    if case.path_parameters and dice.random() < KNOWN_SHARE:
        case.path_parameters = {name: _known(path, name, value) for name, value in case.path_parameters.items()}
    if path in FAMILIES and case.method in WRITES and case.path_parameters["id"] == KNOWN[FAMILIES[path]]:
        case.path_parameters = {"id": case.path_parameters["id"] + "-2"}  # or nothing signed would be taken any more
    if path in SENDERS and case.method == "POST" and dice.random() < SIGNED_SHARE:
        kwargs["auth"] = _signing(SENDERS[path])


def _known(path: str, name: str, otherwise: Any) -> Any:
    if path == OPT_OUT:
        return KNOWN["opt_out"]
    return KNOWN.get(FAMILIES.get(path, name) if name == "id" else name, otherwise)


def _signing(sender: Callable[[bytes], Request]) -> Callable[[Any], Any]:
    def sign(prepared: Any) -> Any:
        body = prepared.body or b""
        signed = sender(body if isinstance(body, bytes) else body.encode())
        prepared.headers.update({name: value for name, value in signed.headers.items() if name != "content-type"})
        return prepared

    return sign


class Progress:
    """A word now and then: schemathesis says nothing for minutes where nobody watches a terminal."""

    EACH = 500

    def __init__(self) -> None:
        self._began, self._sent = time.monotonic(), 0

    def another(self) -> None:
        self._sent += 1
        if self._sent % self.EACH == 0 and not sys.stdout.isatty():
            sys.stderr.write(f"{self._sent:>8,} requests after {time.monotonic() - self._began:.0f} s\n")
            sys.stderr.flush()


progress = Progress()


@schemathesis.hook  # type: ignore[untyped-decorator, unused-ignore]
def after_call(context: Any, case: Any, response: Any) -> None:
    progress.another()

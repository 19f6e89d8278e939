"""A page as a browser without scripts sees it: its form, what is filled in, and what pressing the button sends."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any, Protocol
from urllib.parse import urlencode

from tests.local.client import Answer

FORM = {"content-type": "application/x-www-form-urlencoded"}


class Web(Protocol):
    """The local cloud's client, or what stands in for it."""

    def request(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Answer: ...


@dataclass
class Form:
    """`filled` are the fields as they would be sent; `offered` every value of a name's radios or boxes."""

    action: str = ""
    filled: list[tuple[str, str]] = field(default_factory=list)
    offered: dict[str, list[str]] = field(default_factory=dict)

    def value(self, name: str) -> str | None:
        return next((value for each, value in self.filled if each == name), None)

    def press(self, web: Web, **entered: str | list[str]) -> Answer:
        """Send, after entering some fields (`details__why` stands for `details.why`)."""
        changes = {name.replace("__", "."): value for name, value in entered.items()}
        kept = [(name, value) for name, value in self.filled if name not in changes]
        added = [(name, each) for name, value in changes.items() for each in ([value] if isinstance(value, str) else value)]
        return web.request("POST", self.action, urlencode(kept + added).encode(), FORM)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.form: Form | None = None
        self.title = self.text = ""
        self._inside: list[str] = []
        self._area: tuple[str, str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in ("title", "style"):
            self._inside.append(tag)
        elif tag == "form":
            self.form = Form(given["action"])
        elif tag == "textarea":
            self._area = (given["name"], "")
        elif tag == "input" and self.form is not None:
            self._field(given)

    def _field(self, given: dict[str, str]) -> None:
        assert self.form is not None
        ticked = given.get("type") in ("radio", "checkbox")
        if ticked:
            self.form.offered.setdefault(given["name"], []).append(given["value"])
        if not ticked or "checked" in given:
            self.form.filled.append((given["name"], given["value"]))

    def handle_endtag(self, tag: str) -> None:
        if tag in ("title", "style"):
            self._inside.pop()
        if tag == "textarea" and self._area is not None and self.form is not None:
            self.form.filled.append((self._area[0], self._area[1].removeprefix("\n")))
            self._area = None

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self._area = (self._area[0], self._area[1] + data)
        elif self._inside[-1:] == ["title"]:
            self.title += data
        elif not self._inside:
            self.text += data


def _read(page: Answer) -> _Reader:
    assert page.headers["Content-Type"].startswith("text/html"), page.text
    reader = _Reader()
    reader.feed(page.text)
    return reader


def form_of(page: Answer) -> Form:
    form = _read(page).form
    assert form is not None, page.text
    return form


def forms_in(page: Answer) -> list[Form]:
    form = _read(page).form
    return [form] if form is not None else []


def words_of(page: Answer) -> str:
    """What a person reads."""
    return " ".join(_read(page).text.split())

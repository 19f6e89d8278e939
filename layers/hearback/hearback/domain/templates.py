"""Texts with variables: Jinja2 in a sandbox, names that do not exist being errors. Each place that a text goes to has its
own rendering, so that a customer's words stay words there.

A text without `{{`, `{%` or `{#` never loads Jinja2: most questions are such texts, and it costs a cold start 40 ms.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from hearback.domain.errors import Invalid

OPEN: dict[str, Any] = {}
"""Marks a map whose names are the sender's own: any name is accepted, and one that is missing is empty."""

TRIGGER_NAMES: dict[str, Any] = {
    "survey": dict.fromkeys(("id", "name", "metric")),
    "invitation": dict.fromkeys(("id", "channel", "language")),
    "conversation": {**dict.fromkeys(("id", "channel", "closed_at", "subject", "tags", "source")), "attributes": OPEN},
    "contact": {**dict.fromkeys(("id", "name", "email", "phone", "language", "timezone")), "addresses": OPEN},
    "agent": dict.fromkeys(("id", "name", "team")),
}
"""What a survey's texts may name: object, then field. None marks a plain value."""

ANSWER_NAMES: dict[str, Any] = {
    **TRIGGER_NAMES,
    "answer": {
        **dict.fromkeys(("id", "version", "rating", "comment", "reasons", "channel", "answered_at", "first_answered_at", "satisfied")),
        "details": OPEN,
    },
}
"""What a sink's templates may name."""

ERASURE_NAMES: dict[str, Any] = {"survey": dict.fromkeys(("id",)), "answer": dict.fromkeys(("id",))}
"""What the notice of an erasure may name: all that is still known."""

LONGEST_TEMPLATE = 20_000
LONGEST_RESULT = 256_000
_MARKS = ("{{", "{%", "{#")


def is_template(text: str) -> bool:
    return any(mark in text for mark in _MARKS)


def render_text(template: str, variables: Mapping[str, Any]) -> str:
    """For people and plain texts. An empty value leaves nothing, a list its items with commas. Raises `Invalid`."""
    return _render("text", template, variables)


def render_json(template: str, variables: Mapping[str, Any]) -> str:
    """A JSON text. Inside a string literal a value becomes part of the string, outside a JSON value of its own kind:
    `{"comment": "{{ answer.comment }}", "rating": {{ answer.rating }}}` is JSON whatever the customer typed.

    Raises `Invalid`, also when the result is not JSON.
    """
    rendered = _render("json", template, variables)
    _checked_json(rendered)
    return rendered


def render_value(template: str, variables: Mapping[str, Any]) -> Any:
    """One value: of its own kind where the template is nothing but `{{ ... }}`, else a text."""
    return json.loads(_render("json", template, variables)) if is_lone_value(template) else render_text(template, variables)


def render_url(template: str, variables: Mapping[str, Any]) -> str:
    """An address. Values are percent-encoded, the slash included: none can add a path, a query or a host."""
    return _render("url", template, variables)


def render_form(template: str, variables: Mapping[str, Any]) -> str:
    """A form body (`a={{ x }}&b={{ y }}`), values percent-encoded."""
    return _render("url", template, variables)


def render_header(template: str, variables: Mapping[str, Any]) -> str:
    """A header's value. Raises `Invalid` when it would hold a line break or another control character."""
    rendered = _render("text", template, variables)
    if any(each < " " or each == "\x7f" for each in rendered):
        raise Invalid("a header would hold a line break or control character")
    return rendered.strip()


def is_lone_value(template: str) -> bool:
    """Whether the template is one `{{ ... }}` and nothing else."""
    text = template.strip()
    return text.startswith("{{") and text.endswith("}}") and text.count("{{") == 1 and text.count("}}") == 1 and "{%" not in text


def check_template(template: str, *, allowed: Mapping[str, Any], as_json: bool = False) -> None:
    """Raise `Invalid` naming what could not be rendered: a mistake in the syntax, a variable that `allowed` does not
    know, a construct that templates here do without, a JSON template that does not give JSON.
    """
    if is_template(template):
        _sandbox().check(_bounded(template), allowed, as_json=as_json)
    elif as_json:
        _checked_json(template)


def template_problem(template: str, allowed: Mapping[str, Any] = TRIGGER_NAMES) -> str | None:
    """As `check_template`, in words; None when nothing is wrong."""
    try:
        check_template(template, allowed=allowed)
    except Invalid as error:
        return error.message
    return None


def _render(flavour: str, template: str, variables: Mapping[str, Any]) -> str:
    if not is_template(template):
        return template
    rendered: str = _sandbox().render(flavour, _bounded(template), variables)
    return rendered


def _bounded(template: str) -> str:
    if len(template) > LONGEST_TEMPLATE:
        raise Invalid(f"a template may have at most {LONGEST_TEMPLATE} characters")
    return template


def _checked_json(text: str) -> None:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        raise Invalid("the template does not give JSON") from None


def _sandbox() -> Any:
    from hearback.domain import template_sandbox  # noqa: PLC0415 - loads Jinja2, which most requests do not need

    return template_sandbox

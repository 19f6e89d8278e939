"""Turns pydantic's complaints into ours: a field's path and what is wrong with it, never the value that was sent."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from hearback.adapters.admin.fields import PATTERN_WORDS
from hearback.domain.errors import Invalid

Model = TypeVar("Model", bound=BaseModel)

MOST_PROBLEMS = 100
"""Fields named in one answer; whoever has more gets the rest after mending these."""

PATH_LIMIT = 200
"""Characters of a field's path that are shown: the sender chose the names of unknown fields."""

_COUNTED = re.compile(r" after validation, not \d+$")
_SHOULD = re.compile(r"^(Input|String|List|Dictionary|Tuple|Set|Value|Number|URL|Decimal|Data) should ")
_TYPE_TRIED = re.compile(r"\[key\]|str|int|float|bool|constrained-[a-z]+|(list|dict|tuple|nullable|function-[a-z]+)\[.*\]")
_WORDS = {
    "missing": "is required",
    "extra_forbidden": "is not a field that is known here",
    "string_type": "must be a text",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "bool_type": "must be true or false",
    "list_type": "must be a list",
    "dict_type": "must be an object",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
    "dataclass_type": "must be an object",
    "finite_number": "must be a finite number",
}
_NOT_A_PROBLEM = "default_factory_not_called"  # a default that depends on a field which has a problem of its own


def validated(model: type[Model], plain: Mapping[str, Any], *, what: str) -> Model:
    """The model of a plain body. Raises `Invalid` naming every field that does not fit, `what` being the body's name."""
    try:
        return model.model_validate(dict(plain))
    except ValidationError as error:
        raise refusal(problems_of(error), what=what) from None


def refusal(problems: Mapping[str, str], *, what: str) -> Invalid:
    shown = dict(sorted(problems.items())[:MOST_PROBLEMS])
    return Invalid(f"{what} cannot be accepted: see `fields`", fields=shown)


def problems_of(error: ValidationError) -> dict[str, str]:
    """Path to problem. Where one field has several, the first is told."""
    found: dict[str, str] = {}
    for each in error.errors(include_input=False, include_url=False, include_context=True):
        if each["type"] != _NOT_A_PROBLEM:
            found.setdefault(path_of(each["loc"]), _worded(each["type"], each["msg"], each.get("ctx", {})))
    return found


def path_of(parts: Iterable[int | str]) -> str:
    """("follow_ups", 0, "id") as "follow_ups.0.id"; the whole body is "body". Which of several types was tried is no part of it."""
    return (
        ".".join(str(part) for part in parts if not _TYPE_TRIED.fullmatch(str(part)))[:PATH_LIMIT].encode(errors="replace").decode()
        or "body"
    )


def _worded(kind: str, message: str, context: Mapping[str, Any]) -> str:
    if kind in _WORDS:
        return _WORDS[kind]
    if context.get("pattern") in PATTERN_WORDS:
        return PATTERN_WORDS[context["pattern"]]
    if kind in ("too_short", "string_too_short") and context.get("min_length") == 1:
        return "must not be empty"
    if kind == "value_error":
        return message.removeprefix("Value error, ")
    return _SHOULD.sub("must ", _COUNTED.sub("", message))

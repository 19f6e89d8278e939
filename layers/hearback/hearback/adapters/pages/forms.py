"""What a page posted, or a program in its place: a form, or the same as JSON. Our own dialect, so it is read strictly."""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from hearback.domain.errors import Invalid, Malformed, WrongMediaType

FORM = "application/x-www-form-urlencoded"
_MOST_FIELDS = 200
_RATING = re.compile(r"-?[0-9]{1,4}")
_FIELD = re.compile(r"[A-Za-z0-9_.-]{1,60}")
_DETAIL = re.compile(r"details\.([A-Za-z0-9_-]{1,50})")
_ONE_CLICK = ("List-Unsubscribe", "One-Click")
_MULTIPART_ONE_CLICK = re.compile(
    rb'content-disposition:\s*form-data;\s*name="?List-Unsubscribe"?[^\r\n]*\r?\n(?:[^\r\n]+\r?\n)*\r?\nOne-Click\s*\r?\n?--', re.IGNORECASE
)


class Submission(NamedTuple):
    """`rating` is None when none was chosen. `details` maps a follow-up to what was written, or to the choices ticked.
    `asked`: it comes from the form with the follow-ups, where leaving everything empty is an answer too. `change`: the button
    that changes an answer was pressed; JSON has no buttons.
    """

    rating: int | None
    details: dict[str, list[str] | str]
    proof: str = ""
    asked: bool = False
    change: bool = False


def parse_form(body: bytes, content_type: str) -> Submission:
    """Raises `WrongMediaType`; `Malformed` for bytes that are not what they are said to be; `Invalid` naming each field
    that is not ours or of the wrong type. Whether the survey could be answered so is not judged here.
    """
    text = _text(body)
    match _media_type(content_type):
        case "application/json":
            return _from_json(text)
        case media_type if media_type == FORM:
            return _from_form(text)
    raise WrongMediaType(f"send application/json, or {FORM}")


def is_one_click(body: bytes, content_type: str) -> bool:
    """Whether this is the press of an opt-out button, a page's or a mail program's (RFC 8058, both of its encodings)."""
    match _media_type(content_type):
        case "multipart/form-data":
            return _MULTIPART_ONE_CLICK.search(body) is not None
        case media_type if media_type == FORM:
            return body.strip() == "=".join(_ONE_CLICK).encode()
    return False


def _from_form(text: str) -> Submission:
    try:
        fields = parse_qsl(text, keep_blank_values=True, strict_parsing=bool(text), errors="strict", max_num_fields=_MOST_FIELDS)
    except (ValueError, UnicodeDecodeError) as error:
        raise Malformed("this is not a form") from error
    details: dict[str, list[str] | str] = {}
    single: dict[str, str] = {}
    problems: dict[str, str] = {}
    for name, value in fields:
        if (asked := _DETAIL.fullmatch(name)) is not None:
            _add(details, asked[1], value.replace("\r\n", "\n"))
        elif name not in {"rating", "proof", "asked", "keep", "change"}:
            problems[_shown(name)] = "is not a field of this form"
        elif name in single:
            problems[name] = "was given twice"
        else:
            single[name] = value
    rating = single.get("rating", "")
    if rating and not _RATING.fullmatch(rating):
        problems["rating"] = "must be a whole number"
    if problems:
        raise Invalid("this form is not one of ours", fields=problems)
    return Submission(int(rating) if rating else None, details, single.get("proof", ""), "asked" in single, "change" in single)


def _add(details: dict[str, list[str] | str], name: str, value: str) -> None:
    """A name that is repeated, as ticked boxes are, makes a list."""
    before = details.get(name)
    if before is None:
        details[name] = value
    else:
        details[name] = [*([before] if isinstance(before, str) else before), value]


def _from_json(text: str) -> Submission:
    try:
        given = json.loads(text, object_pairs_hook=_no_key_twice, parse_constant=_no_constant)
        json.dumps(given, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise Malformed("this is not JSON as it should be") from error
    if not isinstance(given, dict):
        raise Malformed("a JSON object is expected")
    problems = {_shown(name): "is not a field of this form" for name in given if name not in {"rating", "details", "proof"}}
    rating, details, proof = given.get("rating"), given.get("details", {}), given.get("proof", "")
    if rating is not None and type(rating) is not int:
        problems["rating"] = "must be a whole number"
    if not isinstance(proof, str):
        problems["proof"] = "must be text"
    if not isinstance(details, dict):
        problems["details"] = "must be an object"
    else:
        problems |= {
            f"details.{_shown(name)}": "must be text or a list of texts" for name, value in details.items() if not _is_detail(value)
        }
    if problems:
        raise Invalid("this answer is not as it should be", fields=problems)
    return Submission(rating, details, proof)


def _is_detail(value: Any) -> bool:
    return isinstance(value, str) or (isinstance(value, list) and all(isinstance(each, str) for each in value))


def _no_key_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key is there twice")
    return found


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _shown(name: str) -> str:
    """A field's name as an error may repeat it: a person's words are not repeated."""
    return name if _FIELD.fullmatch(name) else "(unknown)"


def _text(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise Malformed("the body is not UTF-8") from error


def _media_type(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()

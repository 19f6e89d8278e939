"""A few hundred odd requests to every operation of the API, each run; `make fuzz` sends ten thousand."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from copy import deepcopy
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from jsonschema import Draft202012Validator

from tests.fuzz.api import SPEC, Api, Said, api
from tests.fuzz.odd import FOREIGN, mutate

SEED = 4
EACH = 40
OPERATIONS = [(method, path) for path, methods in SPEC["paths"].items() for method in methods]
ODD_PARTS = [
    *("0", "a b", "\u00e9", "\U0001f642", "..", "%", "%00", "-", "_", "support.svg", "null", "A" * 300, "A" * 2000, "\U0001f642" * 600),
    *("2026-02-30", "0000-01-01", "9999-12-31", "\n", "{{1}}", "ada@example.com"),
]
KINDS = ["application/json"] * 6 + ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x", ""]
FAMILY = {"surveys": "survey", "sources": "source", "channels": "channel", "sinks": "sink"}


@pytest.fixture(scope="module")
def served() -> Iterator[Api]:
    with api() as made:
        yield made


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    found: Any = SPEC
    for part in schema["$ref"].removeprefix("#/").split("/") if "$ref" in schema else ():
        found = found[part]
    return resolved(found) if "$ref" in schema else schema


def target(path: str, operation: dict[str, Any], known: dict[str, str], dice: random.Random) -> str:
    family = path.split("/")[2] if path.startswith("/admin/") else ""
    query: dict[str, str] = {}
    for parameter in operation.get("parameters", []):
        name = parameter["name"]
        if parameter["in"] == "query":
            query |= {name: str(dice.choice([*FOREIGN[:10], "1", "50", "support", "true"]))} if dice.random() < 0.5 else {}
            continue
        there = known["opt_out"] if path.startswith("/u/") else known.get(FAMILY.get(family, name) if name == "id" else name, "0")
        path = path.replace(f"{{{name}}}", quote(there if dice.random() < 0.6 else dice.choice(ODD_PARTS), safe=""))
    return path + ("?" + urlencode(query, errors="replace") if query else "")


def body(operation: dict[str, Any], dice: random.Random) -> tuple[dict[str, str], bytes]:
    content = operation.get("requestBody", {}).get("content", {})
    if not content or dice.random() < 0.1:
        return {}, dice.randbytes(20)
    example = deepcopy(content.get("application/json", {}).get("example") or dice.choice(_examples(content)) or {})
    if dice.random() < 0.8:
        mutate(example, dice, FOREIGN)
    kind = dice.choice(KINDS)
    raw = urlencode({key: str(value) for key, value in example.items()}, errors="replace") if "form-url" in kind else json.dumps(example)
    return ({"content-type": kind} if kind else {}), raw.encode()


def _examples(content: dict[str, Any]) -> list[Any]:
    schema = resolved(content.get("application/json", {}).get("schema", {}))
    return schema.get("examples") or [{"rating": 5}]


def as_documented(operation: dict[str, Any], said: Said) -> None:
    assert str(said.status) in operation["responses"], said
    documented = resolved(operation["responses"][str(said.status)]).get("content", {})
    kind = said.headers.get("content-type", "").partition(";")[0]
    assert kind in documented or not documented, (said.status, kind)
    if kind == "application/json" and "schema" in documented.get(kind, {}):
        Draft202012Validator({**documented[kind]["schema"], "components": SPEC["components"]}).validate(json.loads(said.body))


@pytest.mark.parametrize(("method", "path"), OPERATIONS, ids=[f"{method} {path}" for method, path in OPERATIONS])
def test_whatever_is_asked_is_answered_as_the_document_says_and_never_by_a_crash(served: Api, method: str, path: str) -> None:
    operation, dice = SPEC["paths"][path][method], random.Random(f"{SEED} {method} {path}")
    for _ in range(EACH):
        headers, raw = body(operation, dice) if method in ("post", "put") else ({}, b"")
        said = served.request(method.upper(), target(path, operation, served.known, dice), headers, raw)
        assert said.status < 500, said
        as_documented(operation, said)

"""Promises of the watched engine: the partition keys that a role's condition judges are those that the request names."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.local.watched_engine import leading_keys, past_line_breaks

KEY = {"pk": {"S": "INV#1"}, "sk": {"S": "STORY"}}


def query(condition: str, **values: str) -> dict[str, Any]:
    return {"KeyConditionExpression": condition, "ExpressionAttributeValues": {f":{name}": {"S": value} for name, value in values.items()}}


@pytest.mark.parametrize(
    ("request_", "keys"),
    [
        ({"Key": KEY}, ["INV#1"]),
        ({"Item": {**KEY, "more": {"S": "x"}}}, ["INV#1"]),
        ({"RequestItems": {"table": [{"PutRequest": {"Item": KEY}}, {"DeleteRequest": {"Key": {"pk": {"S": "A"}}}}]}}, ["A", "INV#1"]),
        ({"TransactItems": [{"Update": {"Key": KEY}}]}, ["INV#1"]),
        (query("#pk = :pk", pk="ERASED#support"), ["ERASED#support"]),
        (query("#sk >= :sk AND #pk = :pk", pk="CONFIG#sinks", sk="a"), ["CONFIG#sinks"]),
        (query("#pk=:pk AND #sk BETWEEN :a AND :b", pk="QUARANTINE#s", a="1", b="2"), ["QUARANTINE#s"]),
        ({"TableName": "table"}, []),
        ([], []),
    ],
)
def test_the_partition_keys_are_those_that_the_request_names(request_: Any, keys: list[str]) -> None:
    assert leading_keys(json.dumps(request_).encode()) == keys


def test_what_is_no_json_names_none() -> None:
    assert leading_keys(b"") == leading_keys(b"{") == []


def test_a_line_break_in_a_path_is_no_end_of_it() -> None:
    greedy = re.compile(r"/admin/(.+)")
    fits = past_line_breaks(lambda _, path: greedy.fullmatch(path))
    assert greedy.fullmatch("/admin/contacts/a\nb") is None
    assert fits("/admin/{proxy+}", "/admin/contacts/a\nb")
    assert not fits("/admin/{proxy+}", "/other")

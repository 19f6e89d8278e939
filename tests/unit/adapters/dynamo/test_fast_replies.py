"""Replies that are read in one step say what botocore's own reading says, for every kind of value that the table holds."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.session import get_session
from hypothesis import given, settings
from hypothesis import strategies as st

from hearback.adapters.dynamo.fast_pages import loads, read_pages_fast
from hearback.adapters.dynamo.fast_replies import EVENT, read_replies_fast

QUERY: dict[str, Any] = {"TableName": "t", "KeyConditionExpression": "pk = :p", "ExpressionAttributeValues": {":p": {"S": "x"}}}

names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
numbers = st.integers(-(10**37), 10**37).map(str)
scalars = st.one_of(
    st.builds(lambda value: {"S": value}, texts),
    st.builds(lambda value: {"N": value}, numbers),
    st.builds(lambda value: {"BOOL": value}, st.booleans()),
    st.just({"NULL": True}),
    st.builds(lambda value: {"SS": value}, st.lists(texts, min_size=1, max_size=3)),
    st.builds(lambda value: {"NS": value}, st.lists(numbers, min_size=1, max_size=3)),
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.builds(lambda value: {"L": value}, st.lists(inner, max_size=3)),
        st.builds(lambda value: {"M": value}, st.dictionaries(names, inner, max_size=3)),
    ),
    max_leaves=6,
)
items = st.dictionaries(names, values, max_size=5)


class Body(NamedTuple):
    """As much of an HTTP response as botocore reads."""

    content: bytes

    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self.content


class Wire:
    """Stands where the HTTP client would: gives canned answers, keeps the requests."""

    def __init__(self, *answers: tuple[int, bytes]) -> None:
        self.answers = list(answers)
        self.requests: list[Any] = []

    def __call__(self, request: Any, **_: Any) -> AWSResponse:
        self.requests.append(request)
        status, body = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        headers: Any = {"x-amzn-RequestId": "R1", "Content-Type": "application/x-amz-json-1.0"}
        return AWSResponse(request.url, status, headers, Body(body))


def client(wire: Callable[..., Any]) -> Any:
    made = get_session().create_client(
        "dynamodb",
        region_name="eu-central-1",
        aws_access_key_id="a",
        aws_secret_access_key="b",
        config=Config(retries={"mode": "standard", "total_max_attempts": 2}),
    )
    made.meta.events.register("before-send.dynamodb", wire)
    return made


STOCK_WIRE, FAST_WIRE = Wire((200, b"{}")), Wire((200, b"{}"))


@pytest.fixture(scope="module")
def stock() -> Any:
    return client(STOCK_WIRE)


@pytest.fixture(scope="module", params=[read_pages_fast, read_replies_fast, lambda made: read_pages_fast(read_replies_fast(made))])
def fast(request: pytest.FixtureRequest) -> Any:
    """By orjson, for the night; by the standard library, for everybody; and both on one client."""
    return request.param(client(FAST_WIRE))


def both(stock: Any, fast: Any, body: bytes, status: int = 200) -> tuple[Any, Any]:
    STOCK_WIRE.answers[:] = FAST_WIRE.answers[:] = [(status, body)]
    return stock.query(**QUERY), fast.query(**QUERY)


@given(st.lists(items, max_size=4), st.one_of(st.none(), items))
@settings(max_examples=200)
def test_a_page_is_what_botocore_makes_of_it(stock: Any, fast: Any, held: list[dict[str, Any]], last: dict[str, Any] | None) -> None:
    page: dict[str, Any] = {"Count": len(held), "ScannedCount": len(held), "Items": held}
    if last is not None:
        page["LastEvaluatedKey"] = last
    ours, theirs = both(stock, fast, json.dumps(page).encode())
    assert ours == theirs


def test_a_binary_value_would_stay_as_it_is_on_the_wire(stock: Any, fast: Any) -> None:
    ours, theirs = both(stock, fast, b'{"Items": [{"b": {"B": "AAE="}}]}')
    assert (ours["Items"], theirs["Items"]) == ([{"b": {"B": b"\0\1"}}], [{"b": {"B": "AAE="}}])


def test_botocores_parser_has_nothing_left_to_walk(fast: Any) -> None:
    """Guards the whole point: were the event gone, the results would still be right, and ten times as dear."""
    seen: list[bytes] = []
    FAST_WIRE.answers[:] = [(200, b'{"Items": [{"pk": {"S": "x"}}]}')]
    fast.meta.events.register_last(EVENT, lambda response_dict, **_: seen.append(response_dict["body"]))
    assert fast.query(**QUERY)["Items"] == [{"pk": {"S": "x"}}]
    assert seen == [b"{}"]


@pytest.mark.parametrize("body", [b"", b"[]", b'{"Items": [{"n": {"N": NaN}}]}', b'{"Items": ['])
def test_a_page_that_is_none_is_left_to_botocore(stock: Any, fast: Any, body: bytes) -> None:
    STOCK_WIRE.answers[:] = FAST_WIRE.answers[:] = [(200, body)]
    outcomes = []
    for each in (stock, fast):
        try:
            outcomes.append(repr(sorted(each.query(**QUERY).items())))
        except Exception as error:  # noqa: BLE001 - whatever the one raises, the other must raise
            outcomes.append(repr(error))
    assert outcomes[0] == outcomes[1]


def test_an_error_is_the_same_error(stock: Any, fast: Any) -> None:
    body = b'{"__type": "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException", "message": "no such table"}'
    STOCK_WIRE.answers[:] = FAST_WIRE.answers[:] = [(400, body)]
    raised = []
    for each in (stock, fast):
        with pytest.raises(ClientError) as caught:
            each.query(**QUERY)
        raised.append(caught.value.response)
    assert raised[0] == raised[1]


def test_a_throttled_page_is_asked_for_again_and_signed_again(fast: Any) -> None:
    FAST_WIRE.answers[:] = [(500, b'{"__type": "x#InternalServerError"}'), (200, b'{"Items": [], "Count": 0}')]
    FAST_WIRE.requests.clear()
    answer = fast.query(**QUERY)
    assert answer["ResponseMetadata"]["RetryAttempts"] == 1
    assert all("Authorization" in request.headers for request in FAST_WIRE.requests)


WRITES: dict[str, dict[str, Any]] = {
    "get_item": {"TableName": "t", "Key": {"pk": {"S": "x"}}},
    "put_item": {"TableName": "t", "Item": {"pk": {"S": "x"}}},
    "update_item": {"TableName": "t", "Key": {"pk": {"S": "x"}}},
    "delete_item": {"TableName": "t", "Key": {"pk": {"S": "x"}}},
}


@pytest.mark.parametrize("operation", WRITES)
@given(items)
@settings(max_examples=50)
def test_an_item_is_what_botocore_makes_of_it(stock: Any, fast: Any, operation: str, held: dict[str, Any]) -> None:
    name = "Item" if operation == "get_item" else "Attributes"
    STOCK_WIRE.answers[:] = FAST_WIRE.answers[:] = [(200, json.dumps({name: held} if held else {}).encode())]
    ours, theirs = (getattr(each, operation)(**WRITES[operation]) for each in (stock, fast))
    assert ours == theirs


def test_a_refused_condition_brings_the_item_as_botocore_reads_it(stock: Any, fast: Any) -> None:
    error = {"__type": "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException", "Item": {"rating": {"N": "5"}}, "message": "no"}
    STOCK_WIRE.answers[:] = FAST_WIRE.answers[:] = [(400, json.dumps(error).encode())]
    raised: list[Any] = []
    for each in (stock, fast):
        with pytest.raises(ClientError) as caught:
            each.update_item(**WRITES["update_item"])
        raised.append(caught.value.response)
    assert raised[0] == raised[1]
    assert raised[1]["Item"] == {"rating": {"N": "5"}}


def test_a_night_s_client_reads_no_other_operation(stock: Any) -> None:
    FAST_WIRE.answers[:] = STOCK_WIRE.answers[:] = [(200, b'{"Item": {"b": {"B": "AAE="}}}')]
    found = [each.get_item(**WRITES["get_item"]) for each in (stock, read_pages_fast(client(FAST_WIRE)))]
    assert found[0] == found[1]
    assert found[1]["Item"]["b"] == {"B": b"\0\1"}


@given(
    st.recursive(
        st.one_of(st.none(), st.booleans(), st.integers(-(2**63), 2**63), texts), lambda x: st.lists(x) | st.dictionaries(texts, x)
    )
)
def test_stored_json_is_read_as_the_standard_library_reads_it(value: Any) -> None:
    written = json.dumps(value, ensure_ascii=False)
    assert loads(written) == json.loads(written)


@pytest.mark.parametrize("text", ["NaN", '"\\ud800"', '{"a": 1, "a": 2}'])
def test_what_is_odd_is_read_as_the_standard_library_reads_it(text: str) -> None:
    assert repr(loads(text)) == repr(json.loads(text))

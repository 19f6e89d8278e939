"""What the table does when DynamoDB is not itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from hearback.adapters.dynamo.configs import DynamoConfigs
from hearback.adapters.dynamo.stories import DynamoStories
from hearback.adapters.dynamo.table import Table, text
from hearback.domain.errors import Misconfigured, Unavailable
from tests.builders import a_story, a_survey, an_imported_answer
from tests.contract.conftest import TABLE, moto_client
from tests.contract.faults import wire
from tests.contract.tables import definition


def leaving_over(client: Any, items: list[int]) -> tuple[list[int], Callable[[], None]]:
    """Lets BatchWriteItem leave that many items of each call over; gives the sizes of the calls, and how to stop."""
    sizes: list[int] = []

    def note(params: Any, **_: Any) -> None:
        sizes.append(len(params["RequestItems"][TABLE]))
        note.left = params["RequestItems"][TABLE][: items.pop(0) if items else 0]  # type: ignore[attr-defined]

    def answer(parsed: Any, **_: Any) -> None:
        left = note.left  # type: ignore[attr-defined]
        parsed["UnprocessedItems"] = {TABLE: left} if left else {}

    events = client.meta.events
    events.register_first("provide-client-params.dynamodb.BatchWriteItem", note)
    events.register_first("after-call.dynamodb.BatchWriteItem", answer)

    def stop() -> None:
        events.unregister("provide-client-params.dynamodb.BatchWriteItem", note)
        events.unregister("after-call.dynamodb.BatchWriteItem", answer)

    return sizes, stop


def imported(many: int, items: list[int], slept: list[float]) -> list[int]:
    with mock_aws():
        client = moto_client("dynamodb")
        client.create_table(TableName=TABLE, **definition())
        sizes, stop = leaving_over(client, items)
        try:
            stories = DynamoStories(client, TABLE, sleep=slept.append)
            stories.import_answers(a_survey(), [an_imported_answer(f"row-{n}") for n in range(many)])
        finally:
            stop()
        assert client.scan(TableName=TABLE)["Count"] == many
    return sizes


def test_items_go_25_a_call_and_what_is_left_over_goes_again_ever_more_slowly() -> None:
    slept: list[float] = []
    assert imported(60, [0, 7, 3], slept) == [25, 25, 7, 3, 10]
    assert slept == sorted(slept)
    assert len(slept) == 2


def test_a_table_that_takes_no_more_is_unavailable_after_a_while() -> None:
    slept: list[float] = []
    with pytest.raises(Unavailable):
        imported(3, [3] * 1000, slept)
    assert len(slept) < 20
    assert sum(slept) < 60


def test_a_table_that_is_not_there_is_the_operator_s() -> None:
    with mock_aws(), pytest.raises(Misconfigured):
        DynamoConfigs(moto_client("dynamodb"), "nowhere").get("sinks", "crm")


def test_a_table_that_cannot_be_reached_is_unavailable() -> None:
    impatient = moto_client("dynamodb", retries=0)
    configs, stories = DynamoConfigs(impatient, TABLE), DynamoStories(impatient, TABLE)
    calls: list[Callable[[], object]] = [
        lambda: configs.get("sinks", "crm"),
        lambda: configs.all("sinks"),
        lambda: configs.put("sinks", "crm", {}),
        lambda: configs.delete("sinks", "crm"),
        lambda: stories.add(a_story(), due=None, asked_day=None),
        lambda: stories.import_answers(a_survey(), [an_imported_answer()]),
    ]
    with mock_aws():
        for call in calls:
            with wire(impatient, lose={0: "request"}), pytest.raises(Unavailable):
                call()


def test_an_expression_that_is_wrong_is_a_bug_and_stays_one() -> None:
    with mock_aws():
        client = moto_client("dynamodb")
        client.create_table(TableName=TABLE, **definition())
        with pytest.raises(ClientError):
            Table(client, TABLE).update("a", "b", "SET {x} = :missing", {":other": text("")})

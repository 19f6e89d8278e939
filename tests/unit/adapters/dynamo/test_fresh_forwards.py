"""What the table's stream says of fresh answers: read from the images that the table itself makes."""

from __future__ import annotations

from datetime import date
from typing import Any

from moto import mock_aws

from hearback.adapters.dynamo.stories import DynamoStories, fresh_forwards
from hearback.domain.story import Forward, ForwardState, State
from hearback.ports import ForwardMessage
from tests.builders import NOW, a_story, a_survey, an_answer, an_attempt
from tests.contract.conftest import TABLE, moto_client
from tests.contract.tables import definition

ID = a_story().invitation_id


def image(client: Any) -> dict[str, Any]:
    (item,) = client.scan(TableName=TABLE)["Items"]
    return {"eventName": "MODIFY", "dynamodb": {"NewImage": item}}


def test_an_answer_wakes_each_of_its_sinks_and_later_writes_wake_nobody() -> None:
    with mock_aws():
        client = moto_client("dynamodb")
        client.create_table(TableName=TABLE, **definition())
        stories = DynamoStories(client, TABLE)
        stories.add(a_story(state=State.SENT, attempts=(an_attempt(),)), due=None, asked_day=date(2026, 3, 2))
        assert fresh_forwards(image(client)) is None
        for version, rating in ((1, 2), (2, 5)):
            stories.record_answer(ID, a_survey(), an_answer(rating), at=NOW, channel="web", sinks=["sheet", "crm"])
            assert fresh_forwards(image(client)) == ForwardMessage(ID, version, ("crm", "sheet"))
        story = stories.get(ID)
        assert story is not None
        assert stories.note_forwards(story, {"crm": Forward(ForwardState.DELIVERED, 2, 1, None, NOW, 200, "OK")})
        assert fresh_forwards(image(client)) is None


def test_a_push_by_the_sweeper_wakes_nobody_again() -> None:
    with mock_aws():
        client = moto_client("dynamodb")
        client.create_table(TableName=TABLE, **definition())
        stories = DynamoStories(client, TABLE)
        stories.add(a_story(), due=NOW, asked_day=None)
        stories.record_answer(ID, a_survey(), an_answer(), at=NOW, channel="web", sinks=["crm"])
        ((invitation, mark),) = stories.due_before(NOW.replace(year=2027))
        assert stories.push_due(invitation, mark, NOW.replace(year=2028))
        assert fresh_forwards(image(client)) is None


def test_other_items_and_deletions_wake_nobody() -> None:
    assert fresh_forwards({"eventName": "REMOVE", "dynamodb": {"OldImage": {"outbox": {"N": "1"}}}}) is None
    assert fresh_forwards({"eventName": "INSERT", "dynamodb": {"NewImage": {"pk": {"S": "PERSON#a"}}}}) is None

"""Every case in this folder runs on each engine that the port has: the fake, moto in process, and DynamoDB Local where
HEARBACK_TEST_DYNAMODB_URL says where it is.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest
from botocore.config import Config
from botocore.session import get_session
from moto import mock_aws

from hearback.adapters.dynamo.census import DynamoCensus
from hearback.adapters.dynamo.configs import DynamoConfigs
from hearback.adapters.dynamo.conversations import DynamoConversations
from hearback.adapters.dynamo.fast_replies import read_replies_fast
from hearback.adapters.dynamo.nights import DynamoNights
from hearback.adapters.dynamo.people import DynamoPeople
from hearback.adapters.dynamo.quarantine import DynamoQuarantine
from hearback.adapters.dynamo.stories import DynamoStories
from hearback.adapters.dynamo.warden import DynamoWarden
from hearback.ports import Census, Configs, Conversations, Nights, People, Quarantine, Stories, Warden
from tests.contract.tables import definition
from tests.fakes import (
    MemoryCensus,
    MemoryConfigs,
    MemoryConversations,
    MemoryNights,
    MemoryPeople,
    MemoryQuarantine,
    MemoryStories,
    MemoryWarden,
)

TABLE = "hearback"
TINY_PAGE = 2
"""Items that one page of a query evaluates in these tests: every query pages."""

NO_ACCOUNT: dict[str, Any] = {"region_name": "eu-central-1", "aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
LOCAL_URL = os.environ.get("HEARBACK_TEST_DYNAMODB_URL", "")


@dataclass(frozen=True)
class Store:
    stories: Stories
    people: People
    conversations: Conversations
    nights: Nights
    configs: Configs
    quarantine: Quarantine
    census: Census
    warden: Warden


@cache
def moto_client(service: str, retries: int = 4) -> Any:
    """Talks to moto while a mock is on; its credentials are good for nothing else."""
    return new_client(service, config=Config(retries={"mode": "legacy", "max_attempts": retries}))


def new_client(service: str, **options: Any) -> Any:
    """Checks what it is asked for, and reads as the product reads."""
    made = get_session().create_client(service, **NO_ACCOUNT, **options)
    return read_replies_fast(made) if service == "dynamodb" else made


def store_on(client: Any, table: str) -> Store:
    return Store(
        DynamoStories(client, table, page_size=TINY_PAGE, sleep=lambda _: None),
        DynamoPeople(client, table),
        DynamoConversations(client, table),
        DynamoNights(client, table, page_size=TINY_PAGE),
        DynamoConfigs(client, table, page_size=TINY_PAGE),
        DynamoQuarantine(client, table, page_size=TINY_PAGE),
        DynamoCensus(client, table, page_size=TINY_PAGE),
        DynamoWarden(client, table),
    )


def memory_store() -> Store:
    stories, people = MemoryStories(), MemoryPeople()
    census = MemoryCensus(stories, people, TINY_PAGE)
    return Store(stories, people, MemoryConversations(), MemoryNights(), MemoryConfigs(), MemoryQuarantine(), census, MemoryWarden())


@pytest.fixture
def aws() -> Iterator[None]:
    """An account that is empty and gone afterwards."""
    with mock_aws():
        yield


@pytest.fixture
def moto_table(aws: None) -> Any:
    client = moto_client("dynamodb")
    client.create_table(TableName=TABLE, **definition())
    return client


@pytest.fixture(params=["fake", "moto", pytest.param("dynamodb_local", marks=pytest.mark.dynamodb_local)])
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    if request.param == "fake":
        yield memory_store()
    elif request.param == "moto":
        yield store_on(request.getfixturevalue("moto_table"), TABLE)
    else:
        with dynamodb_local_table() as (client, table):
            yield store_on(client, table)


class dynamodb_local_table:  # noqa: N801 - used like a function
    """A table of its own for one test; skips where there is no DynamoDB Local."""

    def __enter__(self) -> tuple[Any, str]:
        if not LOCAL_URL:
            pytest.skip("no DynamoDB Local: `make test-dynamodb-local` runs these")
        self._client = new_client("dynamodb", endpoint_url=LOCAL_URL)
        self._table = f"t{uuid.uuid4().hex}"
        self._client.create_table(TableName=self._table, **definition())
        return self._client, self._table

    def __exit__(self, *_: object) -> None:
        self._client.delete_table(TableName=self._table)

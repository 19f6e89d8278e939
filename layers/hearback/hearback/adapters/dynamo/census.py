"""Everything that is kept, page by page: how an export and an erasure find what no index leads to.

A page is 1 MB of the table, whatever of it is wanted: some 700 stories, 256 RCU. A million stories are about 1,500 pages, and
cost about 5 cents at $0.125 per million read request units.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from hearback.adapters.dynamo.people import SK as PERSON
from hearback.adapters.dynamo.story_item import SK as STORY
from hearback.adapters.dynamo.story_item import invitation_of, trigger_of
from hearback.adapters.dynamo.table import Item, Table, text, text_of
from hearback.domain.calendar import instant
from hearback.domain.errors import Invalid
from hearback.ports import CensusPage, SeenPerson, SeenStory

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_WANTED = (
    "pk",
    "sk",
    "survey",
    "trigger",
    "facts",
    "created_at",
    "answered_pk",
    "asked_pk",
    "alias_of",
    "kin",
    "last_invited_at",
    "erased_at",
)
_DAY_PARTS = 3


class DynamoCensus:
    def __init__(self, client: DynamoDBClient, table: str, *, page_size: int | None = None) -> None:
        self._table = Table(client, table, page_size)

    def page(self, after: str = "") -> CensusPage:
        """Access pattern 46, "whose is all this?": a scan, 1 RCU per 4 KB of the table, consistent."""
        items, last = self._table.scan(_WANTED, _read_place(after))
        return CensusPage(
            tuple(_story(item) for item in items if item["sk"]["S"] == STORY),
            tuple(_person(item) for item in items if item["sk"]["S"] == PERSON),
            _place(last),
        )


def _story(item: Item) -> SeenStory:
    days = (_day(text_of(item, name)) for name in ("answered_pk", "asked_pk") if name in item)
    return SeenStory(
        invitation_of(item),
        trigger_of(item),
        json.loads(text_of(item, "facts", "{}")),
        instant(text_of(item, "created_at")),
        tuple(dict.fromkeys(days)),
        "erased_at" in item,
    )


def _day(key: str) -> tuple[str, date]:
    survey, day, _ = key.rsplit("#", _DAY_PARTS - 1)
    return survey, date.fromisoformat(day)


def _person(item: Item) -> SeenPerson:
    asked, alias = text_of(item, "last_invited_at"), text_of(item, "alias_of")
    others = frozenset([*item.get("kin", {}).get("SS", []), *([alias] if alias else [])])
    return SeenPerson(item["pk"]["S"].removeprefix("PERSON#"), others, instant(asked) if asked else None)


def _place(key: Mapping[str, Any] | None) -> str:
    """A key as one word. Keys are made of ids and hashes."""
    return base64.urlsafe_b64encode(f"{key['pk']['S']}\n{key['sk']['S']}".encode()).decode() if key else ""


def _read_place(place: str) -> Item | None:
    if not place:
        return None
    try:
        pk, _, sk = base64.urlsafe_b64decode(place).decode().partition("\n")
    except ValueError:
        pk = sk = ""
    if not pk or not sk:
        raise Invalid("there is no such page", fields={"after": "must be the `next` of the page before"})
    return {"pk": text(pk), "sk": text(sk)}

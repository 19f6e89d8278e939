"""What operators configured: surveys, sources, channels, sinks, imports, each a JSON body with a version.

pk=CONFIG#{kind} sk={id}.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from hearback.adapters.dynamo.table import Item, Table, number, number_of, text
from hearback.ports import Clock, ConfigItem, Configs

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Value = TypeVar("Value")


class DynamoConfigs:
    def __init__(self, client: DynamoDBClient, table: str, *, page_size: int | None = None) -> None:
        self._table = Table(client, table, page_size)

    def get(self, kind: str, config_id: str) -> ConfigItem | None:
        """Access pattern 30, "how is this set up?": 1 RCU per 4 KB, consistent: who has just saved must see it."""
        item = self._table.get(f"CONFIG#{kind}", config_id, consistent=True)
        return _config(item) if item else None

    def all(self, kind: str) -> list[ConfigItem]:
        """Access pattern 31, "which are there?": a query, 1 RCU per 4 KB, consistent, in the order of ids."""
        found = self._table.query("{pk} = :kind", {":kind": text(f"CONFIG#{kind}")}, consistent=True)
        return [_config(item) for item in found]

    def put(self, kind: str, config_id: str, body: Mapping[str, Any]) -> ConfigItem:
        """Access pattern 32, "set it up so": 1 WCU per KB. On condition that it says something new: the same again, also after a
        lost reply, keeps its version. Of two different puts the later counts, and each is a version.
        """
        outcome = self._table.update(
            f"CONFIG#{kind}",
            config_id,
            "SET {body} = :body, {version} = if_not_exists({version}, :zero) + :one",
            {":body": text(json.dumps(body, ensure_ascii=False)), ":zero": number(0), ":one": number(1)},
            "attribute_not_exists({body}) OR {body} <> :body",
        )
        return _config(outcome.item)

    def delete(self, kind: str, config_id: str) -> bool:
        """Access pattern 33, "forget it": 1 WCU. After a lost reply it may say False of what it has just deleted."""
        return self._table.delete(f"CONFIG#{kind}", config_id, "attribute_exists({pk})", {})


class CachedConfigs:
    """Remembers what it read for `seconds` (0: not at all); for functions that read the same few objects all day. What is
    changed through it is read anew at once, what others change after `seconds` at the latest.
    """

    def __init__(self, inner: Configs, clock: Clock, seconds: float) -> None:
        self._inner = inner
        self._clock = clock
        self._kept_for = timedelta(seconds=seconds)
        self._one: dict[tuple[str, str], tuple[datetime, ConfigItem]] = {}
        self._all: dict[str, tuple[datetime, list[ConfigItem]]] = {}

    def get(self, kind: str, config_id: str) -> ConfigItem | None:
        """What is not there is asked for every time: strangers may try any name, and a new object must work at once."""
        remembered = self._fresh(self._one.get((kind, config_id)))
        if remembered is not None:
            return remembered
        found = self._inner.get(kind, config_id)
        if found is not None:
            self._one[kind, config_id] = (self._clock.now(), found)
        return found

    def all(self, kind: str) -> list[ConfigItem]:
        found = self._fresh(self._all.get(kind))
        if found is None:
            found = self._inner.all(kind)
            self._all[kind] = (self._clock.now(), found)
        return list(found)

    def put(self, kind: str, config_id: str, body: Mapping[str, Any]) -> ConfigItem:
        self._forget(kind, config_id)
        return self._inner.put(kind, config_id, body)

    def delete(self, kind: str, config_id: str) -> bool:
        self._forget(kind, config_id)
        return self._inner.delete(kind, config_id)

    def _fresh(self, kept: tuple[datetime, Value] | None) -> Value | None:
        """A clock that was set back makes what was read "later" stale: it would be believed until the clock is there again."""
        return kept[1] if kept and timedelta(0) <= self._clock.now() - kept[0] < self._kept_for else None

    def _forget(self, kind: str, config_id: str) -> None:
        self._one.pop((kind, config_id), None)
        self._all.pop(kind, None)


def _config(item: Item) -> ConfigItem:
    return ConfigItem(item["sk"]["S"], json.loads(item["body"]["S"]), number_of(item, "version", 1))

"""When a conversation was reopened last: what stops a survey that has waited for its delay.

pk=CONV#{hash of source and conversation id} sk=CONV; TTL a year, far beyond any delay. It names no conversation: one that is
reopened after its person was erased leaves a time and nothing else.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from hearback.adapters.dynamo.table import Table, number, text, text_of
from hearback.domain.calendar import instant, stamp

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

SK = "CONV"
_KEPT = timedelta(days=365)


class DynamoConversations:
    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._table = Table(client, table)

    def reopen(self, source: str, conversation_id: str, at: datetime) -> None:
        """Access pattern 23, "it was reopened": 1 WCU. On condition that nothing newer is there: events come in any order."""
        self._table.update(
            _pk(source, conversation_id),
            SK,
            "SET {reopened_at} = :at, {ttl} = :ttl",
            {":at": text(stamp(at)), ":ttl": number(int((at + _KEPT).timestamp()))},
            "attribute_not_exists({reopened_at}) OR {reopened_at} < :at",
        )

    def reopened_at(self, source: str, conversation_id: str) -> datetime | None:
        """Access pattern 24, "was it reopened?": 1 RCU, consistent, for it decides whether somebody is asked."""
        item = self._table.get(_pk(source, conversation_id), SK, consistent=True)
        return instant(text_of(item, "reopened_at")) if item else None

    def forget(self, source: str, conversation_id: str, *, reopened_before: datetime | None = None) -> None:
        """Access pattern 42, "never mind": 1 WCU. On condition that nothing newer is there."""
        values = {":before": text(stamp(reopened_before))} if reopened_before else {}
        unless_since = " AND {reopened_at} <= :before" if reopened_before else ""
        self._table.delete(_pk(source, conversation_id), SK, "attribute_exists({pk})" + unless_since, values)


def _pk(source: str, conversation_id: str) -> str:
    return "CONV#" + hashlib.sha256(f"{source}\0{conversation_id}".encode()).hexdigest()[:32]

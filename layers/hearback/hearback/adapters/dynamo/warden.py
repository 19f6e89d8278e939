"""Whose turn it is to erase, and how far this table knows the ledger of erasures. Two items: pk=ERASURES, sk=TURN and sk=LEDGER."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from hearback.adapters.dynamo.table import Table, Written, text, text_of
from hearback.domain.calendar import stamp

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PK, TURN, LEDGER = "ERASURES", "TURN", "LEDGER"


class DynamoWarden:
    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._table = Table(client, table)

    def take_turn(self, token: str, now: datetime, until: datetime) -> bool:
        """Access pattern 47, "may I?": 1 WCU, on condition that nobody's turn lasts; a repeat after a lost reply finds its own token."""
        outcome = self._table.update(
            PK,
            TURN,
            "SET {token} = :token, {until} = :until",
            {":token": text(token), ":until": text(stamp(until)), ":now": text(stamp(now))},
            "attribute_not_exists({token}) OR {until} <= :now OR {token} = :token",
        )
        return isinstance(outcome, Written)

    def end_turn(self, token: str) -> None:
        """Access pattern 48, "I am done": 1 WCU, on condition that it is still this one's."""
        self._table.delete(PK, TURN, "{token} = :token", {":token": text(token)})

    def ledger_seen(self) -> str:
        """Access pattern 49, "is this the table that we erased in?": 1 RCU, consistent."""
        item = self._table.get(PK, LEDGER, consistent=True)
        return text_of(item, "entry") if item else ""

    def see_ledger(self, entry: str) -> None:
        """Access pattern 50, "it is": 1 WCU, whatever was there."""
        self._table.update(PK, LEDGER, "SET {entry} = :entry", {":entry": text(entry)})

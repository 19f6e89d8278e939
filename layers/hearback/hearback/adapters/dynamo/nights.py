"""What the nights still have to do: days to count again, and how far each survey has come.

pk=DIRTY#{survey} sk={YYYY-MM-DD}, and pk=SCORED#{survey} sk=SCORED.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from hearback.adapters.dynamo.table import Table, text, text_of

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

SK = "SCORED"


class DynamoNights:
    def __init__(self, client: DynamoDBClient, table: str, *, page_size: int | None = None) -> None:
        self._table = Table(client, table, page_size)

    def mark_dirty(self, survey: str, day: date, stamp: str) -> None:
        """Access pattern 25, "count this day again": 1 WCU, on condition that no later mark is there."""
        self._table.update(
            f"DIRTY#{survey}",
            day.isoformat(),
            "SET {stamp} = :stamp",
            {":stamp": text(stamp)},
            "attribute_not_exists({stamp}) OR {stamp} < :stamp",
        )

    def dirty_days(self, survey: str) -> list[tuple[date, str]]:
        """Access pattern 26, "which days?": 1 RCU per 4 KB (some 50 days), consistent."""
        found = self._table.query("{pk} = :survey", {":survey": text(f"DIRTY#{survey}")}, consistent=True)
        return [(date.fromisoformat(item["sk"]["S"]), text_of(item, "stamp")) for item in found]

    def clean(self, survey: str, day: date, stamp: str) -> None:
        """Access pattern 27, "it is counted": 1 WCU, on condition that it was not marked since."""
        self._table.delete(f"DIRTY#{survey}", day.isoformat(), "{stamp} <= :stamp", {":stamp": text(stamp)})

    def scored_until(self, survey: str) -> date | None:
        """Access pattern 28, "how far did it come?": 1 RCU, consistent."""
        item = self._table.get(f"SCORED#{survey}", SK, consistent=True)
        return date.fromisoformat(text_of(item, "day")) if item else None

    def set_scored_until(self, survey: str, day: date) -> None:
        """Access pattern 29, "so far": 1 WCU, whatever was there. Of two nights at once the slower writes last, and at worst a
        day is counted again.
        """
        self._table.update(f"SCORED#{survey}", SK, "SET {day} = :day", {":day": text(day.isoformat())})

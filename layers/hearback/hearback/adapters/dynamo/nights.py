"""What the nights still have to do: days to count again, how far each survey has come, and whose turn it is.

pk=DIRTY#{survey} sk={YYYY-MM-DD}, pk=SCORED#{survey} sk=SCORED and sk=TURN, and pk=DIGEST#{survey} sk={period}#{YYYY-MM-DD}.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from hearback.adapters.dynamo.table import Table, Written, number, text, text_of
from hearback.domain.calendar import stamp

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

SK, TURN = "SCORED", "TURN"

CLAIM_KEPT = timedelta(days=800)
"""From the first day of the period: long after anybody would send a mail about it."""


class DynamoNights:
    def __init__(self, client: DynamoDBClient, table: str, *, page_size: int | None = None) -> None:
        self._table = Table(client, table, page_size)

    def take_turn(self, survey: str, token: str, now: datetime, until: datetime) -> bool:
        """Access pattern 51, "may I write this survey's reports?": 1 WCU, on condition that nobody else's turn lasts."""
        outcome = self._table.update(
            _scored_key(survey),
            TURN,
            "SET {token} = :token, {until} = :until",
            {":token": text(token), ":until": text(stamp(until)), ":now": text(stamp(now))},
            "attribute_not_exists({token}) OR {until} <= :now OR {token} = :token",
        )
        return isinstance(outcome, Written)

    def end_turn(self, survey: str, token: str) -> None:
        """Access pattern 52, "they are written": 1 WCU, on condition that it is still this one's."""
        self._table.delete(_scored_key(survey), TURN, "{token} = :token", {":token": text(token)})

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
        item = self._table.get(_scored_key(survey), SK, consistent=True)
        return date.fromisoformat(text_of(item, "day")) if item else None

    def set_scored_until(self, survey: str, day: date) -> None:
        """Access pattern 29, "so far": 1 WCU, whatever was there. Of two nights at once the slower writes last, and at worst a
        day is counted again.
        """
        self._table.update(_scored_key(survey), SK, "SET {day} = :day", {":day": text(day.isoformat())})

    def claim_digest(self, survey: str, period: str, start: date, token: str) -> bool:
        """Access pattern 34, "may I send this mail?": 1 WCU, on condition that there is no claim, or that it is this very one."""
        forgotten = datetime(start.year, start.month, start.day, tzinfo=UTC) + CLAIM_KEPT
        item = {**_claim_key(survey, period, start), "token": text(token), "ttl": number(int(forgotten.timestamp()))}
        refused = self._table.put_new(item)
        return refused is None or text_of(refused.item, "token") == token

    def release_digest(self, survey: str, period: str, start: date, token: str) -> None:
        """Access pattern 35, "it was not sent": 1 WCU, on condition that the claim is this one."""
        key = _claim_key(survey, period, start)
        self._table.delete(key["pk"]["S"], key["sk"]["S"], "{token} = :token", {":token": text(token)})


def _scored_key(survey: str) -> str:
    return f"SCORED#{survey}"


def _claim_key(survey: str, period: str, start: date) -> dict[str, dict[str, str]]:
    return {"pk": text(f"DIGEST#{survey}"), "sk": text(f"{period}#{start.isoformat()}")}

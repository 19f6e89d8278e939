"""Which stories hold answers in quarantine: a mark for each invitation and day.

pk=QUARANTINE#{survey} sk={time}#{invitation}. One partition a survey: a thousand marks a second, and a mark is set once a day and story.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from hearback.adapters.dynamo.table import Item, Table, text
from hearback.domain.calendar import instant, stamp
from hearback.ports import QuarantineMark

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class DynamoQuarantine:
    def __init__(self, client: DynamoDBClient, table: str, *, page_size: int | None = None) -> None:
        self._table = Table(client, table, page_size)

    def add(self, survey: str, mark: QuarantineMark) -> None:
        """Access pattern 38, "somebody should look at this": put if it is not there, 1 WCU. A repeat writes nothing new."""
        self._table.put_new({"pk": text(_pk(survey)), "sk": text(_sk(mark))})

    def remove(self, survey: str, mark: QuarantineMark) -> None:
        """Access pattern 39, "nothing left to look at": delete, 1 WCU."""
        self._table.delete(_pk(survey), _sk(mark), "attribute_exists({pk})", {})

    def newest(self, survey: str, *, before: QuarantineMark | None, limit: int) -> list[QuarantineMark]:
        """Access pattern 40, "what waits?": a query from the end, 1 RCU per 4 KB (some 50 marks), consistent."""
        condition, values = "{pk} = :survey", {":survey": text(_pk(survey))}
        if before is not None:
            condition, values = f"{condition} AND {{sk}} < :before", {**values, ":before": text(_sk(before))}
        return [_mark(item) for item in self._table.query(condition, values, limit=limit, consistent=True, backwards=True)]

    def between(self, survey: str, start: datetime, end: datetime) -> Iterator[QuarantineMark]:
        """Access pattern 41, "what was doubted that day?": a query, as pattern 40."""
        values = {":survey": text(_pk(survey)), ":start": text(stamp(start)), ":end": text(stamp(end))}
        # Every mark's key is longer than a bare time: what begins with `end` sorts behind it.
        for item in self._table.query("{pk} = :survey AND {sk} BETWEEN :start AND :end", values, consistent=True):
            yield _mark(item)


def _pk(survey: str) -> str:
    return f"QUARANTINE#{survey}"


def _sk(mark: QuarantineMark) -> str:
    return f"{stamp(mark.at)}#{mark.invitation_id}"


def _mark(item: Item) -> QuarantineMark:
    at, _, invitation_id = item["sk"]["S"].partition("#")
    return QuarantineMark(invitation_id, instant(at))

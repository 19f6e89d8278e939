"""One table, four calls. Attribute values are the wire's own ({"S": ...}): a type walk per item would cost more than our parsing.

Expressions name attributes as {this}; every name is escaped, so no reserved word can bite.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from botocore.exceptions import ClientError

from hearback.adapters.aws.errors import code_of, translated
from hearback.domain.errors import Unavailable

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Item = dict[str, Any]
_NAME = re.compile(r"\{(\w+)\}")
LONGEST_PK, LONGEST_SK = 2048, 1024
"""Bytes. DynamoDB calls it an error even to ask for a longer key, or an empty one."""

_BATCH = 25
_BATCH_TRIES = 8


def text(value: str) -> dict[str, str]:
    return {"S": value}


def number(value: int) -> dict[str, str]:
    return {"N": str(value)}


def text_of(item: Mapping[str, Any], name: str, default: str = "") -> str:
    found = item.get(name)
    return found["S"] if found and "S" in found else default


def number_of(item: Mapping[str, Any], name: str, default: int = 0) -> int:
    found = item.get(name)
    return int(found["N"]) if found and "N" in found else default


@dataclass(frozen=True, slots=True)
class Written:
    """`item` as it is after the write."""

    item: Item


@dataclass(frozen=True, slots=True)
class Refused:
    """`item` as it stands in the way of the condition; empty when there is none."""

    item: Item


@dataclass(frozen=True)
class Table:
    """`page_size` bounds the items that one page of a query evaluates (None: DynamoDB's own 1 MB)."""

    client: DynamoDBClient
    name: str
    page_size: int | None = None
    sleep: Callable[[float], None] = time.sleep

    def get(self, pk: str, sk: str, *, consistent: bool) -> Item | None:
        """Half a capacity unit per 4 KB; consistent one. What no key can be, a stranger's path of 2,000 letters say, is not there."""
        if not (_may_be_a_key(pk, LONGEST_PK) and _may_be_a_key(sk, LONGEST_SK)):
            return None
        with translated():
            found = self.client.get_item(TableName=self.name, Key={"pk": text(pk), "sk": text(sk)}, ConsistentRead=consistent)
        return found.get("Item")

    def put_new(self, item: Item) -> Refused | None:
        """Store an item unless its key is taken; the refusal carries what is there."""
        try:
            with translated():
                self.client.put_item(
                    TableName=self.name,
                    Item=item,
                    ConditionExpression="attribute_not_exists(pk)",
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
        except ClientError as error:
            return _refused(error)
        return None

    def update(self, pk: str, sk: str, expression: str, values: Mapping[str, Any], condition: str = "") -> Written | Refused:
        """One write, conditional where a condition is given; either way the answer carries the item, at no further cost."""
        names = {f"#{name}": name for name in _NAME.findall(expression + condition)}
        request: dict[str, Any] = {"ExpressionAttributeValues": dict(values)} if values else {}
        if condition:
            request |= {"ConditionExpression": _NAME.sub(r"#\1", condition), "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
        try:
            with translated():
                done = self.client.update_item(
                    TableName=self.name,
                    Key={"pk": text(pk), "sk": text(sk)},
                    UpdateExpression=_NAME.sub(r"#\1", expression),
                    ExpressionAttributeNames=names,
                    ReturnValues="ALL_NEW",
                    **request,
                )
        except ClientError as error:
            return _refused(error)
        return Written(done["Attributes"])

    def delete(self, pk: str, sk: str, condition: str, values: Mapping[str, Any]) -> bool:
        """Delete an item if the condition holds."""
        request: dict[str, Any] = {"ExpressionAttributeValues": dict(values)} if values else {}
        names = {f"#{name}": name for name in _NAME.findall(condition)}
        try:
            with translated():
                self.client.delete_item(
                    TableName=self.name,
                    Key={"pk": text(pk), "sk": text(sk)},
                    ConditionExpression=_NAME.sub(r"#\1", condition),
                    ExpressionAttributeNames=names,
                    **request,
                )
        except ClientError as error:
            _refused(error)
            return False
        return True

    def query(
        self,
        condition: str,
        values: Mapping[str, Any],
        *,
        index: str = "",
        limit: int | None = None,
        consistent: bool = False,
        backwards: bool = False,
        attributes: Sequence[str] = (),
    ) -> Iterator[Item]:
        """Every item in key order, or from its end, page after page, at most `limit`; whole, or these attributes of it. Half a
        capacity unit per 4 KB of page, whatever is asked of its items.
        """
        request: dict[str, Any] = {
            "TableName": self.name,
            "KeyConditionExpression": _NAME.sub(r"#\1", condition),
            "ExpressionAttributeNames": {f"#{name}": name for name in (*_NAME.findall(condition), *attributes)},
            "ExpressionAttributeValues": dict(values),
        }
        if attributes:
            request["ProjectionExpression"] = ", ".join(f"#{name}" for name in attributes)
        if index:
            request["IndexName"] = index
        if consistent:
            request["ConsistentRead"] = True
        if backwards:
            request["ScanIndexForward"] = False
        left = limit
        while left is None or left > 0:
            sizes = [each for each in (self.page_size, left) if each is not None]
            if sizes:
                request["Limit"] = min(sizes)
            with translated():
                page = self.client.query(**request)
            yield from page["Items"]
            if "LastEvaluatedKey" not in page:
                return
            request["ExclusiveStartKey"] = page["LastEvaluatedKey"]
            left = None if left is None else left - len(page["Items"])

    def scan(self, attributes: Sequence[str], after: Mapping[str, Any] | None) -> tuple[list[Item], Mapping[str, Any] | None]:
        """One page of everything, and where the next one begins: half a capacity unit per 4 KB that it passes over, 1 MB at most.
        Consistent, at twice that: what was written before is there.
        """
        request: dict[str, Any] = {"ExclusiveStartKey": dict(after)} if after else {}
        if self.page_size is not None:
            request["Limit"] = self.page_size
        with translated():
            page = self.client.scan(
                TableName=self.name,
                ConsistentRead=True,
                ProjectionExpression=", ".join(f"#{name}" for name in attributes),
                ExpressionAttributeNames={f"#{name}": name for name in attributes},
                **request,
            )
        return page["Items"], page.get("LastEvaluatedKey")

    def put_all(self, items: Sequence[Item]) -> None:
        """Store items whatever is there, 25 a call; a capacity unit per KB each. What DynamoDB leaves over is offered again,
        ever more slowly, then `Unavailable`: everything may be offered anew.
        """
        for start in range(0, len(items), _BATCH):
            left: list[Any] = [{"PutRequest": {"Item": each}} for each in items[start : start + _BATCH]]
            for attempt in range(_BATCH_TRIES):
                with translated():
                    done = self.client.batch_write_item(RequestItems={self.name: left})
                left = list(done.get("UnprocessedItems", {}).get(self.name, []))
                if not left:
                    break
                self.sleep(min(0.05 * 2**attempt, 2.0))
            if left:
                raise Unavailable("BatchWriteItem: items were left over")


def _may_be_a_key(value: str, longest: int) -> bool:
    return 0 < len(value.encode(errors="replace")) <= longest


def _refused(error: ClientError) -> Refused:
    if code_of(error) != "ConditionalCheckFailedException":
        raise error
    return Refused(cast("Item", error.response.get("Item", {})))

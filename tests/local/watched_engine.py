"""MiniStack, with a notebook: which role asked for which action on which resource, each once, in the file HEARBACK_CALLS_FILE.

It evaluates every role's policies as AWS does, but for one condition that it does not know: `dynamodb:LeadingKeys`, the
partition keys that a request names. They are told to it here, so that a role bound to some items is bound to them locally too.
And no path with a line break fits a greedy route of its HTTP API (its pattern's dot stops there): such a path fits one here.
Run as a file, by the tools' interpreter: as a module it would need this project on the path that the functions inherit.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

LEADING_KEYS = "dynamodb:LeadingKeys"
EQUALS = re.compile(r"(?<![<>])=\s*(:\w+)")


def leading_keys(body: bytes) -> list[str]:
    """The partition keys of a request for single items, of one table or of several, or of a query."""
    try:
        request = json.loads(body or b"{}")
    except ValueError:
        return []
    if not isinstance(request, dict):
        return []
    named = {key for item in _items(request) if (key := item.get("pk", {}).get("S"))}
    return sorted(named | set(_queried(request)))


def _queried(request: dict[str, Any]) -> Iterator[str]:
    """A query names one partition, and says so with an equals sign."""
    if found := EQUALS.search(str(request.get("KeyConditionExpression", ""))):
        value = (request.get("ExpressionAttributeValues") or {}).get(found[1], {})
        if "S" in value:
            yield str(value["S"])


def _items(request: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for name in ("Key", "Item"):
        if isinstance(request.get(name), dict):
            yield request[name]
    for writes in (request.get("RequestItems") or {}).values():
        for each in writes if isinstance(writes, list) else writes.get("Keys", []):
            asked = each.get("PutRequest") or each.get("DeleteRequest")
            yield (asked.get("Item") or asked.get("Key")) if asked else each
    for each in request.get("TransactItems") or []:
        for asked in each.values():
            yield asked.get("Key") or asked.get("Item") or {}


def with_leading_keys(known: Callable[[bytes], dict[str, Any]]) -> Callable[[bytes], dict[str, Any]]:
    def context(body: bytes) -> dict[str, Any]:
        keys = leading_keys(body)
        return {**known(body), **({LEADING_KEYS: keys} if keys else {})}

    return context


def noting(enforce: Callable[..., Any], who: Callable[[str], dict[str, Any] | None], file: Path) -> Callable[..., Any]:
    """What was decided, a line each, the first time that a function's role asks for it."""
    seen: set[str] = set()

    def enforced(access_key: str, action: str, service: str, region: str, **about: Any) -> Any:
        denied = enforce(access_key, action, service, region, **about)
        principal = str((who(access_key) or {}).get("userArn", ""))
        if ":assumed-role/" in principal:
            context = about.get("service_context") or {}
            asked = {
                "principal": principal,
                "action": action,
                "resource": about.get("resource_arn", "*"),
                "keys": sorted({_shape(key) for key in context.get(LEADING_KEYS, [])}),
                "prefix": context.get("s3:prefix") or "",
                "decision": "Deny" if denied else "Allow",
            }
            line = json.dumps(asked, sort_keys=True)
            if line not in seen:
                seen.add(line)
                with file.open("a", encoding="utf-8") as out:
                    out.write(line + "\n")
        return denied

    return enforced


def _shape(key: str) -> str:
    """INV#kJh3... as INV#*, CONFIG#surveys as it is."""
    kind, mark, _ = key.partition("#")
    return key if kind == "CONFIG" else kind + mark + "*"


def past_line_breaks(known: Callable[[str, str], Any]) -> Callable[[str, str], Any]:
    """Nothing of ours reads the parameters that come of it: routes are told apart by the functions."""
    return lambda route, path: known(route, path.replace("\n", " "))


def main() -> None:
    sys.path.pop(0)  # this folder: its modules are nobody's to import but this project's
    from ministack import app  # type: ignore[import-not-found, unused-ignore]
    from ministack.core import iam_actions, iam_evaluator  # type: ignore[import-not-found, unused-ignore]
    from ministack.services import apigateway  # type: ignore[import-not-found, unused-ignore]

    apigateway._extract_path_params = past_line_breaks(apigateway._extract_path_params)
    iam_actions.dynamodb_service_context = with_leading_keys(iam_actions.dynamodb_service_context)
    if file := os.environ.pop("HEARBACK_CALLS_FILE", ""):
        iam_evaluator.enforce = noting(iam_evaluator.enforce, iam_evaluator.resolve_caller_identity, Path(file))
    sys.argv = ["ministack"]
    app.main()


if __name__ == "__main__":
    main()

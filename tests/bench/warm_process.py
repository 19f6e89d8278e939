"""Warm requests in a process of its own that has nothing but the built artefacts and the standard library; warm.py starts it.

Reads JSON {rounds, replies, requests} from standard input and writes JSON to standard output. AWS is stood in for where botocore
hands a signed request to the network, for the handlers and for the bare calls beside them alike.

Calls take turns, one of each a round: as in the field, where nothing of the last request is left in the processor's caches. Each is
then made many times in a row as well, which flatters whatever is small enough for those caches.
"""

from __future__ import annotations

import importlib.util
import io
import json
import os
import sys
import time
from types import ModuleType
from typing import Any

from tests.bench.canned import Canned

ROW = 25
"""Calls in a row between two looks at the clock."""

BARE = "one bare update_item"


def main() -> None:
    wish = json.load(sys.stdin)
    result = os.fdopen(os.dup(1), "w")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # where the handlers' logs go
    stand_in_for_aws(Canned.from_plain(wish["replies"]))
    calls = {BARE: _bare_call()}
    for name, (folder, event) in wish["requests"].items():
        calls[name] = _request(module_in(folder), event)
    _take_turns(calls, 20)
    turns = _take_turns(calls, wish["rounds"])
    rows = {name: [_row(call) for _ in range(wish["rounds"] // ROW)] for name, call in calls.items()}
    json.dump({"turns": turns, "rows": rows}, result)
    result.close()


def _take_turns(calls: dict[str, Any], rounds: int) -> dict[str, list[float]]:
    """Milliseconds of processor time of every call."""
    times: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(rounds):
        for name, call in calls.items():
            began = time.process_time_ns()
            call()
            times[name].append((time.process_time_ns() - began) / 1e6)
    return times


def _row(call: Any) -> float:
    began = time.process_time_ns()
    for _ in range(ROW):
        call()
    return (time.process_time_ns() - began) / ROW / 1e6


def module_in(folder: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(folder.rpartition("/")[2], f"{folder}/handler.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _request(module: ModuleType, event: dict[str, Any]) -> Any:
    def call() -> None:
        reply = module.lambda_handler(event, None)
        if reply["statusCode"] not in (200, 202):
            raise RuntimeError(reply)

    return call


def _bare_call() -> Any:
    from botocore.session import get_session

    client: Any = get_session().create_client("dynamodb")
    request = {
        "TableName": "floor",
        "Key": {"pk": {"S": "INV#7QKA4qp84QHrwlxDy5_ehv"}, "sk": {"S": "STORY"}},
        "UpdateExpression": "SET rating = :rating",
        "ExpressionAttributeValues": {":rating": {"N": "5"}},
    }
    return lambda: client.update_item(**request)


def stand_in_for_aws(canned: Canned) -> None:
    from botocore.awsrequest import AWSResponse
    from botocore.httpsession import URLLib3Session

    def send(_: Any, request: Any) -> AWSResponse:
        reply = canned.answer(request.headers, request.body)
        headers: Any = reply.headers
        return AWSResponse(request.url, reply.status, headers, _Body(reply.body))

    URLLib3Session.send = send  # type: ignore[assignment, method-assign]


class _Body(io.BytesIO):
    def stream(self) -> list[bytes]:
        return [self.getvalue()]


if __name__ == "__main__":
    main()

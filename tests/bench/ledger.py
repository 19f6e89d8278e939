"""A day of the ledger as DynamoDB would send it: query pages of 1 MB, made once from a fixed seed, served below botocore.

The same answers lie as gz NDJSON beside them, for an engine that reads files.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.session import get_session

from hearback.domain.ids import SHARDS
from hearback.domain.survey import Survey
from tests.bench.figures import KEPT
from tests.builders import a_survey_body

DAY = date(2026, 3, 2)
SEED = 20_260_303
PAGE_BYTES = 1024 * 1024
KEYS_BYTES = 150
"""Of each item: its other keys count for the size of a page, although the query does not ask for them."""

PER_ROUND = 10_000
"""Answers that differ in all but their ids from one round to the next: a larger day repeats them under other ids."""

ROUND_MARK = "~~~~"
SEGMENTS = ("agent", "team", "channel", "tag", "plan")
TEAMS, CHANNELS, LANGUAGES, PLANS = (
    ("billing", "support", "sales", "returns"),
    ("email", "whatsapp", "web"),
    ("en", "es", "zh"),
    ("free", "pro", "team"),
)
TAGS, REASONS = ("vip", "refund", "order", "bug"), ("slow", "rude", "price", "unsolved")


def survey() -> Survey:
    return Survey.from_plain("bench", a_survey_body(segments=list(SEGMENTS), timezone="UTC"))


@dataclass(frozen=True, slots=True)
class Answered:
    invitation_id: str
    shard: int
    version: int
    answer: dict[str, Any]
    facts: dict[str, Any]


@cache
def _vocabulary() -> list[str]:
    draw = random.Random(SEED)
    return ["".join(draw.choices("aeiounrstlmdkp", k=draw.randint(2, 9))) for _ in range(3000)]


def one_round(agents: int = 40, place: int = 0) -> Iterator[Answered]:
    """A third of the answers have a comment, and every second low one names reasons. `place` draws others."""
    words = _vocabulary()
    draw = random.Random(SEED + place)
    weights = [1 / rank for rank in range(1, len(words) + 1)]
    for n in range(PER_ROUND):
        digest = hashlib.sha256(str(n).encode()).digest()
        rating = draw.choice((1, 2, 3, 4, 4, 5, 5, 5, 5, 5))
        details: dict[str, Any] = {}
        if draw.random() < 1 / 3:
            details["comment"] = " ".join(draw.choices(words, weights, k=draw.randint(3, 25)))
        if rating <= 3 and draw.random() < 1 / 2:
            details["why"] = draw.sample(REASONS, draw.randint(1, 2))
        agent = draw.randrange(agents)
        at = datetime(DAY.year, DAY.month, DAY.day, tzinfo=UTC) + timedelta(seconds=n * 86_400 // PER_ROUND)
        answer = {"rating": rating, "details": details, "at": at.isoformat(), "channel": draw.choice(CHANNELS[1:]), "scale": [1, 5]}
        facts = {
            "agent": f"Agent {agent:02}",
            "team": TEAMS[agent % len(TEAMS)],
            "channel": draw.choice(CHANNELS),
            "source": "desk",
            "language": draw.choice(LANGUAGES),
            "tag": draw.sample(TAGS, draw.randint(0, 2)),
            "plan": draw.choice(PLANS),
        }
        yield Answered(
            base64.urlsafe_b64encode(digest)[:18].decode() + ROUND_MARK,
            digest[0] % SHARDS,
            2 if draw.random() < 1 / 10 else 1,
            {**answer, "direction": "high_is_good", "metric": "csat", "imported": False},
            facts,
        )


def _item(each: Answered) -> bytes:
    said, facts = (json.dumps(plain, ensure_ascii=False, separators=(",", ":")) for plain in (each.answer, each.facts))
    item = {
        "pk": {"S": f"INV#{each.invitation_id}"},
        "answer": {"S": said},
        "facts": {"S": facts},
        "version": {"N": str(each.version)},
    }
    return json.dumps(item, ensure_ascii=False, separators=(",", ":")).encode()


def pages() -> dict[int, list[bytes]]:
    """By shard: the pages of one round."""
    found: dict[int, list[list[bytes]]] = {shard: [[]] for shard in range(SHARDS)}
    sizes = dict.fromkeys(found, 0)
    for each in one_round():
        item = _item(each)
        if sizes[each.shard] + len(item) + KEYS_BYTES > PAGE_BYTES:
            found[each.shard].append([])
            sizes[each.shard] = 0
        found[each.shard][-1].append(item)
        sizes[each.shard] += len(item) + KEYS_BYTES
    return {
        shard: [
            b'{"Count":%d,"ScannedCount":%d,"Items":[%s],"LastEvaluatedKey":{"pk":{"S":"~~~~"}}}' % (len(page), len(page), b",".join(page))
            for page in held
        ]
        for shard, held in found.items()
    }


class _Body(NamedTuple):
    content: bytes

    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self.content


class Wire:
    """Answers queries of by_answered with the day's pages, and everything else with nothing. Sits where the socket would be, so
    that serialising, signing and parsing are botocore's own.
    """

    def __init__(self, answers: int) -> None:
        if answers % PER_ROUND and answers > PER_ROUND:
            raise ValueError(f"a day is a multiple of {PER_ROUND} answers here, or part of one")
        self._rounds = max(answers // PER_ROUND, 1)
        self._pages = pages()
        self._next = dict.fromkeys(range(SHARDS), 0)
        self._headers: Any = {"x-amzn-RequestId": "R", "Content-Type": "application/x-amz-json-1.0"}

    def __call__(self, request: Any, **_: Any) -> AWSResponse:
        asked = json.loads(request.body)
        body = b'{"Count":0,"ScannedCount":0,"Items":[]}'
        if asked.get("IndexName") == "by_answered":
            body = self._page(int(asked["ExpressionAttributeValues"][":day"]["S"][-1]))
        return AWSResponse(request.url, 200, self._headers, _Body(body))

    def _page(self, shard: int) -> bytes:
        at, held = self._next[shard], self._pages[shard]
        self._next[shard] += 1
        page = held[at % len(held)].replace(ROUND_MARK.encode(), b"%04d" % (at // len(held)))
        if self._next[shard] == len(held) * self._rounds:
            page = page.replace(b',"LastEvaluatedKey":{"pk":{"S":"%04d"}}' % (at // len(held)), b"")
        return page


def client(wire: Wire) -> Any:
    made = get_session().create_client(
        "dynamodb",
        region_name="eu-central-1",
        aws_access_key_id="a",
        aws_secret_access_key="b",
        config=Config(retries={"total_max_attempts": 1}),
    )
    answer: Any = wire
    made.meta.events.register("before-send.dynamodb", answer)
    return made


def lines_file(answers: int) -> Path:
    """The same answers as gz NDJSON, written once."""
    file = KEPT / f"answers-{SEED}-{answers}.ndjson.gz"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        lines = b"".join(_line(each) for each in one_round())
        making = file.with_suffix(".part")
        with gzip.open(making, "wb", compresslevel=6) as out:
            for place in range(max(answers // PER_ROUND, 1)):
                out.write(lines.replace(ROUND_MARK.encode(), b"%04d" % place))
        making.rename(file)
    return file


def _line(each: Answered) -> bytes:
    plain = {"invitation_id": each.invitation_id, "version": each.version, **each.answer, **each.facts}
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"

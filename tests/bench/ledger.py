"""A day of the ledger as DynamoDB would send it: query pages of 1 MB, made once from a fixed seed, served below botocore.

The same answers lie as gz NDJSON beside them, for an engine that reads files.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import random
import time
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
SEED = 20_260_304
PAGE_BYTES = 1024 * 1024
KEYS_BYTES = 150
"""Of each item: its other keys count for the size of a page, although the query does not ask for them."""

PER_ROUND = 100_000
"""Answers that are all different; a larger day repeats them under other ids."""

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


def some_answers(count: int, agents: int = 40) -> Iterator[Answered]:
    """A third of the answers have a comment, and every second low one names reasons; 18,000 different sets of facts."""
    words = _vocabulary()
    draw = random.Random(SEED)
    weights = [1 / rank for rank in range(1, len(words) + 1)]
    for n in range(count):
        digest = hashlib.sha256(str(n).encode()).digest()
        rating = draw.choice((1, 2, 3, 4, 4, 5, 5, 5, 5, 5))
        details: dict[str, Any] = {}
        if draw.random() < 1 / 3:
            details["comment"] = " ".join(draw.choices(words, weights, k=draw.randint(3, 25)))
        if rating <= 3 and draw.random() < 1 / 2:
            details["why"] = draw.sample(REASONS, draw.randint(1, 2))
        agent = draw.randrange(agents)
        at = datetime(DAY.year, DAY.month, DAY.day, tzinfo=UTC) + timedelta(seconds=n * 86_400 // count)
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


def _pages(answers: int) -> dict[int, list[bytes]]:
    """By shard: the pages of as many answers."""
    found: dict[int, list[list[bytes]]] = {shard: [[]] for shard in range(SHARDS)}
    sizes = dict.fromkeys(found, 0)
    for each in some_answers(answers):
        item = _item(each)
        if sizes[each.shard] + len(item) + KEYS_BYTES > PAGE_BYTES:
            found[each.shard].append([])
            sizes[each.shard] = 0
        found[each.shard][-1].append(item)
        sizes[each.shard] += len(item) + KEYS_BYTES
    return {shard: [_page(page) for page in held] for shard, held in found.items()}


def _page(items: list[bytes]) -> bytes:
    counts = b'"Count":%d,"ScannedCount":%d' % (len(items), len(items))
    return b'{%s,"Items":[%s],"LastEvaluatedKey":{"pk":{"S":"%s"}}}' % (counts, b",".join(items), ROUND_MARK.encode())


def pages_folder(answers: int) -> Path:
    """The pages of a round, written once: {shard}-{place}.json."""
    folder = KEPT / f"pages-{SEED}-{min(answers, PER_ROUND)}"
    if not folder.exists():
        making = folder.with_suffix(".part")
        making.mkdir(parents=True, exist_ok=True)
        for shard, held in _pages(min(answers, PER_ROUND)).items():
            for place, page in enumerate(held):
                (making / f"{shard}-{place:03}.json").write_bytes(page)
        making.rename(folder)
    return folder


class _Body(NamedTuple):
    content: bytes

    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self.content


class Wire:
    """Answers queries of by_answered with the day's pages, and everything else with nothing. Sits where the socket would be, so
    that serialising, signing and parsing are botocore's own.
    """

    def __init__(self, answers: int) -> None:
        if answers > PER_ROUND and answers % PER_ROUND:
            raise ValueError(f"a day is a multiple of {PER_ROUND} answers here, or part of one")
        self.cpu_seconds = 0.0
        """What it took itself: no part of what is measured."""
        self._rounds = max(answers // PER_ROUND, 1)
        files = sorted(pages_folder(answers).iterdir())
        self._files = {shard: [file for file in files if file.name.startswith(f"{shard}-")] for shard in range(SHARDS)}
        self._next = dict.fromkeys(range(SHARDS), 0)
        self._headers: Any = {"x-amzn-RequestId": "R", "Content-Type": "application/x-amz-json-1.0"}

    def __call__(self, request: Any, **_: Any) -> AWSResponse:
        begun = time.process_time()
        asked = json.loads(request.body)
        body = b'{"Count":0,"ScannedCount":0,"Items":[]}'
        if asked.get("IndexName") == "by_answered":
            body = self._page(int(asked["ExpressionAttributeValues"][":day"]["S"][-1]))
        self.cpu_seconds += time.process_time() - begun
        return AWSResponse(request.url, 200, self._headers, _Body(body))

    def _page(self, shard: int) -> bytes:
        turn, place = divmod(self._next[shard], len(self._files[shard]))
        self._next[shard] += 1
        page = self._files[shard][place].read_bytes().replace(ROUND_MARK.encode(), b"%04d" % turn)
        if self._next[shard] == len(self._files[shard]) * self._rounds:
            page = page.replace(b',"LastEvaluatedKey":{"pk":{"S":"%04d"}}' % turn, b"")
        return page


def client(wire: Wire) -> Any:
    made = get_session().create_client(
        "dynamodb",
        region_name="eu-central-1",
        aws_access_key_id="a",
        aws_secret_access_key="b",
        config=Config(retries={"mode": "standard", "total_max_attempts": 4}),
    )
    answer: Any = wire
    made.meta.events.register("before-send.dynamodb", answer)
    return made


def lines_file(answers: int) -> Path:
    """The same answers as gz NDJSON, written once."""
    file = KEPT / f"answers-{SEED}-{answers}.ndjson.gz"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        lines = b"".join(_line(each) for each in some_answers(min(answers, PER_ROUND)))
        making = file.with_suffix(".part")
        with gzip.open(making, "wb", compresslevel=6) as out:
            for place in range(max(answers // PER_ROUND, 1)):
                out.write(lines.replace(ROUND_MARK.encode(), b"%04d" % place))
        making.rename(file)
    return file


def _line(each: Answered) -> bytes:
    plain = {"invitation_id": each.invitation_id, "version": each.version, **each.answer, **each.facts}
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"

"""What stands in the lake's files."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hearback.adapters.lake.columns import NAMES
from hearback.adapters.lake.parquet import ParquetLake
from hearback.ports import LedgerEntry
from tests.fakes import MemoryBlobs

DAY = date(2026, 3, 2)
ROOT = Path(__file__).parents[4]

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


def an_answer(**changes: Any) -> dict[str, Any]:
    plain = {"rating": 4, "details": {}, "at": "2026-03-02T12:00:00+00:00", "channel": "web", "version": 1}
    return {**plain, "scale": [1, 5], "direction": "high_is_good", "metric": "csat", "imported": False, **changes}


def written(folder: Path, *entries: LedgerEntry, **how: Any) -> list[dict[str, Any]]:
    """What the files hold, in their order."""
    blobs = MemoryBlobs()
    with ParquetLake(blobs, **how).replacing("support", DAY) as day:
        for each in entries:
            day.add(each)
    rows: list[dict[str, Any]] = []
    for key in blobs.keys(""):
        file = folder / "part.parquet"
        file.write_bytes(blobs.get(key) or b"")
        with duckdb.connect() as database:
            found = database.execute("SELECT * FROM read_parquet(?)", [str(file)])
            names = [each[0] for each in found.description or []]
            rows += [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    return rows


def row(folder: Path, answer: dict[str, Any], facts: dict[str, Any]) -> dict[str, Any]:
    (found,) = written(folder, LedgerEntry("i1", answer, facts))
    return found


def test_a_row_says_everything_about_an_answer(tmp_path: Path) -> None:
    answer = an_answer(
        rating=2, version=3, details={"comment": "too slow,\n我等了", "why": ["slow", "price"]}, at="2026-03-02T12:01:00.250000+00:00"
    )
    facts = {"agent": "Ada", "team": "billing", "channel": "email", "source": "desk", "language": "zh", "tag": ["vip", "bug"]}
    assert row(tmp_path, answer, {**facts, "plan": "pro", "products": ["a", "b"]}) == {
        "invitation_id": "i1",
        "rating": 2,
        "metric": "csat",
        "scale_min": 1,
        "scale_max": 5,
        "direction": "high_is_good",
        "answered_at": datetime(2026, 3, 2, 12, 1, 0, 250000),  # noqa: DTZ001 - UTC, as the lake keeps it
        "version": 3,
        "answer_channel": "web",
        "imported": False,
        "comment": "too slow,\n我等了",
        "reasons": ["slow", "price"],
        "agent": "Ada",
        "team": "billing",
        "channel": "email",
        "source": "desk",
        "language": "zh",
        "tags": ["vip", "bug"],
        "attributes": {"plan": "pro", "products": '["a","b"]'},
    }


def test_what_an_answer_does_not_have_is_null_or_empty(tmp_path: Path) -> None:
    found = row(tmp_path, an_answer(), {})
    assert {name for name, value in found.items() if value is None} == {"comment", "agent", "team", "channel", "source", "language"}
    assert (found["reasons"], found["tags"], found["attributes"]) == ([], [], {})


@pytest.mark.parametrize("rating", [4.5, "4", None, True, 10**30, [4]])
def test_a_rating_that_is_no_whole_number_is_null_and_the_row_stays(tmp_path: Path, rating: Any) -> None:
    assert row(tmp_path, an_answer(rating=rating), {})["rating"] is None


def test_a_time_with_another_offset_is_told_in_utc(tmp_path: Path) -> None:
    found = row(tmp_path, an_answer(at="2026-03-02T12:00:00+02:00"), {})
    assert found["answered_at"].isoformat() == "2026-03-02T10:00:00"


@given(texts, st.dictionaries(texts, st.one_of(texts, st.lists(texts, max_size=3)), max_size=4))
@settings(max_examples=60, deadline=None)
def test_no_text_is_lost_or_breaks_the_file(tmp_path_factory: pytest.TempPathFactory, comment: str, facts: dict[str, Any]) -> None:
    found = row(tmp_path_factory.mktemp("lake"), an_answer(details={"comment": comment} if comment else {}), facts)
    assert (found["comment"] or "") == comment
    for name, value in facts.items():
        if name not in {"agent", "team", "channel", "source", "language", "tag"}:
            told = found["attributes"][name]
            assert told == value if isinstance(value, str) else json.loads(told) == value


def test_a_stored_spelling_is_used_as_it_is(tmp_path: Path) -> None:
    answer = an_answer()
    spelled = LedgerEntry("i1", answer, {"team": "not looked at"}, '{"team": "a"}', json.dumps({**answer, "rating": 5}))
    (found,) = written(tmp_path, spelled)
    assert (found["rating"], found["team"]) == (5, "a")


@pytest.mark.parametrize("how", [{"rows_per_part": 2}, {"bytes_per_part": 1}, {"rows_per_part": 1000}])
def test_a_large_day_has_several_files_in_the_ledgers_order(tmp_path: Path, how: dict[str, int]) -> None:
    entries = [LedgerEntry(f"i{n}", an_answer(rating=1 + n % 5), {}) for n in range(7)]
    assert [each["invitation_id"] for each in written(tmp_path, *entries, **how)] == [f"i{n}" for n in range(7)]


def test_the_files_hold_the_columns_that_are_promised(tmp_path: Path) -> None:
    assert tuple(row(tmp_path, an_answer(), {})) == NAMES


WRITE = """
import hashlib
from datetime import date
from hearback.adapters.lake.parquet import ParquetLake
from hearback.ports import LedgerEntry
from tests.fakes import MemoryBlobs
from tests.unit.adapters.lake.test_parquet import an_answer
blobs = MemoryBlobs()
with ParquetLake(blobs).replacing("support", date(2026, 3, 2)) as day:
    for n in range(30_000):
        day.add(LedgerEntry(f"i{n}", an_answer(rating=1 + n % 5), {"team": f"t{n % 7}", "tag": ["a", "b"][: n % 3], "x": str(n)}))
print(hashlib.sha256(b"".join(blobs.get(key) for key in blobs.keys(""))).hexdigest())
"""


def test_the_bytes_are_the_same_in_every_process() -> None:
    digests = set()
    for seed in ("1", "2"):
        env = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": f"{ROOT / 'layers' / 'hearback'}:{ROOT}"}
        done = subprocess.run([sys.executable, "-c", WRITE], env=env, cwd=ROOT, capture_output=True, text=True, check=True)
        digests.add(done.stdout.strip())
    assert len(digests) == 1
    assert digests != {hashlib.sha256(b"").hexdigest()}

"""`python -m tests.bench.nights`: what a night costs. A day recounted from canned pages, beside DuckDB aggregating the same
answers from gz NDJSON in the same run; a quarter's report from the digests of its days; a cold start of the night's function.

Each measurement is a process of its own; its CPU seconds and peak memory are what the kernel says of it. `... PART [N]` runs one.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from itertools import combinations, islice
from typing import Any

from tests.bench.figures import described, keep, machine, table
from tests.bench.ledger import DAY, SEGMENTS, Wire, client, lines_file, pages_folder, some_answers, survey

SIZES = (10_000, 100_000, 1_000_000)
LARGEST = SIZES[-1]
RUNS = 3
COLD_STARTS = 7
QUARTER = date(2026, 1, 1)
ANSWERS_A_DAY = 1000
AGENTS = 36
"""With 4 teams, 3 channels, 3 plans and 4 tags: 50 segments."""


# --- what is measured: each runs alone in its process -------------------------------------------------------------------------


def bare(_: int) -> dict[str, Any]:
    """What every run pays before it begins: Python, botocore, a client."""
    client(Wire(1))
    return {}


def recount(answers: int, *, with_lake: bool = False) -> dict[str, Any]:
    from hearback.adapters.dynamo.fast_pages import loads, read_pages_fast
    from hearback.adapters.dynamo.stories import DynamoStories
    from hearback.adapters.lake.parquet import ParquetLake
    from hearback.adapters.words.icu import IcuWords
    from hearback.domain.scoring.stored import to_bytes
    from hearback.usecases.count_day import CountDay
    from tests.fakes import MemoryBlobs

    wire = Wire(answers)
    stories = DynamoStories(read_pages_fast(client(wire)), "bench", loads=loads)
    blobs = MemoryBlobs()
    count = CountDay(stories, ParquetLake(blobs) if with_lake else None, IcuWords())
    before = _cpu()
    digest, _ = count.whole(survey(), DAY)
    body = to_bytes(digest, "bench", DAY.isoformat())
    (group,) = digest.groups.values()
    return {
        "cpu": _cpu() - before - wire.cpu_seconds,
        "answers": group.n,
        "digest_bytes": len(body),
        "lake_bytes": sum(len(each) for each, _ in blobs.kept.values()),
    }


def duck(answers: int) -> dict[str, Any]:
    """The histograms of everything that a digest counts of ratings: overall, by each segment's value, by every two named segments,
    by reason. Not the words and examples that a digest also holds, nor the answers' scales and versions.
    """
    import duckdb

    database = duckdb.connect(":memory:", config={"threads": 1})
    before = _cpu()
    database.execute(
        """CREATE TEMP TABLE answers AS
        SELECT rating, agent, team, channel, source, language, plan, tag, details.why AS why, details.comment IS NOT NULL AS commented
        FROM read_json(?, format = 'newline_delimited', columns = {rating: 'TINYINT', agent: 'VARCHAR', team: 'VARCHAR',
          channel: 'VARCHAR', source: 'VARCHAR', language: 'VARCHAR', plan: 'VARCHAR', tag: 'VARCHAR[]',
          details: 'STRUCT(comment VARCHAR, why VARCHAR[])'})""",
        [str(lines_file(answers))],
    )
    plain = [name for name in SEGMENTS if name != "tag"]
    sets = [["rating"], ["rating", "commented"], *([name, "rating"] for name in (*plain, "source", "language"))]
    sets += [[*pair, "rating"] for pair in combinations(plain, 2)]
    grouped = ", ".join(f"({', '.join(each)})" for each in sets)
    rows = database.execute(
        f"SELECT {', '.join(plain)}, source, language, commented, rating, count(*) FROM answers GROUP BY GROUPING SETS ({grouped})"
    ).fetchall()
    tagged = ", ".join(f"({', '.join(each)})" for each in (["tag", "rating"], *([name, "tag", "rating"] for name in plain)))
    rows += database.execute(
        f"""SELECT {", ".join(plain)}, tag, rating, count(*)
        FROM (SELECT * EXCLUDE tag, unnest(tag) AS tag FROM answers) GROUP BY GROUPING SETS ({tagged})"""
    ).fetchall()
    rows += database.execute("SELECT why, rating, count(*) FROM (SELECT unnest(why) AS why, rating FROM answers) GROUP BY ALL").fetchall()
    found = database.execute("SELECT count(*) FROM answers").fetchone()
    return {"cpu": _cpu() - before, "answers": found[0] if found else 0, "rows": len(rows)}


def quarter(_: int) -> dict[str, Any]:
    """The report of a quarter, with the quarter before it, as the night makes it: digests read, merged, judged, written."""
    from hearback.adapters.reports import WRITERS
    from hearback.adapters.words.icu import IcuWords
    from hearback.domain.calendar import Period
    from hearback.domain.scoring.report import report_of
    from hearback.domain.scoring.windows import Span
    from hearback.usecases.gather_digests import GatherDigests
    from tests.fakes import MemoryBlobs

    blobs, words = MemoryBlobs(), IcuWords()
    for day, body in _digests(words):
        blobs.put(f"digests/survey=bench/{day.isoformat()}.json", body, "application/json")
    before = _cpu()
    gather = GatherDigests(blobs, survey())
    span = Span(Period.QUARTER, QUARTER, complete=True)
    material = gather(span)
    merged = _cpu()
    report = report_of(survey(), span, material, words)
    judged = _cpu()
    sizes = {writer.name: len(writer.write(report)) for writer in WRITERS}
    done = _cpu()
    parts = {"merging": merged - before, "judging": judged - merged, "writing": done - judged}
    return {"cpu": done - before, **parts, "segments": len(report["segments"]), "n": report["score"]["n"], "bytes": sizes}


def _digests(words: Callable[[str], Any]) -> Iterator[tuple[date, bytes]]:
    from hearback.domain.scoring.counting import DayCounter
    from hearback.domain.scoring.stored import to_bytes

    start = date(QUARTER.year - 1, 10, 1)
    answers = some_answers((date(2026, 4, 1) - start).days * ANSWERS_A_DAY, AGENTS)
    for n in range((date(2026, 4, 1) - start).days):
        day, counter = start + timedelta(days=n), DayCounter.of(survey(), words)
        for each in islice(answers, ANSWERS_A_DAY):
            counter.answer(each.answer, each.facts, f"{sorted(each.facts.items())}", f"{each.invitation_id}{n}")
            counter.asked("delivered", each.facts)
        yield day, to_bytes(counter.digest(), "bench", day.isoformat())


def _cpu() -> float:
    return time.process_time()


PARTS: dict[str, Callable[[int], dict[str, Any]]] = {
    "bare": bare,
    "recount": recount,
    "recount-and-lake": lambda answers: recount(answers, with_lake=True),
    "duckdb": duck,
    "quarter": quarter,
}


# --- the run ------------------------------------------------------------------------------------------------------------------


def measured(parts: Sequence[str], answers: int, runs: int = RUNS) -> dict[str, dict[str, Any]]:
    """Of each part the cheapest run, all in turn, each in a process of its own: what else the machine does can only add to it.
    `peak_mb` and `process_cpu` are the kernel's, of the whole process.
    """
    found: dict[str, list[dict[str, Any]]] = {part: [] for part in parts}
    for turn in range(runs):
        for part, each in found.items():
            _progress(f"{_named(part, answers)}, {turn + 1} of {runs}")
            each.append(_alone(part, answers))
    return {part: _cheapest(each) for part, each in found.items()}


def _cheapest(runs: list[dict[str, Any]]) -> dict[str, Any]:
    best = min(runs, key=_cpu_of)
    return {**best, "cpu_of_each_run": [_cpu_of(each) for each in runs]}


def _alone(part: str, answers: int) -> dict[str, Any]:
    with subprocess.Popen([sys.executable, "-m", "tests.bench.nights", part, str(answers)], stdout=subprocess.PIPE) as process:
        assert process.stdout
        told = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{part} failed")
    whole = usage.ru_utime + usage.ru_stime
    return {"cpu": whole, **json.loads(told), "peak_mb": usage.ru_maxrss / 1024, "process_cpu": whole}


def _cpu_of(figures: dict[str, Any]) -> float:
    return float(figures["cpu"])


def _named(part: str, answers: int) -> str:
    return f"{part}, {answers:,} answers" if answers else part


def _progress(what: str) -> None:
    sys.stderr.write(f"{time.strftime('%H:%M:%S')} {what}\n")


def run() -> None:
    figures: dict[str, Any] = measured(["bare"], 0)
    for size in SIZES:
        _progress(f"making {size:,} answers, once")
        lines_file(size)
        pages_folder(size)
        figures |= {_named(part, size): each for part, each in measured(["recount", "duckdb"], size).items()}
    with_lake = measured(["recount-and-lake"], LARGEST, runs=1)
    figures |= {_named(part, LARGEST): each for part, each in with_lake.items()}
    figures |= measured(["quarter"], 0, runs=2)
    figures |= _cold_starts()
    figures |= {"ratios": _ratios(figures), "machine": machine()}
    _show(figures)
    sys.stdout.write(f"\nKept in {keep('nights', figures)}\n")


def _cold_starts() -> dict[str, Any]:
    """Of the artefacts that the local cloud deploys, built anew if anything has changed."""
    from tests.bench import night_starts, serving

    _progress("building what is deployed")
    build = serving.built()
    _progress(f"{COLD_STARTS} cold starts, in turn with the floor's")
    return {f"cold start, {name}": each for name, each in night_starts.measure(build, COLD_STARTS).items()}


def _ratios(figures: dict[str, Any]) -> dict[str, float]:
    def cpu(part: str, size: int = LARGEST) -> float:
        return _cpu_of(figures[_named(part, size)])

    small, middle, large = SIZES
    first = (cpu("recount", middle) - cpu("recount", small)) / (middle - small)
    further = (cpu("recount", large) - cpu("recount", middle)) / (large - middle)
    return {
        **{f"recount to DuckDB, {size:,} answers": cpu("recount", size) / cpu("duckdb", size) for size in SIZES},
        "the same with the lake's Parquet": cpu("recount-and-lake") / cpu("duckdb"),
        "an answer beyond 100,000 to one beyond 10,000": further / first,
        "cold start of the night to the floor": figures["cold start, night"]["cpu"] / figures["cold start, floor"]["cpu"],
        "microseconds of an answer beyond 100,000": further * 1e6,
    }


def _show(figures: dict[str, Any]) -> None:
    told = {name: each for name, each in figures.items() if name not in {"ratios", "machine"}}
    ratios = table(("ratio", ""), [(name, f"{ratio:.2f}") for name, ratio in figures["ratios"].items()])
    rows = [
        (name, f"{each['cpu']:.2f}", f"{each['peak_mb']:.0f}", f"{each['cpu'] / each['answers'] * 1e6:.1f}" if "answers" in each else "")
        for name, each in told.items()
    ]
    seconds = table(("cheapest of its runs", "CPU s", "peak MB", "us an answer"), rows)
    sys.stdout.write(f"{described(figures['machine'])}\n\n{ratios}\n\n{seconds}\n")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.nights")
    parser.add_argument("part", nargs="?", choices=list(PARTS))
    parser.add_argument("answers", nargs="?", type=int, default=LARGEST)
    options = parser.parse_args()
    if options.part:
        json.dump(PARTS[options.part](options.answers), sys.stdout)
    else:
        run()


if __name__ == "__main__":
    main()

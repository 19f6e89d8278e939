"""`python -m tests.bench.nights`: what a night costs. A day recounted from canned pages, beside DuckDB aggregating the same
answers from gz NDJSON in the same run; and a quarter's report from the digests of its days.

Each measurement is a process of its own; its CPU seconds and peak memory are what the kernel says of it. `... PART [N]` runs one.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import combinations, islice
from pathlib import Path
from statistics import median
from typing import Any

from tests.bench.figures import ROOT, described, keep, machine, table
from tests.bench.ledger import DAY, SEGMENTS, Wire, client, lines_file, pages_folder, some_answers, survey

SIZES = (10_000, 100_000, 1_000_000)
LARGEST = SIZES[-1]
RUNS = 3
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


def measured(part: str, answers: int, runs: int = RUNS) -> dict[str, Any]:
    """The cheapest run, each in a process of its own: what else the machine does can only add to it. `peak_mb` and `process_cpu` are
    the kernel's, of the whole process.
    """
    found: list[dict[str, Any]] = []
    for _ in range(runs):
        process = subprocess.Popen([sys.executable, "-m", "tests.bench.nights", part, str(answers)], stdout=subprocess.PIPE)
        assert process.stdout
        told = json.loads(process.stdout.read())
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit(f"{part} failed")
        found.append({**told, "peak_mb": usage.ru_maxrss / 1024, "process_cpu": usage.ru_utime + usage.ru_stime})
    for each in found:
        each.setdefault("cpu", each["process_cpu"])
    best = min(found, key=_cpu_of)
    return {**best, "runs": runs}


def _cpu_of(figures: dict[str, Any]) -> float:
    return float(figures["cpu"])


def cold(build: Path, runs: int = 7) -> dict[str, Any]:
    """What a fresh process pays until the night's function could take its first event, from the built layers and without any
    network: the floor is a bare handler with one client from the same layers. Medians of CPU seconds, the two in turn.
    """
    function = [build / "NightlyScoring", *(build / layer / "python" for layer in ("Vendor", "Hearback", "Analysis"))]
    floor = "from botocore.session import get_session; get_session().create_client('dynamodb')"
    found: dict[str, list[tuple[float, float]]] = {"floor": [], "night": []}
    for _ in range(runs):
        found["floor"].append(_started(function[1:2], floor))
        found["night"].append(_started(function, "import handler"))
    shown = {name: {"cpu": median(cpu for cpu, _ in each), "peak_mb": median(peak for _, peak in each)} for name, each in found.items()}
    return {**shown, "ratio": shown["night"]["cpu"] / shown["floor"]["cpu"]}


def _started(folders: list[Path], code: str) -> tuple[float, float]:
    names = {"HEARBACK_TABLE": "t", "HEARBACK_BUCKET": "b", "HEARBACK_DAY_MACHINE": "arn:aws:states:eu-central-1:1:stateMachine:m"}
    aws = {"AWS_REGION": "eu-central-1", "AWS_DEFAULT_REGION": "eu-central-1", "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}
    environment = {**names, **aws, "AWS_LAMBDA_FUNCTION_NAME": "night", "PYTHONPATH": os.pathsep.join(map(str, folders)), "HOME": "/tmp"}
    environment |= {"PYTHONDONTWRITEBYTECODE": "1", "PATH": "/usr/bin:/bin"}
    process = subprocess.Popen([os.path.realpath(sys.executable), "-S", "-c", code], env=environment, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit("the night's function does not start")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def built() -> Path:
    """The artefacts for this machine: those that the local cloud deploys, built anew if anything has changed."""
    code = (
        "from tests.local.deployment import build; from tests.local.settings import ROOT, Settings;"
        "build(Settings(0, ROOT / '.local', ROOT / '.local' / 'build', ''))"
    )
    subprocess.run([ROOT / ".venv-tools" / "bin" / "python", "-c", code], cwd=ROOT, check=True)
    return ROOT / ".local" / "build" / "sam"


def run() -> None:
    for size in SIZES:
        lines_file(size)
        pages_folder(size)
    figures: dict[str, Any] = {"bare": measured("bare", 0)}
    figures["quarter"] = measured("quarter", 0, runs=2)
    start = cold(built())
    figures |= {"cold start": start["night"], "cold start, floor": start["floor"]}
    for size in SIZES:
        figures[f"recount {size}"] = measured("recount", size)
        figures[f"duckdb {size}"] = measured("duckdb", size)
    figures[f"recount-and-lake {LARGEST}"] = measured("recount-and-lake", LARGEST, runs=1)
    figures["ratios"] = {
        f"recount to DuckDB, {size} answers": figures[f"recount {size}"]["cpu"] / figures[f"duckdb {size}"]["cpu"] for size in SIZES
    } | {
        "with the lake's Parquet": figures[f"recount-and-lake {LARGEST}"]["cpu"] / figures[f"duckdb {LARGEST}"]["cpu"],
        "an answer among 1,000,000 to one among 10,000": figures[f"recount {LARGEST}"]["cpu"]
        / LARGEST
        * SIZES[0]
        / figures[f"recount {SIZES[0]}"]["cpu"],
        "an answer among 1,000,000 to one among 100,000": figures[f"recount {LARGEST}"]["cpu"]
        / LARGEST
        * SIZES[1]
        / figures[f"recount {SIZES[1]}"]["cpu"],
    }
    figures["ratios"]["cold start of the night to a bare client"] = start["ratio"]
    figures["machine"] = machine()
    _show(figures)
    sys.stdout.write(f"\nKept in {keep('nights', figures)}\n")


def _show(figures: dict[str, Any]) -> None:
    rows = [
        (
            name,
            f"{each['cpu']:.2f}",
            f"{each['peak_mb']:.0f}",
            f"{each['answers'] / each['cpu']:,.0f}" if "answers" in each else "",
        )
        for name, each in figures.items()
        if name not in {"ratios", "machine"}
    ]
    sys.stdout.write(f"{described(figures['machine'])}\n\n{table(('', 'CPU s', 'peak MB', 'answers / CPU s'), rows)}\n\n")
    sys.stdout.writelines(f"{name}: {ratio:.2f}\n" for name, ratio in figures["ratios"].items())


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

"""Importing past answers: streamed, resumed wherever it was cut off, and harmless to repeat."""

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hearback.domain.errors import NotFound
from hearback.domain.importing import REFUSALS_LISTED, import_view, new_import
from hearback.domain.survey import Survey
from hearback.usecases.import_answers import ImportAnswers
from tests.builders import NOW, a_survey_body
from tests.fakes import FixedClock, MemoryBlobs, MemoryConfigs, MemoryNights, MemoryStories, RecordingOutbox

COLUMNS = {"rating": "Score", "answered_at": "When", "id": "Id", "agent": "Agent"}
HEADER = ["Id", "Score", "When", "Agent"]


class Crash(BaseException):
    """The process dies here."""


@dataclass
class World:
    """The ports, one import of one file, and a count of the calls after which the process dies (0: never)."""

    body: bytes
    columns: dict[str, str] = field(default_factory=lambda: COLUMNS)
    calls_left: int = 0
    calls: int = 0

    def __post_init__(self) -> None:
        self.configs, self.stories, self.nights = MemoryConfigs(), MemoryStories(), MemoryNights()
        self.blobs, self.outbox, self.clock = MemoryBlobs(), RecordingOutbox(), FixedClock(NOW)
        self.configs.put("surveys", "support", a_survey_body())
        self.blobs.put("imports/past.csv", self.body, "text/csv")
        self.queue()

    def queue(self, import_id: str = "i-1", **overrides: Any) -> None:
        body = {"object": "imports/past.csv", "survey": "support", "columns": self.columns, **overrides}
        survey = Survey.from_plain("support", self.configs.get("surveys", "support").body)  # type: ignore[union-attr]
        self.configs.put("imports", import_id, new_import(body, survey))

    def run(self, import_id: str = "i-1", seconds_left: Callable[[], float] = lambda: 900.0) -> str:
        ports: list[Any] = [Fragile(self, port) for port in (self.configs, self.stories, self.nights, self.blobs, self.outbox)]
        configs, stories, nights, blobs, outbox = ports
        return ImportAnswers(configs, stories, nights, blobs, outbox, self.clock, chunk_rows=3)(import_id, seconds_left=seconds_left)

    def view(self, import_id: str = "i-1") -> dict[str, Any]:
        return import_view(import_id, self.configs.get("imports", import_id).body)  # type: ignore[union-attr]

    def days(self) -> list[date]:
        return [day for day, _ in self.nights.dirty_days("support")]

    def ledger(self) -> list[Any]:
        days = [date(2026, 2, day) for day in range(1, 29)]
        return [
            (each.answer["rating"], each.answer["at"], each.facts) for day in days for each in self.stories.answers_of_day("support", day)
        ]


@dataclass
class Fragile:
    """A port before each call of which the process may die."""

    world: World
    port: Any

    def __getattr__(self, name: str) -> Any:
        method = getattr(self.port, name)

        def call(*args: Any, **kwargs: Any) -> Any:
            self.world.calls += 1
            if self.world.calls == self.world.calls_left:
                raise Crash
            return method(*args, **kwargs)

        return call


def a_csv(*rows: list[str], header: list[str] = HEADER) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([header, *rows])
    return text.getvalue().encode()


def a_row(n: int, score: str = "5", day: int | None = None) -> list[str]:
    return [f"a-{n}", score, f"2026-02-{day or n % 28 + 1:02}", "Grace"]


TEN = a_csv(*[a_row(n, score="9" if n % 4 == 1 else "5") for n in range(10)])


def test_every_row_is_an_answer_on_its_day_or_listed_with_its_reason() -> None:
    world = World(a_csv(a_row(1, "5"), a_row(2, "4.5"), ["a-3"], a_row(4, "1")))
    assert world.run() == "done"
    view = world.view()
    assert (view["state"], view["rows_read"], view["accepted"], view["refused_count"]) == ("done", 4, 2, 2)
    assert view["refused"] == [
        {"row": 2, "line": 3, "reason": "rating is not a whole number"},
        {"row": 3, "line": 4, "reason": "has 1 fields where the header has 4"},
    ]
    assert [each[0] for each in world.ledger()] == [5, 1]
    assert world.ledger()[0][2] == {"agent": "Grace"}


def test_the_days_of_the_answers_are_to_be_counted_again() -> None:
    world = World(TEN)
    world.run()
    assert world.days() == [date(2026, 2, day) for day in (1, 3, 4, 5, 7, 8, 9)]


def test_importing_again_changes_nothing() -> None:
    world = World(TEN)
    world.run()
    before = world.ledger()
    world.queue("i-2")
    assert world.run("i-2") == "done"
    assert world.ledger() == before
    assert world.view("i-2")["accepted"] == world.view("i-1")["accepted"] == 7


def test_a_message_that_comes_again_does_nothing_more() -> None:
    world = World(TEN)
    world.run()
    world.calls = 0
    assert world.run() == "done"
    assert world.calls == 1


def test_without_an_id_column_the_same_file_is_the_same_answers() -> None:
    columns = {name: title for name, title in COLUMNS.items() if name != "id"}
    world = World(a_csv(*[["x", "5", "2026-02-01", "Grace"]] * 5), columns=columns)
    world.run()
    world.blobs.put("imports/copy.csv", world.body, "text/csv")
    world.queue("i-2", object="imports/copy.csv")
    world.run("i-2")
    assert len(world.ledger()) == 5


def test_time_that_runs_out_is_asked_for_again_and_the_import_goes_on() -> None:
    world = World(TEN)
    assert world.run(seconds_left=lambda: 1.0) == "running"
    assert world.outbox.imports == ["i-1"]
    assert (world.view()["state"], world.view()["rows_read"]) == ("running", 3)
    states = [world.run(seconds_left=lambda: 1.0) for _ in range(4)]
    assert states[-1] == "done"
    assert world.view() == finished(TEN).view()
    assert world.ledger() == finished(TEN).ledger()


def finished(body: bytes) -> World:
    world = World(body)
    world.run()
    return world


def crash_points(body: bytes) -> Iterator[int]:
    return iter(range(1, finished(body).calls + 1))


def test_a_crash_before_any_call_whatsoever_loses_nothing_and_doubles_nothing() -> None:
    whole = finished(TEN)
    for point in crash_points(TEN):
        world = World(TEN, calls_left=point)
        with pytest.raises(Crash):
            world.run()
        assert world.run() == "done"
        assert world.view() == whole.view()
        assert world.ledger() == whole.ledger()
        assert world.days() == whole.days()


def test_a_checkpoint_never_claims_days_that_are_not_marked() -> None:
    for point in crash_points(TEN):
        world = World(TEN, calls_left=point)
        with pytest.raises(Crash):
            world.run()
        offset = world.configs.get("imports", "i-1").body["offset"]  # type: ignore[union-attr]
        stored = {date.fromisoformat(row[2]) for row in csv.reader(io.StringIO(TEN[:offset].decode())) if row[1] == "5"}
        assert stored <= set(world.days())


rows = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "c", "", '"', "x\ny"]),
        st.sampled_from(["5", "1", "4.5", "", "7"]),
        st.sampled_from(["2026-02-01", "2026-02-02", "never"]),
        st.text(max_size=5),
    ).map(list),
    max_size=10,
)


@settings(deadline=None)
@given(rows, st.data())
def test_being_cut_off_at_any_checkpoint_gives_what_one_go_gives(table: list[list[str]], data: st.DataObject) -> None:
    body = a_csv(*table)
    whole, cut = finished(body), World(body)
    for _ in range(20):
        stop = data.draw(st.booleans())
        if cut.run(seconds_left=lambda stop=stop: 1.0 if stop else 900.0) == "done":  # type: ignore[misc]
            break
    cut.run()
    assert cut.view() == whole.view()
    assert cut.ledger() == whole.ledger()
    assert cut.days() == whole.days()


def test_a_missing_column_stores_nothing_and_says_which() -> None:
    world = World(a_csv(a_row(1), header=["Id", "Points", "When", "Agent"]))
    assert world.run() == "failed"
    assert world.view()["message"].startswith("there is no column 'Score' in the file")
    assert (world.view()["accepted"], world.ledger(), world.days()) == (0, [], [])


@pytest.mark.parametrize(
    ("body", "message"),
    [(b"", "the file is empty"), (b"\xef\xbb\xbf", "the file is empty"), ("Id,Score".encode("utf-16"), "UTF-16"), (b'"Id', "header")],
)
def test_a_file_that_is_no_csv_fails_with_a_reason(body: bytes, message: str) -> None:
    world = World(body)
    assert world.run() == "failed"
    assert message in world.view()["message"]


def test_an_object_that_is_not_there_fails_with_its_name() -> None:
    world = World(TEN)
    world.queue(object="imports/other.csv")
    assert world.run() == "failed"
    assert "imports/other.csv" in world.view()["message"]


def test_a_survey_that_was_deleted_meanwhile_fails_the_import() -> None:
    world = World(TEN)
    world.configs.delete("surveys", "support")
    assert world.run() == "failed"


def test_a_file_that_changes_while_it_is_read_is_not_mixed() -> None:
    world = World(TEN)
    world.run(seconds_left=lambda: 1.0)
    world.blobs.put("imports/past.csv", TEN + b"a-11,5,2026-02-11,Grace\r\n", "text/csv")
    assert world.run() == "failed"
    assert "changed" in world.view()["message"]
    assert world.view()["rows_read"] == 3


def test_an_unknown_import_is_not_found() -> None:
    with pytest.raises(NotFound):
        World(TEN).run("i-9")


def test_a_file_with_a_header_only_is_done_with_nothing() -> None:
    world = World(a_csv())
    assert world.run() == "done"
    assert world.view()["rows_read"] == 0


def test_every_refusal_is_counted_and_the_first_ones_listed() -> None:
    world = World(a_csv(*[a_row(n, "x") for n in range(REFUSALS_LISTED + 5)]))
    world.run()
    assert world.view()["refused_count"] == REFUSALS_LISTED + 5
    assert len(world.view()["refused"]) == REFUSALS_LISTED


def test_a_doubled_id_is_listed_also_when_the_rows_are_in_different_runs() -> None:
    world = World(a_csv(*[a_row(n) for n in range(4)], a_row(1, "1")))
    world.run(seconds_left=lambda: 1.0)
    world.run()
    assert world.view()["refused"] == [{"row": 5, "line": 6, "reason": "id was in an earlier row"}]


def test_a_file_with_semicolons_a_byte_order_mark_and_broken_rows_loses_only_those() -> None:
    body = b'\xef\xbb\xbfId;Score;When;Agent\r\na;5;2026-02-01;"Gr\r\nace"\r\nb;5;2026-02-01;"oops\r\n'
    body += b"c;4;2026-02-02;M\xfcller\r\nd;4;2026-02-02;x\r\n"
    world = World(body)
    assert world.run() == "done"
    assert [(each["row"], each["line"]) for each in world.view()["refused"]] == [(2, 4), (3, 5)]
    assert [(each[0], each[2]) for each in world.ledger()] == [(5, {"agent": "Gr\r\nace"}), (4, {"agent": "x"})]


def test_answers_on_another_scale_are_stored_on_it() -> None:
    world = World(a_csv(a_row(1, "10")))
    world.queue(scale={"min": 0, "max": 10})
    world.run()
    entry = next(iter(world.stories.answers_of_day("support", date(2026, 2, 2))))
    assert (entry.answer["rating"], entry.answer["scale"]) == (10, [0, 10])

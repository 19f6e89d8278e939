import csv
import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearback.domain.csv_records import RECORD_LIMIT, Record, read_records, sniff_delimiter

cells = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(['"', "\r\n", "\n", "\r", ",", ";", 'a"b', "''"])
tables = st.lists(st.lists(cells, min_size=1, max_size=4), max_size=8)


class Trickle(io.RawIOBase):
    """A stream that gives `pace` bytes at a time, like a slow network."""

    def __init__(self, body: bytes, pace: int) -> None:
        self._inner, self._pace = io.BytesIO(body), pace

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        return self._inner.read(min(size, self._pace) if size >= 0 else self._pace)


def records(body: bytes, delimiter: str = ",") -> list[Record]:
    return list(read_records(io.BytesIO(body), delimiter))


def rows(body: bytes) -> list[Any]:
    return [each.problem or each.cells for each in records(body)]


def written(table: list[list[str]], delimiter: str, end: str, bom: bool) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL).writerows(table)
    return (b"\xef\xbb\xbf" if bom else b"") + text.getvalue().encode()


@given(tables, st.sampled_from(",;\t|"), st.sampled_from(["\n", "\r\n", "\r"]), st.booleans(), st.integers(1, 9))
def test_whatever_the_csv_module_writes_is_read_back(table: list[list[str]], delimiter: str, end: str, bom: bool, pace: int) -> None:
    body = written(table, delimiter, end, bom)
    found = list(read_records(Trickle(body, pace), delimiter))  # type: ignore[arg-type]
    assert [each.cells for each in found] == table
    assert all(not each.problem for each in found)


@given(tables, st.sampled_from(["\n", "\r\n", "\r"]), st.booleans(), st.data())
def test_reading_on_from_the_end_of_any_record_gives_the_rest(table: list[list[str]], end: str, bom: bool, data: st.DataObject) -> None:
    body = written(table, ",", end, bom)
    found = records(body)
    if found:
        place = data.draw(st.integers(0, len(found) - 1))
        assert [each.cells for each in records(body[found[place].end :])] == table[place + 1 :]
        assert found[-1].end == len(body)


def test_minimal_quoting_and_a_missing_last_line_break_are_read_too() -> None:
    assert rows(b'a,"b ""c"", d"\r\n1,"two\r\nlines"') == [["a", 'b "c", d'], ["1", "two\r\nlines"]]


def test_a_record_knows_the_physical_line_it_begins_on() -> None:
    assert [(each.line, each.cells) for each in records(b'a\n"b\nc"\n\nd\n')] == [(1, ["a"]), (2, ["b\nc"]), (5, ["d"])]


def test_an_unclosed_quotation_mark_costs_its_own_line_only() -> None:
    unclosed = "has a quotation mark that is not closed, or not doubled"
    assert rows(b'a,b\n1,"oops\n2,x\n3,"fine"\n') == [["a", "b"], unclosed, ["2", "x"], ["3", "fine"]]
    assert rows(b'1,"oops\n2,x') == [unclosed, ["2", "x"]]


def test_a_mark_that_is_not_doubled_costs_its_own_line_only() -> None:
    assert rows(b'1,"say "hi" now"\n2,x\n')[1:] == [["2", "x"]]


def test_bytes_that_are_not_utf8_cost_their_own_record_only() -> None:
    assert rows(b"a\nM\xfcller\nZo\xc3\xab\n") == [["a"], "is not valid UTF-8", ["Zoë"]]


@pytest.mark.parametrize("length", [RECORD_LIMIT + 1, 3 * RECORD_LIMIT])
def test_an_oversized_line_is_passed_over_without_being_kept(length: int) -> None:
    body = b"a,b\n" + b"x" * length + b"\r\n1,2\n"
    found = records(body)
    assert [each.problem or each.cells for each in found] == [["a", "b"], f"is longer than {RECORD_LIMIT} bytes", ["1", "2"]]
    assert found[-1].end == len(body)


def test_an_oversized_last_line_is_counted_too() -> None:
    assert records(b"a\n" + b"x" * (2 * RECORD_LIMIT))[-1].end == 2 + 2 * RECORD_LIMIT


def test_an_unclosed_mark_before_a_long_file_swallows_nothing() -> None:
    lines = b"".join(b"%d,fine\n" % n for n in range(30_000))
    found = rows(b'0,"oops\n' + lines)
    assert len(found) == 30_001
    assert found[1] == ["0", "fine"]


def test_nothing_holds_no_records() -> None:
    assert records(b"") == records(b"\xef\xbb\xbf") == records(b"\n\r\n\r") == []


@pytest.mark.parametrize(("head", "delimiter"), [(b"score;when,then\n", ";"), (b"score,when\n", ","), (b"score\twhen, then\n", "\t")])
def test_the_delimiter_is_the_one_under_which_the_wanted_columns_are_found(head: bytes, delimiter: str) -> None:
    assert sniff_delimiter(head, ["score"]) == delimiter


@given(st.binary(max_size=300))
def test_no_bytes_are_lost_or_read_twice(body: bytes) -> None:
    ends = [each.end for each in records(body)]
    assert ends == sorted(set(ends))
    assert all(end <= len(body) for end in ends)

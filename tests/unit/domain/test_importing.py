from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearback.domain.answer import COMMENT_LIMIT
from hearback.domain.calendar import day_of
from hearback.domain.errors import Invalid
from hearback.domain.facts import VALUE_LIMIT
from hearback.domain.importing import COLUMN_LIMIT, ImportedRow, ImportJob, RowReader, RowRefused, import_view, new_import, time_reader
from tests.builders import NOW, a_survey

COLUMNS = {"rating": "Score", "answered_at": "When"}


def a_body(**overrides: Any) -> dict[str, Any]:
    return {"object": "imports/past.csv", "survey": "support", "columns": COLUMNS, **overrides}


def a_reader(header: list[str], *, columns: dict[str, str] | None = None, **overrides: Any) -> RowReader:
    survey = a_survey()
    plain = new_import(a_body(columns=COLUMNS | (columns or {}), **overrides), survey)
    return RowReader(ImportJob.from_plain(plain, survey), header, survey, NOW)


def read(score: str = "5", when: str = "2026-03-01", **overrides: Any) -> ImportedRow:
    return a_reader(["Score", "When"], **overrides).read(1, [score, when])


def problems(**overrides: Any) -> dict[str, str]:
    with pytest.raises(Invalid) as caught:
        new_import(a_body(**overrides), a_survey())
    return caught.value.fields


def test_a_new_import_is_queued_with_everything_left_out_filled_in() -> None:
    plain = new_import(a_body(), a_survey())
    assert (plain["state"], plain["timezone"], plain["time_format"], plain["offset"]) == ("queued", "Europe/Berlin", "iso", 0)
    assert plain["scale"] == plain["valid_range"] == {"min": 1, "max": 5}


def test_an_import_is_shown_without_its_bookkeeping() -> None:
    view = import_view("i-1", new_import(a_body(), a_survey()))
    assert view["id"] == "i-1"
    assert (view["state"], view["rows_read"], view["accepted"], view["refused"], view["refused_count"]) == ("queued", 0, 0, [], 0)
    assert "offset" not in view


@pytest.mark.parametrize(
    ("overrides", "path"),
    [
        ({"extra": 1}, "extra"),
        ({"object": "reports/x.csv"}, "object"),
        ({"object": 7}, "object"),
        ({"columns": None}, "columns"),
        ({"columns": {"rating": "Score"}}, "columns.answered_at"),
        ({"columns": COLUMNS | {"agent": ""}}, "columns.agent"),
        ({"time_format": "%d %b"}, "time_format"),
        ({"time_format": "%m/%Y"}, "time_format"),
        ({"time_format": "%Q %Y"}, "time_format"),
        ({"time_format": "yesterday"}, "time_format"),
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"timezone": "../../etc/passwd"}, "timezone"),
        ({"delimiter": "x"}, "delimiter"),
        ({"scale": {"min": 5, "max": 1}}, "scale.max"),
        ({"scale": {"min": 1}}, "scale.max"),
        ({"scale": {"min": 1, "max": 5, "direction": "sideways"}}, "scale.direction"),
        ({"scale": [1, 5]}, "scale"),
        ({"valid_range": {"min": 0, "max": 5}}, "valid_range"),
        ({"valid_range": {"min": 1, "max": 5, "step": 1}}, "valid_range.step"),
    ],
)
def test_an_import_that_cannot_be_run_names_the_field(overrides: dict[str, Any], path: str) -> None:
    assert path in problems(**overrides)


@pytest.mark.parametrize("text", ["5", " 5 ", "5.0", "5,00", "+5", "05", "٥"])
def test_a_whole_number_is_a_rating_however_it_is_written(text: str) -> None:
    assert read(text).rating == 5


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "rating is missing"),
        ("4.5", "rating is not a whole number"),
        ("good", "rating is not a whole number"),
        ("5e0", "rating is not a whole number"),
        ("9" * 5000, "rating is not a whole number"),
        ("6", "rating is outside the scale 1 to 5"),
        ("-1", "rating is outside the scale 1 to 5"),
    ],
)
def test_anything_else_is_refused_with_its_reason(text: str, reason: str) -> None:
    with pytest.raises(RowRefused, match=reason):
        read(text)


def test_a_code_for_no_answer_is_kept_out_by_the_valid_range() -> None:
    reader = a_reader(["Score", "When"], scale={"min": 0, "max": 99}, valid_range={"min": 1, "max": 10})
    assert reader.read(1, ["10", "2026-03-01"]).rating == 10
    with pytest.raises(RowRefused, match="outside the valid range 1 to 10"):
        reader.read(2, ["99", "2026-03-01"])


@pytest.mark.parametrize(("when", "reason"), [
    ("", "answered_at is missing"),
    ("soon", "does not fit the time format"),
    ("2026-02-30", "does not fit the time format"),
    ("0026-03-01", "before 1970"),
    ("0001-01-01T00:00:00+14:00", "does not fit the time format"),
    ("2026-03-04", "in the future"),
])  # fmt: skip
def test_a_time_that_cannot_be_is_refused(when: str, reason: str) -> None:
    with pytest.raises(RowRefused, match=reason):
        read(when=when)


def test_a_row_of_another_width_is_refused() -> None:
    with pytest.raises(RowRefused, match="has 3 fields where the header has 2"):
        a_reader(["Score", "When"]).read(1, ["5", "2026-03-01", ""])


def test_a_comment_that_is_too_long_is_refused_rather_than_cut() -> None:
    reader = a_reader(["Score", "When", "Said"], columns={"comment": "Said"})
    assert reader.read(1, ["5", "2026-03-01", " fine "]).comment == "fine"
    with pytest.raises(RowRefused, match="comment"):
        reader.read(2, ["5", "2026-03-01", "x" * (COMMENT_LIMIT + 1)])


def test_mapped_names_and_every_other_column_become_segments() -> None:
    header = ["", "Score", "When", "Name", " City ", "Empty", "Tags", "agent"]
    reader = a_reader(header, columns={"agent": "Name", "tag": "Tags"})
    row = reader.read(1, ["0", "5", "2026-03-01", "Grace", " Berlin", " ", "vip; late,vip", "nobody"])
    assert row.facts == {"agent": "Grace", "City": "Berlin", "tag": ["vip", "late"]}


def test_a_segments_value_is_cut_where_every_segments_value_is() -> None:
    facts = a_reader(["Score", "When", "City"]).read(1, ["5", "2026-03-01", "x" * 500]).facts
    assert facts == {"City": "x" * VALUE_LIMIT}


def test_a_missing_or_doubled_column_is_named_with_what_there_is() -> None:
    with pytest.raises(Invalid, match=r"there is no column 'When' in the file\. The file's columns: 'Score', 'Date'"):
        a_reader(["Score", "Date"])
    with pytest.raises(Invalid, match="column 'Score' is there twice"):
        a_reader(["Score", "When", "Score"])
    with pytest.raises(Invalid, match="columns"):
        a_reader(["Score", "When", *map(str, range(COLUMN_LIMIT))])


def test_the_first_row_of_an_id_wins_and_a_refused_one_does_not_count() -> None:
    reader = a_reader(["Score", "When", "Id"], columns={"id": "Id"})
    with pytest.raises(RowRefused, match="rating"):
        reader.read(1, ["", "2026-03-01", "a"])
    assert reader.read(2, ["5", "2026-03-01", "a"]).external_id == "a"
    with pytest.raises(RowRefused, match="id was in an earlier row"):
        reader.read(3, ["1", "2026-03-01", "a"])
    with pytest.raises(RowRefused, match="id is longer"):
        reader.read(4, ["1", "2026-03-01", "a" * 300])


def test_without_an_id_the_same_row_has_the_same_id_and_equal_rows_stay_two() -> None:
    one, other = (a_reader(["Score", "When"]) for _ in range(2))
    row = ["5", "2026-03-01"]
    assert one.read(1, row).external_id == other.read(1, row).external_id
    assert one.read(2, row).external_id != one.read(3, row).external_id
    assert one.read(4, row).external_id != one.read(4, ["4", "2026-03-01"]).external_id


zones = st.sampled_from(["Europe/Berlin", "America/Sao_Paulo", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kolkata", "Africa/Cairo"])


@given(st.dates(date(1990, 1, 1), date(2025, 12, 31)), zones, zones)
def test_a_date_without_a_time_is_counted_on_that_day(day: date, file_zone: str, survey_zone: str) -> None:
    for text, time_format in ((day.isoformat(), "iso"), (f"{day:%d.%m.%Y}", "%d.%m.%Y")):
        assert day_of(time_reader(time_format, file_zone, survey_zone)(text), survey_zone) == day


@given(st.datetimes(datetime(1990, 1, 1), datetime(2025, 12, 31)), zones)  # noqa: DTZ001 - local on purpose
def test_a_local_time_is_counted_on_its_own_day_clock_changes_included(local: datetime, zone: str) -> None:
    assert day_of(time_reader("iso", zone, zone)(local.isoformat()), zone) == local.date()


def test_clock_changes_skip_forward_and_repeat_the_first() -> None:
    berlin = time_reader("%Y-%m-%d %H:%M", "Europe/Berlin", "Europe/Berlin")
    assert berlin("2026-03-29 02:30") == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert berlin("2025-10-26 02:30") == datetime(2025, 10, 26, 0, 30, tzinfo=UTC)
    midnight = time_reader("iso", "America/Sao_Paulo", "America/Sao_Paulo")
    assert day_of(midnight("2018-11-04T00:30"), "America/Sao_Paulo") == date(2018, 11, 4)


def test_an_offset_in_the_file_wins_over_the_time_zone() -> None:
    assert time_reader("iso", "Asia/Kolkata", "Europe/Berlin")("2026-03-01T12:00:00Z") == datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert time_reader("%Y-%m-%d %H:%M %z", "Asia/Kolkata", "Europe/Berlin")("2026-03-01 12:00 +0100").hour == 11


@pytest.mark.parametrize("time_format", ["%Y-%m-%d %H:%M:%S %Z", "%Y-%m-%d %H:%M:%S UTC"])
def test_a_zone_that_the_file_names_wins_over_the_time_zone_too(time_format: str) -> None:
    at = read(when="2026-03-01 23:30:00 UTC", time_format=time_format, timezone="Asia/Kolkata").at
    assert at == datetime(2026, 3, 1, 23, 30, tzinfo=UTC)


def test_the_time_format_of_the_product_brief_is_read() -> None:
    assert read(when="01-Aug-23", time_format="%d-%b-%y").at == datetime(2023, 8, 1, 10, tzinfo=UTC)


def test_answers_on_another_scale_keep_it() -> None:
    survey = a_survey()
    job = ImportJob.from_plain(new_import(a_body(scale={"min": 0, "max": 10}), survey), survey)
    then = job.survey_then(survey)
    assert (then.scale.min, then.scale.max, then.scale.direction) == (0, 10, survey.scale.direction)
    assert then.timezone == survey.timezone


@given(st.lists(st.text(max_size=20), min_size=2, max_size=2))
def test_any_row_is_read_or_refused_and_never_more(cells: list[str]) -> None:
    try:
        row = a_reader(["Score", "When"]).read(1, cells)
    except RowRefused:
        return
    assert 1 <= row.rating <= 5

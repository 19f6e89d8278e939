"""The pictures: what is in them, what never gets into them, and that they are the same in every process."""

from __future__ import annotations

import re
import subprocess
import sys
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hearback.adapters.reports.charts.drawing import Axis, Bar, Estimate, Line, Moment, bars, estimates, trend
from hearback.adapters.reports.charts.svg import INK, plain_svg, stand_in

PERCENT = Axis(0.0, 100.0, lambda value: f"{value:g}%")
HOSTILE = [
    "<script>alert(1)</script>",
    '<a href="javascript:alert(1)">k</a>',
    "\\(x^2\\)",
    '" onload="x',
    "]]>",
    "&lt;b&gt;",
    "§0§1__",
    "\\1 \\g<0>",
    "x" * 300,
    "品质" * 40,
    "",
]
ELEMENTS = {"svg", "g", "path", "line", "rect", "circle", "text"}


def pictures(drawn: str) -> list[ET.Element]:
    return list(ET.fromstring(f"<both>{drawn}</both>"))


def texts(drawn: str) -> list[str]:
    return [each.text or "" for each in ET.fromstring(f"<both>{drawn}</both>").iter("text")]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_text_and_nothing_else(name: str) -> None:
    for drawn in (
        estimates([Estimate(name, 50, 40, 60), Estimate("Ada", 1, 1, 2)], PERCENT, label=name),
        bars([Bar(name, 3, name), Bar("Ada", 1, "1")], label=name),
    ):
        for picture in pictures(drawn):
            assert {each.tag for each in picture.iter()} <= ELEMENTS
            assert picture.get("aria-label") == name
            assert not [
                key for each in picture.iter() for key in each.attrib if key.startswith("on") or "href" in key or key in ("id", "style")
            ]
        shortest = name[:8]
        assert any(text.startswith(shortest) for text in texts(drawn)) or not name
        assert "§0" not in "".join(texts(drawn)).replace(name, "") or name.startswith("§")
        assert "Ada" in texts(drawn)


def test_the_library_reads_no_name() -> None:
    assert stand_in(12, "王小明") == "§12____"
    assert stand_in(0, "") == "§0"


def test_a_picture_comes_in_two_sizes_with_the_same_words_for_the_ear() -> None:
    wide, narrow = pictures(bars([Bar("5", 3, "3")], label="Three fives."))
    assert (wide.get("class"), narrow.get("class")) == ("chart wide", "chart narrow")
    assert wide.get("role") == narrow.get("role") == "img"
    assert wide.get("aria-label") == narrow.get("aria-label") == "Three fives."


def test_colours_are_the_pages_own() -> None:
    drawn = estimates([Estimate("a", 5, 1, 9, "above"), Estimate("b", 5, 1, 9, "below")], PERCENT, label="x", lines=[Line(7)])
    inks = set(re.findall(r'(?:fill|stroke)="([^"]*)"', drawn))
    assert inks - {"none"} == {"var(--line)", "var(--ink)", "var(--band)", "var(--good)", "var(--warm)", "var(--paper)"}


def test_what_the_library_never_drew_before_is_refused() -> None:
    with pytest.raises(KeyError):
        plain_svg('<svg width="1" height="1"><image href="x"/></svg>', label="x", kind="wide")
    with pytest.raises(KeyError):
        plain_svg('<svg width="1" height="1"><path d="M0 0" fill="rgb(9,9,9)"/></svg>', label="x", kind="wide")


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 100), st.floats(0, 100), st.floats(0, 100)), min_size=1, max_size=5))
def test_every_value_has_its_place(rows: list[tuple[float, float, float]]) -> None:
    ordered = [sorted(row) for row in rows]
    drawn = estimates([Estimate(str(n), value, low, high) for n, (low, value, high) in enumerate(ordered)], PERCENT, label="x")
    for picture in pictures(drawn):
        assert len(list(picture.iter("circle"))) == len(rows)


def test_gaps_and_single_points_of_a_trend_are_drawn() -> None:
    gap = Moment("1 Jan", None, None, None, None, None, outside=False, current=False)
    alone = Moment("2 Jan", 80.0, None, None, None, None, outside=True, current=True)
    assert pictures(trend([gap, alone, gap], PERCENT, label="x", lines=[Line(75)], change_before=1))
    assert pictures(trend([gap], PERCENT, label="x"))


@given(st.floats(-1000, 1000), st.floats(0.01, 1000), st.integers(2, 10))
def test_ticks_are_round_few_and_on_the_axis(low: float, width: float, most: int) -> None:
    ticks = Axis(low, low + width, str).ticks(most)
    assert len(ticks) <= most + 1
    assert all(low - 1e-6 <= each <= low + width + 1e-6 for each in ticks)


def test_another_process_draws_the_same_bytes() -> None:
    source = (
        "from hearback.adapters.reports.charts.drawing import *\n"
        "axis = Axis(0.0, 100.0, str)\n"
        "print(estimates([Estimate('a', 5, 1, 9, 'above')], axis, label='x') + bars([Bar('a', 1, 'b')], label='x')\n"
        "  + trend([Moment('a', 5.0, 1.0, 9.0, 0.0, 8.0, True, True)] * 3, axis, label='x', lines=[Line(7)]))"
    )
    environment = {"PYTHONPATH": ":".join(each for each in sys.path if each)}
    made = {
        subprocess.run([sys.executable, "-c", source], env=environment | {"PYTHONHASHSEED": seed}, capture_output=True, check=True).stdout
        for seed in "12"
    }
    assert len(made) == 1
    assert INK["paper"] not in made.pop().decode()

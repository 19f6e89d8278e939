"""The kinds of pictures a report has. Each is drawn twice, for a page and for a phone: a picture shrunk to a third cannot be read.

lets-plot is imported by the first picture: whoever draws none does not need it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from hearback.adapters.reports.charts.svg import INK, plain_svg, stand_in
from hearback.adapters.reports.formatting import columns

_POINT = {"plain": ("dot", 21), "above": ("good", 24), "below": ("warm", 25), "outside": ("warm", 23), "quiet": ("quiet", 21)}
_SIZES = {21: 4.2, 24: 5.2, 25: 5.2, 23: 4.2}
"""Colour and shape of a value: circle, triangles up and down, diamond. No meaning hangs on the colour alone."""


@dataclass(frozen=True, slots=True)
class Format:
    kind: str
    width: int
    text: int
    name_columns: int
    ticks: int


WIDE, NARROW = Format("wide", 860, 13, 32, 8), Format("narrow", 346, 12, 17, 4)


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its interval; `look` is a key of `_POINT`."""

    name: str
    value: float
    low: float
    high: float
    look: str = "plain"


@dataclass(frozen=True, slots=True)
class Bar:
    name: str
    value: float
    says: str
    ink: str = "good"


@dataclass(frozen=True, slots=True)
class Line:
    """A value to compare with, across the picture."""

    at: float
    ink: str = "ink"
    dashed: bool = True


@dataclass(frozen=True, slots=True)
class Moment:
    """One point of time; nothing is drawn of what is None."""

    name: str
    value: float | None
    low: float | None
    high: float | None
    low_limit: float | None
    high_limit: float | None
    outside: bool
    current: bool


@dataclass(frozen=True, slots=True)
class Axis:
    """`shows` says a tick's value in the reader's words."""

    low: float
    high: float
    shows: Callable[[float], str]

    def holding(self, values: Sequence[float]) -> Axis:
        """The part of the axis that these values need, with air on both sides."""
        low, high = min(values), max(values)
        air = max((high - low) * 0.08, (self.high - self.low) * 0.01)
        return Axis(max(self.low, low - air), min(self.high, high + air), self.shows)

    def ticks(self, most: int) -> list[float]:
        """Round values, at most so many."""
        size = (self.high - self.low) / most
        unit = 10.0 ** math.floor(math.log10(size))
        step = next(unit * times for times in (1, 2, 2.5, 5, 10) if unit * times >= size * 0.999)
        first = math.ceil(self.low / step - 1e-9)
        return [number * step for number in range(first, math.floor(self.high / step + 1e-9) + 1)]


def both(draw: Callable[[Format], str]) -> str:
    return draw(WIDE) + draw(NARROW)


def estimates(rows: Sequence[Estimate], axis: Axis, *, label: str, lines: Sequence[Line] = ()) -> str:
    """Values with their intervals, one below the other, on one axis."""
    return both(lambda form: _drawn(_estimates(rows, axis, lines, form), form, label, [row.name for row in rows]))


def bars(rows: Sequence[Bar], *, label: str) -> str:
    """Bars from the left, the greatest as long as there is room."""
    return both(lambda form: _drawn(_bars(rows, form), form, label, [row.name for row in rows] + [row.says for row in rows]))


def trend(moments: Sequence[Moment], axis: Axis, *, label: str, lines: Sequence[Line] = (), change_before: int | None = None) -> str:
    """Values over time within their limits. A change is marked before the moment with that index."""
    return both(lambda form: _drawn(_trend(moments, axis, lines, change_before, form), form, label, ()))


def _drawn(plot: Any, form: Format, label: str, names: Sequence[str]) -> str:
    most = form.name_columns
    return plain_svg(plot.to_svg(), label=label, kind=form.kind, names=[_fitting(name, most) for name in names])


def _fitting(name: str, most: int) -> str:
    if columns(name) <= most:
        return name
    while columns(name) > most - 1:
        name = name[:-1]
    return name.rstrip() + "…"


def _stand_ins(names: Sequence[str], form: Format, first: int = 0) -> list[str]:
    return [stand_in(number, _fitting(name, form.name_columns)) for number, name in enumerate(names, first)]


def _estimates(rows: Sequence[Estimate], axis: Axis, lines: Sequence[Line], form: Format) -> Any:
    import lets_plot as lp  # type: ignore[import-untyped] # noqa: PLC0415

    up = [len(rows) - number for number in range(len(rows))]
    plot = _sheet(form, height=27 * len(rows) + 34)
    for line in lines:
        plot += lp.geom_vline(xintercept=line.at, color=INK[line.ink], linetype="dashed" if line.dashed else "solid", size=0.7)
    plot += lp.geom_segment(
        data={"low": [row.low for row in rows], "high": [row.high for row in rows], "up": up},
        mapping=lp.aes(x="low", xend="high", y="up", yend="up"), color=INK["band"], size=2.4,
    )  # fmt: skip
    for look in sorted({row.look for row in rows}):
        here = [number for number, row in enumerate(rows) if row.look == look]
        ink, shape = _POINT[look]
        plot += lp.geom_point(
            data={"value": [rows[number].value for number in here], "up": [up[number] for number in here]},
            mapping=lp.aes("value", "up"), fill=INK[ink], color=INK["paper"], stroke=0.8, shape=shape, size=_SIZES[shape],
        )  # fmt: skip
    ticks = axis.ticks(form.ticks)
    names = _stand_ins([row.name for row in rows], form)
    plot += lp.scale_x_continuous(breaks=ticks, labels=[axis.shows(each) for each in ticks], limits=[axis.low, axis.high], expand=[0.01, 0])
    plot += lp.scale_y_continuous(breaks=up, labels=names, limits=[0.4, len(rows) + 0.6], expand=[0, 0])
    return plot + lp.theme(panel_grid_major_x=_grid(), panel_grid_major_y="blank")


def _bars(rows: Sequence[Bar], form: Format) -> Any:
    import lets_plot as lp  # noqa: PLC0415

    up = [len(rows) - number for number in range(len(rows))]
    longest = max((row.value for row in rows), default=0) or 1
    plot = _sheet(form, height=27 * len(rows) + 14)
    for ink in sorted({row.ink for row in rows}):
        here = [number for number, row in enumerate(rows) if row.ink == ink]
        plot += lp.geom_rect(
            data={
                "to": [rows[number].value for number in here],
                "low": [up[number] - 0.36 for number in here],
                "high": [up[number] + 0.36 for number in here],
            },
            mapping=lp.aes(xmax="to", ymin="low", ymax="high"), xmin=0, fill=INK[ink], size=0,
        )  # fmt: skip
    plot += lp.geom_text(
        data={
            "at": [row.value + longest * 0.012 for row in rows],
            "up": up,
            "says": _stand_ins([row.says for row in rows], form, len(rows)),
        },
        mapping=lp.aes("at", "up", label="says"), color=INK["ink"], hjust=0, size=form.text / 2,
    )  # fmt: skip
    room = longest * (1.2 if form is WIDE else 1.65)
    plot += lp.scale_x_continuous(limits=[0, room], breaks=[], expand=[0, 0])
    plot += lp.scale_y_continuous(
        breaks=up, labels=_stand_ins([row.name for row in rows], form), limits=[0.4, len(rows) + 0.6], expand=[0, 0]
    )
    return plot + lp.theme(panel_grid="blank", axis_text_x="blank")


def _trend(moments: Sequence[Moment], axis: Axis, lines: Sequence[Line], change_before: int | None, form: Format) -> Any:
    import lets_plot as lp  # noqa: PLC0415

    at = range(len(moments))
    plot = _sheet(form, height=250 if form is WIDE else 220)
    plot = _limits(plot, [(x, moments[x]) for x in at if moments[x].low_limit is not None])
    for line in lines:
        plot += lp.geom_hline(yintercept=line.at, color=INK[line.ink], linetype="dashed" if line.dashed else "solid", size=0.7)
    if change_before is not None:
        plot += lp.geom_vline(xintercept=change_before - 0.5, color=INK["warm"], size=0.9, linetype="dotted")
    plot = _moments(plot, [(x, moments[x]) for x in at if moments[x].value is not None])
    every = math.ceil(len(moments) / (form.ticks if form is NARROW else 10))
    ticks = axis.ticks(5)
    plot += lp.scale_x_continuous(
        breaks=list(at[::every]), labels=[moments[x].name for x in at[::every]], limits=[-0.6, len(moments) - 0.4], expand=[0, 0]
    )
    plot += lp.scale_y_continuous(breaks=ticks, labels=[axis.shows(each) for each in ticks], limits=[axis.low, axis.high], expand=[0.02, 0])
    return plot + lp.theme(panel_grid_major_x="blank", panel_grid_major_y=_grid())


def _limits(plot: Any, held: Sequence[tuple[int, Moment]]) -> Any:
    import lets_plot as lp  # noqa: PLC0415

    if not held:
        return plot
    return plot + lp.geom_rect(
        data={
            "left": [x - 0.505 for x, _ in held],
            "right": [x + 0.505 for x, _ in held],
            "low": [moment.low_limit for _, moment in held],
            "high": [moment.high_limit for _, moment in held],
        },
        mapping=lp.aes(xmin="left", xmax="right", ymin="low", ymax="high"), fill=INK["soft"], size=0,
    )  # fmt: skip


def _moments(plot: Any, held: Sequence[tuple[int, Moment]]) -> Any:
    import lets_plot as lp  # noqa: PLC0415

    sure = [(x, moment) for x, moment in held if moment.low is not None]
    if sure:
        plot += lp.geom_segment(
            data={"x": [x for x, _ in sure], "low": [m.low for _, m in sure], "high": [m.high for _, m in sure]},
            mapping=lp.aes(x="x", xend="x", y="low", yend="high"), color=INK["band"], size=1.6,
        )  # fmt: skip
    if held:
        plot += lp.geom_line(
            data={"x": [x for x, _ in held], "value": [m.value for _, m in held]},
            mapping=lp.aes("x", "value"), color=INK["dot"], size=0.7,
        )  # fmt: skip
    for look, outside, current in (("plain", False, True), ("quiet", False, False), ("outside", True, True), ("outside", True, False)):
        here = [(x, m) for x, m in held if (m.outside, m.current) == (outside, current)]
        ink, shape = _POINT[look]
        if here:
            plot += lp.geom_point(
                data={"x": [x for x, _ in here], "value": [m.value for _, m in here]},
                mapping=lp.aes("x", "value"), fill=INK[ink], color=INK["paper"], stroke=0.8, shape=shape, size=_SIZES[shape] - 0.8,
            )  # fmt: skip
    return plot


def _sheet(form: Format, height: int) -> Any:
    import lets_plot as lp  # noqa: PLC0415

    text = lp.element_text(color=INK["quiet"], size=form.text, angle=0)
    return (
        lp.ggplot()
        + lp.ggsize(form.width, height)
        + lp.theme_void()
        + lp.theme(
            axis_text_x=text, axis_text_y=text, plot_background="blank", panel_background="blank", plot_margin=[4, 12, 2, 0], plot_inset=0
        )
    )


def _grid() -> Any:
    import lets_plot as lp  # noqa: PLC0415

    return lp.element_line(color=INK["line"], size=0.6)

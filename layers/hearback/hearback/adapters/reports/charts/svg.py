"""From the library's SVG to one that may stand in the page: same bytes in every process, the page's colours, no style of its own.

The library gets colours that stand for the page's (`INKS`) and labels that stand for names (`stand_in`), as it would read
markup, links and formulas in them. Only shapes and attributes known here pass. Its random ids go.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from xml.etree import ElementTree as ET

from hearback.adapters.reports.formatting import columns

INKS = ("paper", "ink", "quiet", "line", "soft", "band", "good", "bad", "warm", "dot")
"""Variables of the page's style sheet."""

INK = {name: f"#0000{number:02x}" for number, name in enumerate(INKS, 1)}
_VARIABLES = {f"rgb(0,0,{number})": f"var(--{name})" for number, name in enumerate(INKS, 1)} | {
    code: f"var(--{name})" for name, code in INK.items()
}

_KEPT: Mapping[str, frozenset[str]] = {
    "g": frozenset({"transform"}),
    "path": frozenset({"d", "fill", "fill-opacity", "stroke", "stroke-width", "stroke-opacity", "stroke-dasharray", "fill-rule"}),
    "line": frozenset({"x1", "y1", "x2", "y2", "stroke", "stroke-width", "stroke-opacity", "stroke-dasharray"}),
    "rect": frozenset({"x", "y", "width", "height", "fill", "fill-opacity", "stroke", "stroke-width", "stroke-opacity"}),
    "circle": frozenset({"cx", "cy", "r", "fill", "fill-opacity", "stroke", "stroke-width", "stroke-opacity"}),
    "text": frozenset({"x", "y", "dy", "transform", "text-anchor", "fill", "font-weight"}),
}
_DROPPED = frozenset({"style", "defs", "clipPath"})
_PASSED_THROUGH = frozenset({"svg", "tspan"})
_SAYS_NOTHING = frozenset(
    {
        ("fill-opacity", "1"),
        ("stroke-opacity", "1"),
        ("fill-rule", "evenodd"),
        ("x", "0"),
        ("y", "0"),
        ("transform", ""),
        ("transform", "translate(0 0)"),
    }
)
_FONT_SIZE = re.compile(r"font-size:([\d.]+)px")
_NUMBER = re.compile(r"-?\d+\.\d+(?:[eE]-?\d+)?")
_STAND_IN = re.compile(r"\u00a7(\d+)_*")


def stand_in(number: int, text: str) -> str:
    """A label about as wide as the text, in its place until the picture is drawn: the text never reaches the library."""
    return f"§{number}" + "_" * max(0, columns(text) - 2)


def plain_svg(drawn: str, *, label: str, kind: str, names: Sequence[str] = ()) -> str:
    """An inline `svg` element: `label` is its text alternative, `kind` its class, `names` what the stand-ins stand for."""
    root = ET.fromstring(drawn)  # noqa: S314 - made by the library from our own numbers
    width, height = (f"{float(root.get(side, 0)):g}" for side in ("width", "height"))
    inside = "".join(_parts(root, names))
    return f'<svg class="chart {kind}" role="img" aria-label="{escape(label)}" viewBox="0 0 {width} {height}">{inside}</svg>'


def _parts(element: ET.Element, names: Sequence[str]) -> Iterable[str]:
    for child in element:
        tag = child.tag.rpartition("}")[2]
        if tag in _DROPPED:
            continue
        if tag in _PASSED_THROUGH:
            yield from _parts(child, names)
        else:
            yield _part(tag, child, names)


def _part(tag: str, element: ET.Element, names: Sequence[str]) -> str:
    """KeyError: the library has begun to draw with something that was not looked at yet."""
    attributes = "".join(f' {name}="{escape(value)}"' for name, value in _attributes(element, _KEPT[tag]).items())
    if tag == "text":
        text = _STAND_IN.sub(lambda found: names[int(found[1])], "".join(element.itertext()).strip())
        return f"<text{attributes}>{escape(text)}</text>" if text else ""
    if tag == "g":
        inside = "".join(_parts(element, names))
        return f"<g{attributes}>{inside}</g>" if attributes and inside else inside
    return "" if "stroke" not in attributes and 'fill="var' not in attributes else f"<{tag}{attributes}/>"


def _attributes(element: ET.Element, kept: frozenset[str]) -> dict[str, str]:
    given = {name: value for name, value in element.items() if name in kept}
    for paint in ("fill", "stroke"):
        if any(float(given.get(f"{paint}-{how}", 1)) == 0 for how in ("opacity", "width")):
            given = {name: value for name, value in given.items() if not name.startswith(paint)}
            given |= {"fill": "none"} if paint == "fill" else {}
    size = _FONT_SIZE.search(element.get("style", ""))
    if size:
        given["font-size"] = size[1]
    values = {name: _value(name, value) for name, value in given.items()}
    return {name: value for name, value in values.items() if (name, value) not in _SAYS_NOTHING and not value.startswith("rotate(0 ")}


def _value(name: str, value: str) -> str:
    if name in ("fill", "stroke") and value != "none":
        return _VARIABLES[value.replace(" ", "")]
    return _rounded(value).replace(" )", ")").strip()


def _rounded(value: str) -> str:
    """A tenth of a pixel is finer than the eye; what is less than 1 may be an opacity."""
    return _NUMBER.sub(_short, value)


def _short(found: re.Match[str]) -> str:
    number = round(float(found[0]), 2 if abs(float(found[0])) < 1 else 1)
    return f"{number or 0:g}"

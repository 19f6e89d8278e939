"""The page's colours, as those see them who cannot tell red from green, on light and on dark paper."""

from __future__ import annotations

import re
from itertools import combinations
from pathlib import Path

import pytest

from hearback.adapters import reports
from hearback.adapters.reports.charts.svg import INKS

Colour = tuple[float, float, float]

STYLE = Path(reports.__file__).with_name("report.css").read_text("utf-8")
DEUTERANOPIA = ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881))
PROTANOPIA = ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998))
"""G. Machado, M. Oliveira, L. Fernandes, "A physiologically-based model for simulation of color vision deficiency", IEEE Transactions on
Visualization and Computer Graphics 15 (2009) 1291-1298, severity 1.0, for linear RGB."""
EYES = {"usual": ((1, 0, 0), (0, 1, 0), (0, 0, 1)), "deuteranopia": DEUTERANOPIA, "protanopia": PROTANOPIA}


def palettes() -> dict[str, dict[str, Colour]]:
    light, dark, printed = (dict(re.findall(r"--([a-z-]+):#([0-9a-f]{3,6})", block)) for block in re.findall(r":root\{([^}]*)\}", STYLE))
    return {
        name: {key: linear(code) for key, code in (light | found).items()}
        for name, found in (("light", {}), ("dark", dark), ("print", printed))
    }


def linear(code: str) -> Colour:
    code = "".join(2 * each for each in code) if len(code) == 3 else code
    values = [int(code[start : start + 2], 16) / 255 for start in (0, 2, 4)]
    red, green, blue = (each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in values)
    return red, green, blue


def luminance(colour: Colour) -> float:
    return 0.2126 * colour[0] + 0.7152 * colour[1] + 0.0722 * colour[2]


def contrast(one: Colour, other: Colour) -> float:
    """WCAG 2.2, "contrast ratio"."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def lab(colour: Colour) -> Colour:
    """CIE 1976 L*a*b* under D65."""
    red, green, blue = colour
    x = (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.95047
    y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    z = (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.08883
    fx, fy, fz = (each ** (1 / 3) if each > 0.008856 else 7.787 * each + 16 / 116 for each in (x, y, z))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


def seen(colour: Colour, eyes: str) -> Colour:
    red, green, blue = (min(1.0, max(0.0, sum(part * value for part, value in zip(row, colour, strict=True)))) for row in EYES[eyes])
    return red, green, blue


@pytest.mark.parametrize("eyes", EYES)
@pytest.mark.parametrize("paper", ["light", "dark", "print"])
def test_inks_that_mean_different_things_look_different_to_every_eye(paper: str, eyes: str) -> None:
    """A ΔE of 20 is told apart at a glance (2.3 is just noticeable)."""
    palette = palettes()[paper]
    for one, other in combinations(("good", "bad", "warm"), 2):
        apart = sum((a - b) ** 2 for a, b in zip(lab(seen(palette[one], eyes)), lab(seen(palette[other], eyes)), strict=True)) ** 0.5
        assert apart > 20, (one, other)


@pytest.mark.parametrize("paper", ["light", "dark", "print"])
def test_words_can_be_read_and_shapes_be_seen(paper: str) -> None:
    palette = palettes()[paper]
    for ground in ("paper", "card"):
        for ink in ("ink", "quiet"):
            assert contrast(palette[ink], palette[ground]) >= 4.5, (ink, ground)
        for ink in ("good", "bad", "warm", "band", "dot"):
            assert contrast(palette[ink], palette[ground]) >= 2.9, (ink, ground)
    for verdict in ("met", "missed", "open"):
        assert contrast(palette[verdict], palette[f"{verdict}-bg"]) >= 4.5, verdict


def test_every_ink_of_the_charts_is_in_the_style_sheet() -> None:
    assert set(INKS) <= set(palettes()["light"]) == set(palettes()["dark"]) == set(palettes()["print"])


def test_what_is_printed_is_dark_on_white() -> None:
    assert palettes()["print"]["paper"] == (1, 1, 1)

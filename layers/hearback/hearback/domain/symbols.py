"""Faces for scales that are asked with emoji, from the worst to the best."""

from __future__ import annotations

from hearback.domain.survey import Direction, Scale, Style

_FACES = {
    2: "🙁🙂",
    3: "🙁😐🙂",
    4: "😠🙁🙂😀",
    5: "😠🙁😐🙂😀",
    6: "😡😠🙁🙂😀😍",
    7: "😡😠🙁😐🙂😀😍",
}


def faces(scale: Scale) -> tuple[str, ...]:
    """One emoji a rating, in the order of the scale; none when the style is another, or has too many steps to be told apart."""
    found = tuple(_FACES.get(len(scale.ratings), "")) if scale.style is Style.EMOJI else ()
    return found[::-1] if scale.direction is Direction.LOW_IS_GOOD else found

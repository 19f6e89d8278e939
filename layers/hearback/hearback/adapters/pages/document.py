"""The frame of every page, and the headers that keep it to itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape

from hearback.adapters.pages.style import hash_of, style
from hearback.domain.languages import is_right_to_left

_ICON = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24'%3E%3Cpath fill='%230b5a73' "
    "d='M4 3h16a3 3 0 0 1 3 3v9a3 3 0 0 1-3 3h-7l-6 4v-4H4a3 3 0 0 1-3-3V6a3 3 0 0 1 3-3z'/%3E%3C/svg%3E"
)


@dataclass(frozen=True, slots=True)
class Page:
    status: int
    body: str
    headers: Mapping[str, str] = field(default_factory=dict)


def page(title: str, content: str, language: str, *, status: int = 200, footer: str = "", sheet: str = "") -> Page:
    """A whole document around `content` and `footer`, which are HTML already; `title` is plain text. `sheet` is a style sheet
    instead of the survey's.
    """
    sheet = sheet or style()
    direction = "rtl" if is_right_to_left(language) else "ltr"
    tag = escape(language.replace("_", "-"))
    below = f"<footer>{footer}</footer>" if footer else ""
    body = (
        f'<!doctype html><html lang="{tag}" dir="{direction}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="robots" content="noindex">'
        '<meta name="color-scheme" content="light dark"><meta name="format-detection" content="telephone=no">'
        f'<title>{escape(title)}</title><link rel="icon" href="{_ICON}"><style>{sheet}</style></head>'
        f"<body><main>{content}</main>{below}</body></html>"
    )
    return Page(status, body, _headers(tag, sheet))


def _headers(language: str, sheet: str) -> dict[str, str]:
    """No script, no request elsewhere, no frame around it, no copy in a cache, nothing told to the next page."""
    policy = f"default-src 'none'; style-src {hash_of(sheet)}; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    return {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Language": language,
        "Content-Security-Policy": policy,
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "X-Robots-Tag": "noindex, nofollow",
    }

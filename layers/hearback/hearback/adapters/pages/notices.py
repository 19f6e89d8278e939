"""Pages that tell something: why a link does not work any more, and the way out of being asked."""

from __future__ import annotations

from html import escape

from hearback.adapters.pages.document import Page, page
from hearback.domain.errors import Gone, HearbackError, Invalid, Malformed, NotFound, TooLarge, Unavailable, Unverified, WrongMediaType
from hearback.domain.languages import FALLBACK, catalog_languages, choose_language, words

_DONE = '<svg class="mark" viewBox="0 0 24 24" aria-hidden="true"><circle cx="12" cy="12" r="12"/><path d="M6.8 12.6l3.4 3.4 7-7.6"/></svg>'
_SORRY = '<svg class="mark" viewBox="0 0 24 24" aria-hidden="true"><circle cx="12" cy="12" r="12"/><path d="M12 6.6v6.6M12 17v.1"/></svg>'

_NOTICES: dict[type[HearbackError], tuple[int, str]] = {
    Unverified: (404, "unknown"),
    NotFound: (404, "unknown"),
    Gone: (410, "closed"),
    WrongMediaType: (415, "malformed"),
    TooLarge: (413, "malformed"),
    Invalid: (422, "malformed"),
    Malformed: (400, "malformed"),
    Unavailable: (503, "unavailable"),
}


def error_page(error: HearbackError, wanted: str = "") -> Page:
    """What went wrong, politely, in the language that `wanted` (a tag or an Accept-Language header) asks for.

    Every wrong token gets the same page. `Gone` with the code "expired" speaks of the survey, any other of the answer.
    """
    language = choose_language(wanted, catalog_languages(), FALLBACK)
    status, key = next((_NOTICES[kind] for kind in type(error).__mro__ if kind in _NOTICES), (500, "unavailable"))
    if isinstance(error, Gone) and error.code == "expired":
        key = "expired"
    shown = _notice(_DONE if key == "closed" else _SORRY, key, language, status)
    if isinstance(error, Unavailable):
        return Page(shown.status, shown.body, {**shown.headers, "Retry-After": str(error.retry_after)})
    return shown


def opt_out_page(action: str, language: str) -> Page:
    """Asks before it acts: the button posts what RFC 8058 has mail programs post, so that there is one way out."""
    said = words(language)
    form = (
        f'<form method="post" action="{escape(action)}"><input type="hidden" name="List-Unsubscribe" value="One-Click">'
        f"<button>{escape(said['opt_out_button'])}</button></form>"
    )
    content = f"<h1>{escape(said['opt_out_title'])}</h1><p>{escape(said['opt_out'])}</p>{form}"
    return page(said["opt_out_title"], content, language)


def opted_out_page(language: str) -> Page:
    return _notice(_DONE, "opt_out_done", language, 200)


def _notice(mark: str, key: str, language: str, status: int) -> Page:
    said = words(language)
    title = said[f"{key}_title"]
    return page(title, f"{mark}<h1>{escape(title)}</h1><p>{escape(said[key])}</p>", language, status=status)

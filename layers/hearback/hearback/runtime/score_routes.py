"""GET /scores/{survey}, .json and .svg: one published score as a page, as data and as a badge, made to be cached and embedded.

The language is the reader's, or the one that `?language=` asks for (a badge stands in a page that has one already).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from hearback.adapters.pages.document import Page
from hearback.adapters.pages.score_badge import CONTENT_TYPE, no_score_badge, score_badge
from hearback.adapters.pages.score_page import no_score_page, score_page, score_problem_page
from hearback.domain.errors import HearbackError, NotFound, Rejected, Unavailable
from hearback.domain.languages import FALLBACK, catalog_languages, choose_language
from hearback.ports import InboundRequest
from hearback.runtime.http import Reply, Route, error_reply, json_reply, log_error
from hearback.usecases.show_score import NoScore, PublishedScore, ShowScore

CACHED = "public, max-age=3600, stale-while-revalidate=86400, stale-if-error=86400"
"""A score changes once a month, and a late answer may change it once a night: an hour is old enough."""

CACHED_BRIEFLY = "public, max-age=300"
"""What may be there soon."""

_NO_SCORE = NotFound("too few people answered in the last whole month", code="not_enough_answers")

Found = PublishedScore | NoScore
Path = Mapping[str, str]


def score_routes(show: ShowScore) -> list[Route]:
    def answer(request: InboundRequest, path: Path) -> Reply:
        survey, form = _asked_for(path["survey"])
        shape = _SHAPES[form]
        try:
            return _cacheable(shape(show(survey), _language(request)), request)
        except (Rejected, Unavailable) as error:
            log_error(error)
            return _problem(error, request) if form is None else error_reply(error)

    return [("GET", "/scores/{survey}", answer)]


def _asked_for(name: str) -> tuple[str, str | None]:
    """The survey and the form: whoever asks for data is told in data that there is none, whatever the name."""
    survey, _, form = name.rpartition(".")
    return (survey, form) if form in _SHAPES else (name, None)


def _as_page(found: Found, language: str) -> Reply:
    page = no_score_page(found.name, language) if isinstance(found, NoScore) else score_page(found.plain(), language)
    return _of_page(page, CACHED if page.status == 200 else CACHED_BRIEFLY)  # noqa: PLR2004


def _as_json(found: Found, language: str) -> Reply:  # noqa: ARG001 - numbers speak every language
    headers = {"access-control-allow-origin": "*", "x-content-type-options": "nosniff"}
    if isinstance(found, NoScore):
        refused = error_reply(_NO_SCORE)
        return Reply(refused.status, refused.body, {**refused.headers, **headers, "cache-control": CACHED_BRIEFLY})
    return json_reply(200, found.plain(), {**headers, "cache-control": CACHED})


def _as_badge(found: Found, language: str) -> Reply:
    """Without a score still 200: an image that answers 404 is a broken one in most pages and image proxies."""
    none = isinstance(found, NoScore)
    drawn = no_score_badge(found.name, found.survey, language) if isinstance(found, NoScore) else score_badge(found.plain(), language)
    headers = {
        "content-type": CONTENT_TYPE,
        "cache-control": CACHED_BRIEFLY if none else CACHED,
        "vary": "Accept-Language",
        "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
        "cross-origin-resource-policy": "cross-origin",
        "access-control-allow-origin": "*",
        "x-content-type-options": "nosniff",
    }
    return Reply(200, drawn, headers)


_SHAPES: Mapping[str | None, Callable[[Found, str], Reply]] = {None: _as_page, "json": _as_json, "svg": _as_badge}


def _problem(error: HearbackError, request: InboundRequest) -> Reply:
    said = error_reply(error)
    page = score_problem_page(said.status, _language(request))
    later = {name: value for name, value in said.headers.items() if name == "retry-after"}
    return Reply(page.status, page.body, {**_lower(page.headers), **later})


def _of_page(page: Page, cache: str) -> Reply:
    """A published score is nobody's secret: it may be kept and found."""
    headers = {name: value for name, value in _lower(page.headers).items() if name != "x-robots-tag"}
    return Reply(page.status, page.body, {**headers, "cache-control": cache, "vary": "Accept-Language"})


def _cacheable(reply: Reply, request: InboundRequest) -> Reply:
    """The entity tag is the bytes' own hash, so it is right for every form, language and version of this code."""
    tag = f'"{hashlib.sha256(reply.body.encode()).hexdigest()[:32]}"'
    headers = {**reply.headers, "etag": tag}
    if reply.status == 200 and _matches(request.headers.get("if-none-match", ""), tag):  # noqa: PLR2004
        kept = ("cache-control", "vary", "etag", "access-control-allow-origin", "cross-origin-resource-policy")
        return Reply(304, "", {name: headers[name] for name in kept if name in headers})
    return Reply(reply.status, reply.body, headers)


def _matches(wanted: str, tag: str) -> bool:
    """RFC 9110, 13.1.2: any of a list, compared weakly, or any at all."""
    return wanted.strip() == "*" or tag in (each.strip().removeprefix("W/") for each in wanted.split(","))


def _language(request: InboundRequest) -> str:
    wanted = request.query.get("language") or request.headers.get("accept-language", "")
    return choose_language(wanted, catalog_languages(), FALLBACK)


def _lower(headers: Mapping[str, Any]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}

"""What machines do with the links of a message, over plain HTTP. Each profile was seen, or is the next step of one that was."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from tests.e2e.browsing import FORM, Form, Web, forms_in
from tests.local.client import Answer

Profile = Callable[[Web, Sequence[str]], None]


def opens_every_link(web: Web, links: Sequence[str]) -> None:
    for link in links:
        web.request("GET", link)


def asks_for_heads(web: Web, links: Sequence[str]) -> None:
    for link in links:
        web.request("HEAD", link)


def opens_all_at_once(web: Web, links: Sequence[str]) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda link: web.request("GET", link), [*links, *links]))


def presses_every_score(web: Web, links: Sequence[str]) -> None:
    """Opens each link and submits what it finds, as it finds it."""
    for link in links:
        for form in _forms(web, link):
            _submit(web, form)


def presses_every_score_backwards(web: Web, links: Sequence[str]) -> None:
    presses_every_score(web, links[::-1])


def opens_all_then_presses_all(web: Web, links: Sequence[str]) -> None:
    for form in [form for link in links for form in _forms(web, link)]:
        _submit(web, form)


def presses_all_at_once(web: Web, links: Sequence[str]) -> None:
    forms = [form for link in links for form in _forms(web, link)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda form: _submit(web, form), forms))


def presses_on_and_on(web: Web, links: Sequence[str]) -> None:
    """Submits also the forms of the pages that answer."""
    for link in links:
        forms = _forms(web, link)
        for _ in range(3):
            forms = [form for each in forms for form in forms_in(_submit(web, each))]


def opens_the_page_for_every_score(web: Web, links: Sequence[str]) -> None:
    """Not the scores' own links: the page, as somebody opens it who changes their mind."""
    for link in links[:-1]:
        for form in _forms(web, links[-1]):
            _submit(web, form, rating=link.partition("=")[2])


def fills_in_every_radio(web: Web, links: Sequence[str]) -> None:
    """On one page, every value of every choice in turn."""
    (page,) = _forms(web, links[-1])
    for value in page.offered["rating"]:
        _submit(web, page, rating=value)


def posts_blindly(web: Web, links: Sequence[str]) -> None:
    for link in links:
        path, _, query = link.partition("?")
        if query:
            web.request("POST", path, query.encode(), FORM)
            web.request("POST", path, {"rating": int(query.partition("=")[2])})


HARMLESS: tuple[Profile, ...] = (opens_every_link, asks_for_heads, opens_all_at_once)
"""They leave no trace at all."""

PRESSING: tuple[Profile, ...] = (
    presses_every_score,
    presses_every_score_backwards,
    opens_all_then_presses_all,
    presses_all_at_once,
    presses_on_and_on,
    opens_the_page_for_every_score,
    fills_in_every_radio,
    posts_blindly,
)


def _forms(web: Web, link: str) -> list[Form]:
    return forms_in(web.request("GET", link))


def _submit(web: Web, form: Form, **entered: str) -> Answer:
    return form.press(web, **entered)

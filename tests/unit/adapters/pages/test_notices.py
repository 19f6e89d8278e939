import pytest

from hearback.adapters.pages.notices import error_page, opt_out_page, opted_out_page
from hearback.domain import errors
from hearback.domain.errors import Gone, HearbackError, Invalid, Malformed, Misconfigured, NotFound, Unavailable


@pytest.mark.parametrize(
    ("error", "status", "title"),
    [
        (NotFound("x"), 404, "This link does not work"),
        (Gone("x", code="expired"), 410, "This survey has ended"),
        (Gone("x"), 410, "Your answer is already saved"),
        (Malformed("x"), 400, "We could not read that"),
        (Invalid("x"), 422, "We could not read that"),
        (Unavailable("x"), 503, "Please try again in a moment"),
        (Misconfigured("x"), 500, "Please try again in a moment"),
    ],
)
def test_a_notice_says_what_happened(error: HearbackError, status: int, title: str) -> None:
    page = error_page(error)
    assert page.status == status
    assert f"<h1>{title}</h1>" in page.body


def test_every_wrong_token_gets_the_same_page() -> None:
    assert error_page(NotFound("forged")) == error_page(NotFound("of another purpose", code="other"))


def test_every_error_of_ours_has_a_page() -> None:
    leaves = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, HearbackError)]
    assert {error_page(kind("x")).status for kind in leaves} <= {400, 404, 410, 413, 415, 422, 500, 503}


def test_an_error_repeats_nothing_that_it_was_given() -> None:
    assert "secret words" not in error_page(Malformed("secret words")).body


def test_a_notice_speaks_the_readers_language() -> None:
    page = error_page(Gone("x", code="expired"), "fr;q=0.3, ar-EG, en;q=0.5")
    assert 'lang="ar" dir="rtl"' in page.body
    assert page.headers["Content-Language"] == "ar"


def test_trying_again_is_told_when() -> None:
    assert error_page(Unavailable("x", retry_after=7)).headers["Retry-After"] == "7"


def test_opening_the_way_out_only_asks_and_its_button_posts_what_mail_programs_post() -> None:
    page = opt_out_page("/u/a&b", "en")
    assert '<form method="post" action="/u/a&amp;b">' in page.body
    assert 'name="List-Unsubscribe" value="One-Click"' in page.body
    assert page.status == 200


def test_being_out_is_confirmed() -> None:
    assert "We will not ask you again" in opted_out_page("en").body

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearback.adapters.pages.document import Page
from hearback.adapters.pages.survey_pages import rating_page, thanks_page
from hearback.adapters.pages.views import ChoiceView, FollowUpView, LinkView, RatingView, ThanksView, follow_up_views
from hearback.domain.languages import catalog_languages
from hearback.domain.survey import DEFAULT_SCALES, Choice, Direction, FollowUp, Metric, Scale, Style, Survey, Texts

WEIGHT_LIMIT = 15_000
FOLLOW_UPS = (
    FollowUp("why", "choices", {"en": "What went wrong?", "es": "¿Qué falló?"}, (Choice("slow", {"en": "Too slow"}),), max_rating=3),
    FollowUp("comment", "text", {"es": "¿Algo más, {{ contact.name }}?"}),
)


def survey(metric: Metric = Metric.CSAT, scale: Scale | None = None) -> Survey:
    return Survey("support", metric, scale or DEFAULT_SCALES[metric], 4, 75.0, "UTC", {"en": Texts("How was it?")}, follow_ups=FOLLOW_UPS)


def question(**more: Any) -> RatingView:
    return RatingView(**{"survey": survey(), "language": "en", "question": "How was it?", "action": "/r/abc", **more})


def thanks(**more: Any) -> ThanksView:
    return ThanksView(**{"survey": survey(), "language": "en", "rating": 2, "action": "/r/abc", **more})


class Seen(HTMLParser):
    """The tags of a page with their attributes, and all of its text."""

    def __init__(self, page: Page) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page.body)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str, **wanted: str) -> list[dict[str, str | None]]:
        return [found for name, found in self.tags if name == tag and wanted.items() <= found.items()]


def test_the_page_offers_every_rating_and_marks_none() -> None:
    seen = Seen(rating_page(question()))
    radios = seen.all("input", type="radio", name="rating")
    assert [each["value"] for each in radios] == ["1", "2", "3", "4", "5"]
    assert not [each for each in radios if "checked" in each]
    assert seen.all("form") == [{"method": "post", "action": "/r/abc", "autocomplete": "off"}]
    assert "4 of 5, Good" in seen.text


def test_the_rating_of_the_link_is_marked_and_the_page_says_that_it_does_not_count_yet() -> None:
    seen = Seen(rating_page(question(chosen=4)))
    assert [each["value"] for each in seen.all("input") if "checked" in each] == ["4"]
    assert "It counts once you press Send." in seen.text


def test_an_earlier_answer_is_shown_and_travels_along() -> None:
    seen = Seen(rating_page(question(answered=2, details={"why": ["slow", "rude"], "comment": 'so "so"'})))
    assert [each["value"] for each in seen.all("input") if "checked" in each] == ["2"]
    assert "You answered 2 of 5, Bad." in seen.text
    hidden = [(each["name"], each["value"]) for each in seen.all("input", type="hidden")]
    assert hidden == [("details.why", "slow"), ("details.why", "rude"), ("details.comment", 'so "so"')]


def test_the_rating_of_the_link_is_marked_rather_than_the_earlier_answer() -> None:
    seen = Seen(rating_page(question(answered=2, chosen=5)))
    assert [each["value"] for each in seen.all("input") if "checked" in each] == ["5"]


def test_a_rating_that_the_scale_does_not_hold_marks_nothing() -> None:
    assert not [each for each in Seen(rating_page(question(chosen=6))).all("input") if "checked" in each]


def test_a_press_without_a_rating_is_told_so_and_is_no_success() -> None:
    page = rating_page(question(problem="choose_first"))
    assert page.status == 422
    assert Seen(page).all("p", role="alert")
    assert "Please choose one of the ratings first." in Seen(page).text


def test_what_the_page_proves_goes_back_with_the_form() -> None:
    for page in (rating_page(question(proof="p&q")), thanks_page(thanks(proof="p&q", follow_ups=follow_up_views(survey(), 2, "en")))):
        assert Seen(page).all("input", type="hidden", name="proof", value="p&q")


def test_the_thanks_say_first_that_the_rating_is_saved_and_then_ask_more() -> None:
    seen = Seen(thanks_page(thanks(follow_ups=follow_up_views(survey(), 2, "en"), details={"why": ["slow"], "comment": "\n<b>"})))
    assert seen.text.index("Your rating is saved") < seen.text.index("What went wrong?")
    assert "You rated us 2 of 5, Bad." in seen.text
    assert seen.all("input", type="hidden", name="rating", value="2")
    assert seen.all("input", type="hidden", name="asked", value="1")
    assert "checked" in seen.all("input", type="checkbox", name="details.why", value="slow")[0]
    assert seen.all("textarea", name="details.comment", maxlength="5000")
    assert seen.all("a", href="/r/abc")


def test_a_complete_answer_is_thanked_in_the_companys_own_words_with_links_for_everybody() -> None:
    links = (LinkView("Help", "https://help.example/?a=1&b=2"), LinkView("Odd", "javascript:alert(1)"))
    seen = Seen(thanks_page(thanks(complete=True, thanks="Merci!\nSUN-1", links=links, follow_ups=follow_up_views(survey(), 2, "en"))))
    assert "Merci!\nSUN-1" in seen.text
    assert [each["href"] for each in seen.all("a")] == ["/r/abc", "https://help.example/?a=1&b=2"]
    assert not seen.all("form")


def test_an_answer_that_can_no_longer_be_changed_offers_no_change() -> None:
    assert not Seen(thanks_page(thanks(changeable=False))).all("a")


def test_a_comment_that_was_too_long_is_refused_with_the_limit() -> None:
    page = thanks_page(thanks(follow_ups=follow_up_views(survey(), 2, "en"), problem="comment_too_long"))
    assert page.status == 422
    assert "5000 characters" in Seen(page).text


def test_only_the_follow_ups_of_that_rating_are_asked_in_the_nearest_language() -> None:
    assert follow_up_views(survey(), 5, "es", lambda text: text.replace("{{ contact.name }}", "Ana")) == (
        FollowUpView("comment", "text", "¿Algo más, Ana?"),
    )
    assert follow_up_views(survey(), 1, "fr")[0] == FollowUpView("why", "choices", "What went wrong?", (ChoiceView("slow", "Too slow"),))


def test_the_page_runs_from_the_right_and_the_scale_does_not() -> None:
    seen = Seen(rating_page(question(language="ar")))
    assert seen.all("html", lang="ar", dir="rtl")
    assert [each["dir"] for each in seen.all("div") if "scale" in str(each["class"])] == ["ltr"]
    assert [each["value"] for each in seen.all("input", type="radio")] == ["1", "2", "3", "4", "5"]


@pytest.mark.parametrize(
    ("scale", "drawn"),
    [
        (Scale(1, 5, Style.STARS), "scale stars n5"),
        (Scale(1, 5, Style.EMOJI), "scale faces n5"),
        (Scale(0, 10, Style.EMOJI), "scale numbers n11"),
        (Scale(0, 10), "scale numbers n11"),
        (Scale(1, 7), "scale numbers n7"),
    ],
)
def test_a_scale_is_drawn_in_its_style(scale: Scale, drawn: str) -> None:
    assert f'class="{drawn}"' in rating_page(question(survey=survey(scale=scale))).body


def test_where_low_is_good_the_first_face_laughs() -> None:
    faces = [
        re.findall(r"<svg.*?</svg>", rating_page(question(survey=survey(scale=Scale(1, 5, Style.EMOJI, direction)))).body)
        for direction in Direction
    ]
    assert faces[0] == faces[1][::-1]
    assert len(set(faces[0])) == 5


@pytest.mark.parametrize("language", sorted(catalog_languages()))
def test_every_page_weighs_less_than_it_may(language: str) -> None:
    choices = tuple(ChoiceView(f"reason-{n}", "A reason of some length, as people write them") for n in range(8))
    asked = (FollowUpView("why", "choices", "What went wrong?", choices), FollowUpView("comment", "text", "Anything else?"))
    pages = [
        rating_page(
            question(language=language, survey=survey(Metric.NPS), question="w" * 300, opt_out="/u/" + "x" * 100, company="C" * 50)
        ),
        rating_page(question(language=language, survey=survey(scale=Scale(1, 7, Style.EMOJI)), proof="p" * 200)),
        thanks_page(thanks(language=language, follow_ups=asked, thanks="t" * 500)),
    ]
    assert max(len(page.body.encode()) for page in pages) < WEIGHT_LIMIT


@given(st.text())
def test_no_words_of_anybody_become_markup(text: str) -> None:
    hostile = f"<script>alert(1)</script>\"'>&{text}"
    asked = (FollowUpView("why", "choices", hostile, (ChoiceView("x", hostile),)), FollowUpView("comment", "text", hostile))
    pages = [
        rating_page(question(question=hostile, low=hostile, high=hostile, proof=hostile, company=hostile, details={"comment": hostile})),
        thanks_page(thanks(thanks=hostile, low=hostile, follow_ups=asked, details={"comment": hostile}, company=hostile)),
        thanks_page(thanks(complete=True, links=(LinkView(hostile, f"https://{hostile}"),), opt_out=hostile)),
    ]
    calm = [
        rating_page(question(question="q", low="l", high="h", proof="p", company="c", details={"comment": "d"})),
        thanks_page(
            thanks(
                thanks="t",
                low="l",
                follow_ups=(FollowUpView("why", "choices", "q", (ChoiceView("x", "t"),)), FollowUpView("comment", "text", "q")),
                details={"comment": "d"},
                company="c",
            )
        ),
        thanks_page(thanks(complete=True, links=(LinkView("t", "https://u"),), opt_out="/u/o")),
    ]
    for page, expected in zip(pages, calm, strict=True):
        assert [(tag, set(found)) for tag, found in Seen(page).tags] == [(tag, set(found)) for tag, found in Seen(expected).tags]

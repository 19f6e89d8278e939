"""The pages of a survey: the question, the thanks that ask a little more, and whether an answer is to be changed.

Each form carries all it needs: the second repeats the rating, so that every press is a whole answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from hearback.adapters.pages.document import Page, page
from hearback.adapters.pages.scale import scale_html
from hearback.adapters.pages.views import ChangeView, Details, FollowUpView, LinkView, RatingView, ThanksView
from hearback.domain.answer import COMMENT_LIMIT
from hearback.domain.languages import rating_label, words

_ASKED = '<input type="hidden" name="asked" value="1">'
_TICK = '<svg class="mark" viewBox="0 0 24 24" aria-hidden="true"><circle cx="12" cy="12" r="12"/><path d="M6.8 12.6l3.4 3.4 7-7.6"/></svg>'


def rating_page(view: RatingView) -> Page:
    """The question with its scale. Status 422 when it is shown again because of a `problem`; asking for one more press is none."""
    said = words(view.language)
    chosen = view.chosen if view.chosen is not None else view.answered
    form = (
        f'<form method="post" action="{escape(view.action)}" autocomplete="off">'
        f'<fieldset aria-describedby="hint"><legend><h1>{_own(view.question)}</h1></legend>'
        f"{_problem(view.problem or view.again, said)}"
        f'<p class="q" id="hint">{escape(_hint(view, said))}</p>'
        f"{scale_html(view.survey, view.language, view.low, view.high, chosen)}</fieldset>"
        f"{_ASKED if view.asked else ''}{_hidden(view.details, view.proof)}<button>{escape(said['send'])}</button></form>"
    )
    title = f"{said['choose_first']} " if view.problem else f"{said[view.again]} " if view.again else ""
    return page(
        f"{title}{view.question}",
        _brand(view.company) + form,
        view.language,
        status=422 if view.problem else 200,
        footer=_opt_out(view.opt_out, said),
    )


def change_page(view: ChangeView) -> Page:
    """Keep or change? The first button keeps: what presses without reading changes nothing."""
    said = words(view.language)
    old, new = (rating_label(each, view.survey, view.language, low=view.low, high=view.high) for each in (view.old, view.new))
    form = (
        f'<form method="post" action="{escape(view.action)}" autocomplete="off"><input type="hidden" name="rating" value="{view.new}">'
        f"{_ASKED if view.asked else ''}{_hidden(view.details, view.proof)}"
        f'<button class="second" name="keep" value="1">{escape(said["keep"].format(label=old))}</button>'
        f'<button name="change" value="1">{escape(said["change_to"].format(label=new))}</button></form>'
    )
    content = f"{_brand(view.company)}<h1>{escape(said['change_title'])}</h1><p>{escape(said['saved'].format(label=old))}</p>{form}"
    return page(said["change_title"], content, view.language, footer=_opt_out(view.opt_out, said))


def thanks_page(view: ThanksView) -> Page:
    """The rating is safe, and the page says so first. Then the follow-ups, or the last word of thanks."""
    said = words(view.language)
    label = rating_label(view.rating, view.survey, view.language, low=view.low, high=view.high)
    told_more = bool(view.follow_ups) and view.complete
    title = said["done_title" if told_more else "saved_title"]
    saved = (f"{said['done']} " if told_more else "") + said["saved"].format(label=label)
    parts = [
        _brand(view.company),
        _TICK,
        f"<h1>{escape(title)}</h1>",
        f'<p class="words">{_own(view.thanks or said["thanks"])}</p>',
        f'<p class="q">{escape(saved)}{_change(view, said)}</p>',
    ]
    if view.follow_ups and not view.complete:
        parts.append(_follow_up_form(view, said))
    else:
        parts += [_links(view.links), f'<p class="q">{escape(said["close"])}</p>']
    return page(title, "".join(parts), view.language, status=422 if view.problem else 200, footer=_opt_out(view.opt_out, said))


def _follow_up_form(view: ThanksView, said: Mapping[str, str]) -> str:
    asked = "".join(_follow_up(each, view.details, said) for each in view.follow_ups)
    return (
        f"<h2>{escape(said['more'])}</h2>{_problem(view.problem, said)}"
        f'<p class="q">{escape(said["more_hint"])}</p>'
        f'<form method="post" action="{escape(view.action)}" autocomplete="off"><input type="hidden" name="rating" value="{view.rating}">'
        f"{_ASKED}{_hidden({}, view.proof)}{asked}<button>{escape(said['send'])}</button></form>"
    )


def _follow_up(asked: FollowUpView, details: Details, said: Mapping[str, str]) -> str:
    name, given = escape(f"details.{asked.id}"), details.get(asked.id, "")
    if asked.kind == "text":
        text = given if isinstance(given, str) else ""
        return (
            f'<div class="ask"><label for="{name}">{_own(asked.question)}</label><textarea id="{name}" name="{name}" '
            f'maxlength="{COMMENT_LIMIT}" dir="auto" placeholder="{escape(said["comment"])}">\n{escape(text)}</textarea></div>'
        )
    ticked = [given] if isinstance(given, str) else given
    choices = "".join(
        f'<label class="tick"><input type="checkbox" name="{name}" value="{escape(each.id)}"{" checked" if each.id in ticked else ""}>'
        f"<span>{_own(each.text)}</span></label>"
        for each in asked.choices
    )
    return (
        f'<fieldset class="ask" aria-describedby="{name}"><legend>{_own(asked.question)}</legend>'
        f'<span class="q" id="{name}">{escape(said["choices_hint"])}</span>{choices}</fieldset>'
    )


def _hint(view: RatingView, said: Mapping[str, str]) -> str:
    if view.answered is not None:
        label = rating_label(view.answered, view.survey, view.language, low=view.low, high=view.high)
        return said["hint_answered"].format(label=label)
    return said["hint" if view.chosen is None else "hint_chosen"]


def _hidden(details: Details, proof: str) -> str:
    fields = [(f"details.{name}", value) for name, given in details.items() for value in ([given] if isinstance(given, str) else given)]
    if proof:
        fields.append(("proof", proof))
    return "".join(f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in fields)


def _problem(key: str, said: Mapping[str, str]) -> str:
    return f'<p class="bad" role="alert">{escape(said[key].format(limit=COMMENT_LIMIT))}</p>' if key else ""


def _change(view: ThanksView, said: Mapping[str, str]) -> str:
    return f' <a href="{escape(view.action)}">{escape(said["change"])}</a>' if view.changeable else ""


def _links(links: tuple[LinkView, ...]) -> str:
    shown = "".join(
        f'<li><a href="{escape(each.url)}" rel="noreferrer">{escape(each.text)}</a></li>'
        for each in links
        if each.url.lower().startswith(("https://", "http://"))
    )
    return f"<ul>{shown}</ul>" if shown else ""


def _opt_out(path: str, said: Mapping[str, str]) -> str:
    return f'<a href="{escape(path)}">{escape(said["opt_out_button"])}</a>' if path else ""


def _own(text: str) -> str:
    """The company's own words, which may be in another script than the page: set apart, so that their marks stay in place."""
    return f"<bdi>{escape(text)}</bdi>"


def _brand(company: str) -> str:
    return f'<p class="brand">{_own(company)}</p>' if company else ""

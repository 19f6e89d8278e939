from __future__ import annotations

import json
import subprocess
import sys
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hearback.domain.answer import AnswerVersion
from hearback.domain.errors import Invalid
from hearback.domain.templates import (
    ANSWER_NAMES,
    LONGEST_RESULT,
    TRIGGER_NAMES,
    check_template,
    render_form,
    render_header,
    render_json,
    render_text,
    render_url,
    render_value,
    template_problem,
)
from hearback.usecases.compose_question import template_variables
from hearback.usecases.forward_answer import answer_variables
from tests.builders import NOW, a_story, a_survey, an_answer

HOSTILE = [
    '"',
    "\\",
    '\\"',
    "\n\r\t\x00\x1b",
    "😀",
    "\ud83d",
    "\udc00x",
    "{{ 7 * 7 }}",
    "{% raw %}",
    "</script>",
    "\u2028",
    "a: b",
    "'); --",
    "%00",
    "=1+1",
]
BODY = """{"comment": "{{ answer.comment }}", "rating": {{ answer.rating }},
           "tags": {{ conversation.tags }}, "x": "a {{ conversation.tags }} b"}"""


def named(comment: Any = "fine", **attributes: Any) -> dict[str, Any]:
    return {
        "answer": {"comment": comment, "rating": 4, "satisfied": True, "reasons": [], "details": {"why": ["slow"]}},
        "conversation": {"id": "42", "tags": ["a", str(comment)], "attributes": attributes},
        "contact": {"name": "Ada Lovelace", "addresses": {}},
    }


# --- JSON -----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("comment", HOSTILE)
def test_a_json_body_says_what_the_customer_typed_whatever_that_was(comment: str) -> None:
    rendered = render_json(BODY, named(comment))
    whole = "".join("\ufffd" if 0xD800 <= ord(each) <= 0xDFFF else each for each in comment)
    assert json.loads(rendered) == {"comment": whole, "rating": 4, "tags": ["a", whole], "x": f"a a, {whole} b"}
    rendered.encode()


@settings(max_examples=150)
@given(
    st.text(st.characters()),
    st.recursive(st.none() | st.booleans() | st.floats() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)),
)
def test_no_value_can_break_out_of_its_place(comment: str, value: Any) -> None:
    places = '"a": "{{ answer.comment }}", "b": {{ answer.comment }}, "c": {{ conversation.attributes.v }}'
    template = "{" + places + ', "d": "{{ conversation.attributes.v }}"}'
    assert set(json.loads(render_json(template, named(comment, v=value)))) == {"a", "b", "c", "d"}


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ('{"a": {{ answer.satisfied }}, "b": "{{ answer.satisfied }}"}', {"a": True, "b": "true"}),
        ('{"a": {{ conversation.attributes.none }}, "b": "{{ conversation.attributes.none }}"}', {"a": None, "b": ""}),
        ('{"a": {{ answer.details }}, "b": {{ answer.details | tojson }}}', {"a": {"why": ["slow"]}, "b": {"why": ["slow"]}}),
        ('{"a": {{ contact.name | upper }}, "b": "{{ contact.name.split(" ")[0] }}"}', {"a": "ADA LOVELACE", "b": "Ada"}),
        ('{"a": "{% if answer.satisfied %}good {{ answer.comment }}{% else %}bad{% endif %}"}', {"a": 'good "'}),
        ('{"a": {% if answer.rating > 3 %}"good"{% else %}null{% endif %}}', {"a": "good"}),
        ("[{% for tag in conversation.tags %}{{ tag }}{% if not loop.last %},{% endif %}{% endfor %}]", ["a", '"']),
        ('["{% for tag in conversation.tags %}{{ tag }}{% endfor %}"]', ['a"']),
        ('{"a\\"{{ answer.rating }}": "\\\\"}', {'a"4': "\\"}),
        ('{"a": {{ conversation.attributes.infinite }}}', {"a": None}),
        ('{"a": "{{ "x" ~ answer.comment }}"}', {"a": 'x"'}),
    ],
)
def test_each_value_is_written_as_its_place_asks(template: str, expected: Any) -> None:
    assert json.loads(render_json(template, named('"', infinite=float("inf")))) == expected


@pytest.mark.parametrize(
    "template",
    [
        '{"a": {{ answer.rating }},}',
        '{"a": {{ answer.rating }}',
        '{"a": "{% if answer.satisfied %}" {% endif %}}',
        '{"a": "{% for t in conversation.tags %}"{% endfor %}}',
        '{"a": "\\{{ answer.rating }}"}',
        "{a: {{ answer.rating }}}",
        "{a: 1}",
    ],
)
def test_a_template_that_cannot_give_json_is_refused_when_it_is_saved(template: str) -> None:
    with pytest.raises(Invalid):
        check_template(template, allowed=ANSWER_NAMES, as_json=True)


def test_a_lone_value_keeps_its_kind_and_anything_more_is_a_text() -> None:
    assert render_value("{{ answer.rating }}", named()) == 4
    assert render_value(" {{ conversation.tags }} ", named("b")) == ["a", "b"]
    assert render_value("{{ answer.rating }}/5", named()) == "4/5"
    assert render_value("{{ answer.rating }}{{ answer.rating }}", named()) == "44"
    assert render_value("plain", named()) == "plain"


# --- texts, addresses, headers --------------------------------------------------------------------------------------------------


def test_a_text_shows_values_as_people_write_them() -> None:
    values = ("contact.name", "answer.rating", "conversation.tags", "conversation.attributes.x", "answer.satisfied", "answer.reasons")
    text = "|".join(f"{{{{ {each} }}}}" for each in values)
    assert render_text(text, named("b")) == "Ada Lovelace|4|a, b||true|"


def test_a_value_is_never_read_as_a_template() -> None:
    assert render_text("{{ answer.comment }}", named("{{ contact.name }}")) == "{{ contact.name }}"


@pytest.mark.parametrize("comment", [*HOSTILE, "../../admin", "?a=b&c", "#x", "@evil.example", "//evil.example"])
def test_no_value_adds_a_path_a_query_or_a_host_to_an_address(comment: str) -> None:
    url = render_url("https://api.example.com/v1/{{ answer.comment }}/x?q={{ answer.comment }}&r=1", named(comment))
    parts = urlsplit(url)
    assert (parts.netloc, parts.path.count("/"), parts.query.count("&"), parts.fragment) == ("api.example.com", 3, 1, "")
    assert unquote(parts.path.split("/")[2]).encode() == comment.encode(errors="replace") or "\ud83d" in comment or "\udc00" in comment


def test_a_form_is_encoded_like_an_address() -> None:
    assert render_form("a={{ answer.comment }}&b=1", named("x&c=2")) == "a=x%26c%3D2&b=1"


@pytest.mark.parametrize("comment", ["a\r\nset-cookie: x", "a\nb", "a\x00b", "a\x7f"])
def test_a_header_with_a_line_break_is_refused(comment: str) -> None:
    with pytest.raises(Invalid):
        render_header("x {{ answer.comment }}", named(comment))


# --- what is refused ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("template", "unknown"),
    [
        ("{{ contact.nmae }}", "contact.nmae"),
        ('{{ contact["nmae"] }}', "contact.nmae"),
        ("{{ contcat.name }}", "contcat"),
        ("{% if answer.rated %}x{% endif %}", "answer.rated"),
        ("{% for t in conversation.tag %}{{ t }}{% endfor %}", "conversation.tag"),
        ("{{ contact.name | default(agent.nam) }}", "agent.nam"),
        ("{{ range(3) }}", "range"),
        ("{{ _rounds_left }}", "_rounds_left"),
        ("{{ self }}", "self"),
    ],
)
def test_a_variable_that_does_not_exist_is_named_when_the_template_is_saved(template: str, unknown: str) -> None:
    assert template_problem(template, ANSWER_NAMES) == f"{unknown} is not a variable that is known here"


@pytest.mark.parametrize(
    "template",
    [
        "plain text with } and {",
        "{{ conversation.attributes.anything.below }} {{ contact.addresses.whatsapp }} {{ answer.details.why }}",
        "{% for tag in conversation.tags %}{{ loop.index }} {{ tag }}{% endfor %}",
        "{{ answer.comment | truncate(20) | replace('a', 'b') | default('none') }}",
        "{# a note #}{{ survey.name }} {{ invitation.id }} {{ agent.team }}",
    ],
)
def test_documented_names_and_open_maps_are_accepted(template: str) -> None:
    assert template_problem(template, ANSWER_NAMES) is None


@pytest.mark.parametrize("attributes", [{}, {"order": None}, {"order": {}}, {"order": {"item": None}}])
def test_whatever_is_looked_for_below_what_is_not_there_is_empty(attributes: dict[str, Any]) -> None:
    template = "<{{ conversation.attributes.order.item.name }}{{ conversation.attributes['order']['item'][0] }}>"
    assert render_text(template, named(**attributes)) == "<>"
    assert render_json("[{{ conversation.attributes.order.item.name }}]", named(**attributes)) == "[null]"
    assert render_text("{{ conversation.attributes.order.item.name or 'none' }}", named(**attributes)) == "none"


def test_a_surveys_texts_know_no_answer() -> None:
    assert template_problem("{{ answer.rating }}") == "answer is not a variable that is known here"


@pytest.mark.parametrize(
    "template",
    [
        "{{ contact.name",
        "{% if %}",
        "{{ contact.name | shout }}",
        "{% set x = 1 %}",
        "{% macro m() %}{% endmacro %}",
        "{% include 'x' %}",
        "{% import 'x' as y %}",
        "{% block a %}{% endblock %}",
        "{% for a in conversation.tags recursive %}{% endfor %}",
        "{% with a = 1 %}{% endwith %}",
        "{% call x() %}{% endcall %}",
        "{{ " + "(" * 400 + "1" + ")" * 400 + " }}",
        "{{ 1 }}" * 5000,
    ],
    ids=lambda template: template[:30],
)
def test_what_templates_here_do_without_is_refused_when_it_is_saved(template: str) -> None:
    assert template_problem(template, ANSWER_NAMES)


@pytest.mark.parametrize(
    "template",
    [
        "{{ answer.nothing }}",
        "{{ nothing }}",
        "{{ answer.rating + 'x' }}",
        "{{ 1 / 0 }}",
        "{{ answer.comment.__class__ }}",
        "{{ answer.comment.format(1) }}",
        "{{ answer.comment.join(conversation.tags) }}",
        "{{ conversation.tags.append(1) }}",
        "{{ 'a' * 1000000000 }}",
        "{{ 9 ** 9 }}",
        "{{ '%0999999999d' % 1 }}",
        "{{ ('x' | replace('x', answer.comment)).zfill(1000000000) }}",
    ],
)
def test_what_goes_wrong_while_filling_in_is_the_templates_fault_and_shows_no_value(template: str) -> None:
    with pytest.raises(Invalid) as caught:
        render_text(template, named("a secret comment"))
    assert "secret" not in str(caught.value)


def test_loops_end() -> None:
    nested = "{% for a in answer.comment %}{% for b in answer.comment %}{% for c in answer.comment %}{% endfor %}{% endfor %}{% endfor %}"
    with pytest.raises(Invalid, match="rounds"):
        render_text(nested, named("x" * 150))


@pytest.mark.parametrize(
    "template",
    [
        "{% for a in answer.comment %}{{ answer.comment }}{% endfor %}",
        "{{ answer.comment | replace('x', answer.comment) }}",
        "{{ answer.comment | list | join(answer.comment) }}",
        "{{ (answer.comment ~ answer.comment) | replace('x', answer.comment ~ answer.comment) }}",
    ],
)
def test_a_text_does_not_grow_beyond_the_cap(template: str) -> None:
    with pytest.raises(Invalid, match=str(LONGEST_RESULT)):
        render_text(template, named("x" * 4000))


# --- the promises around it -----------------------------------------------------------------------------------------------------


def test_the_documented_names_are_those_that_the_use_cases_fill_in() -> None:
    survey = a_survey()
    story = a_story(answers=(AnswerVersion(1, an_answer(4), NOW, "web"),))
    for documented, filled in ((TRIGGER_NAMES, template_variables(story, survey)), (ANSWER_NAMES, answer_variables(story, survey))):
        assert {name: set(fields) for name, fields in documented.items()} == {name: set(fields) for name, fields in filled.items()}


def test_an_attribute_may_be_called_like_a_method() -> None:
    assert render_text("{{ conversation.attributes.items }} {{ conversation.attributes.count }}", named(items=3, count="x")) == "3 x"


def test_a_text_without_variables_loads_no_template_engine() -> None:
    code = (
        "import sys; from hearback.domain.templates import render_text; render_text('How was it?', {}); assert 'jinja2' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env={"PYTHONPATH": ":".join(sys.path)})

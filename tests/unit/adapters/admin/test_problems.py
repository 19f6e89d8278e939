"""What is said about a body: the field's path and what is wrong, never what was sent."""

from typing import Annotated, Any

import pytest
from pydantic import Field

from hearback.adapters.admin.fields import HOUR, NAME, Body, or_empty
from hearback.adapters.admin.problems import MOST_PROBLEMS, PATH_LIMIT, validated
from hearback.domain.errors import Invalid


class Inner(Body):
    id: Annotated[str, Field(pattern=NAME)]


class Sample(Body):
    whole: int = 0
    share: float = Field(default=0, ge=0, le=1)
    hour: Annotated[str, Field(pattern=HOUR)] = "00:00"
    maybe: Annotated[str, Field(pattern=or_empty(NAME))] = ""
    either: str | list[str] = ""
    inner: list[Inner] = Field(default=[])
    named: dict[Annotated[str, Field(pattern=NAME)], int] = Field(default={})


def problems(**plain: Any) -> dict[str, str]:
    with pytest.raises(Invalid) as refused:
        validated(Sample, plain, what="this sample")
    return refused.value.fields


@pytest.mark.parametrize(
    ("plain", "path", "problem"),
    [
        ({"whole": "1"}, "whole", "must be a whole number"),
        ({"whole": True}, "whole", "must be a whole number"),
        ({"share": 2}, "share", "must be less than or equal to 1"),
        ({"hour": "25:00"}, "hour", "must be a time of day such as 21:00"),
        ({"either": 1}, "either", "must be a text"),
        ({"either": [1]}, "either", "must be a text"),
        ({"inner": [{"id": "a"}, {}]}, "inner.1.id", "is required"),
        ({"inner": {}}, "inner", "must be a list"),
        ({"inner": ["a"]}, "inner.0", "must be an object"),
        ({"named": {"A b": 1}}, "named.A b", "must be 1 to 40 of a-z, 0-9, - and _, beginning with a letter or digit"),
        ({"named": {"a": "x"}}, "named.a", "must be a whole number"),
        ({"other": 1}, "other", "is not a field that is known here"),
    ],
)
def test_a_problem_has_the_fields_path_and_plain_words(plain: dict[str, Any], path: str, problem: str) -> None:
    assert problems(**plain)[path] == problem


def test_a_pattern_that_may_be_empty_is_worded_too_or_shown() -> None:
    assert problems(maybe="A")["maybe"].startswith("must match pattern")
    assert validated(Sample, {"maybe": ""}, what="this sample").maybe == ""


def test_a_stranger_cannot_make_the_answer_long() -> None:
    told = problems(**{f"{n:04}" + "x" * 1000: 1 for n in range(500)})
    assert len(told) == MOST_PROBLEMS
    assert max(map(len, told)) <= PATH_LIMIT


def test_what_was_sent_is_not_repeated() -> None:
    told = problems(whole="tell-no-one", share="tell-no-one", hour="tell-no-one", inner=["tell-no-one"], either=["tell-no-one", 5])
    assert "tell-no-one" not in str(told)

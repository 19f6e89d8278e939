"""The two tables: every error has a meaning for a caller and for a queue."""

import pytest

from hearback.domain import errors
from hearback.domain.errors import HearbackError, Invalid, Misconfigured, Unavailable
from hearback.runtime.http import STATUS, error_reply, status_of
from hearback.runtime.queue import is_acknowledged


def leaves() -> list[type[HearbackError]]:
    found, todo = [], [HearbackError]
    while todo:
        todo += (below := todo.pop().__subclasses__())
        found += below
    return [each for each in found if each.__module__ == errors.__name__]


@pytest.mark.parametrize("leaf", leaves(), ids=lambda leaf: leaf.__name__)
def test_every_leaf_resolves_in_both_tables(leaf: type[HearbackError]) -> None:
    assert status_of(leaf("x")) in STATUS.values()
    assert is_acknowledged(leaf("x")) in {True, False}


def test_a_new_leaf_inherits_its_branch() -> None:
    class Odd(errors.NotFound):
        pass

    assert status_of(Odd("x")) == 404
    assert is_acknowledged(Odd("x"))


def test_retry_later_says_when_and_fields_are_named() -> None:
    assert error_reply(Unavailable("busy", retry_after=7)).headers["retry-after"] == "7"
    assert '"scale.min": "too big"' in error_reply(Invalid("no", fields={"scale.min": "too big"})).body


def test_what_the_operator_must_mend_is_not_told_to_callers() -> None:
    assert "role" not in error_reply(Misconfigured("the role may not read the table")).body

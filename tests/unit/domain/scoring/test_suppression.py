"""What a report hides, checked by an attacker who solves every equation that the report gives away."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import chain, combinations, product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hearback.domain.scoring.counting import DayCounter
from hearback.domain.scoring.digest import Counts, Group
from hearback.domain.scoring.suppression import Hidden, hidden_rows, hide

MINIMUM = 3
CSAT = Group("csat", 1, 5, "high_is_good")
FACTS = ("agent", "tag", "team")
PAIR = ("agent", "team")

Facts = dict[str, Any]
Vector = tuple[int, ...]


def counts_of(people: Sequence[Facts]) -> Counts:
    counter = DayCounter(FACTS)
    for facts in people:
        answer = {"rating": 5, "details": {}, "scale": [1, 5], "direction": "high_is_good", "metric": "csat", "imported": False}
        counter.answer(answer, facts)
    return counter.digest().groups.get(CSAT, Counts())


def hidden_of(people: Sequence[Facts], *, pairs: Iterable[tuple[str, str]] = (PAIR,), minimum: int = MINIMUM) -> Hidden:
    return hide(counts_of(people), FACTS, pairs, minimum)


def has(facts: Facts, by: str, name: str) -> bool:
    held = facts.get(by, [])
    return name in held if isinstance(held, list) else name == held


def values_of(people: Sequence[Facts], by: str) -> list[str]:
    held = (facts.get(by, []) for facts in people)
    return sorted({each for value in held for each in (value if isinstance(value, list) else [value])})


def shown_of(people: Sequence[Facts], hidden: Hidden, facts: Sequence[str] = FACTS) -> Iterator[Vector]:
    """Each number that the report shows, as the answers that it sums over: all, each group, its others, each cell."""
    yield tuple(1 for _ in people)
    for by in facts:
        for name in values_of(people, by):
            if hidden.shows(by, name):
                yield tuple(int(has(each, by, name)) for each in people)
                if by not in hidden.undivided:
                    yield tuple(int(bool(each.get(by)) and not has(each, by, name)) for each in people)
    if PAIR not in hidden.pairs and set(PAIR) <= set(facts):
        for x, y in sorted({(each["agent"], each["team"]) for each in people if "agent" in each and "team" in each}):
            if (x, y) not in hidden.cells.get(PAIR, set()):
                yield tuple(int(has(each, "agent", x) and has(each, "team", y)) for each in people)


def solves(shown: Sequence[Vector], wanted: Vector) -> bool:
    """Whether a sum over some answers follows from the shown ones (Gauss, in exact fractions)."""
    basis: list[tuple[int, list[Fraction]]] = []

    def reduced(vector: Iterable[int]) -> list[Fraction]:
        left = [Fraction(each) for each in vector]
        for lead, row in basis:
            if left[lead]:
                factor = left[lead]
                left = [a - factor * b for a, b in zip(left, row, strict=True)]
        return left

    for vector in shown:
        left = reduced(vector)
        lead = next((place for place, each in enumerate(left) if each), None)
        if lead is not None:
            basis.append((lead, [each / left[lead] for each in left]))
    return not any(reduced(wanted))


def secrets_of(people: Sequence[Facts], hidden: Hidden, facts: Sequence[str]) -> Iterator[Vector]:
    """Every union of hidden groups of one fact, and of hidden cells, that speaks of fewer than the minimum."""
    for by in facts:
        rows = [tuple(int(has(each, by, name)) for each in people) for name in values_of(people, by) if not hidden.shows(by, name)]
        yield from small_unions(rows)
    cells = hidden.cells.get(PAIR, set()) if set(PAIR) <= set(facts) else set()
    yield from small_unions([tuple(int(has(each, "agent", x) and has(each, "team", y)) for each in people) for x, y in sorted(cells)])


def small_unions(rows: Sequence[Vector]) -> Iterator[Vector]:
    small = [row for row in rows if sum(row) < MINIMUM]
    for some in chain.from_iterable(combinations(small, size) for size in range(1, MINIMUM)):
        union = tuple(sum(column) for column in zip(*some, strict=True))
        if sum(union) < MINIMUM and max(union) == 1:
            yield union


person = st.fixed_dictionaries(
    {},
    optional={
        "agent": st.sampled_from("abcdef"),
        "team": st.sampled_from("xyz"),
        "tag": st.lists(st.sampled_from("tuv"), min_size=1, max_size=2, unique=True),
    },
)
nested = st.sampled_from("abcdef").map(
    lambda agent: {"agent": agent, "team": {"a": "x", "b": "x", "c": "x", "d": "y", "e": "y", "f": "z"}[agent]}
)
crowds = st.one_of(
    st.lists(person, max_size=30), st.lists(nested, max_size=30), st.lists(st.one_of(nested, nested, nested, person), max_size=30)
)


@settings(max_examples=300, deadline=None)
@given(crowds)
def test_no_hidden_group_can_be_worked_out_from_what_is_shown(people: list[Facts]) -> None:
    """By adding and subtracting in one table, and across two that are known to exclude or hold each other's groups."""
    hidden = hidden_of(people)
    for facts in (PAIR, ("tag",)):
        shown = list(shown_of(people, hidden, facts))
        for secret in secrets_of(people, hidden, facts):
            assert sum(secret) == len(people) or not solves(shown, secret)


@settings(max_examples=300, deadline=None)
@given(crowds)
def test_a_total_less_shown_parts_leaves_the_minimum_or_nothing(people: list[Facts]) -> None:
    hidden = hidden_of(people)
    for by in ("agent", "team"):
        names = [each for each in values_of(people, by) if hidden.shows(by, each)]
        left = len(people) - sum(has(each, by, name) for each in people for name in names)
        assert not names or left == 0 or left >= MINIMUM
        for name in names:
            parts = [
                cell
                for cell in product(values_of(people, "agent"), values_of(people, "team"))
                if name in cell and PAIR not in hidden.pairs and cell not in hidden.cells.get(PAIR, set())
            ]
            of_parts = sum((each.get("agent"), each.get("team")) in parts for each in people)
            left = sum(has(each, by, name) for each in people) - of_parts
            assert not of_parts or left == 0 or left >= MINIMUM


@settings(max_examples=300, deadline=None)
@given(crowds)
def test_whatever_is_shown_is_large_enough(people: list[Facts]) -> None:
    hidden = hidden_of(people)
    assert all(sum(vector) >= MINIMUM or sum(vector) == 0 for vector in list(shown_of(people, hidden))[1:])


@settings(max_examples=100, deadline=None)
@given(crowds, st.randoms(use_true_random=False))
def test_what_is_hidden_does_not_depend_on_the_order_of_the_answers(people: list[Facts], rng: Any) -> None:
    shuffled = list(people)
    rng.shuffle(shuffled)
    assert hidden_of(people) == hidden_of(shuffled)


def crowd(**agents: tuple[int, str]) -> list[Facts]:
    return [{"agent": agent, **({"team": team} if team else {})} for agent, (n, team) in agents.items() for _ in range(n)]


def test_a_group_below_the_minimum_takes_the_smallest_other_one_with_it() -> None:
    """With Ada alone hidden, everybody's score less the others' would be hers."""
    assert hidden_of(crowd(ada=(2, ""), bob=(5, ""), cyd=(9, ""))).values == {("agent", "ada"), ("agent", "bob")}


def test_two_small_groups_that_are_enough_together_hide_each_other() -> None:
    assert hidden_of(crowd(ada=(2, ""), bob=(1, ""), cyd=(9, ""))).values == {("agent", "ada"), ("agent", "bob")}


def test_a_few_answers_without_an_agent_cost_the_smallest_agent_its_row_and_the_others_their_comparison() -> None:
    hidden = hidden_of([*crowd(ada=(5, ""), bob=(6, "")), {}, {}])
    assert (hidden.values, hidden.undivided) == ({("agent", "ada")}, {"agent"})


def test_enough_answers_without_an_agent_cost_nothing() -> None:
    hidden = hidden_of([*crowd(ada=(5, ""), bob=(6, "")), {}, {}, {}])
    assert hidden == Hidden()


def test_who_knows_the_teams_cannot_subtract_a_teams_agents_from_the_team() -> None:
    """Hiding Eva, the smallest agent of all, would not do: she is in the other team."""
    people = crowd(ada=(2, "x"), bob=(9, "x"), cyd=(8, "x"), dan=(7, "y"), eva=(6, "y"))
    assert hidden_of(people, pairs=()).values == {("agent", "ada"), ("agent", "cyd")}


def test_a_fact_that_too_few_answers_have_shows_nothing() -> None:
    hidden = hidden_of([{"agent": "ada"}, {"agent": "ada"}, {}, {}, {}])
    assert (hidden.facts, hidden.shows("agent", "ada")) == ({"agent"}, False)


def test_a_tag_that_nearly_everybody_has_would_tell_about_those_without_it() -> None:
    people = [{"tag": ["t", "u"]}] * 5 + [{"tag": ["t"]}] * 5 + [{"tag": ["u"]}] * 2
    assert hidden_of(people).values == {("tag", "t")}


def test_a_small_cell_is_covered_in_its_row_and_its_column() -> None:
    people = [
        {"agent": agent, "team": team} for agent, team, n in [("a", "x", 1), ("a", "y", 5), ("b", "x", 6), ("b", "y", 7)] for _ in range(n)
    ]
    assert hidden_of(people).cells == {PAIR: {("a", "x"), ("a", "y"), ("b", "x"), ("b", "y")}}


def test_a_table_that_would_tell_too_much_whatever_was_hidden_is_left_out() -> None:
    """Cyd is in team x only, so both agents' totals less the team's are Ada's two answers in team y."""
    people = [*crowd(ada=(9, "x"), cyd=(9, "x"), bob=(9, "y")), {"agent": "ada", "team": "y"}, {"agent": "ada", "team": "y"}]
    hidden = hidden_of(people)
    assert hidden.pairs == {PAIR}
    assert hidden.values == set()


def test_no_comparison_is_cheaper_than_another_hidden_agent() -> None:
    """Who knows that team x is Ada and Bob subtracts it from both, and has Cyd, unless Bob's others are not told of."""
    people = [*crowd(ada=(3, "x"), bob=(3, "x"), cyd=(1, "")), {}, {}, {}]
    hidden = hidden_of(people, pairs=())
    assert (hidden.values, hidden.undivided) == ({("agent", "cyd")}, {"agent"})


def test_those_who_have_neither_an_agent_nor_a_team_hide_others_too() -> None:
    people = [*crowd(ada=(4, "x"), bob=(1, ""), cyd=(3, "x")), {}, {}]
    hidden = hidden_of(people, pairs=())
    assert (hidden.values, hidden.undivided) == ({("agent", "bob")}, {"agent"})


def test_a_hidden_groups_cells_are_hidden_however_large() -> None:
    people = [*crowd(ada=(2, "x"), bob=(1, "x"), cyd=(9, "x"), dan=(9, "y")), *crowd(bob=(5, "y"))]
    hidden = hidden_of(people)
    assert hidden.values == {("agent", "ada"), ("agent", "bob")}
    assert hidden.cells[PAIR] == {("ada", "x"), ("bob", "x"), ("bob", "y")}


def test_a_cell_that_is_nearly_all_of_its_agent_is_hidden() -> None:
    """The agent's others would be the two without the tag."""
    people = [{"agent": "ada", "tag": ["t", "u"]}] * 8 + [{"agent": "ada", "tag": ["u"]}] * 2 + [{"agent": "bob", "tag": ["t"]}] * 9
    people += [{"agent": "bob", "tag": ["u"]}] * 6
    hidden = hidden_of(people, pairs=[("agent", "tag")])
    assert ("ada", "t") in hidden.cells[("agent", "tag")]


@pytest.mark.parametrize("minimum", [2, 5, 100])
def test_the_surveys_own_minimum_holds(minimum: int) -> None:
    people = crowd(ada=(minimum - 1, ""), bob=(minimum, ""), cyd=(minimum + 1, ""), dan=(minimum + 2, ""))
    assert hidden_of(people, minimum=minimum).values == {("agent", "ada"), ("agent", "bob")}


def test_rows_of_a_table_with_a_known_total_are_completed_too() -> None:
    assert hidden_rows({"a": 2, "b": 9, "c": 4}, 3) == {"a", "c"}
    assert hidden_rows({"a": 3, "b": 3}, 3) == set()
    assert hidden_rows({"a": 2}, 3) is None
    assert hidden_rows(Counter(), 3) == set()

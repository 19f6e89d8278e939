"""Counting a day: pairs, comments, coverage, and that neither order nor division into parts shows."""

import json
import random
import tracemalloc
from collections.abc import Iterable
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hearback.domain.scoring import counting
from hearback.domain.scoring.counting import DayCounter, whole_day
from hearback.domain.scoring.digest import Digest, Group
from hearback.domain.scoring.stored import from_bytes, to_bytes

CSAT = Group("csat", 1, 5, "high_is_good")
NAMED = ("agent", "team", "tag")

Entry = tuple[dict[str, Any], dict[str, Any], str]


def an_answer(rating: int = 5, comment: str = "", **overrides: Any) -> dict[str, Any]:
    return {
        "rating": rating,
        "details": {"comment": comment} if comment else {},
        "scale": [1, 5],
        "direction": "high_is_good",
        "metric": "csat",
        "imported": False,
        **overrides,
    }


def a_counter(entries: Iterable[Entry], named: tuple[str, ...] = NAMED, *, texts: bool = True) -> DayCounter:
    counter = DayCounter(named, words=str.split)
    for answer, facts, invitation in entries:
        counter.answer(answer, facts, json.dumps(facts) if texts else "", invitation)
    return counter


def stored(digest: Digest) -> bytes:
    return to_bytes(digest, "support", "2026-03-02")


words = st.sampled_from(["slow", "rude", "late", "fine", "good", "慢", "ช้า"])
entries = st.lists(
    st.builds(
        lambda rating, wide, said, ticked, imported, facts: (
            an_answer(rating, " ".join(said), scale=[0, 10] if wide else [1, 5], metric="nps" if wide else "csat", imported=imported)
            | ({"details": {"why": ticked, "comment": " ".join(said)}} if ticked else {}),
            facts,
        ),
        st.integers(0, 6),
        st.booleans(),
        st.lists(words, max_size=4),
        st.lists(st.sampled_from(["slow", "rude"]), max_size=2),
        st.booleans(),
        st.fixed_dictionaries(
            {},
            optional={
                "agent": st.sampled_from("abcdef"),
                "team": st.sampled_from("xy"),
                "tag": st.lists(st.sampled_from("tuvw"), max_size=3),
                "order": st.sampled_from("0123456789"),
            },
        ),
    ),
    max_size=30,
).map(lambda found: [(answer, facts, f"invitation-{n}") for n, (answer, facts) in enumerate(found)])


@pytest.fixture
def _small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits that thirty answers reach."""
    for name, value in {
        "NAMED_VALUES": 4, "OTHER_VALUES": 6, "PAIR_CELLS": 5, "LOW_EXAMPLES": 3, "OTHER_EXAMPLES": 2, "COMMENTS_READ": 5,
        "WORDS_KEPT": 3, "_HELD_KINDS": 4,
    }.items():  # fmt: skip
        monkeypatch.setattr(counting, name, value)


@pytest.mark.usefixtures("_small_limits")
@settings(max_examples=200)
@given(entries, st.randoms(use_true_random=False), st.integers(1, 4))
def test_a_day_counted_in_parts_in_any_order_is_the_day_counted_at_once(found: list[Entry], rng: random.Random, parts: int) -> None:
    """Beyond every limit too: what is left out, cut or drawn is the same."""
    whole = stored(a_counter(found).digest())
    shuffled = list(found)
    rng.shuffle(shuffled)
    pieces = [a_counter(shuffled[n::parts], texts=n % 2 == 0).part() for n in range(parts)]
    rng.shuffle(pieces)
    assert stored(whole_day(pieces, NAMED)) == whole
    assert stored(whole_day([from_bytes(stored(each)) for each in pieces], NAMED)) == whole


@given(entries)
def test_a_part_that_was_counted_alone_is_a_day(found: list[Entry]) -> None:
    assert stored(whole_day([a_counter(found).part()], NAMED)) == stored(a_counter(found).digest())


def test_every_two_named_segments_are_counted_together() -> None:
    counts = a_counter(
        [(an_answer(5), {"team": "x", "agent": "a", "tag": ["t", "u"]}, "1"), (an_answer(1), {"team": "x", "agent": "a"}, "2")]
    )
    pairs = counts.digest().groups[CSAT].pairs
    assert pairs == {
        ("agent", "team"): {("a", "x"): {5: 1, 1: 1}},
        ("agent", "tag"): {("a", "t"): {5: 1}, ("a", "u"): {5: 1}},
        ("tag", "team"): {("t", "x"): {5: 1}, ("u", "x"): {5: 1}},
    }


def test_pairs_are_counted_of_the_first_named_segments_and_of_those_that_are_asked_for() -> None:
    named = [f"s{n:02}" for n in range(20)]
    counter = DayCounter(named, [("s19", "s18")])
    counter.answer(an_answer(), dict.fromkeys(named, "v"))
    pairs = set(counter.digest().groups[CSAT].pairs)
    assert ("s18", "s19") in pairs
    assert len(pairs) == 8 * 7 // 2 + 1


def test_a_pair_with_too_many_cells_is_left_out_and_its_segments_stay() -> None:
    found = [(an_answer(), {"agent": f"a{n % 50}", "team": f"t{n // 50}"}, str(n)) for n in range(50 * 41)]
    for each in (found, found[::-1]):
        digest = a_counter(each).digest()
        assert digest.too_many_pairs == {("agent", "team")}
        assert (digest.groups[CSAT].pairs, len(digest.groups[CSAT].segments["agent"])) == ({}, 50)


def test_a_fact_counts_once_in_having_it_however_many_values_it_has() -> None:
    counts = a_counter([(an_answer(4), {"tag": ["t", "u"]}, "1"), (an_answer(2), {"tag": []}, "2")]).digest().groups[CSAT]
    assert counts.having == {"tag": {4: 1}}


def test_coverage_counts_answers_to_our_own_invitations_and_what_became_of_each_trigger() -> None:
    counter = a_counter([(an_answer(), {"agent": "a"}, "1"), (an_answer(imported=True), {"agent": "a"}, "2")])
    counter.asked("sent", {"agent": "a", "team": "x", "tag": ["t"]})
    counter.asked("skipped:cooldown", {"agent": "a"})
    digest = counter.digest()
    assert digest.groups[CSAT].covered == {"agent": {"a": 1}}
    assert digest.asked_by == {"agent": {"a": {"sent": 1, "skipped:cooldown": 1}}, "team": {"x": {"sent": 1}}}


def test_more_agents_than_can_be_shown_are_not_covered_one_by_one() -> None:
    counter = DayCounter(NAMED)
    for n in range(2001):
        counter.asked("sent", {"agent": f"a{n}", "channel": "web"})
    digest = counter.digest()
    assert digest.too_many_covered == {"agent"}
    assert digest.asked_by == {"channel": {"web": {"sent": 2001}}}


def test_a_word_counts_once_a_comment_and_is_masked_before() -> None:
    said = "slow slow mail me at ada@example.com"
    counts = a_counter([(an_answer(2, said), {}, "1"), (an_answer(5, "slow"), {}, "2")]).digest().groups[CSAT]
    assert counts.words["slow"] == {2: 1, 5: 1}
    assert not any("@" in word for word in counts.words)
    assert (counts.commented, counts.comments) == ({2: 1, 5: 1}, 2)


def test_the_most_frequent_words_are_kept_and_what_was_cut_is_said() -> None:
    letters = "abcdefghijklmnopqrstuvwxyz"
    once = ["".join(each) for each in product(letters, letters, letters)]
    many: list[Entry] = [(an_answer(3, f"every {once[n]} {letters[n % 26]}"), {}, str(n)) for n in range(4990)]
    counts = a_counter(many).digest().groups[CSAT]
    assert set(counts.words) == {"every", *letters, *once[: 5000 - 27]}
    assert counts.words["every"].total() == 4990
    assert counts.words_cut == 1


def test_of_very_many_comments_a_fair_draw_is_read_and_all_are_counted() -> None:
    counts = a_counter([(an_answer(n % 5 + 1, "slow"), {}, f"i-{n}") for n in range(12_000)]).digest().groups[CSAT]
    assert counts.comments == 12_000
    assert counts.commented.total() == counts.words["slow"].total() == 5000
    assert all(900 < counts.commented[rating] < 1100 for rating in range(1, 6))


@pytest.mark.parametrize(("comment", "shown"), [("•••", []), ("0301234567, ada@example.com!", []), ("me: ada@example.com", ["me: •••"])])
def test_a_comment_of_which_nothing_can_be_shown_is_counted_and_no_example(comment: str, shown: list[str]) -> None:
    digest = a_counter([(an_answer(1, comment), {}, "i-1"), (an_answer(1, "..."), {}, "i-2")]).digest().groups[CSAT]
    assert sorted(each.text for each in digest.examples) == sorted([*shown, "..."])
    assert digest.comments == 2


def test_an_erased_comment_takes_no_place_among_those_whose_words_are_read() -> None:
    digest = a_counter([(an_answer(1, "•••"), {}, "i-1"), (an_answer(1, "slow"), {}, "i-2")]).digest().groups[CSAT]
    assert (dict(digest.commented), digest.comments) == ({1: 1}, 2)


def test_examples_are_drawn_from_the_low_ratings_first_and_name_nobody() -> None:
    facts = {"agent": "Ada", "tag": ["vip"], "order": "4711"}
    found = [(an_answer(n % 5 + 1, f"call me +49 30 1234567 please {'x' * 400}"), facts, f"i-{n}") for n in range(500)]
    examples = a_counter(found).digest().groups[CSAT].examples
    assert [sum(each.rating <= 3 for each in examples), sum(each.rating > 3 for each in examples)] == [40, 20]
    assert examples == sorted(examples, key=lambda each: each.key)
    assert all("1234567" not in each.text and len(each.text) == 280 and "i-" not in each.key for each in examples)
    assert examples[0].facts == {"agent": "Ada", "tag": ["vip"]}


def test_hostile_facts_are_cut_to_what_a_segment_may_be() -> None:
    names = {"agent": "=" * 10_000, "team": "\u202e<script>\ud800"}
    counts = a_counter([(an_answer(), names, "1")], texts=False).digest().groups[CSAT]
    assert [len(value) for value in counts.segments["agent"]] == [200]
    assert list(counts.segments["team"]) == ["\u202e<script>?"]


def test_ten_thousand_values_and_comments_in_every_script_take_bounded_memory() -> None:
    """Each answer of 6,000 with facts of its own, 10 kB long, and a comment in another script."""
    scripts = ["очень медленно", "بطيء جدا", "很慢很慢", "ช้ามาก", "बहुत धीमा", "非常に遅い", "매우 느림", "πολύ αργό", "😡😡"]

    def flood() -> Iterable[Entry]:
        for n in range(6_000):
            facts = {"agent": f"{n}-" + "a" * 10_000, "team": f"t{n // 2}", "tag": [f"{n}", f"{n + 1}"], "order": str(n)}
            yield an_answer(n % 5 + 1, f"{scripts[n % 9]} {n} " * 100), facts, f"i-{n}"

    tracemalloc.start()
    digest = a_counter(flood()).digest()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert digest.too_many_values == {"agent", "team", "tag", "order"}
    assert peak < 120_000_000

import json
import random
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearback.domain.errors import Misconfigured
from hearback.domain.scoring.counting import DayCounter
from hearback.domain.scoring.digest import NAMED_VALUES, OTHER_VALUES, Digest, Group, canonical, merged
from hearback.domain.scoring.stored import Part, from_bytes, to_bytes

CSAT = Group("csat", 1, 5, "high_is_good")


def an_answer(rating: Any = 5, **overrides: Any) -> dict[str, Any]:
    return {
        "rating": rating,
        "details": {},
        "at": "2026-03-02T12:00:00+00:00",
        "version": 1,
        "channel": "web",
        "scale": [1, 5],
        "direction": "high_is_good",
        "metric": "csat",
        "imported": False,
        **overrides,
    }


def counted(*answers: tuple[Mapping[str, Any], Mapping[str, Any]], named: tuple[str, ...] = (), asked: tuple[str, ...] = ()) -> Digest:
    counter = DayCounter(named)
    for answer, facts in answers:
        counter.answer(answer, facts)
    for outcome in asked:
        counter.asked(outcome)
    return counter.digest()


def stored(digest: Digest) -> bytes:
    return to_bytes(digest, "support", "2026-03-02")


texts = st.text(max_size=8)
answers = st.builds(
    lambda rating, wide, comment, ticked, imported: an_answer(
        rating,
        scale=[0, 10] if wide else [1, 5],
        metric="nps" if wide else "csat",
        details={"comment": comment, "reasons": ticked},
        imported=imported,
    ),
    st.integers(0, 6),
    st.booleans(),
    texts,
    st.lists(st.sampled_from(["slow", "rude"])),
    st.booleans(),
)
facts = st.dictionaries(st.sampled_from(["agent", "tag", "order"]), texts | st.lists(texts, max_size=2))
entries = st.lists(st.tuples(answers, facts), max_size=12)
digests = st.builds(
    lambda found, flood, asked: counted(*found, *[(an_answer(), {flood: str(n)}) for n in range(60 if flood else 0)], asked=tuple(asked)),
    entries,
    st.sampled_from(["", "", "order"]),
    st.lists(st.sampled_from(["sent", "delivered", "skipped:cooldown"])),
)


@given(digests, digests, digests)
def test_merging_is_associative_and_commutative_and_the_empty_digest_changes_nothing(a: Digest, b: Digest, c: Digest) -> None:
    assert stored(merged([merged([a, b]), c])) == stored(merged([a, merged([b, c])]))
    assert stored(merged([a, b])) == stored(merged([b, a]))
    assert stored(merged([a, Digest()])) == stored(merged([Digest(), a])) == stored(a)


@given(digests, digests)
def test_merging_changes_none_of_what_it_merges(a: Digest, b: Digest) -> None:
    before = stored(a), stored(b)
    merged([a, b])
    assert (stored(a), stored(b)) == before


@given(entries, entries)
def test_two_days_merged_are_their_answers_counted_together(first: list[Any], second: list[Any]) -> None:
    """As long as no fact has too many values: that is judged by the day."""
    assert stored(merged([counted(*first), counted(*second)])) == stored(counted(*first, *second))


@given(entries, st.randoms(use_true_random=False))
def test_the_order_of_the_answers_does_not_show(found: list[Any], rng: random.Random) -> None:
    shuffled = list(found)
    rng.shuffle(shuffled)
    assert stored(counted(*found)) == stored(counted(*shuffled))


@given(digests)
def test_a_stored_digest_is_read_back_as_it_was(digest: Digest) -> None:
    assert stored(from_bytes(stored(digest))) == stored(digest)


@given(digests, digests)
def test_stored_digests_merge_like_the_ones_in_memory(a: Digest, b: Digest) -> None:
    assert stored(merged([from_bytes(stored(a)), from_bytes(stored(b))])) == stored(merged([a, b]))


def test_a_digest_of_a_newer_format_is_refused_rather_than_misread() -> None:
    plain = json.loads(stored(Digest())) | {"format": 3}
    with pytest.raises(Misconfigured):
        from_bytes(canonical(plain))


def test_a_digest_is_json_with_its_format_named() -> None:
    body = stored(counted((an_answer(4), {"agent": "Zoë"}), asked=("sent",)))
    assert body.endswith(b"}\n")
    assert '"Zoë"'.encode() in body
    assert json.loads(body)["format"] == 2


@given(digests)
def test_a_reader_who_needs_little_reads_the_same_and_no_more(digest: Digest) -> None:
    body = stored(digest)
    whole = from_bytes(body)
    for part in Part:
        read = from_bytes(body, part)
        assert {group: counts.histogram for group, counts in read.groups.items()} == {
            group: counts.histogram for group, counts in whole.groups.items()
        }
        assert any(counts.segments for counts in read.groups.values()) == (
            part >= Part.SEGMENTS and any(counts.segments for counts in whole.groups.values())
        )
        assert any(counts.examples for counts in read.groups.values()) == (
            part >= Part.COMMENTS and any(counts.examples for counts in whole.groups.values())
        )


def test_a_digest_of_the_first_format_is_read_with_what_it_knew() -> None:
    group = {
        "metric": "csat", "scale": [1, 5], "direction": "high_is_good", "histogram": {"5": 2}, "imported": 1, "comments": 1,
        "reasons": {"why": {"slow": {"5": 1}}}, "segments": {"agent": {"Ada": {"5": 2}}},
    }  # fmt: skip
    plain = {
        "format": 1, "survey": "s", "day": "2026-03-02", "asked": {"sent": 3}, "invalid": 1, "too_many_values": ["order"], "groups": [group]
    }  # fmt: skip
    digest = from_bytes(canonical(plain))
    counts = digest.groups[CSAT]
    assert (counts.n, counts.segments["agent"]["Ada"], counts.having["agent"]) == (2, {5: 2}, {5: 2})
    assert (digest.too_many_values, digest.asked["sent"], counts.pairs, counts.words) == ({"order"}, 3, {}, {})
    assert from_bytes(canonical(plain), Part.SCORES).groups[CSAT].n == 2


def test_an_answer_keeps_the_scale_that_it_was_given_on() -> None:
    digest = counted((an_answer(3), {}), (an_answer(3, scale=[1, 7]), {}), (an_answer(3, direction="low_is_good"), {}))
    assert len(digest.groups) == 3
    assert all(counts.n == 1 for counts in digest.groups.values())


@pytest.mark.parametrize("rating", [0, 6, True, "5", 4.0, None])
def test_a_rating_that_is_not_on_its_own_scale_is_counted_as_invalid_only(rating: Any) -> None:
    digest = counted((an_answer(rating), {"agent": "Ada"}))
    assert digest.invalid == 1
    assert digest.groups == {}


def test_an_answer_counts_once_under_each_of_its_tags() -> None:
    counts = counted((an_answer(5), {"tag": ["vip", "refund", "vip"]})).groups[CSAT]
    assert {value: histogram.total() for value, histogram in counts.segments["tag"].items()} == {"vip": 1, "refund": 1}


def test_ticks_are_counted_by_rating_and_comments_once_an_answer() -> None:
    details = {"reasons": ["slow", "slow", "rude"], "comment": "well", "more": "so"}
    counts = counted((an_answer(2, details=details), {}), (an_answer(5, details={"comment": "  "}), {})).groups[CSAT]
    assert counts.comments == 1
    assert counts.reasons[("reasons", "slow")] == {2: 1}


def test_a_fact_with_too_many_values_is_left_out_however_its_answers_are_ordered() -> None:
    many = [(an_answer(), {"order": str(n), "channel": "web"}) for n in range(OTHER_VALUES + 1)]
    for found in (many, many[::-1], many + many):
        digest = counted(*found)
        assert digest.too_many_values == {"order"}
        assert set(digest.groups[CSAT].segments) == {"channel"}


def test_the_most_values_that_a_fact_may_have_are_all_counted() -> None:
    digest = counted(*[(an_answer(), {"order": str(n)}) for n in range(OTHER_VALUES)])
    assert len(digest.groups[CSAT].segments["order"]) == OTHER_VALUES


def test_a_segment_that_the_survey_names_may_have_many_more_values() -> None:
    found = [(an_answer(), {"agent": str(n)}) for n in range(OTHER_VALUES * 4)]
    assert len(counted(*found, named=("agent",)).groups[CSAT].segments["agent"]) == OTHER_VALUES * 4
    beyond = [(an_answer(), {"agent": str(n)}) for n in range(NAMED_VALUES + 1)]
    assert counted(*beyond, named=("agent",)).too_many_values == {"agent"}


def test_a_table_that_lacks_a_day_is_left_out_of_the_whole() -> None:
    over = counted(*[(an_answer(), {"order": str(n)}) for n in range(OTHER_VALUES + 1)])
    under = counted((an_answer(), {"order": "1"}))
    both = merged([under, over])
    assert both.too_many_values == {"order"}
    assert both.groups[CSAT].segments == {}
    assert under.groups[CSAT].segments != {}


def test_values_of_any_form_are_counted_as_text_and_empty_ones_not_at_all() -> None:
    counts = counted((an_answer(), {"n": 7, "none": None, "empty": "", "tag": [1, None, ""]})).groups[CSAT]
    assert {name: list(values) for name, values in counts.segments.items()} == {"n": ["7"], "tag": ["1"]}

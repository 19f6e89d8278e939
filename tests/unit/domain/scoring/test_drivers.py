import json
import random
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from hearback.domain.scoring.comparing import difference
from hearback.domain.scoring.digest import Counts
from hearback.domain.scoring.drivers import FALSE_DISCOVERY_RATE, MOST_TESTED, DriverFindings, find_drivers
from hearback.domain.scoring.score import Yardstick, score_of
from hearback.domain.survey import Choice, FollowUp, Survey
from tests.builders import a_survey
from tests.unit.domain.scoring.answered import CES, CSAT, EFFORT, NPS, Said, counts_of

WHY = FollowUp("why", "choices", {"en": "Why?"}, (Choice("slow", {"en": "Slow"}), Choice("rude", {"en": "Rude"})))
SURVEY = a_survey(follow_ups=(WHY,), segments=("agent", "team", "channel", "tag"))
GOOD, BAD = 5, 1


def times(n: int, rating: int, **facts: Any) -> list[Said]:
    return [Said(rating, facts)] * n


def blanks(text: str) -> list[str]:
    return text.split()


def found_in(answers: Iterable[Said], survey: Survey = SURVEY, yardstick: Yardstick = CSAT, **more: Any) -> DriverFindings:
    return find_drivers(counts_of(answers), survey, yardstick, blanks, **more)


def names(findings: DriverFindings) -> list[tuple[str, str, str, str]]:
    plain = findings.plain()["drivers"]
    return [(each["kind"], each["by"], each["name"], each["direction"]) for each in plain]


def the_driver(findings: DriverFindings, name: str) -> dict[str, Any]:
    return next(each for each in findings.plain()["drivers"] if each["name"] == name)


ANN_IS_SLOW = [
    *times(20, GOOD, agent="ann"),
    *times(40, BAD, agent="ann"),
    *times(90, GOOD, agent="bob"),
    *times(20, BAD, agent="bob"),
    *times(85, GOOD, agent="cid"),
    *times(25, BAD, agent="cid"),
]


def test_a_segment_that_rates_worse_than_all_others_lowers_the_score() -> None:
    driver = the_driver(found_in(ANN_IS_SLOW), "ann")
    assert driver["direction"] == "lowers"
    assert (driver["n"], driver["n_without"]) == (60, 220)
    assert driver["score_with"] == pytest.approx(100 * 20 / 60)
    assert driver["score_without"] == pytest.approx(100 * 175 / 220)
    assert driver["effect"] == pytest.approx(driver["score_with"] - driver["score_without"])
    assert driver["interval"]["low"] < driver["effect"] < driver["interval"]["high"] < 0
    assert driver["p"] <= driver["q"] <= FALSE_DISCOVERY_RATE


def test_what_lowers_the_score_most_surely_comes_first() -> None:
    assert names(found_in(ANN_IS_SLOW)) == [
        ("segment", "agent", "ann", "lowers"),
        ("segment", "agent", "bob", "raises"),
        ("segment", "agent", "cid", "raises"),
    ]


def test_a_modest_effect_of_many_answers_comes_before_a_large_one_of_few() -> None:
    answers = [
        *times(11, BAD, agent="few"),
        *times(1, GOOD, agent="few"),
        *times(600, BAD, agent="many"),
        *times(400, GOOD, agent="many"),
        *times(300, BAD, agent="bob"),
        *times(700, GOOD, agent="bob"),
    ]
    first, second = found_in(answers).plain()["drivers"][:2]
    assert (first["name"], second["name"]) == ("many", "few")
    assert second["effect"] < first["effect"] < first["interval"]["high"] < second["interval"]["high"] < 0


def test_a_segment_is_compared_with_those_alone_that_have_the_fact() -> None:
    driver = the_driver(found_in([*ANN_IS_SLOW, *times(500, GOOD)]), "ann")
    assert driver["n_without"] == 220


def test_of_two_values_the_worse_is_shown_and_the_test_is_made_once() -> None:
    findings = found_in([*times(60, BAD, team="a"), *times(60, GOOD, team="b")])
    assert names(findings) == [("segment", "team", "a", "lowers")]
    assert findings.tested == 1


def test_every_number_agrees_with_a_comparison_made_by_itself() -> None:
    counts = counts_of(ANN_IS_SLOW)
    for driver in find_drivers(counts, SURVEY, CSAT).drivers:
        mine = counts.segments["agent"][driver.candidate.name]
        rest = counts.having["agent"] - mine
        assert driver.effect == difference(mine, rest, CSAT)
        assert score_of(rest, CSAT).n == driver.candidate.others.total()


# --- small groups -----------------------------------------------------------------------------------------------------------


def test_a_group_below_the_minimum_is_neither_tested_nor_shown() -> None:
    survey = replace(SURVEY, minimum_group=10)
    findings = found_in([*times(9, BAD, agent="x"), *times(200, GOOD, agent="y"), *times(200, GOOD, agent="z")], survey)
    assert "x" not in [name for _, _, name, _ in names(findings)]
    assert findings.tested == 2
    assert {"kind": "segment", "by": "agent", "reason": "small_group", "count": 1} in findings.plain()["driver_tests"]["left_out"]


def test_a_group_whose_complement_is_below_the_minimum_is_not_shown_either() -> None:
    tags = [Said(GOOD, {"tag": ("most",)})] * 200 + [Said(BAD, {"tag": ("few", "fewer")})] * 4
    assert names(found_in(tags)) == []
    assert found_in(tags).tested == 0


def test_a_group_that_the_report_hides_is_not_shown_here() -> None:
    assert "ann" not in [name for _, _, name, _ in names(found_in(ANN_IS_SLOW, shows=lambda by, name: (by, name) != ("agent", "ann")))]


def test_a_word_in_fewer_than_ten_comments_is_not_tested() -> None:
    def said(n: int) -> list[Said]:
        return [Said(BAD, comment="broken parcel")] * n + [Said(GOOD, comment="fine parcel")] * 60

    assert found_in(said(9)).tested == 0 + 1
    assert ("word", "comment", "broken", "lowers") in names(found_in(said(10)))


# --- reasons ----------------------------------------------------------------------------------------------------------------


def ticked(n: int, rating: int, *choices: str) -> list[Said]:
    return [Said(rating, ticked=tuple(("why", choice) for choice in choices))] * n


def test_a_reason_is_compared_with_those_who_saw_the_question_and_did_not_tick_it() -> None:
    survey = replace(SURVEY, follow_ups=(replace(WHY, max_rating=4),))
    answers = [*ticked(30, BAD, "slow"), *ticked(10, 4, "slow"), *ticked(10, BAD), *ticked(30, 4, "rude"), *ticked(500, 5)]
    driver = the_driver(found_in(answers, survey), "slow")
    assert (driver["n"], driver["n_without"]) == (40, 40)
    assert (driver["score_with"], driver["score_without"]) == (25.0, 75.0)


@pytest.mark.parametrize(("yardstick", "highest"), [(CSAT, 3), (NPS, 6), (NPS, 8), (CES, 4)])
def test_a_question_that_the_satisfied_never_see_is_counted_and_not_tested(yardstick: Yardstick, highest: int) -> None:
    survey = replace(SURVEY, follow_ups=(replace(WHY, max_rating=highest),))
    best = yardstick.group.max
    answers = [
        *ticked(30, highest, "slow"),
        *ticked(10, highest, "rude"),
        *ticked(4, highest, "lone"),
        *ticked(60, highest),
        *ticked(500, best),
    ]
    findings = found_in(answers, survey, yardstick)
    assert findings.tested == 0
    shown = [(each["choice"], each["n"], each["share"]) for each in findings.plain()["unhappy_reasons"]]
    assert shown == [("slow", 30, pytest.approx(100 * 30 / 104)), ("rude", 10, pytest.approx(100 * 10 / 104))]
    interval = findings.plain()["unhappy_reasons"][0]["interval"]
    assert interval["method"] == "wilson"
    assert interval["low"] < 100 * 30 / 104 < interval["high"]


def test_a_question_for_the_satisfied_alone_and_one_that_is_gone_are_left_out_and_said_to_be() -> None:
    survey = replace(SURVEY, follow_ups=(replace(WHY, min_rating=4),))
    answers = [*ticked(30, GOOD, "slow"), Said(BAD, ticked=(("old", "x"),)), *ticked(60, GOOD), *ticked(60, BAD)]
    left_out = found_in(answers, survey).plain()["driver_tests"]["left_out"]
    assert left_out == [
        {"kind": "reason", "by": "old", "reason": "question_gone", "count": 1},
        {"kind": "reason", "by": "why", "reason": "shown_to_the_happy_only", "count": 1},
    ]


def test_a_question_for_the_passives_alone_says_nothing_about_the_unhappy() -> None:
    survey = replace(SURVEY, follow_ups=(replace(WHY, min_rating=7, max_rating=8),))
    findings = found_in([*ticked(30, 8, "slow"), *ticked(60, 7), *ticked(60, 10)], survey, NPS)
    assert findings.unhappy_reasons == ()
    assert findings.tested == 0


# --- which way is worse -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("yardstick", "worse", "better"), [(CSAT, 1, 5), (NPS, 3, 10), (CES, 2, 6), (EFFORT, 6, 2)])
def test_lowering_means_making_the_score_worse_whichever_way_the_scale_goes(yardstick: Yardstick, worse: int, better: int) -> None:
    answers = [
        *times(40, worse, agent="ann"),
        *times(10, better, agent="ann"),
        *times(40, better, agent="bob"),
        *times(10, worse, agent="bob"),
        *times(25, better, agent="cid"),
        *times(25, worse, agent="cid"),
    ]
    assert names(found_in(answers, yardstick=yardstick)) == [
        ("segment", "agent", "ann", "lowers"),
        ("segment", "agent", "bob", "raises"),
    ]
    sign = 1 if yardstick is EFFORT else -1
    assert sign * the_driver(found_in(answers, yardstick=yardstick), "ann")["effect"] > 0


# --- words ------------------------------------------------------------------------------------------------------------------


def test_a_word_is_compared_among_comments_and_has_its_log_odds() -> None:
    answers = [
        *[Said(BAD, comment="late again")] * 30,
        *[Said(GOOD, comment="again fine")] * 40,
        *[Said(BAD, comment="hm")] * 10,
        *[Said(GOOD)] * 500,
    ]
    findings = found_in(answers)
    late, fine = the_driver(findings, "late"), the_driver(findings, "fine")
    assert (late["n"], late["n_without"], late["effect"]) == (30, 50, -80.0)
    assert late["direction"] == "lowers"
    assert late["log_odds"]["z"] > 2
    assert fine["log_odds"]["z"] < -2
    assert ("word", "comment", "again") not in [each[:3] for each in names(findings) if each[3] == "lowers"]


def test_a_word_that_was_not_counted_every_day_is_left_out() -> None:
    counts = counts_of([*[Said(BAD, comment="late")] * 30, *[Said(GOOD, comment="fine")] * 40])
    counts.words_cut = 30
    findings = find_drivers(counts, SURVEY, CSAT, blanks)
    assert findings.tested == 1
    assert findings.plain()["driver_tests"]["left_out"] == [
        {"kind": "word", "by": "comment", "reason": "not_counted_every_day", "count": 1}
    ]


# --- examples ---------------------------------------------------------------------------------------------------------------


def test_two_comments_show_what_a_driver_means_the_worst_first_and_none_twice() -> None:
    answers = [
        *times(30, BAD, agent="ann"),
        Said(3, {"agent": "ann"}, comment="meh"),
        Said(2, {"agent": "ann"}, comment="poor"),
        Said(1, {"agent": "ann"}, comment="awful"),
        Said(1, {"agent": "ann"}, comment="awful"),
        Said(5, {"agent": "ann"}, comment="lovely"),
        *times(60, GOOD, agent="bob"),
        *times(60, GOOD, agent="cid"),
    ]
    assert the_driver(found_in(answers), "ann")["examples"] == [{"rating": 1, "text": "awful"}, {"rating": 2, "text": "poor"}]


def test_what_raises_the_score_is_shown_by_happy_comments() -> None:
    answers = [
        *[Said(BAD, comment="late")] * 30,
        Said(4, comment="kind though late"),
        *[Said(GOOD, comment="kind")] * 30,
        *[Said(BAD, comment="kind")] * 2,
    ]
    assert the_driver(found_in(answers), "kind")["examples"] == [
        {"rating": 5, "text": "kind"},
        {"rating": 4, "text": "kind though late"},
    ]
    assert the_driver(find_drivers(counts_of(answers), SURVEY, CSAT), "kind")["examples"] == []


def test_a_comment_shows_a_reason_that_was_ticked_with_it_and_a_tag_that_it_has() -> None:
    said = Said(BAD, {"tag": ("refund", "vip")}, (("why", "slow"),), "waited")
    others = [Said(GOOD, {"tag": ("vip", "other")}, (("why", "rude"),))] * 40
    findings = found_in([*[replace(said, comment="")] * 40, said, *others])
    for name in ("refund", "slow"):
        assert the_driver(findings, name)["examples"] == [{"rating": 1, "text": "waited"}]


def test_another_driver_is_shown_by_other_comments_while_there_are_any() -> None:
    comments = [Said(BAD, {"agent": "ann", "team": "red"}, comment=f"bad {number}") for number in range(4)]
    others = [Said(GOOD, {"agent": agent, "team": team}) for agent in ("bob", "cid") for team in ("blue", "green") for _ in range(20)]
    shown = [each["examples"] for each in found_in([*times(20, BAD, agent="ann", team="red"), *comments, *others]).plain()["drivers"][:2]]
    assert [[each["text"] for each in examples] for examples in shown] == [["bad 0", "bad 1"], ["bad 2", "bad 3"]]


# --- confounding ------------------------------------------------------------------------------------------------------------


def admissions(department: str, agent: str, good: int, bad: int) -> list[Said]:
    return [*times(good, GOOD, agent=agent, channel=department), *times(bad, BAD, agent=agent, channel=department)]


PARADOX = [
    *admissions("phone", "ann", 18, 2),
    *admissions("phone", "bob", 162, 18),
    *admissions("mail", "ann", 72, 108),
    *admissions("mail", "bob", 8, 12),
]
"""Ann answers mail, which everybody hates; within each channel she and Bob do equally well: 45% against 85% in all."""


def test_an_agent_who_only_works_where_customers_are_unhappy_is_shown_to_do_no_worse_there() -> None:
    driver = the_driver(found_in(PARADOX), "ann")
    assert driver["effect"] == pytest.approx(-40.0)
    assert driver["adjusted"]["for"] == "channel"
    assert driver["adjusted"]["effect"] == pytest.approx(0.0, abs=1e-9)
    assert driver["adjusted"]["interval"]["low"] < 0 < driver["adjusted"]["interval"]["high"]
    assert driver["adjusted"]["differs"] is True


def test_the_channel_behind_it_stays_a_driver_when_the_agent_is_held_equal() -> None:
    driver = the_driver(found_in(PARADOX), "mail")
    assert driver["adjusted"]["for"] == "agent"
    assert driver["adjusted"]["effect"] == pytest.approx(-50.0)
    assert driver["adjusted"]["differs"] is False


@pytest.mark.parametrize("yardstick", [NPS, CES])
def test_the_paradox_is_seen_through_on_other_scales_too(yardstick: Yardstick) -> None:
    best, worst = (10, 2) if yardstick is NPS else (7, 2)
    answers = [replace(each, rating=best if each.rating == GOOD else worst) for each in PARADOX]
    adjusted = the_driver(found_in(answers, yardstick=yardstick), "ann")["adjusted"]
    assert adjusted["effect"] == pytest.approx(0.0, abs=1e-9)
    assert adjusted["differs"] is True


def test_an_effect_that_turns_round_differs() -> None:
    answers = [
        *admissions("phone", "ann", 20, 0),
        *admissions("phone", "bob", 160, 40),
        *admissions("mail", "ann", 90, 110),
        *admissions("mail", "bob", 2, 18),
    ]
    driver = the_driver(found_in(answers), "ann")
    assert driver["effect"] < 0 < driver["adjusted"]["interval"]["low"]
    assert driver["adjusted"]["differs"] is True


def test_the_variable_that_changes_the_effect_most_is_named() -> None:
    rng = random.Random(1)
    answers = [Said(each.rating, {**each.facts, "team": rng.choice(["red", "blue"])}) for each in PARADOX]
    assert the_driver(found_in(answers), "ann")["adjusted"]["for"] == "channel"


def test_answers_that_lack_the_other_variable_are_a_stratum_of_their_own() -> None:
    without = [Said(each.rating, {"agent": each.facts["agent"]}) for each in PARADOX]
    driver = the_driver(found_in([*PARADOX, *without]), "ann")
    assert driver["adjusted"]["effect"] == pytest.approx(-40 * 100 / (18 + 18 + 100))


def test_variables_that_never_part_are_said_to_be_inseparable() -> None:
    answers = [
        *times(60, BAD, agent="ann", channel="mail"),
        *times(60, GOOD, agent="bob", channel="phone"),
        *times(60, GOOD, agent="cid", channel="phone"),
    ]
    driver = the_driver(found_in(answers), "ann")
    assert driver["adjusted"] is None
    assert driver["inseparable_from"] == ["channel"]


def test_a_few_answers_in_common_do_not_make_variables_separable() -> None:
    """Ann alone works nights; ten of her 70 answers, or three of the others', met any of the other side."""
    nights = times(60, BAD, agent="ann", channel="night")
    days = [
        *times(60, GOOD, agent="bob", channel="day"),
        *times(50, GOOD, agent="cid", channel="day"),
        *times(10, BAD, agent="cid", channel="day"),
    ]
    for few in (
        times(10, BAD, agent="ann", channel="day"),
        [*times(2, GOOD, agent="bob", channel="night"), *times(1, BAD, agent="cid", channel="night")],
    ):
        driver = the_driver(found_in([*nights, *days, *few]), "ann")
        assert driver["adjusted"] is None
        assert driver["inseparable_from"] == ["channel"]


def test_a_tag_is_adjusted_where_every_answer_has_tags_and_holds_nothing_equal_itself() -> None:
    tagged = [Said(each.rating, {"tag": (f"by-{each.facts['agent']}", "all"), "channel": each.facts["channel"]}) for each in PARADOX]
    driver = the_driver(found_in(tagged), "by-ann")
    assert driver["adjusted"]["for"] == "channel"
    assert driver["adjusted"]["effect"] == pytest.approx(0.0, abs=1e-9)
    assert the_driver(found_in(tagged), "mail")["adjusted"] is None
    assert the_driver(found_in([*tagged, Said(GOOD)]), "by-ann")["adjusted"] is None


# --- limits -----------------------------------------------------------------------------------------------------------------


def test_no_answers_have_no_drivers() -> None:
    plain = find_drivers(Counts(), SURVEY, CSAT).plain()
    assert plain["drivers"] == plain["unhappy_reasons"] == plain["driver_tests"]["left_out"] == []
    assert plain["driver_tests"]["tested"] == 0


def test_answers_that_are_all_the_same_have_no_drivers() -> None:
    answers = [Said(GOOD, {"agent": agent, "tag": ("a", "b")}, (("why", "slow"),), "fine") for agent in ("x", "y") for _ in range(50)]
    assert names(found_in(answers)) == []


def test_of_ten_thousand_values_the_most_frequent_are_tested_and_the_rest_is_counted() -> None:
    answers = [said for value in range(10_000) for said in times(5 + (value < 100), GOOD, agent=f"agent {value:05}")]
    findings = found_in([*answers, *times(50, BAD, agent="late")])
    assert findings.tested == MOST_TESTED
    assert findings.plain()["driver_tests"]["left_out"] == [
        {"kind": "segment", "by": "agent", "reason": "too_many", "count": 10_001 - MOST_TESTED}
    ]
    assert names(findings) == [("segment", "agent", "late", "lowers")]


def test_a_fact_that_no_survey_names_and_that_has_many_values_is_left_out() -> None:
    findings = found_in([said for value in range(51) for said in times(6, GOOD, order=f"{value}")])
    assert findings.tested == 0
    assert findings.plain()["driver_tests"]["left_out"][0]["reason"] == "too_many_values"


def test_the_order_in_which_answers_came_does_not_show() -> None:
    shuffled = list(PARADOX)
    random.Random(3).shuffle(shuffled)
    assert json.dumps(found_in(shuffled).plain()) == json.dumps(found_in(PARADOX).plain())

"""PUT /admin/surveys/{id}: what a survey may be, what it defaults to, and what is said about one that may not be."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from hearback.adapters.admin.rules import AdminRules, Family
from hearback.domain.errors import Invalid
from hearback.domain.retrying import reminder_due
from hearback.domain.survey import Direction, Metric, Style, Survey
from tests.builders import NOW


class AnyKind(BaseModel):
    kind: str


def template_problem(text: str) -> str | None:
    return "names nobody, which is not there" if "nobody" in text else None


RULES = AdminRules(
    {"channels": Family({"email": AnyKind, "web": AnyKind, "whatsapp": AnyKind}, {})}, template_problem, timezone="Europe/Berlin"
)
LEAST: dict[str, Any] = {"metric": "csat", "texts": {"en": {"question": "How was it?"}}}


def checked(body: dict[str, Any], channels: tuple[str, ...] = ()) -> dict[str, Any]:
    return RULES.check("surveys", body, held={}, channels=channels).body


def problems(**changes: Any) -> dict[str, str]:
    with pytest.raises(Invalid) as refused:
        checked({**LEAST, **changes})
    return refused.value.fields


@pytest.mark.parametrize(
    ("metric", "scale", "benchmark", "target"),
    [
        ("csat", {"min": 1, "max": 5, "style": "stars", "direction": "high_is_good"}, 4, 75),
        ("nps", {"min": 0, "max": 10, "style": "numbers", "direction": "high_is_good"}, 9, 30),
        ("ces", {"min": 1, "max": 7, "style": "numbers", "direction": "high_is_good"}, 5, 5.5),
    ],
)
def test_metric_and_one_question_are_enough(metric: str, scale: dict[str, Any], benchmark: int, target: float) -> None:
    body = checked({**LEAST, "metric": metric})
    assert (body["scale"], body["benchmark"], body["target"]) == (scale, benchmark, target)
    assert body["channels"] == ["same", "email", "web"]
    assert body["segments"] == ["agent", "team", "channel", "tag"]
    assert body["policy"]["expires_days"] == 14
    assert not body["published"]


def test_a_survey_without_a_time_zone_lives_in_the_stacks() -> None:
    assert checked(LEAST)["timezone"] == "Europe/Berlin"


def test_the_stored_form_is_what_the_domain_reads() -> None:
    follow_up = {
        "id": "why",
        "kind": "choices",
        "texts": {"en": "Why?"},
        "when": {"max_rating": 3},
        "choices": [{"id": "slow", "texts": {"en": "Slow"}}],
    }
    policy = {"quiet_hours": ["21:00", "08:00"], "reminder_days": 2}
    survey = Survey.from_plain("support", checked({**LEAST, "follow_ups": [follow_up], "policy": policy}))
    assert survey.metric is Metric.CSAT
    assert (survey.scale.style, survey.scale.direction) == (Style.STARS, Direction.HIGH_IS_GOOD)
    assert survey.policy.quiet_hours == ("21:00", "08:00")
    assert survey.policy.cooldown_days == 7
    assert survey.follow_ups[0].applies_to(3)
    assert not survey.follow_ups[0].applies_to(4)


@pytest.mark.parametrize("days", [None, 0])
def test_no_reminder_is_said_with_null_or_with_none_after_no_days(days: int | None) -> None:
    survey = Survey.from_plain("support", checked({**LEAST, "policy": {"reminder_days": days}}))
    assert reminder_due(survey, "email", NOW) is None


def test_a_list_of_the_wrong_length_is_told_in_plain_words() -> None:
    assert problems(policy={"quiet_hours": []})["policy.quiet_hours"] == "must have at least 2 items"


def test_reports_are_cut_by_names_and_by_pairs_of_names() -> None:
    body = checked({**LEAST, "segments": ["agent", ["team", "channel"], ["team", "shift"]], "minimum_group": 8})
    survey = Survey.from_plain("support", body)
    assert (survey.segments, survey.segment_pairs) == (("agent",), (("team", "channel"), ("team", "shift")))
    assert survey.segment_names == ("agent", "team", "channel", "shift")
    assert survey.minimum_group == 8


def test_the_digest_mail_goes_to_nobody_unless_somebody_is_named() -> None:
    silent = Survey.from_plain("support", checked(LEAST))
    assert (silent.digest_to, silent.digest_periods, silent.report_language) == ((), ("week",), "en")
    told = Survey.from_plain(
        "support", checked({**LEAST, "digest": {"to": ["a@example.com"], "periods": ["month"]}, "report_language": "zh"})
    )
    assert (told.digest_to, told.digest_periods, told.report_language) == (("a@example.com",), ("month",), "zh")


@pytest.mark.parametrize(
    ("metric", "scale", "benchmark"),
    [
        ("csat", {"max": 3}, 3),
        ("csat", {"max": 10}, 8),
        ("csat", {"direction": "low_is_good"}, 2),
        ("ces", {"max": 5}, 4),
        ("ces", {"direction": "low_is_good"}, 3),
    ],
)
def test_a_scale_given_in_part_keeps_the_rest_and_moves_the_benchmark(metric: str, scale: dict[str, Any], benchmark: int) -> None:
    body = checked({**LEAST, "metric": metric, "scale": scale})
    assert body["scale"].items() >= scale.items()
    assert body["benchmark"] == benchmark


def test_what_was_shown_can_be_put_back_unchanged() -> None:
    once = checked(LEAST)
    assert checked(once) == once


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"metric": "mood"}, "metric"),
        ({"scale": {"min": 5, "max": 5}}, "scale.min"),
        ({"scale": {"min": 4, "max": 2}}, "scale.min"),
        ({"scale": {"max": 11}}, "scale.max"),
        ({"scale": {"min": -1}}, "scale.min"),
        ({"scale": {"style": "hearts"}}, "scale.style"),
        ({"scale": {"step": 2}}, "scale.step"),
        ({"scale": 5}, "scale"),
        ({"metric": "nps", "scale": {"max": 9}}, "scale.max"),
        ({"metric": "nps", "scale": {"min": 1}}, "scale.min"),
        ({"metric": "nps", "scale": {"direction": "low_is_good"}}, "scale.direction"),
        ({"benchmark": 6}, "benchmark"),
        ({"benchmark": "4"}, "benchmark"),
        ({"benchmark": True}, "benchmark"),
        ({"target": 101}, "target"),
        ({"metric": "nps", "target": -101}, "target"),
        ({"metric": "ces", "target": 7.5}, "target"),
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"timezone": "../../etc/passwd"}, "timezone"),
        ({"texts": {}}, "texts"),
        ({"texts": {"en": {}}}, "texts.en.question"),
        ({"texts": {"en": {"question": ""}}}, "texts.en.question"),
        ({"texts": {"en": {"question": "Hello {{ nobody }}"}}}, "texts.en.question"),
        ({"texts": {"en": {"question": "How?", "subject": "{{ nobody }}"}}}, "texts.en.subject"),
        ({"texts": {"English": {"question": "How?"}}}, "texts.English"),
        ({"channels": ["same", "pigeon"]}, "channels.1"),
        ({"channels": ["email", "email"]}, "channels.1"),
        ({"channels": []}, "channels"),
        ({"segments": ["team", "team"]}, "segments.1"),
        ({"segments": [["team", "channel"], ["channel", "team"]]}, "segments.1"),
        ({"segments": [["team", "team"]]}, "segments.0"),
        ({"segments": [["team"]]}, "segments.0"),
        ({"segments": [7]}, "segments.0"),
        ({"minimum_group": 1}, "minimum_group"),
        ({"report_language": "tlh"}, "report_language"),
        ({"digest": {"to": ["nobody"]}}, "digest.to.0"),
        ({"digest": {"to": ["a@example.com", "a@example.com"]}}, "digest.to.1"),
        ({"digest": {"periods": ["year"]}}, "digest.periods.0"),
        ({"digest": {"periods": ["week", "week"]}}, "digest.periods.1"),
        ({"policy": {"sample_percent": 100.5}}, "policy.sample_percent"),
        ({"policy": {"sample_percent": -1}}, "policy.sample_percent"),
        ({"policy": {"cooldown_days": -1}}, "policy.cooldown_days"),
        ({"policy": {"quiet_hours": ["21:00", "24:00"]}}, "policy.quiet_hours.1"),
        ({"policy": {"quiet_hours": ["9:00", "10:00"]}}, "policy.quiet_hours.0"),
        ({"policy": {"quiet_hours": ["21:00"]}}, "policy.quiet_hours"),
        ({"policy": {"quiet_hours": ["21:00", "21:00"]}}, "policy.quiet_hours"),
        ({"policy": {"reminder_days": 14}}, "policy.reminder_days"),
        ({"policy": {"expires_days": 0}}, "policy.expires_days"),
        ({"policy": {"snooze": 1}}, "policy.snooze"),
        ({"colour": "red"}, "colour"),
        ({"published": "yes"}, "published"),
    ],
)
def test_what_cannot_be_is_refused_with_its_path(changes: dict[str, Any], path: str) -> None:
    assert path in problems(**changes)


def test_a_follow_up_and_its_choices_may_name_known_variables_only() -> None:
    choice = {"id": "slow", "texts": {"en": "nobody"}}
    asked = {"id": "why", "kind": "choices", "texts": {"en": "Why?", "es": "nobody"}, "choices": [choice]}
    assert set(problems(follow_ups=[asked])) == {"follow_ups.0.texts.es", "follow_ups.0.choices.0.texts.en"}


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"kind": "video"}, "follow_ups.0.kind"),
        ({"id": "Why?"}, "follow_ups.0.id"),
        ({"id": "rating"}, "follow_ups.0.id"),
        ({"texts": {}}, "follow_ups.0.texts"),
        ({"texts": {"de": "Warum?"}}, "follow_ups.0.texts.en"),
        ({"choices": []}, "follow_ups.0.choices"),
        ({"kind": "text"}, "follow_ups.0.choices"),
        ({"choices": [{"id": "a", "texts": {"en": "A"}}, {"id": "a", "texts": {"en": "B"}}]}, "follow_ups.0.choices.1.id"),
        ({"choices": [{"id": "a", "texts": {"de": "A"}}]}, "follow_ups.0.choices.0.texts.en"),
        ({"choices": [{"id": "a", "texts": {"en": "A"}, "icon": "x"}]}, "follow_ups.0.choices.0.icon"),
        ({"when": {"max_rating": 6}}, "follow_ups.0.when.max_rating"),
        ({"when": {"min_rating": 4, "max_rating": 2}}, "follow_ups.0.when.min_rating"),
        ({"when": {"mood": 1}}, "follow_ups.0.when.mood"),
    ],
)
def test_a_follow_up_that_cannot_be_is_refused_with_its_path(changes: dict[str, Any], path: str) -> None:
    follow_up = {"id": "why", "kind": "choices", "texts": {"en": "Why?"}, "choices": [{"id": "slow", "texts": {"en": "Slow"}}]}
    assert path in problems(follow_ups=[{**follow_up, **changes}])


def test_two_follow_ups_cannot_share_an_id() -> None:
    follow_up = {"id": "comment", "kind": "text", "texts": {"en": "Anything else?"}}
    assert "follow_ups.1.id" in problems(follow_ups=[follow_up, follow_up])


def test_every_problem_is_named_at_once() -> None:
    assert set(problems(scale={"min": 5}, target=200, timezone="Nowhere", channels=["pigeon"], colour="red", texts={"en": {}})) == {
        "scale.min",
        "target",
        "timezone",
        "channels.0",
        "colour",
        "texts.en.question",
    }


def test_a_wrong_metric_is_named_alone_without_what_follows_from_it() -> None:
    assert set(problems(metric="mood", scale={"max": 9})) == {"metric"}


def test_a_configured_channel_can_be_named_by_its_id() -> None:
    assert checked({**LEAST, "channels": ["whatsapp-sales"]}, channels=("whatsapp-sales",))["channels"] == ["whatsapp-sales"]
    assert "channels.0" in problems(channels=["whatsapp-sales"])


def test_a_body_too_large_to_be_stored_is_refused() -> None:
    words = {f"a{chr(97 + n // 26)}{chr(97 + n % 26)}": "x" * 500 for n in range(60)}
    follow_ups = [{"id": f"q{n}", "kind": "text", "texts": {"en": "Why?", **dict(list(words.items())[:59])}} for n in range(5)]
    assert problems(follow_ups=follow_ups) == {"body": "is too large"}


def test_no_problem_repeats_what_was_sent() -> None:
    told = problems(
        metric="tell-no-one", timezone="tell-no-one", target="tell-no-one", channels=["tell-no-one"], scale={"min": "tell-no-one"}
    )
    assert "tell-no-one" not in " ".join(told.values())


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
fields = st.sampled_from(["metric", "scale", "benchmark", "target", "timezone", "texts", "follow_ups", "policy", "channels", "segments"])


@given(st.dictionaries(fields | st.text(max_size=8), anything, max_size=4), st.sampled_from(["csat", "nps", "ces", None]))
def test_any_body_is_accepted_or_refused_and_nothing_else(changes: dict[str, Any], metric: str | None) -> None:
    body = {**LEAST, **({"metric": metric} if metric else {}), **changes}
    refused: dict[str, str] = {}
    stored: dict[str, Any] | None = None
    try:
        stored = checked(body)
    except Invalid as error:
        refused = error.fields
    assert bool(stored) != bool(refused)
    assert all(path.encode() and problem for path, problem in refused.items())
    if stored:
        Survey.from_plain("support", stored)
        assert checked(stored) == stored

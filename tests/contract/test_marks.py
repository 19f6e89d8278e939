"""What the keepers of conversations, nights and configured objects promise."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from hearback.ports import ConfigItem
from tests.builders import NOW, a_survey_body
from tests.contract.conftest import Store

LATER = NOW + timedelta(minutes=1)
MONDAY, TUESDAY = date(2026, 3, 2), date(2026, 3, 3)


# --- conversations ----------------------------------------------------------------------------------------------------------


def test_a_conversation_nobody_has_reopened_has_no_time(store: Store) -> None:
    assert store.conversations.reopened_at("helpdesk", "42") is None


def test_the_newest_reopening_counts_in_whatever_order_they_come(store: Store) -> None:
    for moment in (NOW, LATER, NOW):
        store.conversations.reopen("helpdesk", "42", moment)
    assert store.conversations.reopened_at("helpdesk", "42") == LATER


def test_the_same_number_at_another_helpdesk_is_another_conversation(store: Store) -> None:
    store.conversations.reopen("helpdesk", "42", NOW)
    assert store.conversations.reopened_at("other", "42") is None


# --- nights -----------------------------------------------------------------------------------------------------------------


def test_a_survey_s_turn_is_one_run_s_until_it_ends_or_its_time_is_over(store: Store) -> None:
    take, end = store.nights.take_turn, store.nights.end_turn
    assert take("support", "a", NOW, LATER)
    assert not take("support", "b", NOW, LATER), "while it lasts"
    assert take("sales", "b", NOW, LATER), "of another survey"
    assert take("support", "a", NOW, LATER), "the same run, tried again"
    end("support", "b")
    assert not take("support", "b", NOW, LATER), "nobody ends another's turn"
    end("support", "a")
    end("support", "a")
    assert take("support", "b", NOW, LATER)
    assert take("support", "a", LATER, LATER + timedelta(minutes=1)), "a run that died"
    assert store.nights.scored_until("support") is None


def test_dirty_days_are_listed_oldest_first_and_by_survey(store: Store) -> None:
    days = [date(2026, 1, 1) + timedelta(days=(n * 5) % 11) for n in range(11)]
    for day in days:
        store.nights.mark_dirty("support", day, "s")
    store.nights.mark_dirty("sales", MONDAY, "s")
    assert store.nights.dirty_days("support") == [(day, "s") for day in sorted(days)]
    assert store.nights.dirty_days("sales") == [(MONDAY, "s")]


def test_the_latest_mark_of_a_day_counts(store: Store) -> None:
    for stamp in ("2", "3", "1"):
        store.nights.mark_dirty("support", MONDAY, stamp)
    assert store.nights.dirty_days("support") == [(MONDAY, "3")]


def test_a_day_that_was_counted_is_clean(store: Store) -> None:
    store.nights.mark_dirty("support", MONDAY, "1")
    store.nights.mark_dirty("support", TUESDAY, "1")
    store.nights.clean("support", MONDAY, "1")
    store.nights.clean("support", MONDAY, "1")
    assert store.nights.dirty_days("support") == [(TUESDAY, "1")]


def test_a_mark_made_while_its_day_was_counted_stays(store: Store) -> None:
    store.nights.mark_dirty("support", MONDAY, "1")
    store.nights.mark_dirty("support", MONDAY, "2")
    store.nights.clean("support", MONDAY, "1")
    assert store.nights.dirty_days("support") == [(MONDAY, "2")]


def test_how_far_the_scoring_came_is_remembered_by_survey(store: Store) -> None:
    assert store.nights.scored_until("support") is None
    store.nights.set_scored_until("support", TUESDAY)
    assert store.nights.scored_until("support") == TUESDAY
    assert store.nights.scored_until("sales") is None
    store.nights.set_scored_until("support", MONDAY)
    assert store.nights.scored_until("support") == MONDAY


def test_a_mail_about_a_period_is_claimed_once(store: Store) -> None:
    assert store.nights.claim_digest("support", "week", MONDAY, "a")
    assert not store.nights.claim_digest("support", "week", MONDAY, "b")


def test_a_claim_whose_reply_was_lost_is_found_again_by_its_token(store: Store) -> None:
    assert store.nights.claim_digest("support", "week", MONDAY, "a")
    assert store.nights.claim_digest("support", "week", MONDAY, "a")


def test_another_survey_period_or_start_is_another_mail(store: Store) -> None:
    claims = [("support", "week", MONDAY), ("sales", "week", MONDAY), ("support", "day", MONDAY), ("support", "week", TUESDAY)]
    assert all(store.nights.claim_digest(*claim, "a") for claim in claims)


def test_a_claim_that_was_given_back_can_be_had_again_and_only_its_owner_gives_it_back(store: Store) -> None:
    assert store.nights.claim_digest("support", "week", MONDAY, "a")
    store.nights.release_digest("support", "week", MONDAY, "b")
    assert not store.nights.claim_digest("support", "week", MONDAY, "b")
    store.nights.release_digest("support", "week", MONDAY, "a")
    store.nights.release_digest("support", "week", MONDAY, "a")
    assert store.nights.claim_digest("support", "week", MONDAY, "b")


def test_claims_are_no_days_to_count(store: Store) -> None:
    store.nights.claim_digest("support", "day", MONDAY, "a")
    assert store.nights.dirty_days("support") == []
    assert store.nights.scored_until("support") is None


# --- configuration ----------------------------------------------------------------------------------------------------------


def test_a_configured_object_comes_back_as_it_was_put_in_its_own_order(store: Store) -> None:
    body = a_survey_body(texts={"es": {"question": "¿Qué tal?"}, "en": {"question": "How was it?"}}, target=74.5)
    assert store.configs.put("surveys", "support", body) == ConfigItem("support", body, 1)
    found = store.configs.get("surveys", "support")
    assert found == ConfigItem("support", body, 1)
    assert list(found.body["texts"]) == ["es", "en"]


@pytest.mark.parametrize("name", ["", "x" * 1025, "🙂" * 600, "a" * 100_000])
def test_what_can_be_no_id_at_all_is_simply_not_there(store: Store, name: str) -> None:
    """Strangers choose what stands in a path; DynamoDB refuses even to look for a key that is too long."""
    assert store.configs.get("sources", name) is None
    assert store.stories.get(name * 2) is None


def test_every_change_is_a_version_and_the_same_again_is_none(store: Store) -> None:
    versions = [store.configs.put("sinks", "crm", body).version for body in ({"a": 1}, {"a": 1}, {"a": 2}, {"a": 1})]
    assert versions == [1, 1, 2, 3]


def test_objects_are_listed_by_kind_in_the_order_of_their_ids(store: Store) -> None:
    for name in ("c", "a", "e", "b", "d"):
        store.configs.put("sinks", name, {"n": name})
    store.configs.put("channels", "a", {"n": "x"})
    assert [each.id for each in store.configs.all("sinks")] == ["a", "b", "c", "d", "e"]
    assert store.configs.all("channels") == [ConfigItem("a", {"n": "x"}, 1)]
    assert store.configs.all("sources") == []


def test_a_deleted_object_is_gone_and_deleting_says_whether_it_was_there(store: Store) -> None:
    store.configs.put("sinks", "crm", {})
    assert store.configs.delete("sinks", "crm")
    assert not store.configs.delete("sinks", "crm")
    assert store.configs.get("sinks", "crm") is None
    assert store.configs.all("sinks") == []

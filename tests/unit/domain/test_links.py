from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearback.domain.errors import Gone, Misconfigured, NotFound
from hearback.domain.links import AnswerLink, LinkSigner, OptOutLink

NOW = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=14)
KEY, OLD_KEY, FOREIGN_KEY = "a key of the newest generation", "a key that is on its way out", "a key of somebody else's stack"
INVITATION = "kWcY1t8pU2d0qN-b_5xXgA"
SIGNER = LinkSigner([KEY, OLD_KEY])
TOKEN = SIGNER.answer_token(INVITATION, "support", LATER)
OPT_OUT = SIGNER.opt_out_token(INVITATION, "support", LATER)

moments = st.integers(1_600_000_000, 4_100_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
ids = st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_", min_size=1, max_size=40)


def refusal(token: str, signer: LinkSigner = SIGNER, now: datetime = NOW) -> tuple[type, str, str]:
    with pytest.raises(NotFound) as caught:
        signer.read_answer_token(token, now)
    return type(caught.value), caught.value.code, caught.value.message


FORGED = refusal("forged")


@given(ids, ids.map(str.lower), moments)
def test_a_link_gives_back_what_was_put_into_it(invitation: str, survey: str, expires_at: datetime) -> None:
    before = expires_at - timedelta(seconds=1)
    answer, opt_out = SIGNER.answer_token(invitation, survey, expires_at), SIGNER.opt_out_token(invitation, survey, expires_at)
    assert SIGNER.read_answer_token(answer, before) == AnswerLink(invitation, survey, expires_at)
    assert SIGNER.read_opt_out_token(opt_out, before) == OptOutLink(invitation, survey, expires_at)


def test_a_link_of_the_first_release_is_read_for_ever() -> None:
    golden = "1Pu-S.kWcY1t8pU2d0qN-b_5xXgA.support.6b146d40.Pwlup1Uuq3DSyV07dL7P2bfgdSpvGCRXiPc4w5SRSJ0"
    assert golden == TOKEN
    assert SIGNER.read_answer_token(golden, NOW) == AnswerLink(INVITATION, "support", LATER)


def test_a_link_is_short_and_needs_no_escaping_in_a_url() -> None:
    assert len(TOKEN) < 100
    assert all(each.isascii() and (each.isalnum() or each in "-_.") for each in TOKEN)


@given(st.integers(0, len(TOKEN) * 8 - 1))
def test_no_flipped_bit_is_accepted(bit: int) -> None:
    raw = bytearray(TOKEN.encode())
    raw[bit // 8] ^= 1 << bit % 8
    assert refusal(raw.decode("latin-1")) == FORGED


@given(st.integers(0, len(TOKEN) - 1), st.characters())
def test_no_other_character_is_accepted_anywhere(at: int, other: str) -> None:
    changed = TOKEN[:at] + other + TOKEN[at + 1 :]
    if changed != TOKEN:
        assert refusal(changed) == FORGED
    assert refusal(TOKEN[:at] + other + TOKEN[at:]) == FORGED


@given(st.integers(0, len(TOKEN) - 1))
def test_no_part_of_a_link_is_accepted(length: int) -> None:
    assert refusal(TOKEN[:length]) == FORGED
    assert refusal(TOKEN[length + 1 :]) == FORGED


@given(st.text())
def test_no_text_is_a_link_by_chance_or_an_error(text: str) -> None:
    assert refusal(text) == FORGED
    assert refusal(TOKEN + text + " ") == FORGED


@pytest.mark.parametrize(
    "token", ["", "\ud800", "1" * 100_000, TOKEN + "=", TOKEN + "\n", TOKEN.replace("support", "SUPPORT"), f"{TOKEN}.x"]
)
def test_odd_tokens_are_refused_like_any_other(token: str) -> None:
    assert refusal(token) == FORGED


def test_every_spelling_of_the_last_character_but_one_is_refused() -> None:
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    assert [TOKEN[:-1] + each for each in alphabet if TOKEN[:-1] + each == TOKEN or refusal(TOKEN[:-1] + each) != FORGED] == [TOKEN]


def test_a_link_serves_one_purpose_only() -> None:
    assert refusal(OPT_OUT) == FORGED
    with pytest.raises(NotFound):
        SIGNER.read_opt_out_token(TOKEN, NOW)


def test_a_link_of_another_stack_is_refused() -> None:
    foreign = LinkSigner([FOREIGN_KEY]).answer_token(INVITATION, "support", LATER)
    assert refusal(foreign) == FORGED
    assert refusal(foreign.replace(foreign[:5], TOKEN[:5])) == FORGED


def test_the_newest_key_signs_and_older_ones_are_still_accepted() -> None:
    old = LinkSigner([OLD_KEY]).answer_token(INVITATION, "support", LATER)
    assert SIGNER.read_answer_token(old, NOW).invitation_id == INVITATION
    assert LinkSigner([KEY]).read_answer_token(TOKEN, NOW).invitation_id == INVITATION
    assert refusal(TOKEN, LinkSigner([OLD_KEY])) == FORGED
    assert refusal(old, LinkSigner([KEY])) == FORGED


def test_a_genuine_link_whose_time_is_over_says_so() -> None:
    assert SIGNER.read_answer_token(TOKEN, LATER - timedelta(seconds=1)).expires_at == LATER
    with pytest.raises(Gone) as caught:
        SIGNER.read_answer_token(TOKEN, LATER)
    assert caught.value.code == "expired"
    with pytest.raises(Gone):
        SIGNER.read_opt_out_token(OPT_OUT, LATER)


def test_a_forged_link_is_not_told_that_it_would_have_expired() -> None:
    assert refusal(TOKEN[:-2] + "AA", now=LATER) == FORGED
    assert refusal(OPT_OUT, now=LATER) == FORGED


@pytest.mark.parametrize("keys", [[], [""], ["short"], [KEY, "short"]])
def test_no_link_is_signed_with_a_weak_key(keys: list[str]) -> None:
    with pytest.raises(Misconfigured):
        LinkSigner(keys)


@pytest.mark.parametrize(
    ("invitation", "survey"), [("", "support"), ("a.b", "support"), ("a", "a/b"), ("a", ""), ("x" * 65, "support"), ("a", "ü")]
)
def test_an_id_that_a_url_could_not_carry_is_refused_when_the_link_is_made(invitation: str, survey: str) -> None:
    with pytest.raises(ValueError, match="does not fit"):
        SIGNER.answer_token(invitation, survey, LATER)

"""100,000 links that nobody was given: none opens anything, and each is refused in the same words."""

from __future__ import annotations

import base64
import random
import string
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from urllib.parse import quote

import pytest

from hearback.domain.errors import Gone, HearbackError, NotFound
from hearback.domain.links import LinkSigner, Look, PageProof
from tests.builders import NOW
from tests.unit.runtime.answer_world import AnswerWorld

SEED = 20_261_122
MUTATIONS = 100_000
OURS, THEIRS = "a-key-that-signs-our-links-0001", "a-key-that-nobody-gave-us-00001"
LETTERS = string.ascii_letters + string.digits + "-_."
LOOK_ALIKES = dict(zip("aeocpx10-_.AB", "аеосрх１٠‐＿․ΑΒ", strict=True))
ODDITIES = ["\0", " ", "\t", "\n", "%00", "=", "/", "\\", "'", "\u200b", "\ufeff", "\ud800", "é", "🙂", ".", "..", "A" * 300]
Mutate = Callable[[str, random.Random], str]

signer = LinkSigner([OURS])


def invitation(dice: random.Random) -> str:
    return base64.urlsafe_b64encode(dice.randbytes(16)).decode().rstrip("=")


def genuine(dice: random.Random) -> str:
    return signer.answer_token(invitation(dice), dice.choice(["support", "sales-2026", "s_1"]), NOW + timedelta(days=dice.randint(1, 60)))


def of_another_key(_: str, dice: random.Random) -> str:
    return LinkSigner([THEIRS]).answer_token(invitation(dice), "support", NOW + timedelta(days=9))


def of_another_purpose(_: str, dice: random.Random) -> str:
    shown = PageProof(dice.choice(list(Look)), dice.randint(0, 3), NOW)
    return dice.choice(
        [
            signer.opt_out_token(invitation(dice), "support", NOW + timedelta(days=9)),
            signer.page_proof(invitation(dice), shown),
        ]
    )


def expired(_: str, dice: random.Random) -> str:
    return signer.answer_token(invitation(dice), "support", NOW - timedelta(seconds=dice.randint(0, 10**7)))


def with_parts_of_another(token: str, dice: random.Random) -> str:
    mine, other = token.split("."), genuine(dice).split(".")
    place = dice.randrange(1, len(mine))
    return ".".join([*mine[:place], other[place], *mine[place + 1 :]])


def for_longer(token: str, dice: random.Random) -> str:
    head, survey, expiry, signature = token.rsplit(".", 3)
    return f"{head}.{survey}.{int(expiry, 16) + dice.randint(1, 10**6):x}.{signature}"


def for_somebody_else(token: str, dice: random.Random) -> str:
    version, _, rest = token.split(".", 2)
    return f"{version}.{invitation(dice)}.{rest}"


def under_their_key_s_name(token: str, dice: random.Random) -> str:
    return of_another_key(token, dice)[:5] + token[5:]


def cut(token: str, dice: random.Random) -> str:
    return token[: dice.randrange(len(token))] if dice.random() < 0.5 else token[dice.randrange(1, len(token)) :]


def one_bit_off(token: str, dice: random.Random) -> str:
    place = dice.randrange(len(token))
    return token[:place] + chr(ord(token[place]) ^ (1 << dice.randrange(8))) + token[place + 1 :]


def one_letter_off(token: str, dice: random.Random) -> str:
    place = dice.randrange(len(token))
    return token[:place] + dice.choice(LETTERS.replace(token[place], "")) + token[place + 1 :]


def two_letters_swapped(token: str, dice: random.Random) -> str:
    one, two = sorted(dice.sample(range(len(token)), 2))
    return token[:one] + token[two] + token[one + 1 : two] + token[one] + token[two + 1 :]


def in_another_case(token: str, dice: random.Random) -> str:
    return dice.choice([token.upper(), token.lower(), token.swapcase(), token[:-1] + token[-1].swapcase()])


def in_look_alikes(token: str, dice: random.Random) -> str:
    places = [place for place, letter in enumerate(token) if letter in LOOK_ALIKES]
    place = dice.choice(places or [0])
    return token[:place] + LOOK_ALIKES.get(token[place], "а") + token[place + 1 :]


def with_more(token: str, dice: random.Random) -> str:
    more, place = dice.choice(ODDITIES), dice.choice([0, len(token), dice.randrange(len(token))])
    return token[:place] + more + token[place:]


def percent_encoded_twice(token: str, dice: random.Random) -> str:
    place = dice.randrange(len(token))
    return token[:place] + f"%{ord(token[place]):02x}" + token[place + 1 :]


def spelled_otherwise(token: str, dice: random.Random) -> str:
    """base64 has spare bits at its end: several last letters decode to the same signature."""
    last = (string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_").index(token[-1])
    return token[:-1] + (string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_")[last ^ dice.randint(1, 3)]


def at_random(_: str, dice: random.Random) -> str:
    return "".join(dice.choices(LETTERS, k=dice.randint(0, 120)))


def of_any_characters(_: str, dice: random.Random) -> str:
    return "".join(chr(dice.randrange(0x11_0000)) for _ in range(dice.randint(0, 60)))


MUTATORS: list[Mutate] = [
    *(of_another_key, of_another_purpose, with_parts_of_another, for_longer, for_somebody_else, under_their_key_s_name),
    *(cut, one_bit_off, one_letter_off, two_letters_swapped, in_another_case, in_look_alikes, with_more, percent_encoded_twice),
    *(spelled_otherwise, at_random, of_any_characters),
]


def forged(number: int, seed: int = SEED) -> Iterator[tuple[Mutate, str]]:
    """Every way to forge in turn, each time from a genuine link of somebody else; what came out unchanged is left out."""
    dice = random.Random(seed)
    made = 0
    while made < number:
        mutate, token = MUTATORS[made % len(MUTATORS)], genuine(dice)
        if (found := mutate(token, dice)) != token:
            made += 1
            yield mutate, found


def refusal(token: str) -> HearbackError | None:
    try:
        signer.read_answer_token(token, NOW)
    except HearbackError as error:
        return error
    return None


def test_of_100_000_forged_links_none_is_accepted_and_all_are_refused_in_the_same_words() -> None:
    accepted, words = [], Counter[tuple[type, str]]()
    for mutate, token in forged(MUTATIONS):
        error = refusal(token)
        if error is None:
            accepted.append((mutate.__name__, token))
        words[(type(error), str(error))] += 1
    assert accepted == []
    assert words == {(NotFound, "this link is not valid"): MUTATIONS}


def test_no_forged_proof_of_a_page_is_believed() -> None:
    dice = random.Random(SEED)
    mine = invitation(dice)
    for mutate in MUTATORS:
        for _ in range(200):
            proof = signer.page_proof(mine, PageProof(Look.PAGE, dice.randint(0, 3), NOW))
            token = mutate(proof, dice) if proof.count(".") >= 4 or mutate is not for_longer else proof + "."
            assert token == proof or signer.read_page_proof(token, mine) is None, mutate.__name__
            assert signer.read_page_proof(proof, invitation(dice)) is None


def test_a_link_whose_time_is_over_says_so_to_its_owner_only() -> None:
    dice = random.Random(SEED)
    for _ in range(500):
        token = expired("", dice)
        assert isinstance(refusal(token), Gone)
        assert isinstance(refusal(one_letter_off(token, dice)), NotFound)


@pytest.mark.parametrize(("method", "where"), [("GET", "r"), ("POST", "r"), ("GET", "u"), ("POST", "u")])
def test_over_http_every_forged_link_gets_one_and_the_same_answer_and_changes_nothing(method: str, where: str) -> None:
    world = AnswerWorld().sent()
    before, answers = world.story(), Counter[tuple[int, bytes]]()
    body = {"GET": None, "POST": {"rating": 5} if where == "r" else b"List-Unsubscribe=One-Click"}[method]
    form = {"content-type": "application/x-www-form-urlencoded"} if where == "u" else {}
    for _, token in forged(340):
        path = quote(token.encode(errors="surrogatepass"), safe="")
        if token and "%2F" not in path:  # else it is another path, which nothing answers
            said = world.request(method, f"/{where}/{path}", body, {"accept": "text/html", **form})
            answers[(said.status, said.body)] += 1
    assert {status for status, _ in answers} == {404}
    assert len(answers) == 1
    assert world.story() == before

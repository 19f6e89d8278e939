"""Signed links: what stands between an invitation and the whole internet.

A token is `1{key}.{invitation}.{survey}.{expiry}.{signature}`: a version, which key signed it, whom it concerns (ids only),
until when, and 256 bits of HMAC-SHA256. The signing key is derived from the purpose, so no link serves two.

A page's proof is `1{key}.{look}.{version}.{milliseconds}.{signature}`, signed together with the invitation that it belongs to.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from itsdangerous.signer import Signer

from hearback.domain.errors import Gone, Misconfigured, NotFound

SHORTEST_KEY = 24
"""Characters; a shorter key is refused."""

_ANSWER = b"hearback.links.answer"
_OPT_OUT = b"hearback.links.opt-out"
_PAGE = b"hearback.links.page"
_LONGEST_TOKEN = 256
_CONTENT = re.compile(r"1[A-Za-z0-9_-]{4}\.([A-Za-z0-9_-]{1,64})\.([a-z0-9_-]{1,64})\.([0-9a-f]{1,9})", re.ASCII)
_SHOWN = re.compile(r"1[A-Za-z0-9_-]{4}\.([psta])\.([0-9a-f]{1,6})\.([0-9a-f]{1,12})", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class AnswerLink:
    """`expires_at` is aware, in UTC, to the second."""

    invitation_id: str
    survey_id: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class OptOutLink:
    invitation_id: str
    survey_id: str
    expires_at: datetime


class Look(StrEnum):
    """How a page came to be shown: opened by its plain link; by a score's link; in thanks for an answer; or to ask that the
    button be pressed once more.
    """

    PAGE = "p"
    SCORE = "s"
    THANKS = "t"
    AGAIN = "a"


@dataclass(frozen=True, slots=True)
class PageProof:
    """That a page was shown: how, with which version of the answer (0: none stood), and when, to the millisecond."""

    look: Look
    version: int
    shown_at: datetime


class LinkSigner:
    """Makes and reads the links of one stack.

    `keys` are the newest first: it signs, and all of them are accepted. Every wrong token (forged, cut off, of another
    purpose, by another key) raises one and the same `NotFound`; only a genuine one is told that it has expired (`Gone`).
    """

    def __init__(self, keys: Sequence[str]) -> None:
        if not keys or min(map(len, keys)) < SHORTEST_KEY:
            raise Misconfigured(f"link keys must be there, and at least {SHORTEST_KEY} characters long")
        self._keys = {_key_id(key): key.encode() for key in reversed(keys)}
        self._newest = _key_id(keys[0])

    def answer_token(self, invitation_id: str, survey_id: str, expires_at: datetime) -> str:
        return self._token(_ANSWER, invitation_id, survey_id, expires_at)

    def read_answer_token(self, token: str, now: datetime) -> AnswerLink:
        return AnswerLink(*self._read(_ANSWER, token, now))

    def opt_out_token(self, invitation_id: str, survey_id: str, expires_at: datetime) -> str:
        return self._token(_OPT_OUT, invitation_id, survey_id, expires_at)

    def read_opt_out_token(self, token: str, now: datetime) -> OptOutLink:
        return OptOutLink(*self._read(_OPT_OUT, token, now))

    def page_proof(self, invitation_id: str, proof: PageProof) -> str:
        """What a page gives its form to carry, so that a press can show that the page was there first."""
        milliseconds = (proof.shown_at - _EPOCH) // timedelta(milliseconds=1)
        content = f"1{self._newest}.{proof.look.value}.{proof.version:x}.{milliseconds:x}"
        return f"{content}.{self._page_signature(self._newest, content, invitation_id)}"

    def read_page_proof(self, text: str, invitation_id: str) -> PageProof | None:
        """None for whatever was not given out for this very invitation."""
        content, _, signature = text[:_LONGEST_TOKEN].rpartition(".")
        parts = _SHOWN.fullmatch(content)
        if not parts or content[1:5] not in self._keys:
            return None
        right = self._page_signature(content[1:5], content, invitation_id)
        if not hmac.compare_digest(right.encode(), signature.encode(errors="surrogatepass")):
            return None
        try:
            return PageProof(Look(parts[1]), int(parts[2], 16), _EPOCH + timedelta(milliseconds=int(parts[3], 16)))
        except OverflowError:
            return None

    def _page_signature(self, key_id: str, content: str, invitation_id: str) -> str:
        return self._sign(_PAGE, key_id, f"{content}.{invitation_id}").rpartition(".")[2]

    def _token(self, purpose: bytes, invitation_id: str, survey_id: str, expires_at: datetime) -> str:
        content = f"1{self._newest}.{invitation_id}.{survey_id}.{int(expires_at.timestamp()):x}"
        if not _CONTENT.fullmatch(content):
            raise ValueError("an id does not fit into a link")
        return self._sign(purpose, self._newest, content)

    def _read(self, purpose: bytes, token: str, now: datetime) -> tuple[str, str, datetime]:
        content, _, _ = token[:_LONGEST_TOKEN].rpartition(".")
        parts = _CONTENT.fullmatch(content)
        key_id = content[1:5]
        if not parts or key_id not in self._keys:
            raise _not_a_link()
        # Compared with the one right spelling, not unsigned: base64 has several spellings for the same signature.
        if not hmac.compare_digest(self._sign(purpose, key_id, content).encode(), token.encode(errors="surrogatepass")):
            raise _not_a_link()
        expires_at = datetime.fromtimestamp(int(parts[3], 16), UTC)
        if now >= expires_at:
            raise Gone("this link has expired", code="expired")
        return parts[1], parts[2], expires_at

    def _sign(self, purpose: bytes, key_id: str, content: str) -> str:
        signer = Signer(self._keys[key_id], salt=purpose, key_derivation="hmac", digest_method=hashlib.sha256)
        return signer.sign(content).decode()


def _key_id(key: str) -> str:
    """24 bits that name a key and say nothing of it."""
    return base64.urlsafe_b64encode(hashlib.sha256(b"hearback.links.key-id\0" + key.encode()).digest())[:4].decode()


def _not_a_link() -> NotFound:
    return NotFound("this link is not valid")

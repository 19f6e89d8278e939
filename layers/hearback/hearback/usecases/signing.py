"""The keys that sign links: drawn once, kept in the secret store, several at a time while they are rotated."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from hearback.domain.errors import NotFound
from hearback.domain.links import LinkSigner
from hearback.ports import Chance, Secret, Secrets

NAME = "links/keys"


@dataclass(frozen=True)
class Signing:
    """Called like a function, gives the signer with today's keys (newest first: it signs).

    `chance` draws the first key when there is none; without it (where links are only read) no key means no link of ours.
    """

    secrets: Secrets
    chance: Chance | None = None

    def __call__(self) -> LinkSigner:
        found = self.secrets.get(NAME)
        if found is None and self.chance is None:
            raise NotFound("this link does not work", code="wrong_link")
        if found is None and self.chance is not None:
            found = self.secrets.create(NAME, Secret({"keys": [self.chance.token() + self.chance.token()]}))
        return _signer(tuple(found.values["keys"]) if found else ())


@lru_cache(maxsize=1)
def _signer(keys: tuple[str, ...]) -> LinkSigner:
    """Made once for many pages, until the keys change."""
    return LinkSigner(keys)

"""Surveys, sources, channels and sinks: put, shown, listed, deleted. Secrets go to the secret store and are never shown again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from hearback.domain.calendar import instant, stamp
from hearback.domain.errors import Invalid, NotFound
from hearback.domain.ids import ID_PATTERN
from hearback.ports import CheckedConfig, Clock, ConfigItem, ConfigRules, Configs, Secret, Secrets

FAMILIES = ("surveys", "sources", "channels", "sinks")

KEEP_PREVIOUS = timedelta(hours=24)
"""How long a replaced secret stays valid unless the body says otherwise: time to change it at the sender."""

LONGEST_KEEP_HOURS = 30 * 24

PAGE = 100
"""Objects in one answer of a list unless the caller asks for fewer."""

RESERVED_SOURCES = {"manual": "sends by hand", "import": "imported answers"}
READ_ONLY = ("id", "version", "warnings", "previous_secret_valid_until")
"""What a shown object has besides its body. It may be sent back, and changes nothing."""

_SECRETS = "secrets"  # in a stored body: which secrets there are, and until when the replaced ones hold
_ROTATED = ("sources", "channels")  # others check these secrets, so both sides cannot change at the same instant


@dataclass(frozen=True)
class Configure:
    """`check_url` raises `Invalid` for an address that must not be called; it is asked again at every call."""

    configs: Configs
    secrets: Secrets
    rules: ConfigRules
    check_url: Callable[[str], None]
    clock: Clock

    def put(self, family: str, config_id: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Create or replace; the object as it is shown. Putting what is there already changes nothing.

        The secret is stored before the body: an object never works without its secret. Raises `Invalid`.
        """
        self._check_id(family, config_id, body)
        given = {name: value for name, value in body.items() if name not in READ_ONLY}
        keep = _keep_previous(given, family)
        held = self._secret(family, config_id)
        checked = self._checked(family, given, held)
        until = self._store_secret(family, config_id, checked, held, keep)
        item = self.configs.put(family, config_id, _stored(checked, until))
        warnings = self._warnings(family, item.body)
        return self._shown(item) | ({"warnings": warnings} if warnings else {})

    def show(self, family: str, config_id: str) -> dict[str, Any]:
        item = self.configs.get(family, config_id) if ID_PATTERN.fullmatch(config_id) else None
        if item is None:
            raise _missing(family)
        return self._shown(item)

    def page(self, family: str, *, after: str = "", limit: int = PAGE) -> dict[str, Any]:
        """By id, `limit` at most; `next` is what to pass as `after` for the rest, or None."""
        items = sorted((each for each in self.configs.all(family) if each.id > after), key=lambda each: each.id)
        shown = items[:limit]
        return {"items": [self._shown(each) for each in shown], "next": shown[-1].id if len(items) > limit else None}

    def delete(self, family: str, config_id: str) -> None:
        """The body first: what has no body is not served. Deleting again finishes what was begun. Raises `NotFound`."""
        if not ID_PATTERN.fullmatch(config_id):
            raise _missing(family)
        there = self.configs.delete(family, config_id)
        if family != "surveys":
            self.secrets.delete(f"{family}/{config_id}")
        if not there:
            raise _missing(family)

    def _check_id(self, family: str, config_id: str, body: Mapping[str, Any]) -> None:
        problem = ""
        if not ID_PATTERN.fullmatch(config_id):
            problem = "must be 1 to 40 of a-z, 0-9, - and _, beginning with a letter or digit"
        elif family == "sources" and config_id in RESERVED_SOURCES:
            problem = f"is taken by {RESERVED_SOURCES[config_id]}"
        elif body.get("id", config_id) != config_id:
            problem = "must be the one in the path"
        if problem:
            raise Invalid("this id cannot be used", fields={"id": problem})

    def _secret(self, family: str, config_id: str) -> Secret:
        found = None if family == "surveys" else self.secrets.get(f"{family}/{config_id}")
        return found or Secret({})

    def _checked(self, family: str, given: Mapping[str, Any], held: Secret) -> CheckedConfig:
        channels = [each.id for each in self.configs.all("channels")] if family == "surveys" else ()
        checked = self.rules.check(family, given, held=held.values, channels=channels)
        problems: dict[str, str] = {}
        for path, url in self.rules.outbound_urls(checked.body).items():
            try:
                self.check_url(url)
            except Invalid as error:
                problems[path] = error.message
        if problems:
            raise Invalid("an address cannot be called: see `fields`", fields=problems)
        return checked

    def _store_secret(self, family: str, config_id: str, checked: CheckedConfig, held: Secret, keep: timedelta | None) -> datetime | None:
        """Until when the replaced secret stays valid, if there is one that does."""
        secret = self._rotated(family, checked, held, keep)
        if secret != held:
            self.secrets.put(f"{family}/{config_id}", secret)
        return secret.previous_until if secret.previous else None

    def _rotated(self, family: str, checked: CheckedConfig, held: Secret, keep: timedelta | None) -> Secret:
        now = self.clock.now()
        if checked.secrets == held.values:
            if keep is None or held.previous_until is None:
                return held
            until = min(held.previous_until, now + keep)
            return Secret(held.values, held.previous, until) if until > now else Secret(held.values)
        kept = timedelta() if family not in _ROTATED else KEEP_PREVIOUS if keep is None else keep
        if not held.values or not kept:
            return Secret(checked.secrets)
        return Secret(checked.secrets, held.values, now + kept)

    def _warnings(self, family: str, body: Mapping[str, Any]) -> list[str]:
        """What is accepted, since it may be made right later, and does not work until then."""
        named = {"sources": [body.get("survey")], "sinks": body.get("surveys") or []}.get(family, [])
        return [f"there is no survey {each} yet" for each in named if each and self.configs.get("surveys", each) is None]

    def _shown(self, item: ConfigItem) -> dict[str, Any]:
        body = deepcopy(item.body)
        about = body.pop(_SECRETS, {})
        for path in about.get("set", []):
            _place(body, path, "set")
        shown = {"id": item.id, **body, "version": item.version}
        until = about.get("previous_until")
        if until and instant(until) > self.clock.now():
            shown["previous_secret_valid_until"] = until
        return shown


def _keep_previous(given: dict[str, Any], family: str) -> timedelta | None:
    """Takes `keep_previous_hours` out of the body: it is a wish about this change, not part of what is kept."""
    if family not in _ROTATED or "keep_previous_hours" not in given:
        return None
    hours = given.pop("keep_previous_hours")
    if isinstance(hours, bool) or not isinstance(hours, int | float) or not 0 <= hours <= LONGEST_KEEP_HOURS:
        problem = f"must be a number from 0 to {LONGEST_KEEP_HOURS}"
        raise Invalid("this secret cannot be replaced so", fields={"keep_previous_hours": problem})
    return timedelta(hours=hours)


def _stored(checked: CheckedConfig, previous_until: datetime | None) -> dict[str, Any]:
    if not checked.secret_paths:
        return checked.body
    about: dict[str, Any] = {"set": sorted(checked.secret_paths.values())}
    if previous_until:
        about["previous_until"] = stamp(previous_until)
    return checked.body | {_SECRETS: about}


def _place(body: dict[str, Any], path: str, value: str) -> None:
    *parents, name = path.split(".")
    for each in parents:
        body = body.setdefault(each, {})
    body[name] = value


def _missing(family: str) -> NotFound:
    return NotFound(f"there is no such {family.removesuffix('s')}")

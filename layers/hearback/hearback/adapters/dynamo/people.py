"""Persons: an item for each identity, joined into a tree whose root holds the slot and the opt-out.

pk=PERSON#{key} sk=PERSON. A root has last_invited_at, last_invitation, what they were before (to give a slot back), opted_out_at and
kin, the identities known to lead to it; any other identity has alias_of. Edges lead from a greater key to a smaller one and
are never taken back, so following them ends, and what one caller joined stays joined for all.

Why at most one invitation wins: a slot is claimed on one item, on condition that it is a root then; all of the caller's keys
lead to it by then. A root that becomes an alias first hands its slot to the other root, and is joined only if nobody has
touched it since. So whoever claims later, by any of these keys, finds the earlier slot. What a stalled joiner hands over may
have been given back meanwhile: at worst a slot stays taken for a cooldown, one survey less and never one more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from hearback.adapters.dynamo.table import Item, Refused, Table, Written, text, text_of
from hearback.domain.calendar import instant, stamp
from hearback.domain.errors import Unavailable
from hearback.ports import KnownPerson, SlotRefused, SlotTaken

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

SK = "PERSON"
_RACES = 30
"""How often one step starts again because others move the same person's items."""

_ROOT = ("last_invited_at", "last_invitation", "opted_out_at")

_NOT_ASKED_SINCE = " AND (attribute_not_exists({last_invited_at}) OR {last_invited_at} <= :before)"


class DynamoPeople:
    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._table = Table(client, table)

    def take_slot(self, keys: Sequence[str], invitation_id: str, now: datetime, cooldown_seconds: float) -> SlotTaken | SlotRefused:
        """Access pattern 17, "may this person be asked?": 1 WCU for a single identity and for a person whose identities are
        known. A person seen for the first time with n identities costs n + 1, once; asking again for the same invitation 1 more. No
        read, no index.

        The slot is the condition: not opted out, and not invited since now - cooldown, or by this very invitation (a lost
        reply, a redelivery).
        """
        root, joined = min(keys), False
        for _ in range(_RACES):
            others = sorted(set(keys) - {root})
            refused = self._claim(root, others, invitation_id, now, cooldown_seconds, joined=joined)
            if refused is None:
                return SlotTaken(root)
            if alias := text_of(refused, "alias_of"):
                root = alias
                continue
            strangers = [each for each in others if each not in _kin(refused)]
            if strangers and not joined:
                root, joined = self._join(root, strangers), True
                continue
            verdict = _verdict(root, refused, invitation_id, now, cooldown_seconds)
            if isinstance(verdict, SlotTaken) and not self._renew(root, refused, invitation_id, now):
                continue
            if verdict is not None:
                if strangers:
                    self._remember(root, strangers)
                return verdict
        raise Unavailable("this person's items are too busy")

    def release_slot(self, person: str, invitation_id: str) -> None:
        """Access pattern 18, "they were not asked after all": 1 WCU. What the slot was before comes back, on condition that the
        slot is still this invitation's.
        """
        expression = (
            "SET {last_invited_at} = if_not_exists({before_at}, :none), {last_invitation} = if_not_exists({before_invitation}, :none) "
            "REMOVE {before_at}, {before_invitation}"
        )
        values: Item = {":own": text(invitation_id), ":none": text("")}
        self._at_root(person, expression, values, "attribute_not_exists({alias_of}) AND {last_invitation} = :own")

    def opt_out(self, keys: Sequence[str], at: datetime) -> None:
        """Access pattern 19, "ask them no more": 1 WCU a person, unconditional but for being the root, the first time stays."""
        seen: set[str] = set()
        for key in keys:
            if key not in seen:
                seen |= self._at_root(
                    key,
                    "SET {opted_out_at} = if_not_exists({opted_out_at}, :at)",
                    {":at": text(stamp(at))},
                    "attribute_not_exists({alias_of})",
                )

    def opt_in(self, keys: Sequence[str]) -> None:
        """Access pattern 20, "they may be asked again": 1 WCU a person."""
        seen: set[str] = set()
        for key in keys:
            if key not in seen:
                seen |= self._at_root(key, "REMOVE {opted_out_at}", {}, "attribute_exists({pk}) AND attribute_not_exists({alias_of})")

    def opted_out(self, keys: Sequence[str]) -> bool:
        """Access pattern 21, "have they opted out?": 1 RCU a person and alias, consistent."""
        seen: set[str] = set()
        for key in keys:
            if key in seen:
                continue
            root, item = self._read_root(key)
            if text_of(item, "opted_out_at"):
                return True
            seen |= {root, *_kin(item)}
        return False

    def last_invitation(self, key: str) -> str | None:
        """Access pattern 22, "which survey does this reply belong to?": 1 RCU, 1 more for each alias on the way, consistent."""
        return text_of(self._read_root(key)[1], "last_invitation") or None

    def known(self, keys: Sequence[str]) -> KnownPerson:
        """Access pattern 43, "what is kept of this person?": 1 RCU for each identity and alias on the way, consistent."""
        found = KnownPerson(frozenset(keys))
        for key in keys:
            root, item = self._read_root(key)
            asked, out = text_of(item, "last_invited_at"), text_of(item, "opted_out_at")
            found = KnownPerson(
                found.keys | {root, *_kin(item)},
                max(filter(None, (found.last_invited_at, instant(asked) if asked else None)), default=None),
                found.opted_out_at or (instant(out) if out else None),
            )
        return found

    def forget(self, key: str, *, asked_before: datetime | None = None) -> bool:
        """Access pattern 44, "they are erased": 1 RCU for the identity and each alias on the way, 1 WCU. An opt-out stays, and
        whatever leads to it; the condition keeps one that is written meanwhile, and a slot that is taken meanwhile.
        """
        item = self._table.get(f"PERSON#{key}", SK, consistent=True)
        if not item:
            return False
        alias = text_of(item, "alias_of")
        root = self._read_root(alias)[1] if alias else item
        if root is not item and text_of(root, "opted_out_at"):
            return False
        values: Item = {}
        unasked = ""
        if asked_before is not None:
            if text_of(root, "last_invited_at") > stamp(asked_before):
                return False
            values, unasked = {":before": text(stamp(asked_before))}, _NOT_ASKED_SINCE
        if not text_of(item, "opted_out_at"):
            gone = self._table.delete(f"PERSON#{key}", SK, "attribute_not_exists({opted_out_at})" + unasked, values)
            return gone or asked_before is None
        held = [name for name in ("last_invited_at", "last_invitation", "before_at", "before_invitation", "kin") if name in item]
        if held:
            removal = "REMOVE " + ", ".join(f"{{{name}}}" for name in held)
            self._update(key, removal, values, "attribute_exists({opted_out_at})" + unasked)
        return bool(held)

    # --- the slot -------------------------------------------------------------------------------------------------------------

    def _claim(
        self, root: str, others: Sequence[str], invitation_id: str, now: datetime, cooldown_seconds: float, *, joined: bool
    ) -> Item | None:
        """None when claimed, else the item in the way. Before joining, it is a condition that all other keys are known."""
        conditions = ["attribute_not_exists({alias_of})", "attribute_not_exists({opted_out_at})"]
        conditions.append("(attribute_not_exists({last_invitation}) OR {last_invitation} <> :own)")
        values: Item = {":own": text(invitation_id), ":now": text(stamp(now)), ":none": text("")}
        if cooldown_seconds > 0:
            values[":free"] = text(stamp(now - timedelta(seconds=cooldown_seconds)))
            conditions.append("(attribute_not_exists({last_invited_at}) OR {last_invited_at} <= :free)")
        expression = (
            "SET {before_at} = if_not_exists({last_invited_at}, :none), {before_invitation} = if_not_exists({last_invitation}, :none), "
            "{last_invited_at} = :now, {last_invitation} = :own"
        )
        if others and joined:
            values[":others"] = {"SS": list(others)}
            expression += " ADD {kin} :others"
        elif others:
            values |= {f":key{n}": text(each) for n, each in enumerate(others)}
            conditions += [f"contains({{kin}}, :key{n})" for n in range(len(others))]
        outcome = self._update(root, expression, values, " AND ".join(conditions))
        return None if isinstance(outcome, Written) else outcome.item

    def _renew(self, root: str, held: Item, invitation_id: str, now: datetime) -> bool:
        """The invitation's own slot counts from now on, if nothing has moved since. A repeat after a lost reply has nothing to do."""
        if text_of(held, "last_invited_at") >= stamp(now):
            return True
        values: Item = {":own": text(invitation_id), ":now": text(stamp(now))}
        condition = "attribute_not_exists({alias_of}) AND attribute_not_exists({opted_out_at}) AND {last_invitation} = :own"
        return isinstance(self._update(root, "SET {last_invited_at} = :now", values, condition), Written)

    def _remember(self, root: str, keys: Sequence[str]) -> None:
        """Spare the next caller the joining. Nothing depends on it, so a root that has become an alias needs no second try."""
        self._update(root, "ADD {kin} :keys", {":keys": {"SS": list(keys)}}, "attribute_not_exists({alias_of})")

    # --- joining --------------------------------------------------------------------------------------------------------------

    def _join(self, root: str, keys: Sequence[str]) -> str:
        """The root that all of them lead to afterwards, unless somebody joins it further: then it leads there."""
        for each in keys:
            root = self._join_two(root, each)
        return root

    def _join_two(self, one: str, other: str) -> str:
        """Make the greater key an alias of the smaller. What it held is handed over first, and the alias is written only if
        it still holds just that: a slot that was given back meanwhile is taken back too.
        """
        held: Item = {}
        for _ in range(_RACES):
            if one == other:
                return one
            low, high = min(one, other), max(one, other)
            outcome = self._link(high, low, held)
            if isinstance(outcome, Written):
                return low
            alias, handed = text_of(outcome.item, "alias_of"), text_of(held, "last_invitation")
            if handed and not alias and text_of(outcome.item, "last_invitation") != handed:
                self.release_slot(low, handed)
            one, other, held = low, high, outcome.item
            if alias:
                other, held = alias, {}
            elif further := self._hand_over(held, low):
                one, held = further, {}
        raise Unavailable("this person's items are too busy")

    def _link(self, high: str, low: str, held: Item) -> Written | Refused:
        values: Item = {":low": text(low)}
        conditions = ["attribute_not_exists({alias_of})"]
        for name in _ROOT:
            if name in held:
                values[f":{name}"] = held[name]
                conditions.append(f"{{{name}}} = :{name}")
            else:
                conditions.append(f"attribute_not_exists({{{name}}})")
        gone = ", ".join(f"{{{name}}}" for name in (*_ROOT, "before_at", "before_invitation", "kin"))
        return self._update(high, f"SET {{alias_of}} = :low REMOVE {gone}", values, " AND ".join(conditions))

    def _hand_over(self, held: Item, low: str) -> str:
        """Give another item's slots and opt-out to a root, which keeps the two newest slots of both. The root's own root if it
        has become an alias, else empty.
        """
        if text_of(held, "last_invited_at"):
            for expression, values, condition in _slots_handed_over(held):
                outcome = self._update(low, expression, values, f"attribute_not_exists({{alias_of}}) AND {condition}")
                if isinstance(outcome, Written):
                    break
                if alias := text_of(outcome.item, "alias_of"):
                    return alias
        if opted_out_at := text_of(held, "opted_out_at"):
            expression = "SET {opted_out_at} = if_not_exists({opted_out_at}, :out)"
            outcome = self._update(low, expression, {":out": text(opted_out_at)}, "attribute_not_exists({alias_of})")
            return "" if isinstance(outcome, Written) else text_of(outcome.item, "alias_of")
        return ""

    # --- following ------------------------------------------------------------------------------------------------------------

    def _at_root(self, key: str, expression: str, values: Item, condition: str) -> set[str]:
        """Write at the root that a key leads to; the keys known to lead there. A condition that fails there is no error."""
        while True:
            outcome = self._update(key, expression, values, condition)
            alias = text_of(outcome.item, "alias_of")
            if isinstance(outcome, Written) or not alias:
                return {key, *_kin(outcome.item)}
            key = alias

    def _read_root(self, key: str) -> tuple[str, Item]:
        while True:
            item = self._table.get(f"PERSON#{key}", SK, consistent=True) or {}
            alias = text_of(item, "alias_of")
            if not alias:
                return key, item
            key = alias

    def _update(self, key: str, expression: str, values: Item, condition: str) -> Written | Refused:
        return self._table.update(f"PERSON#{key}", SK, expression, values, condition)


def _verdict(
    root: str, item: Mapping[str, Item], invitation_id: str, now: datetime, cooldown_seconds: float
) -> SlotTaken | SlotRefused | None:
    """What the item that refused a claim says; None when it would not refuse it: it was written since."""
    invited = text_of(item, "last_invited_at")
    invited_at = instant(invited) if invited else None
    if text_of(item, "opted_out_at"):
        return SlotRefused(opted_out=True, last_invited_at=invited_at)
    if text_of(item, "last_invitation") == invitation_id:
        return SlotTaken(root)
    if invited_at and cooldown_seconds > 0 and invited_at > now - timedelta(seconds=cooldown_seconds):
        return SlotRefused(opted_out=False, last_invited_at=invited_at)
    return None


def _slots_handed_over(held: Item) -> list[tuple[str, Item, str]]:
    """(expression, values, condition): the first that holds makes the two newest of four slots the root's."""
    slot: Item = {":at": text(text_of(held, "last_invited_at")), ":by": text(text_of(held, "last_invitation"))}
    newest = "{last_invited_at} = :at, {last_invitation} = :by"
    older: Item = {":before_at": text(text_of(held, "before_at")), ":before_by": text(text_of(held, "before_invitation"))}
    both_newer = (
        f"SET {newest}, {{before_at}} = :before_at, {{before_invitation}} = :before_by",
        slot | older,
        "(attribute_not_exists({last_invited_at}) OR {last_invited_at} < :before_at)",
    )
    one_newer = (
        (
            f"SET {newest}, {{before_at}} = if_not_exists({{last_invited_at}}, :none), "
            "{before_invitation} = if_not_exists({last_invitation}, :none)"
        ),
        slot | {":none": text("")},
        "(attribute_not_exists({last_invited_at}) OR {last_invited_at} < :at)",
    )
    second = (
        "SET {before_at} = :at, {before_invitation} = :by",
        slot,
        "{last_invitation} <> :by AND (attribute_not_exists({before_at}) OR {before_at} < :at)",
    )
    return [*([both_newer] if text_of(held, "before_at") else []), one_newer, second]


def _kin(item: Mapping[str, Item]) -> list[str]:
    return list(item.get("kin", {}).get("SS", []))

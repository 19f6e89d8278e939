"""Which methods of a port only read. Any other one writes: a new write is asked for by the tests before anybody has thought of it."""

from __future__ import annotations

from typing import Any

from hearback import ports

READS: dict[str, frozenset[str]] = {
    "stories": frozenset({"get", "due_before", "answers_of_day", "asked_of_day"}),
    "people": frozenset({"opted_out", "last_invitation", "known"}),
    "conversations": frozenset({"reopened_at"}),
    "nights": frozenset({"dirty_days", "scored_until"}),
    "quarantine": frozenset({"newest", "between"}),
    "census": frozenset({"page"}),
    "warden": frozenset({"ledger_seen"}),
    "configs": frozenset({"get", "all"}),
    "secrets": frozenset({"get"}),
    "blobs": frozenset({"get", "open", "size", "keys"}),
    "outbox": frozenset(),
    "crew": frozenset(),
}

PROTOCOLS: dict[str, type] = {
    "stories": ports.Stories,
    "people": ports.People,
    "conversations": ports.Conversations,
    "nights": ports.Nights,
    "quarantine": ports.Quarantine,
    "census": ports.Census,
    "warden": ports.Warden,
    "configs": ports.Configs,
    "secrets": ports.Secrets,
    "blobs": ports.Blobs,
    "outbox": ports.Outbox,
    "crew": ports.Crew,
}


def writes_of(port: str) -> set[str]:
    """As `port.method`."""
    methods = (name for name, value in vars(PROTOCOLS[port]).items() if callable(value) and not name.startswith("_"))
    return {f"{port}.{method}" for method in methods if method not in READS[port]}


class Noted:
    """A port object that writes down which of its methods are called, as `port.method`."""

    def __init__(self, port: str, inner: Any, called: set[str]) -> None:
        self._port, self._inner, self._called = port, inner, called

    def __getattr__(self, method: str) -> Any:
        self._called.add(f"{self._port}.{method}")
        return getattr(self._inner, method)

"""Who gets what: the one place where adapters are chosen and joined to use cases.

Adapters are imported inside the functions that build them: a function pays at start for what it uses, and no more.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from hearback.adapters.clocks import SystemChance, SystemClock
from hearback.runtime.environment import Environment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hearback.ports import Channel, Configs, ContactLookup, Conversations, Http, Nights, Outbox, People, Secrets, Sink, Stories
    from hearback.usecases.accept_trigger import AcceptTrigger

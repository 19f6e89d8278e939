"""Which kinds of sources, channels and sinks are part of this version, with the fields and secrets of each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from hearback.adapters.admin.rules import Family
from hearback.ports import Channel, Sink, Source

if TYPE_CHECKING:
    from hearback.runtime.wiring import Wiring


def families(parts: Wiring) -> dict[str, Family]:
    from hearback.adapters.channels import REGISTRY as CHANNELS  # noqa: PLC0415 - only the admin API loads all of them
    from hearback.adapters.channels.settings import SETTINGS as CHANNEL_SETTINGS  # noqa: PLC0415
    from hearback.adapters.sinks.settings import SETTINGS as SINK_SETTINGS  # noqa: PLC0415
    from hearback.adapters.sources import REGISTRY as SOURCES  # noqa: PLC0415
    from hearback.adapters.sources.settings import SETTINGS as SOURCE_SETTINGS  # noqa: PLC0415

    return {
        "sources": Family(SOURCE_SETTINGS, _secrets(SOURCES)),
        "channels": Family(CHANNEL_SETTINGS, _secrets({kind: make(parts.means) for kind, make in CHANNELS.items()})),
        "sinks": Family(SINK_SETTINGS, _secrets(parts.sinks)),
    }


def _secrets(adapters: Mapping[str, Source] | Mapping[str, Channel] | Mapping[str, Sink]) -> dict[str, tuple[str, ...]]:
    return {kind: each.secret_fields for kind, each in adapters.items()}

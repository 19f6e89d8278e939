from __future__ import annotations

import pytest

from hearback.adapters.dynamo.configs import CachedConfigs
from hearback.ports import ConfigItem
from tests.builders import NOW
from tests.fakes import FixedClock, MemoryConfigs


class Counting(MemoryConfigs):
    def __init__(self) -> None:
        super().__init__()
        self.reads = 0

    def get(self, kind: str, config_id: str) -> ConfigItem | None:
        self.reads += 1
        return super().get(kind, config_id)

    def all(self, kind: str) -> list[ConfigItem]:
        self.reads += 1
        return super().all(kind)


def cached(seconds: float = 30) -> tuple[CachedConfigs, Counting, FixedClock]:
    inner, clock = Counting(), FixedClock(NOW)
    inner.put("sinks", "crm", {"n": 1})
    return CachedConfigs(inner, clock, seconds), inner, clock


def test_what_was_read_is_remembered_for_its_time_and_no_longer() -> None:
    configs, inner, clock = cached()
    for _ in range(3):
        assert configs.get("sinks", "crm") == ConfigItem("crm", {"n": 1}, 1)
        assert configs.all("sinks") == [ConfigItem("crm", {"n": 1}, 1)]
    assert inner.reads == 2
    inner.put("sinks", "crm", {"n": 2})
    clock.advance(seconds=29.9)
    assert configs.get("sinks", "crm") == ConfigItem("crm", {"n": 1}, 1)
    clock.advance(seconds=0.1)
    assert configs.get("sinks", "crm") == ConfigItem("crm", {"n": 2}, 2)
    assert configs.all("sinks") == [ConfigItem("crm", {"n": 2}, 2)]


def test_without_a_time_nothing_is_remembered() -> None:
    configs, inner, _ = cached(0)
    configs.get("sinks", "crm")
    configs.get("sinks", "crm")
    assert inner.reads == 2


def test_what_is_changed_through_it_is_seen_at_once() -> None:
    configs, _, _ = cached()
    configs.get("sinks", "crm")
    configs.all("sinks")
    configs.put("sinks", "crm", {"n": 2})
    assert configs.get("sinks", "crm") == ConfigItem("crm", {"n": 2}, 2)
    assert configs.all("sinks") == [ConfigItem("crm", {"n": 2}, 2)]
    assert configs.delete("sinks", "crm")
    assert configs.get("sinks", "crm") is None
    assert configs.all("sinks") == []


def test_a_name_that_nothing_has_is_asked_for_again_and_fills_no_memory() -> None:
    configs, inner, _ = cached()
    assert configs.get("sinks", "new") is None
    inner.put("sinks", "new", {})
    assert configs.get("sinks", "new") == ConfigItem("new", {}, 1)


def test_a_list_that_a_caller_changes_is_the_caller_s_own() -> None:
    configs, _, _ = cached()
    configs.all("sinks").clear()
    assert len(configs.all("sinks")) == 1


@pytest.mark.parametrize("seconds", [0, 30])
def test_what_was_read_before_the_clock_was_set_back_is_not_believed_until_it_is_there_again(seconds: float) -> None:
    configs, inner, clock = cached(seconds)
    configs.get("sinks", "crm")
    configs.all("sinks")
    inner.put("sinks", "crm", {"n": 2})
    clock.advance(days=-3)
    assert configs.get("sinks", "crm") == ConfigItem("crm", {"n": 2}, 2)
    assert configs.all("sinks") == [ConfigItem("crm", {"n": 2}, 2)]

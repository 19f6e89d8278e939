"""One local cloud a test process: the stack as deployed, on a free port, with a state that goes away."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.e2e import chromium
from tests.e2e.stage import Stage
from tests.local.client import Client
from tests.local.instance import running
from tests.permissions import keep_calls

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents and "cloud" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.e2e)


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    state = tmp_path_factory.mktemp("cloud")
    with running(state) as client:
        yield client
    keep_calls(state)


@pytest.fixture
def stage(cloud: Client) -> Iterator[Stage]:
    made = Stage(cloud)
    yield made
    made.clear()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = chromium.installed()
    if path is None:
        pytest.skip(chromium.MISSING)
    with chromium.launched(path) as launched:
        yield launched

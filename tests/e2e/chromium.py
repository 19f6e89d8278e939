"""Chromium for the tests that need a browser, and the rules that its pages are held to."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
)
MISSING = "no Chromium on this machine; to run these tests: apt-get install -y chromium"


def rules(*more: str) -> dict[str, Any]:
    """What axe checks: WCAG 2.1 at level AA, and these tags."""
    return {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", *more]}}


STRICT = rules("wcag22aa", "best-practice")


def installed() -> str | None:
    return next((found for name in NAMES if (found := shutil.which(name))), None)


@contextmanager
def launched(path: str) -> Iterator[Browser]:
    """A browser that knows nothing of who runs the tests."""
    environment: dict[str, str | float | bool] = {"HOME": os.environ.get("HOME", "/tmp"), "PATH": os.environ["PATH"]}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS, env=environment)
        yield browser
        browser.close()

"""What outlives the local cloud, in one of its own: it is stopped cleanly, and started again."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.e2e.browsing import form_of
from tests.local.instance import running

pytestmark = pytest.mark.e2e


def test_what_was_done_outlives_a_restart_and_what_is_done_after_it_still_goes_on(tmp_path: Path) -> None:
    with running(tmp_path, throwaway=False) as before:
        before.ok("POST", "/_local/play/trigger", {"source": "standard", "address": "restart@example.com"})
        before.settle()
        before.request("PUT", "/_local/objects/imports/kept.csv", b"kept")
        link = before.messages()[-1]["links"][0]

    with running(tmp_path) as after:
        assert after.object("imports/kept.csv").body == b"kept"
        assert after.messages()[-1]["to"] == "restart@example.com"
        assert form_of(after.get(urlsplit(link).path)).press(after, rating="5").status == 200
        after.settle()
        assert after.requests("http")[-1]["request"]["url"] == f"{after.url}/_local/vendors/http/playground"

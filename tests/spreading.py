"""Which test process runs which files: what takes longest begins first, and two processes at most start the local cloud that
the stories share. One that talks to a cloud leaves half a core idle, so `make test` runs a third beside them.
"""

from __future__ import annotations

from zlib import crc32

import pytest
from xdist.remote import Producer  # type: ignore[import-untyped]
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]
from xdist.workermanage import WorkerController  # type: ignore[import-untyped]

MOST_CLOUDS = 2
STORIES = "tests/e2e/"
NEED_NO_SHARED_CLOUD = tuple(
    f"{STORIES}test_{name}.py" for name in ("erasure", "restart", "reports_in_a_browser", "pages_in_a_browser", "published_in_a_browser")
)
LONGEST = (
    *NEED_NO_SHARED_CLOUD,
    "tests/sim/",
    "tests/unit/usecases/test_score_nights.py",
    "tests/unit/domain/scoring/",
    "tests/contract/",
)
"""Half a minute each and more: begun last, one would keep a process busy when the others have nothing left."""
DIVIDED, PARTS = ("tests/sim/", "tests/contract/"), 4
"""Files that are many tests of one kind and share nothing among them: several processes may take parts of one."""
FEW = 2
"""A process with no more tests than this is told what comes next."""


class Spreading(LoadScopeScheduling):  # type: ignore[misc]
    """A file's tests, or those of a part of it, stay together and in the order that was drawn for them."""

    def __init__(self, config: pytest.Config, log: Producer | None = None) -> None:
        config.option.loadscopereorder = False  # files keep the order that was drawn for them, too
        super().__init__(config, log)
        self._with_cloud: list[WorkerController] = []

    def remove_node(self, node: WorkerController) -> str | None:
        if node in self._with_cloud:
            self._with_cloud.remove(node)
        crashed: str | None = super().remove_node(node)
        return crashed

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return f"{file} {crc32(nodeid.encode()) % PARTS}" if file.startswith(DIVIDED) else file

    def _reschedule(self, node: WorkerController) -> None:
        if node.shutting_down or self._pending_of(self.assigned_work[node]) > FEW:
            return
        if self._next_for(node):
            self._assign_work_unit(node)
        else:
            node.shutdown()

    def _assign_work_unit(self, node: WorkerController) -> None:
        if file := self._next_for(node):
            self.workqueue.move_to_end(file, last=False)
            super()._assign_work_unit(node)

    def _next_for(self, node: WorkerController) -> str | None:
        if node not in self._with_cloud and len(self._with_cloud) < MOST_CLOUDS:
            self._with_cloud.append(node)
        fitting = (file for file in self.workqueue if node in self._with_cloud or not _shares_a_cloud(file))
        return min(fitting, key=_place, default=None)


def _shares_a_cloud(file: str) -> bool:
    return file.startswith(STORIES) and file not in NEED_NO_SHARED_CLOUD


def _place(file: str) -> int:
    """The lower, the earlier it begins."""
    if _shares_a_cloud(file):
        return -1
    return next((place for place, prefix in enumerate(LONGEST) if file.startswith(prefix)), len(LONGEST))

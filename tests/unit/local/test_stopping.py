"""`make stop` ends the local cloud that its file names, and nothing else."""

import json
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tests.local.__main__ import stop
from tests.local.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(0, tmp_path, tmp_path)


def named(settings: Settings, pid: int) -> None:
    settings.process_file.write_text(json.dumps({"pid": pid, "port": 0}), encoding="ascii")


def test_where_nothing_runs_there_is_nothing_to_stop(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    stop(settings)
    assert capsys.readouterr().out == "Nothing runs here.\n"


@pytest.mark.parametrize("held", ["", "{", "[]"])
def test_a_file_that_a_power_cut_left_unreadable_stops_nobody(settings: Settings, capsys: pytest.CaptureFixture[str], held: str) -> None:
    settings.process_file.write_text(held, encoding="ascii")
    stop(settings)
    assert capsys.readouterr().out == "Nothing runs here any more.\n"


def test_a_stranger_that_has_the_number_now_is_left_alone(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    stranger = subprocess.Popen(["sleep", "60"])
    try:
        named(settings, stranger.pid)
        stop(settings)
        assert stranger.poll() is None
        assert capsys.readouterr().out == "Nothing runs here any more.\n"
        assert not settings.process_file.exists()
    finally:
        stranger.kill()
        stranger.wait()


LIKE_A_CLOUD = """
import pathlib, signal, sys, time
file = pathlib.Path(sys.argv[2])
signal.signal(signal.SIGTERM, lambda *_: sys.exit(file.unlink()))
file.touch()
time.sleep(60)
"""


def test_it_is_ended_the_gentle_way_and_a_second_stop_finds_nothing(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    file = settings.process_file
    cloud = subprocess.Popen([sys.executable, "-c", LIKE_A_CLOUD, "tests.local", str(file)])
    try:
        while not file.exists():
            time.sleep(0.01)
        named(settings, cloud.pid)
        threading.Thread(target=cloud.wait, daemon=True).start()  # a dead child that nobody asks looks alive
        stop(settings)
        stop(settings)
        assert capsys.readouterr().out == "Stopped.\nNothing runs here.\n"
    finally:
        cloud.kill()

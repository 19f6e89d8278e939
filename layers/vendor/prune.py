# ruff: noqa: INP001 - a script that the build runs, no package
"""Take out of an installed tree what no function uses: most of botocore, tests, stubs, package metadata.

botocore reads a service's whole model whenever it makes a client, and endpoints.json (1.3 MB) too: cut to what is called below
they cost next to nothing.
"""

import gzip
import json
import shutil
import sys
from pathlib import Path
from typing import Any

OPERATIONS = {
    "dynamodb": ("BatchWriteItem", "DeleteItem", "GetItem", "PutItem", "Query", "Scan", "UpdateItem"),
    "s3": ("DeleteObject", "DeleteObjects", "GetObject", "HeadObject", "ListObjectVersions", "ListObjectsV2", "PutObject"),
    "sesv2": ("SendEmail",),
    "sqs": ("SendMessage", "SendMessageBatch"),
    "ssm": ("DeleteParameter", "GetParameter", "PutParameter"),
    "stepfunctions": ("StartExecution",),
}
"""What the functions call, by the folders of botocore/data. In Lambda there is no other operation and no other service."""

ENDPOINTS = (*OPERATIONS, "email", "states")
"""The names that endpoints.json knows these services by (SES v2 is `email`, Step Functions `states`)."""

NEED_METADATA = ("duckdb",)
"""Packages that look up their own version as they are imported."""

UNUSED_FOLDERS = (
    *("bin", "boto3/data", "boto3/examples"),
    *("adbc_driver_duckdb", "duckdb/experimental", "_duckdb-stubs"),
    # Charts: JavaScript and pictures, where we ask for SVG only; folders of its makers that came along.
    *("lets_plot/package_data", "PIL", "pillow.libs", "build", "docs", "scripts"),
)
TEST_FOLDERS = ("test", "tests", "testing")
UNUSED_FILES = ("test_*.py", "conftest.py", "*.pyi", "*.pyx", "*.pxd", "*.c", "*.cpp", "*.h")


def prune(site: Path) -> None:
    if (site / "botocore").is_dir():
        _prune_services(site / "botocore" / "data")
    for name in UNUSED_FOLDERS:
        shutil.rmtree(site / name, ignore_errors=True)
    metadata = [folder for folder in site.glob("*.dist-info") if folder.name.split("-")[0] not in NEED_METADATA]
    for folder in (*metadata, *_folders(site, TEST_FOLDERS)):
        shutil.rmtree(folder)
    for pattern in UNUSED_FILES:
        for file in site.rglob(pattern):
            file.unlink()


def _folders(site: Path, names: tuple[str, ...]) -> list[Path]:
    return [folder for name in names for folder in site.rglob(name) if folder.is_dir()]


def _prune_services(data: Path) -> None:
    for folder in data.iterdir():
        if folder.is_dir() and folder.name not in OPERATIONS:
            shutil.rmtree(folder)
        elif folder.is_dir():
            _prune_service(folder, OPERATIONS[folder.name])
    endpoints = data / "endpoints.json"
    known = json.loads(endpoints.read_bytes())
    for partition in known["partitions"]:
        partition["services"] = {name: partition["services"][name] for name in ENDPOINTS if name in partition["services"]}
    _write(endpoints, known)


def _prune_service(folder: Path, operations: tuple[str, ...]) -> None:
    """Keep the newest version of the interface, and of that what these operations need, to be read without unpacking."""
    *older, newest = sorted(folder.iterdir())
    for each in older:
        shutil.rmtree(each)
    held = {file.name.removesuffix(".gz").removesuffix(".json"): _read(file) for file in newest.iterdir()}
    shutil.rmtree(newest)
    newest.mkdir()
    kept = {name: value for name, value in held.items() if name.startswith(("service-2", "endpoint-rule-set-1"))}
    kept["service-2"] = _only(operations, held["service-2"])
    if pages := {name: value for name, value in held.get("paginators-1", {}).get("pagination", {}).items() if name in operations}:
        kept["paginators-1"] = {"pagination": pages}
    for name, value in kept.items():
        _write(newest / f"{name}.json", value)


def _only(operations: tuple[str, ...], model: dict[str, Any]) -> dict[str, Any]:
    """A service's model with these operations and the shapes that they reach, without their documentation."""
    kept = {name: model["operations"][name] for name in operations}
    reached: set[str] = set()
    waiting = list(_shapes_in(kept))
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += _shapes_in(model["shapes"][name])
    shapes = {name: shape for name, shape in model["shapes"].items() if name in reached}
    return {**model, "documentation": "", "operations": _undocumented(kept), "shapes": _undocumented(shapes)}


def _shapes_in(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["shape"]] if isinstance(value.get("shape"), str) else []
        return own + [name for each in value.values() for name in _shapes_in(each)]
    return [name for each in value for name in _shapes_in(each)] if isinstance(value, list) else []


def _undocumented(value: Any) -> Any:
    """A member may be called `documentation` too, but then it is no text."""
    if isinstance(value, dict):
        return {name: _undocumented(each) for name, each in value.items() if not (name == "documentation" and isinstance(each, str))}
    return [_undocumented(each) for each in value] if isinstance(value, list) else value


def _read(file: Path) -> Any:
    return json.loads(gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes())


def _write(file: Path, value: Any) -> None:
    file.write_text(json.dumps(value, separators=(",", ":")), encoding="utf-8")


if __name__ == "__main__":
    prune(Path(sys.argv[1]))

# ruff: noqa: INP001 - a script that the build runs, no package
"""Take out of an installed tree what no function uses: most of botocore, tests, stubs, package metadata.

botocore reads endpoints.json (1.3 MB) whenever it makes a client; cut to the services below it costs next to nothing.
"""

import json
import shutil
import sys
from pathlib import Path

SERVICES = ("dynamodb", "s3", "sesv2", "sqs", "ssm", "stepfunctions")
"""The folders of botocore/data that are kept; a client for any other service cannot be made in Lambda."""

ENDPOINTS = (*SERVICES, "email", "states")
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
        if folder.is_dir() and folder.name not in SERVICES:
            shutil.rmtree(folder)
    endpoints = data / "endpoints.json"
    known = json.loads(endpoints.read_text(encoding="utf-8"))
    for partition in known["partitions"]:
        partition["services"] = {name: partition["services"][name] for name in ENDPOINTS if name in partition["services"]}
    endpoints.write_text(json.dumps(known, separators=(",", ":")), encoding="utf-8")


if __name__ == "__main__":
    prune(Path(sys.argv[1]))

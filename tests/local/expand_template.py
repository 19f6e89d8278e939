"""Print template.yaml as CloudFormation gets it: SAM's resources expanded, as JSON. Runs in the tools' environment.

The expanded form is what is linted and tested: a linter that sees only SAM's form misses what SAM adds.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

from samcli.yamlhelper import yaml_parse  # type: ignore[import-not-found, unused-ignore]
from samtranslator.translator.transform import transform  # type: ignore[import-not-found, unused-ignore]

TEMPLATE = Path(__file__).parents[2] / "template.yaml"


class NoManagedPolicies:
    def load(self) -> dict[str, str]:
        return {}


def expand(template: Path, region: str = "eu-central-1") -> dict[str, Any]:
    os.environ.setdefault("AWS_DEFAULT_REGION", region)
    parsed: dict[str, Any] = yaml_parse(template.read_text(encoding="utf-8"))
    for resource in parsed["Resources"].values():
        _point_to_a_bucket(resource["Properties"])
    expanded: dict[str, Any] = transform(parsed, {}, NoManagedPolicies())
    return expanded


def _point_to_a_bucket(properties: dict[str, Any]) -> None:
    """Code is in S3 by the time CloudFormation sees it; the transform refuses local folders."""
    for name in ("CodeUri", "ContentUri"):
        if name in properties:
            properties[name] = "s3://bucket/key"


if __name__ == "__main__":
    json.dump(expand(TEMPLATE), sys.stdout, indent=2)

"""The arrows of the layout, kept true: who may import whom."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "layers" / "hearback" / "hearback"
MAY_IMPORT = {
    "domain": {"domain"},
    "ports": {"domain"},
    "usecases": {"usecases", "ports", "domain"},
    "adapters": {"adapters", "ports", "domain"},
    "runtime": {"runtime", "usecases", "adapters", "ports", "domain"},
    "functions": {"runtime", "usecases", "ports", "domain"},
}
THIRD_PARTY = {
    "boto3": {"adapters", "runtime"},
    "botocore": {"adapters", "runtime"},
    "aws_lambda_powertools": {"runtime", "functions"},
}
SHARED_BY_ADAPTERS = {"hearback.adapters.aws", "hearback.adapters.http"}
"""Families that others may use: how AWS's errors are translated, and the guarded HTTP client."""


def modules() -> list[Path]:
    return sorted([*PACKAGE.rglob("*.py"), *(ROOT / "functions").rglob("*.py")])


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            found |= {f"{node.module}.{each.name}" for each in node.names}
    return found


def layer_of(path: Path) -> str:
    if PACKAGE not in path.parents:
        return "functions"
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_follow_the_arrows(path: Path) -> None:
    layer = layer_of(path)
    if layer == "__init__":
        return
    for name in imports(path):
        parts = name.split(".")
        if parts[0] == "hearback" and len(parts) > 1:
            assert parts[1] in MAY_IMPORT[layer], f"{layer} may not import {name}"
        elif parts[0] in THIRD_PARTY:
            assert layer in THIRD_PARTY[parts[0]], f"{layer} may not import {name}"


@pytest.mark.parametrize("path", sorted((PACKAGE / "adapters").glob("*/**/*.py")), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_one_family_of_adapters_never_imports_another(path: Path) -> None:
    family = path.relative_to(PACKAGE / "adapters").parts[0]
    for name in imports(path):
        if name.startswith("hearback.adapters."):
            owner = name.split(".")[2]
            assert owner == family or any(name.startswith(shared) for shared in SHARED_BY_ADAPTERS), f"{family} imports {name}"


@pytest.mark.parametrize("path", [each for each in modules() if layer_of(each) == "domain"], ids=lambda path: path.name)
def test_the_domain_asks_neither_clock_nor_chance_nor_environment(path: Path) -> None:
    for name in imports(path):
        assert name.split(".")[0] not in {"os", "random", "secrets", "time", "uuid", "logging"}, f"{path.name} imports {name}"
    source = path.read_text()
    assert "datetime.now" not in source
    assert "date.today" not in source


def test_only_one_module_reads_the_environment() -> None:
    readers = [path for path in modules() if "os" in imports(path) or any(name.startswith("os.") for name in imports(path))]
    assert [str(path.relative_to(PACKAGE)) for path in readers] == ["runtime/environment.py"]

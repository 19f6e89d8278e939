"""Promises of what the build leaves in a layer: everything that the functions call, and little else."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import botocore
import pytest
from botocore import xform_name
from botocore.loaders import Loader
from botocore.session import Session, get_session
from moto import mock_aws

from tests.aws_calls import called, clients_made, own_methods
from tests.scripts import script

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "layers" / "hearback" / "hearback"
CODE = [PACKAGE, ROOT / "functions"]
DATA = Path(botocore.__file__).parent / "data"
OPERATIONS: dict[str, tuple[str, ...]] = script("prune").OPERATIONS
CALLED = {(service, xform_name(name)) for service, names in OPERATIONS.items() for name in names}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installed tree after the build has been over it."""
    folder = tmp_path_factory.mktemp("site")
    data = folder / "botocore" / "data"
    for name in (*OPERATIONS, "ec2"):
        shutil.copytree(DATA / name, data / name)
    for file in DATA.glob("*.json"):
        shutil.copy(file, data / file.name)
    (folder / "some" / "tests").mkdir(parents=True)
    (folder / "some" / "test_cases.py").touch()
    (folder / "some-1.0.dist-info").mkdir()
    script("prune").prune(folder)
    return folder


@pytest.fixture
def session(site: Path) -> Session:
    """What a function gets: nothing but the pruned data."""
    made = get_session()
    loader = Loader(extra_search_paths=[str(site / "botocore" / "data")], include_default_search_paths=False)
    made.register_component("data_loader", loader)
    return made


def client(session: Session, service: str) -> Any:
    return session.create_client(service, region_name="eu-central-1", aws_access_key_id="testing", aws_secret_access_key="testing")


@pytest.fixture(scope="module")
def calls() -> set[str]:
    return called(CODE)


@pytest.mark.parametrize("service", OPERATIONS)
def test_every_operation_that_the_code_calls_is_in_the_layer(calls: set[str], service: str) -> None:
    known = {xform_name(name) for name in get_session().get_service_model(service).operation_names}
    kept = {name for _, name in CALLED}
    assert (calls & known) - own_methods([PACKAGE]) <= kept


@pytest.mark.parametrize(("service", "operation"), sorted(CALLED))
def test_the_layer_holds_no_operation_that_nobody_calls(calls: set[str], service: str, operation: str) -> None:
    assert operation in calls


def test_every_client_that_the_package_makes_is_for_a_service_in_the_layer() -> None:
    assert clients_made([PACKAGE]) == set(OPERATIONS)


@pytest.mark.parametrize("service", OPERATIONS)
def test_a_client_of_the_layer_can_do_what_is_called_and_no_more(session: Session, service: str) -> None:
    made = client(session, service)
    assert set(made.meta.service_model.operation_names) == set(OPERATIONS[service])


@pytest.mark.parametrize("service", OPERATIONS)
def test_a_kept_operation_is_described_as_ever(session: Session, service: str) -> None:
    cut, whole = session.get_service_model(service), get_session().get_service_model(service)
    for name in OPERATIONS[service]:
        assert _spelled_out(cut.operation_model(name)) == _spelled_out(whole.operation_model(name))


def _spelled_out(operation: Any) -> Any:
    """The shapes of an operation, down to their leaves; what nests in itself is named the second time."""

    def shape_of(shape: Any, above: tuple[str, ...] = ()) -> Any:
        if shape is None or shape.name in above:
            return shape and shape.name
        inside = (*above, shape.name)
        parts = {name: shape_of(each, inside) for name, each in getattr(shape, "members", {}).items()}
        for name in ("member", "key", "value"):
            if hasattr(shape, name):
                parts[name] = shape_of(getattr(shape, name), inside)
        return shape.name, shape.type_name, shape.serialization, shape.metadata, parts

    errors = sorted(each.name for each in operation.error_shapes)
    return shape_of(operation.input_shape), shape_of(operation.output_shape), errors, operation.http, operation.has_event_stream_output


def test_calls_and_pages_work_on_what_is_left(session: Session) -> None:
    with mock_aws():
        s3 = client(session, "s3")
        client(get_session(), "s3").create_bucket(Bucket="bucket", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
        for key in ("a", "b", "c"):
            s3.put_object(Bucket="bucket", Key=key, Body=b"-")
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket="bucket", PaginationConfig={"PageSize": 2})
        assert [each["Key"] for page in pages for each in page["Contents"]] == ["a", "b", "c"]
        assert s3.get_object(Bucket="bucket", Key="a")["Body"].read() == b"-"


def test_the_layer_reads_its_models_without_unpacking_them(site: Path) -> None:
    assert list((site / "botocore").rglob("*.gz")) == []
    assert sum(file.stat().st_size for file in (site / "botocore" / "data").rglob("*.json")) < 400_000


def test_services_that_nobody_calls_and_all_tests_are_gone(site: Path) -> None:
    assert {folder.name for folder in (site / "botocore" / "data").iterdir() if folder.is_dir()} == set(OPERATIONS)
    assert list((site / "some").iterdir()) == []
    assert not (site / "some-1.0.dist-info").exists()


def test_addresses_are_known_for_the_services_in_the_layer(site: Path) -> None:
    partitions = json.loads((site / "botocore" / "data" / "endpoints.json").read_text(encoding="utf-8"))["partitions"]
    assert partitions[0]["services"].keys() == {"dynamodb", "s3", "sqs", "ssm", "email", "states"}

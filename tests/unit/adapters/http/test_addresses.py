from __future__ import annotations

import re
from ipaddress import ip_address

import pytest

from hearback.adapters.http.addresses import special_use
from tests.unit.adapters.http.hostile import SPECIAL

ORDINARY = re.findall(
    r"\S+",
    """
1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.1 52.95.110.1 100.63.255.255 100.128.0.1 126.255.255.255 128.0.0.1 169.253.255.255 169.255.0.1
172.15.255.255 172.32.0.1 192.0.1.1 192.0.3.1 192.167.255.255 192.169.0.1 198.17.255.255 198.20.0.1 203.0.112.1 223.255.255.255
2001:200::1 2001:4860:4860::8888 2606:4700::1111 2a00:1450:4001::1 2600:1f18::1 2003::1 3ffe::1 2620:4f:8001::1
""",
)


@pytest.mark.parametrize("address", SPECIAL)
def test_an_address_that_is_set_aside_is_never_dialled(address: str) -> None:
    assert special_use(ip_address(address))


@pytest.mark.parametrize("address", ORDINARY)
def test_the_open_internet_can_be_reached(address: str) -> None:
    assert special_use(ip_address(address)) is None


def test_the_table_is_long_enough_to_mean_something() -> None:
    assert len(set(SPECIAL)) >= 70

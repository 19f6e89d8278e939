from __future__ import annotations

import re
from ipaddress import ip_address

import pytest

from hearback.adapters.http.addresses import special_use

SPECIAL = re.findall(
    r"\S+",
    """
0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.127.255.255 127.0.0.1 127.1.2.3 127.255.255.255 168.63.129.16
169.254.0.1 169.254.169.254 169.254.170.2 172.16.0.1 172.31.255.255 192.0.0.1 192.0.0.8 192.0.0.170 192.0.2.1 192.31.196.1
192.52.193.1 192.88.99.1 192.88.99.3 192.168.0.1 192.168.255.255 192.175.48.1 198.18.0.1 198.19.255.255 198.51.100.1 203.0.113.1
224.0.0.1 233.252.0.1 239.255.255.255 240.0.0.1 255.255.255.255
:: ::1 ::127.0.0.1 ::8.8.8.8 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 ::ffff:8.8.8.8 ::ffff:0:127.0.0.1
64:ff9b::127.0.0.1 64:ff9b::a9fe:a9fe 64:ff9b::8.8.8.8 64:ff9b:1::1 64:ff9b:1::10.0.0.1 64:ff9b:1:ffff:ffff:ffff:ffff:ffff
100::1 100:0:0:1::1 2001::1 2001:0:4136:e378:8000:63bf:3fff:fdd2 2001:2::1 2001:3::1 2001:4:112::1 2001:10::1 2001:20::1 2001:1ff:ffff::1
2001:db8::1 2002::1 2002:7f00:1:: 2002:a9fe:a9fe::1 2620:4f:8000::1 3fff::1 3fff:fff::1 5f00::1 5f00:ffff::1
fc00::1 fd00:ec2::254 fd12:3456::1 fe80::1 fe80::1%eth0 febf::1 fec0::1 feff::1 ff02::1 ff05::2 ff0e::1
4000::1 8000::1 c000::1 1::1 400::1
""",
)
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

"""Which addresses are the open internet. Our own table: `ipaddress.is_global` was seen to accept NAT64, 6to4, site-local and
multicast. From the IANA special-purpose and multicast registries, IPv4 and IPv6.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address

_SPECIAL = {
    "0.0.0.0/8": "this network",
    "10.0.0.0/8": "private",
    "100.64.0.0/10": "shared by carriers",
    "127.0.0.0/8": "loopback",
    "168.63.129.16/32": "a cloud's platform",
    "169.254.0.0/16": "link-local",
    "172.16.0.0/12": "private",
    "192.0.0.0/24": "protocol assignments",
    "192.0.2.0/24": "documentation",
    "192.31.196.0/24": "AS112",
    "192.52.193.0/24": "AMT",
    "192.88.99.0/24": "6to4 relays",
    "192.168.0.0/16": "private",
    "192.175.48.0/24": "AS112",
    "198.18.0.0/15": "benchmarks",
    "198.51.100.0/24": "documentation",
    "203.0.113.0/24": "documentation",
    "224.0.0.0/4": "multicast",
    "240.0.0.0/4": "reserved",
    "::/96": "IPv4-compatible, unspecified and loopback",
    "::ffff:0:0/96": "IPv4-mapped",
    "::ffff:0:0:0/96": "IPv4-translated",
    "64:ff9b::/96": "NAT64",
    "64:ff9b:1::/48": "local NAT64",
    "100::/64": "discarded",
    "100:0:0:1::/64": "dummy",
    "2001::/23": "protocol assignments, Teredo and ORCHID among them",
    "2001:db8::/32": "documentation",
    "2002::/16": "6to4",
    "2620:4f:8000::/48": "AS112",
    "3fff::/20": "documentation",
    "5f00::/16": "SRv6",
    "fc00::/7": "unique local",
    "fe80::/10": "link-local",
    "fec0::/10": "site-local",
    "ff00::/8": "multicast",
}
_IPV4 = [(network, name) for text, name in _SPECIAL.items() if isinstance(network := ip_network(text), IPv4Network)]
_IPV6 = [(network, name) for text, name in _SPECIAL.items() if isinstance(network := ip_network(text), IPv6Network)]
_GLOBAL_UNICAST = IPv6Network("2000::/3")


def special_use(address: Address) -> str | None:
    """What an address is set aside for; None: it is an ordinary address of the open internet."""
    if isinstance(address, IPv4Address):
        return next((name for network, name in _IPV4 if address in network), None)
    if address.scope_id is not None:
        return "link-local"
    named = next((name for network, name in _IPV6 if address in network), None)
    return named or (None if address in _GLOBAL_UNICAST else "not global unicast")


def is_loopback(address: Address) -> bool:
    """This machine, in the two forms that a local stack listens on."""
    return address == IPv6Address("::1") or address in IPv4Network("127.0.0.0/8")


def parsed(text: str) -> Address | None:
    """An address as the resolver writes it."""
    try:
        return ip_address(text)
    except ValueError:
        return None

"""Who is the same person: identities from e-mail, phone and channel ids, as keys that hold no personal data."""

from __future__ import annotations

import hashlib
import re

from hearback.domain.trigger import Contact

_NOT_DIGITS = re.compile(r"\D")
_PHONE_PUNCTUATION = re.compile(r"[+\s()./-]")
_NUMBER = re.compile(r"\+?[\d\s()./-]*\d[\d\s()./-]*")
_LEAST_DIGITS = 7
_OTHER_SPELLINGS = tuple(
    (re.compile(form, re.ASCII), to)
    for form, to in (
        (r"55(\d\d)9(\d{8})", r"55\1\2"),
        (r"55(\d\d)(\d{8})", r"55\g<1>9\2"),
        (r"521(\d{10})", r"52\1"),
        (r"52(\d{10})", r"521\1"),
        (r"549(\d{10})", r"54\1"),
        (r"54(\d{10})", r"549\1"),
    )
)
"""Brazil's ninth digit, Mexico's 1 and Argentina's 9 of mobile phones: with them and without."""
_PHONE_CHANNELS = ("whatsapp", "whatsapp-aws", "sms-aws", "twilio", "phone")


def person_keys(contact: Contact, source: str) -> tuple[str, ...]:
    """The contact's identities as hashes, in the order of `identities`."""
    return tuple(_hash(each) for each in identities(contact, source))


def identities(contact: Contact, source: str) -> tuple[str, ...]:
    """The contact's identities in one spelling each, the most telling first (e-mail, phone, channel addresses, the source's own
    id).

    E-mail is compared without case; phone numbers and phone-based channels by digits alone, so that "+49 30 1" on the
    helpdesk and "49301" on WhatsApp are one person. A source's contact id means something only within that source.
    """
    named: list[str] = []
    if contact.email:
        named.append("email:" + contact.email.strip().casefold())
    if phone := _digits(contact.phone):
        named.append("phone:" + phone)
    for channel, address in sorted(contact.addresses.items()):
        named.append(_channel_identity(channel, address))
    if contact.id:
        named.append(f"{source}:{contact.id}")
    return tuple(dict.fromkeys(each for each in named if each))


def address_key(channel: str, address: str) -> str:
    """The person key of one address on one channel: how a reply that carries no link finds its person."""
    return _hash(_channel_identity(channel, address))


def address_keys(channel: str, address: str) -> tuple[str, ...]:
    """The keys that a person may have who writes from this address, its own first: WhatsApp calls people in Brazil, Mexico and
    Argentina by other numbers than those that helpdesks dial.
    """
    numbers = _PHONE_PUNCTUATION.sub("", address)
    others = [form.sub(to, numbers) for form, to in _OTHER_SPELLINGS if channel in _PHONE_CHANNELS and form.fullmatch(numbers)]
    return tuple(address_key(channel, each) for each in (address, *others))


def keys_of(text: str) -> tuple[str, ...]:
    """The keys that an identity may have as people write it: an e-mail address, a phone number, or a name and an id,
    `{channel}:{address}` or `{source}:{contact id}`. None for what can be no identity.
    """
    text = text.strip()
    kind, colon, rest = text.partition(":")
    if colon and kind and rest.strip():
        named = [_channel_identity(kind, rest.strip()), f"{kind}:{rest.strip()}"]
    elif "@" in text and not colon:
        named = [_channel_identity("email", text)]
    elif _NUMBER.fullmatch(text):
        named = ["phone:" + _digits(text)]
    else:
        named = []
    return tuple(dict.fromkeys(map(_hash, named)))


def keys_in(text: str) -> tuple[str, ...]:
    """The keys of a text that is an e-mail address or a phone number and nothing else: how a person is found in a column that
    somebody imported.
    """
    return keys_of(text) if ":" not in text and ("@" in text or len(_digits(text)) >= _LEAST_DIGITS) else ()


def _channel_identity(channel: str, address: str) -> str:
    if channel == "email":
        return "email:" + address.strip().casefold()
    number = _PHONE_PUNCTUATION.sub("", address)
    if channel in _PHONE_CHANNELS and number.isdigit():
        return "phone:" + number
    return f"{channel}:{address}"


def _digits(phone: str) -> str:
    return _NOT_DIGITS.sub("", phone)


def _hash(identity: str) -> str:
    return hashlib.sha256(identity.encode()).hexdigest()[:32]

from hearback.domain.person import address_key, person_keys
from hearback.domain.trigger import Contact


def test_the_same_number_on_the_helpdesk_and_on_whatsapp_is_one_identity() -> None:
    helpdesk = person_keys(Contact(phone="+49 (30) 123-45"), "zendesk")
    whatsapp = person_keys(Contact(addresses={"whatsapp": "493012345"}), "chatwoot")
    assert helpdesk == whatsapp == (address_key("whatsapp", "+493012345"),)


def test_an_address_on_a_chat_without_numbers_is_an_identity_of_its_own() -> None:
    assert address_key("whatsapp", "US.13491208655302741918") != address_key("whatsapp", "13491208655302741918")


def test_email_is_compared_without_case_and_a_source_s_own_id_only_within_that_source() -> None:
    assert person_keys(Contact(email="Ana@Example.com "), "a") == person_keys(Contact(email="ana@example.com"), "b")
    assert person_keys(Contact(id="7"), "a") != person_keys(Contact(id="7"), "b")


def test_the_most_telling_identity_comes_first_and_none_twice() -> None:
    keys = person_keys(
        Contact(id="7", email="ana@example.com", phone="+4930", addresses={"email": "ANA@example.com", "whatsapp": "4930"}), "a"
    )
    assert len(keys) == 3
    assert keys[0] == address_key("email", "ana@example.com")


def test_a_contact_nobody_knows_has_no_identity() -> None:
    assert person_keys(Contact(name="Ana"), "a") == ()


def test_keys_hold_nothing_personal() -> None:
    assert "ana" not in "".join(person_keys(Contact(email="ana@example.com"), "a"))

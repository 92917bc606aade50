"""The English catalogue is complete, and says what the Chinese says."""

from babel.messages.catalog import Catalog

from zoufang.site import translations


def source(*messages: str | tuple[str, str]) -> Catalog:
    catalogue = Catalog(locale="en")
    for message in messages:
        catalogue.add(message, locations=[("zoufang/a.py", 1)])
    return catalogue


def kept(**words: str) -> Catalog:
    catalogue = Catalog(locale="en")
    for message, translation in words.items():
        catalogue.add(message, translation)
    return catalogue


def test_messages_are_found_in_code_and_in_templates() -> None:
    places = {place for message in translations.spoken() for place, _line in message.locations}

    assert any(place.endswith(".py") for place in places)
    assert any(place.endswith(".html") for place in places)


def test_a_message_without_translation_is_a_fault() -> None:
    [fault] = translations.faults(source("走访", "意见"), kept(走访="Visit"))

    assert str(fault) == "untranslated: '意见' (zoufang/a.py)"


def test_a_translation_that_nobody_asks_for_is_a_fault() -> None:
    [fault] = translations.faults(source("走访"), kept(走访="Visit", 意见="Opinion"))

    assert fault.what == "said no more"


def test_a_translation_names_what_the_source_gives() -> None:
    wrong = Catalog(locale="en")
    wrong.add("%(unit)s不在您的管辖范围内", "%(units)s is out of your reach")

    [fault] = translations.faults(source("%(unit)s不在您的管辖范围内"), wrong)

    assert fault.what == "other placeholders"


def test_a_singular_may_spell_its_number() -> None:
    plural = Catalog(locale="en")
    plural.add(("%(n)d 件", "%(n)d 件"), ("one case", "%(n)d cases"))

    assert translations.faults(source(("%(n)d 件", "%(n)d 件")), plural) == []


def test_an_update_keeps_translations_and_drops_what_is_said_no_more() -> None:
    merged = translations.merged(source("走访", "意见"), kept(走访="Visit", 台账="Ledger"))

    assert {message.id: message.string or "" for message in merged if message.id} == {"走访": "Visit", "意见": ""}


def test_the_catalogue_that_is_kept_is_complete() -> None:
    assert [str(fault) for fault in translations.faults(translations.spoken(), translations.written())] == []

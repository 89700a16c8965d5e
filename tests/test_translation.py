"""The catalogs: everything a reader can see is in them, translated, and compiled."""

from __future__ import annotations

import re
import runpy
from pathlib import Path
from string import Formatter
from typing import Any

import pytest

from milestone_cli.render.cells import shown, shown_line
from milestone_cli.reports.table import CellKind, Plural, Sentence, Value, counted, in_english, joined, named
from milestone_cli.translation import catalog, language, translated, translated_plural

ROOT = Path(__file__).parent.parent
CODE = re.compile(r"`(ms(?: [a-z][a-z-]*)?|[a-z_]+)")


@pytest.fixture(scope="module")
def made() -> dict[str, Any]:
    return runpy.run_path(str(ROOT / "docs" / "make_catalog.py"))


@pytest.fixture(scope="module")
def german(made) -> Any:
    return made["read_catalog"]("de")


def pairs(german) -> list[tuple[str, str]]:
    """Return every form of every message with its translation."""
    found = []
    for message in german:
        if not message.id:
            continue
        ids, strings = (
            ((message.id,), (message.string,)) if isinstance(message.id, str) else (message.id, message.string)
        )
        found += list(zip(ids, strings, strict=True))
    return found


def places(text: str) -> list[int]:
    """Return which values a template shows, in ascending order; `{}` counts up, `{1}` says which."""
    names = [name for _, name, _, _ in Formatter().parse(text) if name is not None]
    return sorted(int(name) if name else place for place, name in enumerate(names))


def test_no_word_of_the_code_is_without_a_translation(made) -> None:
    assert made["untranslated"](made["updated"]("de")) == [], "run `python docs/make_catalog.py`, then translate these"


def test_no_text_for_a_reader_is_built_of_parts_that_no_catalog_can_hold(made) -> None:
    assert made["extracted"]()[1] == []


def test_the_catalog_holds_what_the_code_says_and_nothing_else(made, german) -> None:
    known = {(message.id, message.context) for message in german}
    assert known == {(message.id, message.context) for message in made["updated"]("de")}, (
        "run `python docs/make_catalog.py`"
    )


def test_a_translation_shows_the_same_values(german) -> None:
    assert [pair for pair in pairs(german) if places(pair[0]) != places(pair[1])] == []


def test_a_translation_names_the_same_commands_and_fields(german) -> None:
    assert [pair for pair in pairs(german) if sorted(CODE.findall(pair[0])) != sorted(CODE.findall(pair[1]))] == []


def test_a_translation_keeps_the_blanks_at_its_ends_and_its_full_stop(german) -> None:
    def ends(text: str) -> tuple[str, str]:
        return text[: len(text) - len(text.lstrip())], text[-1] if text[-1] in ".?:" else ""

    assert [pair for pair in pairs(german) if ends(pair[0]) != ends(pair[1])] == []


def test_the_program_reads_what_the_catalog_says(made, german) -> None:
    compiled = made["po_path"]("de").with_suffix(".mo")
    assert compiled.read_bytes() == made["compiled"](german), "run `python docs/make_catalog.py`"


def test_english_and_languages_without_a_catalog_say_what_the_code_says() -> None:
    assert catalog("en") is None
    assert catalog("fr") is None
    assert [translated("yes", locale) for locale in ("en_GB", "fr_FR", "de", "de_CH")] == ["yes", "yes", "ja", "ja"]
    assert translated("", "de") == ""
    assert translated_plural("1 month", "{} months", 1, "fr") == "1 month"
    assert (language("de_AT"), language("de")) == ("de", "de")


def test_two_meanings_of_a_word_are_told_apart() -> None:
    assert [translated("By", "de"), translated("By", "de", "person")] == ["Bis", "Von"]
    assert shown_line(Sentence("By", context="person"), "de") == "Von"


def test_a_sentence_within_a_sentence_is_translated_by_itself() -> None:
    months = Plural("1 month", "{} months", 3, (counted(3),))
    line = Sentence("{} by rep", (months,))
    assert [shown_line(line, locale) for locale in ("en_US", "de")] == ["3 months by rep", "3 Monate je Verkäufer"]
    assert shown_line(joined((named("team"), "team")), "de") == "team · Team"


def test_what_was_typed_is_never_translated() -> None:
    assert shown("yes", CellKind.TEXT, "de") == "yes"
    assert shown("reached", CellKind.WORD, "de") == "erreicht"
    assert shown(Sentence("nobody"), CellKind.NAME, "de") == "niemand"


def test_braces_in_a_name_are_no_place_for_a_value() -> None:
    assert shown_line(joined((named("{0} {x}"), "team")), "de") == "{0} {x} · Team"


def test_a_line_for_a_program_is_english() -> None:
    line = Sentence("{}: {}", (Plural("1 fact", "{} facts", 2, (counted(2),)), Value("acme", CellKind.NAME)))
    assert in_english(line) == "2 facts: acme"
    assert in_english(Plural("1 fact", "{} facts", 1, (counted(1),))) == "1 fact"


def test_the_catalog_does_not_say_when_it_was_made(made) -> None:
    assert b"-Date:" not in made["compiled"](made["updated"]("de"))
    assert "-Date:" not in made["po_path"]("de").read_text("utf-8").partition("\n\n")[0]

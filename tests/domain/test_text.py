"""Names are stored clean, looked up without regard to case, and shown without harm."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from milestone_cli.domain.text import (
    clean_name,
    fold,
    quoted,
    slug,
    valid_milestone_key,
    valid_process_key,
    visible,
)
from milestone_cli.errors import InvalidValue


def test_blanks_tabs_and_line_ends_fold_to_one_space():
    assert clean_name("  Acme \t\r\n GmbH\u00a0\u2028AG ", "name") == "Acme GmbH AG"


def test_a_name_is_stored_composed():
    assert clean_name("Cafe\u0301", "name") == "Caf\u00e9"


@pytest.mark.parametrize(
    "name",
    ["[red]x[/red]", "[link=http://x]", "Acme [/]", ":smile:", "👩‍💻 Labs", "a\u202eb", "a\u200bb", "=HYPERLINK(1)"],
)
def test_markup_emoji_bidi_and_zero_width_are_stored_as_given(name):
    assert clean_name(name, "name") == name


@pytest.mark.parametrize(
    ("name", "sign", "position"),
    [
        ("a\x00b", r"\x00", 2),
        ("\x1b]8;;http://x\x07", r"\x1b", 1),
        ("  \x9b31m", r"\x9b", 3),
        ("abc\x7f", r"\x7f", 4),
        ("a\x0bb", r"\x0b", 2),
        ("a\x85b", r"\x85", 2),
        ("a\x1f", r"\x1f", 2),
    ],
)
def test_control_characters_are_refused_with_their_position(name, sign, position):
    with pytest.raises(InvalidValue) as refusal:
        clean_name(name, "name")
    assert refusal.value.message == f"The name holds the control character {sign} at position {position}."


def test_undecodable_bytes_are_refused_as_not_utf_8():
    with pytest.raises(InvalidValue, match="The customer is not valid UTF-8"):
        clean_name("a\udcff", "customer")


@pytest.mark.parametrize("name", ["", "  \n", "\u200b\u2060", "\ufeff"])
def test_a_name_that_shows_nothing_is_refused_as_empty(name):
    with pytest.raises(InvalidValue, match="The title is empty"):
        clean_name(name, "title")


def test_a_name_of_ten_thousand_characters_is_refused_with_its_length():
    with pytest.raises(InvalidValue, match="The name has 10000 characters; at most 200 fit"):
        clean_name("x" * 10_000, "name")
    assert clean_name("x" * 200, "name") == "x" * 200
    assert clean_name("x" * 300, "text", limit=300) == "x" * 300


@given(st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), min_size=1, max_size=220))
def test_a_plain_name_is_stored_as_any_other(text):
    folded = " ".join(text.split())
    if 0 < len(folded) <= 200:
        assert clean_name(text, "name") == folded
    else:
        with pytest.raises(InvalidValue, match="is empty" if not folded else "at most 200"):
            clean_name(text, "name")


@given(st.text(max_size=220))
def test_cleaning_is_done_after_one_pass(text):
    try:
        name = clean_name(text, "name")
    except InvalidValue:
        return
    assert clean_name(name, "name") == name == unicodedata.normalize("NFC", name)


@pytest.mark.parametrize(("one", "other"), [("ACME", "acme"), ("Straße", "STRASSE"), ("Cafe\u0301", "CAFÉ")])
def test_case_and_composition_do_not_matter_for_looking_up(one, other):
    assert fold(one) == fold(other)


@given(st.text(st.characters(codec="ascii")))
def test_a_plain_name_is_folded_as_any_other(text):
    assert fold(text) == unicodedata.normalize("NFC", unicodedata.normalize("NFD", text).casefold())


@given(st.text())
def test_folding_is_done_after_one_pass_and_ignores_composition(text):
    assert fold(fold(text)) == fold(text)
    assert fold(unicodedata.normalize("NFD", text)) == fold(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Müller 日本", "Müller 日本"),
        ("\x1b[31m", r"\x1b[31m"),
        ("a\x00\x7f\x9bb", r"a\x00\x7f\x9bb"),
        ("a\u202eb\u2066c", r"a\u202eb\u2066c"),
        ("a\u200bb\ufeff", r"a\u200bb\ufeff"),
        ("a\u2028b", r"a\u2028b"),
        ("a\nb\tc", r"a\x0ab\x09c"),
        ("a\udcffb", r"a\udcffb"),
        ("a\U000e0041", r"a\U000e0041"),
        ("👩‍💻", "👩‍💻"),
        ("👩🏽‍💻", "👩🏽‍💻"),
        ("❤️‍🔥", "❤️‍🔥"),
        ("a\u200db", r"a\u200db"),
        ("👩\u200dx", r"👩\u200dx"),
    ],
)
def test_what_cannot_be_seen_is_shown_escaped(text, shown):
    assert visible(text) == shown


@given(st.text(st.characters()))
def test_what_is_shown_steers_no_terminal(text):
    shown = visible(text)
    assert not any(unicodedata.category(sign) in ("Cc", "Cs", "Zl", "Zp") for sign in shown)
    assert not any(unicodedata.bidirectional(sign) in ("LRO", "RLO", "LRI", "RLI", "PDI", "PDF") for sign in shown)
    assert visible(shown) == shown


def test_a_long_text_is_cut_in_messages():
    assert quoted("x" * 100, 5) == '"xxxxx..."'
    assert quoted("a\x1b") == r'"a\x1b"'


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Müller & Söhne GmbH", "mueller-soehne-gmbh"),
        ("Großkunde", "grosskunde"),
        ("Café Zoë", "cafe-zoe"),
        ("Łódź Øst", "lodz-ost"),
        ("O'Neill's", "oneills"),
        ("日本電気 K.K.", "日本電気-k-k"),
        ("हिन्दी", "हिन्दी"),
        ("Ёлка", "ёлка"),
        ("４７１１", "c-4711"),
        ("4711", "c-4711"),
        ("!?", "customer"),
        ("", "customer"),
        ("👩‍💻", "customer"),
        ("-- a -- b --", "a-b"),
    ],
)
def test_a_key_is_made_from_a_customers_name(name, key):
    assert slug(name) == key


@given(st.text())
def test_a_key_is_short_never_empty_never_a_number_and_its_own_key(name):
    key = slug(name)
    assert 1 <= len(key) <= 40
    assert not key.isdigit()
    assert key[0] != "-" != key[-1]
    assert not any(sign.isspace() for sign in key)
    assert slug(key) == key


@pytest.mark.parametrize("key", ["b2b", "a", "smb-short", "2024", "x" * 40])
def test_a_process_key_is_lower_case_letters_digits_and_dashes(key):
    assert valid_process_key(key)


@pytest.mark.parametrize("key", ["", "B2B", "a b", "a_b", "-a", "ä", "x" * 41, "a\n", "٤"])
def test_other_process_keys_are_not_valid(key):
    assert not valid_process_key(key)


@pytest.mark.parametrize("key", ["interest", "m1", "1st", "a_b.c-d", "x" * 60])
def test_a_milestone_key_may_hold_dots_and_underscores(key):
    assert valid_milestone_key(key)


@pytest.mark.parametrize("key", ["", "3", "007", "Interest", "a b", ".a", "x" * 61, "ä", "a\n"])
def test_a_milestone_key_is_never_a_number(key):
    assert not valid_milestone_key(key)

"""Names and keys: what is stored, how it is looked up, how it is shown without harm.

Invariant: a stored name is NFC, holds no control character and has 1 to `limit` characters; what cannot be seen is
escaped when shown, never removed from what is stored.
"""

from __future__ import annotations

import re
import unicodedata

from milestone_cli.errors import InvalidValue

_BLANKS = re.compile(r"[\t\n\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")

_EMOJI = r"\u2190-\u2bff\u3030\u303d\U0001f000-\U0001faff"
_UNSEEN = re.compile(
    r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]"
    r"|[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"
    r"|[\u00ad\u180e\u200b\u200c\u2028\u2029\u2060-\u2064\u206a-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
    # A joiner between two emoji builds one sign (a family, a profession) and hides nothing.
    rf"|(?<![{_EMOJI}\ufe0f])\u200d|\u200d(?![{_EMOJI}])"
)

_SPELLED = str.maketrans(
    {
        "ä": "ae",
        "ö": "oe",
        "ü": "ue",
        "ß": "ss",
        "æ": "ae",
        "œ": "oe",
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "ı": "i",
        "&": "-",
    }
)
_PROCESS_KEY = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_MILESTONE_KEY = re.compile(r"[a-z0-9][a-z0-9_.-]{0,59}")
_SLUG_LIMIT = 40


def quoted(text: str, limit: int = 60) -> str:
    """Return `text` in double quotes for a message, harmless to show and cut after `limit` characters.

    >>> quoted("acme")
    '"acme"'
    """
    return f'"{visible(text[:limit])}..."' if len(text) > limit else f'"{visible(text)}"'


def clean_name(text: str, what: str, *, limit: int = 200) -> str:
    """Return `text` as it is stored: NFC, stripped, runs of blanks and line ends folded to one space.

    `what` names the thing in the message ("name", "reason"). Bidi and zero width characters stay as given.

    Raises:
        InvalidValue: empty, longer than `limit` characters, a control character (its position, from 1, is told), or
            a lone surrogate (what undecodable bytes of a command line become).
    """
    if _is_plain(text) and len(text) <= limit:
        return text
    if _SURROGATE.search(text):
        raise InvalidValue(f"The {what} is not valid UTF-8.", "Check the encoding of the terminal or of the file.")
    for found in _CONTROL.finditer(text):
        if found[0] not in "\t\n\r":
            raise InvalidValue(
                f"The {what} holds the control character {visible(found[0])} at position {found.start() + 1}.",
                "Remove it; names are plain text.",
            )
    name = unicodedata.normalize("NFC", _BLANKS.sub(" ", text).strip(" "))
    if not name or all(unicodedata.category(sign) == "Cf" for sign in name):
        raise InvalidValue(f"The {what} is empty.", f"Give it 1 to {limit} characters.")
    if len(name) > limit:
        raise InvalidValue(f"The {what} has {len(name)} characters; at most {limit} fit.", "Shorten it.")
    return name


def _is_plain(text: str) -> bool:
    """Tell whether a text is stored as it is, which most are: one look at it instead of four."""
    return text.isascii() and text.isprintable() and "  " not in text and text == text.strip(" ") != ""


def fold(text: str) -> str:
    """Return the form under which names are compared: case and composition do not matter.

    >>> fold("STRASSE") == fold("Straße")
    True
    """
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", text).casefold())


def visible(text: str) -> str:
    r"""Return `text` with everything that cannot be seen or that steers a terminal escaped.

    Control characters, bidi controls, zero width characters, line separators and lone surrogates.

    >>> visible("a\u202eb")
    'a\\u202eb'
    """
    return text if text.isprintable() else _UNSEEN.sub(_escaped, text)


def _escaped(found: re.Match[str]) -> str:
    point = ord(found[0])
    if point <= 0xFF:
        return f"\\x{point:02x}"
    return f"\\u{point:04x}" if point <= 0xFFFF else f"\\U{point:08x}"


def slug(name: str) -> str:
    """Return a key made from a customer's name: lower case, dashes between words, 1 to 40 characters.

    German umlauts are spelled out, accents on Latin letters dropped, other scripts kept. Never all digits, because a
    number on the command line means an opportunity's number.

    >>> slug("Müller & Söhne GmbH"), slug("4711"), slug("!?")
    ('mueller-soehne-gmbh', 'c-4711', 'customer')
    """
    lower = unicodedata.normalize("NFC", name).lower().translate(_SPELLED)
    letters = unicodedata.normalize("NFC", "".join(_plain_letter(sign) for sign in lower))
    key = _cut("-".join(letters.replace("-", " ").split())) or "customer"
    return _cut(f"c-{key}") if key.isdigit() else key


def _plain_letter(sign: str) -> str:
    parts = unicodedata.normalize("NFKD", sign).lower()
    latin = "".join(part for part in parts if part.isascii() and part.isalnum())
    if latin:
        return latin
    category = unicodedata.category(sign)
    if sign.isalnum() or (category in ("Mn", "Mc") and not 0x300 <= ord(sign) <= 0x36F and not _is_selector(sign)):
        return sign
    return "" if category in ("Mn", "Me", "Cf") or sign in "'’" else "-"


def _is_selector(sign: str) -> bool:
    return "\ufe00" <= sign <= "\ufe0f" or "\U000e0100" <= sign <= "\U000e01ef"


def _cut(key: str) -> str:
    return key[:_SLUG_LIMIT].strip("-")


def valid_process_key(text: str) -> bool:
    """Tell whether `text` can name a process: 1 to 40 of a-z, 0-9 and dash, no dash first; `all` means all of them."""
    return _PROCESS_KEY.fullmatch(text) is not None and text != "all"


def valid_milestone_key(text: str) -> bool:
    """Tell whether `text` can name a milestone: 1 to 60 of a-z 0-9 - _ ., a letter or digit first, not all digits."""
    return _MILESTONE_KEY.fullmatch(text) is not None and not text.isdigit()

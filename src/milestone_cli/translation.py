"""The program's own words in the reader's language.

Invariant: English is what the code says and needs no catalog; in another language a word without a translation stays
English. Only what a reader sees passes through here: the keys of csv and JSON are the same for all.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gettext import NullTranslations

DOMAIN = "milestone_cli"
"""The name of the catalogs: locales/<language>/LC_MESSAGES/milestone_cli.mo."""
LOCALES = Path(__file__).parent / "locales"


def translated(words: str, locale: str, context: str = "") -> str:
    """Return `words` in the language of `locale`, or as they are; `context` tells two meanings of them apart.

    >>> translated("yes", "de_AT"), translated("yes", "en_GB")
    ('ja', 'yes')
    """
    known = catalog(language(locale))
    if known is None or not words:
        return words
    return known.pgettext(context, words) if context else known.gettext(words)


def translated_plural(one: str, many: str, count: int, locale: str) -> str:
    """Return the form for `count` things in the language of `locale`."""
    known = catalog(language(locale))
    if known is None:
        return one if count == 1 else many
    return known.ngettext(one, many, count)


def language(locale: str) -> str:
    """Return the language of a locale: de of de_AT."""
    return locale.partition("_")[0]


@cache
def catalog(language: str) -> NullTranslations | None:
    """Return the words of a language, read once; None for English and where there are none."""
    if language == "en":
        return None
    path = LOCALES / language / "LC_MESSAGES" / f"{DOMAIN}.mo"
    if not path.is_file():
        return None
    from gettext import GNUTranslations

    with path.open("rb") as file:
        return GNUTranslations(file)

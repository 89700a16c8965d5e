"""Texts of another book on their way into this one: each is looked at before it is kept, and who is forgotten stays so.

Invariant: nothing comes in that no command would have stored, or that is not what its fact was recorded with; a text
keeps its salt, so it means the same in both books.
"""

from __future__ import annotations

import re
import sqlite3

from milestone_cli.domain.text import clean_name
from milestone_cli.store.journal import Signed
from milestone_cli.store.payloads import salted_hash

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_LONGEST = 10_000
"""So many characters a text may have."""
_SIGNED = "SELECT author, who FROM command WHERE number = ?"

Text = tuple[str, str]
"""Body and salt; both empty where it is forgotten."""
_FORGOTTEN: Text = ("", "")


class CopiedTexts:
    """Takes texts over under numbers of this book; `texts` and `authors` are the rows to be written."""

    def __init__(self, ours: sqlite3.Connection, theirs: sqlite3.Connection, last: int) -> None:
        """Number texts from behind `last` on."""
        self._ours, self._theirs = ours, theirs
        self._last = last
        self.texts: list[tuple[int, str, str]] = []
        self.authors: list[tuple[int]] = []
        self._signed: dict[int, Signed] = {}
        """How who recorded signs here, by the number of the text with their name there."""

    def there(self, number: int) -> Text:
        """Return a text of the other book."""
        body, salt = self._theirs.execute("SELECT body, salt FROM text WHERE number = ?", (number,)).fetchone()
        return body, salt

    def taken(self, role: str, number: int, expected: str, *, kept: int | None, silent: bool) -> tuple[int, str]:
        """Keep a text of the other book that a fact was recorded with; return its number here and its body.

        Args:
            role: in which the fact names it.
            number: of the text there.
            expected: its salted hash.
            kept: its number here, where it is kept already.
            silent: it tells of somebody who is forgotten here, so that it does not come in.
        """
        text = self.there(number)
        _check(role, text, expected)
        if silent:
            text = _FORGOTTEN
        return self.keep(text) if kept is None else kept, text[0]

    def keep(self, text: Text) -> int:
        """Keep a text; return its number here."""
        self._last += 1
        self.texts.append((self._last, *text))
        return self._last

    def shares(self, there: int, here: int) -> None:
        """Take down that a command is in both books: who recorded it is the same here, also if they are forgotten."""
        [author, _] = self._theirs.execute(_SIGNED, (there,)).fetchone()
        self._signed.setdefault(author, self._ours.execute(_SIGNED, (here,)).fetchone())

    def signed(self, author: int, who: str) -> Signed:
        """Return how a command is signed here that somebody has recorded there."""
        if author not in self._signed:
            text = self.there(author)
            if text != _FORGOTTEN and (salted_hash(text[1], text[0]) != who or CONTROL.search(text[0])):
                raise ValueError(author)
            number = self.keep(text)
            self.authors.append((number,))
            self._signed[author] = number, who
        return self._signed[author]


def _check(role: str, text: Text, expected: str) -> None:
    """Refuse a text that no command would have stored, or that is not the one its fact was recorded with."""
    body, salt = text
    if text != _FORGOTTEN and (clean_name(body, role, limit=_LONGEST) != body or salted_hash(salt, body) != expected):
        raise ValueError(role)

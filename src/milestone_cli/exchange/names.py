"""Names and words of another system, made fit to be stored: nobody can correct them in a file of 50,000 deals.

Invariant: what comes out can be stored as it is; what had to be changed for that is said.
"""

from __future__ import annotations

import re

from milestone_cli.domain.text import clean_name
from milestone_cli.errors import InvalidValue
from milestone_cli.exchange.reader import without_guard

_UNFIT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


def cleaned(text: str, limit: int = 200) -> tuple[str, bool]:
    r"""Return a text as it is stored, empty where nothing is left of it, and whether it had to be changed.

    >>> cleaned(" Example\x0bAG "), cleaned("  "), cleaned("abcdef", 4)
    (('Example AG', True), ('', False), ('abcd', True))
    """
    bare = without_guard(text.strip())
    if not bare:
        return "", False
    try:
        return clean_name(bare, "name", limit=limit), False
    except InvalidValue:
        pass
    try:
        whole = clean_name(_UNFIT.sub(" ", bare), "name", limit=len(bare) * 4)
        return clean_name(whole[:limit], "name", limit=limit), True
    except InvalidValue:
        return "", True

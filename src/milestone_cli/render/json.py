"""The object a report made of itself, as JSON text.

Invariant: the text parses back to exactly that object, and holds no character that steers a terminal.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

# C0 is escaped by json itself; the rest are C1, soft hyphen, bidi and zero width signs, line separators, surrogates.
_UNSEEN = re.compile(
    "[\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff"
    "\U000e0000-\U000e007f]"
)


def as_json(content: Mapping[str, object] | Sequence[object]) -> str:
    """Return `content` in readable JSON, two blanks deep, UTF-8 letters as they are.

    Raises:
        ValueError: NaN or an infinity, which JSON does not have; a defect of the report.
    """
    plain = dict(content) if isinstance(content, Mapping) else list(content)
    text = json.dumps(plain, indent=2, ensure_ascii=False, allow_nan=False)
    return without_unseen(text) + "\n"


def without_unseen(text: str) -> str:
    """Return JSON text with every character that cannot be seen, or that steers, escaped."""
    return _UNSEEN.sub(_escaped, text)


def _escaped(found: re.Match[str]) -> str:
    return json.dumps(found[0])[1:-1]

"""What the customer did, said or wrote, as one line tells it: `wrote: Send the contract`."""

from __future__ import annotations

import re

from milestone_cli.domain.facts import Evidence

_CHOSEN = re.compile(r"(d|did|s|said|w|wrote):\s*(.*)", re.IGNORECASE | re.DOTALL)


def evidence_in(answer: str) -> tuple[Evidence | None, str]:
    """Return how the customer showed it, and the words: said unless the answer begins with did: or wrote:.

    >>> evidence_in("wrote: Send the contract")[0].value, evidence_in("Yes, please")[0].value
    ('wrote', 'said')
    """
    found = _CHOSEN.fullmatch(answer.strip())
    if found is None:
        return (Evidence.SAID if answer.strip() else None), answer.strip()
    chosen = next(evidence for evidence in Evidence if evidence.value.startswith(found[1].lower()))
    return (chosen if found[2] else None), found[2]

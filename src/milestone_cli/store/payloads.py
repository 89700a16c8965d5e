"""Facts as rows: what lies in the named columns, and the versioned JSON payload for the rest.

Invariant: `decode(encode(x)) == x` for every fact; personal text is never in a payload, only its number and
salted hash.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import Any

from sqlalchemy import RowMapping

from milestone_cli.domain.facts import Evidence, Fact, Kind
from milestone_cli.domain.money import currency
from milestone_cli.domain.process import Milestone, Process

VERSION = 1
"""The version of the payload's form, in every payload as `v`."""

_CANONICAL = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode

TextRefs = Mapping[str, tuple[int, str]]
"""By role: the number of the text and its salted hash."""


def salted_hash(salt: str, body: str) -> str:
    """Return the first 128 bits of SHA-256 over salt and text, as 32 hex digits."""
    return hashlib.sha256(f"{salt}\x00{body}".encode()).hexdigest()[:32]


def dump(payload: Any) -> str:
    """Return a payload in its one canonical form."""
    return _CANONICAL(payload)


def encode(  # noqa: C901 - one line a field
    fact: Fact, refs: TextRefs | None, extra: Mapping[str, Any] | None = None
) -> str:
    """Return the payload of a fact about an opportunity, as `dump` would write it; what is not said is left out.

    Put together here, in the order of the names: `dump` takes ten times as long, and an import has a million of them.

    Args:
        fact: the fact.
        refs: its texts.
        extra: of an opening, the key of its `process` and the number of its `customer`.
    """
    said = '"bulk":true,' if fact.bulk else ""
    if extra and "customer" in extra:
        said += f'"customer":{extra["customer"]},'
    if fact.evidence is not None:
        said += f'"evidence":{_quoted(fact.evidence)},'
    if fact.milestone is not None:
        said += f'"milestone":{_quoted(fact.milestone)},'
    if extra and "process" in extra:
        said += f'"process":{_quoted(extra["process"])},'
    if fact.rep is not None:
        said += f'"rep":{fact.rep},'
    if fact.revisit is not None:
        said += f'"revisit":{fact.revisit},'
    if fact.since is not None:
        said += f'"since":{fact.since},'
    if refs:
        texts = [f'{_quoted(role)}:[{refs[role][0]},"{refs[role][1]}"]' for role in sorted(refs)]
        said += f'"texts":{{{",".join(texts)}}},'
    said += f'"v":{VERSION}'
    if fact.value is not None:
        said += f',"value":{fact.value}'
    if fact.voids is not None:
        said += f',"voids":{dump(fact.voids)}'
    return f"{{{said}}}"


@cache
def _quoted(key: str) -> str:
    return dump(key)


def text_numbers(payload: Mapping[str, Any]) -> list[int]:
    """Return the numbers of the texts a payload names."""
    return [ref[0] for ref in payload.get("texts", {}).values()]


def decode(row: Mapping[str, Any] | RowMapping, payload: Mapping[str, Any], texts: Mapping[int, str]) -> Fact:
    """Return the fact of a row; `payload` is its parsed payload, `texts` the bodies by number."""
    evidence = payload.get("evidence")
    return Fact(
        kind=Kind(row["kind"]),
        on=row["day"],
        entered_at=row["entered_at"],
        recorded_at=row["recorded_at"],
        known_on=row["known_day"],
        position=row["position"],
        id=row["id"],
        number=row["number"],
        opportunity=row["opportunity"] or 0,
        milestone=payload.get("milestone"),
        value=payload.get("value"),
        rep=payload.get("rep"),
        since=payload.get("since"),
        revisit=payload.get("revisit"),
        voids=payload.get("voids"),
        evidence=None if evidence is None else Evidence(evidence),
        bulk=payload.get("bulk", False),
        texts={role: texts.get(ref[0], "") for role, ref in payload.get("texts", {}).items()},
    )


def encode_process(process: Process) -> dict[str, Any]:
    """Return a process definition as plain JSON values."""
    return {
        "key": process.key,
        "title": process.title,
        "currency": process.currency.code,
        "evidence_required": process.evidence_required,
        "typical_value": process.typical_value,
        "history_from": process.history_from,
        "milestones": [
            {
                "key": milestone.key,
                "name": milestone.name,
                "customer_action": milestone.customer_action,
                "how": list(milestone.how),
                "rate": None if milestone.rate is None else str(milestone.rate),
                "days": milestone.days,
                "dead_after_days": milestone.dead_after_days,
            }
            for milestone in process.milestones
        ],
    }


def decode_process(data: Mapping[str, Any]) -> Process:
    """Return the process definition that `encode_process` wrote."""
    return Process(
        key=data["key"],
        title=data["title"],
        currency=currency(data["currency"]),
        evidence_required=data["evidence_required"],
        typical_value=data["typical_value"],
        history_from=data["history_from"],
        milestones=tuple(
            Milestone(
                key=item["key"],
                name=item["name"],
                customer_action=item["customer_action"],
                how=tuple(item["how"]),
                rate=None if item["rate"] is None else Decimal(item["rate"]),
                days=item["days"],
                dead_after_days=item["dead_after_days"],
            )
            for item in data["milestones"]
        ),
    )

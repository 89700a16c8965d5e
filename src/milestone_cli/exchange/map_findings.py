"""What an export names that a map has to give a meaning: stages by pipeline, words, owners, currencies, forms.

Invariant: everything is counted in deals, each once; what nobody has decided is said to be open.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from milestone_cli.exchange.amounts import decimal_sign
from milestone_cli.exchange.deals import Deal, Deals, What
from milestone_cli.exchange.moments import ColumnForms, survey


@dataclass(slots=True)
class Findings:
    """What the files name."""

    deals: int = 0
    stages: dict[str, Counter[str]] = field(default_factory=dict)
    """By pipeline, empty where there is none; in how many deals each stage is."""
    status: Counter[str] = field(default_factory=Counter)
    owners: Counter[str] = field(default_factory=Counter)
    currencies: Counter[str] = field(default_factory=Counter)
    columns: list[ColumnForms] = field(default_factory=list)
    """Of dates."""
    decimals: set[str] = field(default_factory=set)
    """The signs that surely stand before decimals."""
    has_signs: bool = False
    """There are amounts with a point or a comma."""


def findings(deals: Deals) -> Findings:
    """Return what a map has to give a meaning, or may."""
    found = Findings(columns=survey(deals))
    for deal in deals.by_id.values():
        if deal.is_deleted:
            continue
        found.deals += 1
        for pipeline, stage in set(_stages(deal)):
            found.stages.setdefault(pipeline, Counter())[stage] += 1
        for words, values in ((found.status, _values(deal, What.STATUS)), (found.owners, _values(deal, What.OWNER))):
            words.update(values)
        if deal.currency:
            found.currencies[deal.currency] += 1
        for amount in _values(deal, What.AMOUNT):
            _weigh(found, amount)
    return found


def _stages(deal: Deal) -> Iterator[tuple[str, str]]:
    if deal.stage:
        yield deal.pipeline, deal.stage
    for change in deal.changes:
        if change.what is What.STAGE:
            for stage in filter(None, (change.value, change.old)):
                yield change.pipeline or deal.pipeline, stage


def _values(deal: Deal, what: What) -> set[str]:
    """Return what a deal has, or had, of a kind."""
    now = {What.STATUS: deal.status, What.OWNER: deal.owner, What.AMOUNT: deal.amount}[what]
    said = {now}
    for change in deal.changes:
        if change.what is what:
            said |= {change.value, change.old}
    return {value for value in said if value}


def _weigh(found: Findings, amount: str) -> None:
    if any(sign in amount for sign in ".,"):
        found.has_signs = True
        sign = decimal_sign(amount)
        if sign is not None:
            found.decimals.add(sign)

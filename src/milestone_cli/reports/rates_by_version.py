"""The success rates before and after every revision of a process, so that a team sees whether it has helped.

Invariant: a period shows the sections of the definition that held in it, with those who entered them then.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from milestone_cli.domain.day import Day, iso
from milestone_cli.domain.revisions import Period
from milestone_cli.estimate.rates import SectionRate
from milestone_cli.reports.rates import RatesReport, change_values, sections_json, sections_table, thin_notes
from milestone_cli.reports.table import Document, Line, Part, Sentence, Table, counted, joined, named

NEVER = "The process was never revised: `ms define-process` does that, from a day on."
EXPLAINED = "Those who entered the section in these days, whatever became of them until today; here nothing fades."


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionRates:
    """The sections of one process between two revisions."""

    period: Period
    sections: tuple[SectionRate, ...]
    """Of those who entered in the period; `change` is against the period before."""
    since: Day | None = None
    """Only those who entered from this day on: `--since`."""

    @property
    def report(self) -> RatesReport:
        """The same as rates of the team."""
        return RatesReport(process=self.period.definition.process, sections=self.sections)


def with_versions(document: Document, found: Sequence[Sequence[VersionRates]], *, explain: bool = False) -> Document:
    """Return the document of the team's rates with every period's behind the process's own.

    Args:
        document: one table and one JSON object per process.
        found: the periods of each of these processes, in the same order.
        explain: with the columns and fields of `--explain`.
    """
    tables: list[Table] = []
    objects: list[dict[str, object]] = []
    processes = document.json["processes"]
    assert isinstance(processes, list)  # noqa: S101 - it is the document's own
    for table, entry, versions in zip(document.tables, processes, found, strict=True):
        never = [one for one in versions if one.period.first is None and one.period.last is None]
        tables.append(replace(table, notes=(*table.notes, NEVER)) if never else table)
        tables += [] if never else [_table(one, place, explain=explain) for place, one in enumerate(versions)]
        objects.append(entry | {"versions": [_json(one, explain=explain) for one in versions]})
    return replace(document, tables=tuple(tables), json={**document.json, "processes": objects})


def _table(rates: VersionRates, place: int, *, explain: bool) -> Table:
    notes = [*thin_notes(rates.report), *_change_notes(rates, first=not place), *([EXPLAINED] if explain else [])]
    return sections_table(rates.report, _title(rates), notes, explain=explain)


def _title(rates: VersionRates) -> Line:
    """Return which definition it is, the days of entry and what was new, in a line."""
    period, definition = rates.period, rates.period.definition
    first = max((day for day in (period.first, rates.since) if day is not None), default=None)
    begins: Part = "the beginning" if first is None else named(iso(first))
    days = Sentence("entered from {}", (begins,))
    if period.last is not None:
        days = Sentence("entered from {} to {}", (begins, named(iso(period.last))))
    parts: list[Part] = [named(definition.process.title), Sentence("version {}", (counted(definition.version),)), days]
    if period.changed:
        parts.append(Sentence("changed: {}", (named(", ".join(period.changed)),)))
    return joined(parts)


def _change_notes(rates: VersionRates, *, first: bool) -> Iterator[Line]:
    """Yield which sections surely differ from the period before, or that none does."""
    changed = [(number, one.change) for number, one in enumerate(rates.sections, 1) if one.change is not None]
    for number, change in changed:
        yield Sentence("{} -> {} has changed against the period before, from {} to {}.", change_values(number, change))
    if not changed and not first:
        yield "No section surely differs from the period before by more than a tenth of its rate."


def _json(rates: VersionRates, *, explain: bool) -> dict[str, object]:
    period = rates.period
    return {
        "version": period.definition.version,
        "from": None if period.first is None else iso(period.first),
        "until": None if period.last is None else iso(period.last),
        "changed": list(period.changed),
        "sections": sections_json(rates.sections, explain=explain, half_life=None),
    }

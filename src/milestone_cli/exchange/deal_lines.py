"""The deals of another system as opportunities with native lines, ready to be taken like any other file.

Invariant: a deal and each of its facts have the same id in every export of their system, so that a newer one adds only
what is new; what the map does not name, and what cannot be read, is told, and then nothing is taken.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import tzinfo

from milestone_cli.domain.day import Day
from milestone_cli.domain.process import Process
from milestone_cli.domain.text import fold, quoted
from milestone_cli.exchange.amounts import Amounts
from milestone_cli.exchange.deal_facts import DealFacts
from milestone_cli.exchange.deal_keys import DealKeys
from milestone_cli.exchange.deal_story import Stories
from milestone_cli.exchange.deal_words import Words
from milestone_cli.exchange.deals import Deal, Deals
from milestone_cli.exchange.gathered import GatheredOpportunity, Gathering, line_number, place_of
from milestone_cli.exchange.journey import journey
from milestone_cli.exchange.map_file import plain_name
from milestone_cli.exchange.meanings import Meanings
from milestone_cli.exchange.moments import Moments
from milestone_cli.exchange.oddities import Oddities, Oddity
from milestone_cli.exchange.reader import BadFiles
from milestone_cli.exchange.system_map import IGNORE, SystemMap
from milestone_cli.store.bulk import Known


@dataclass(frozen=True, slots=True, kw_only=True)
class Translation:
    """What deals are read with."""

    map: SystemMap
    process: Process
    """As it is today."""
    today: Day
    zone: tzinfo | None
    """Where a day is a day, unless the map says; None is the machine's."""
    owners: Mapping[str, int]
    """The numbers of the deals that the book has, by their ids with the name of the system before them."""
    known: Mapping[str, Known]
    """The opportunities of the book, by folded key."""
    by_id: bool = False
    """The id of a deal is its key here, as in a table whose maker chose it."""


class DealLines:
    """Makes native lines of deals."""

    def __init__(self, deals: Deals, how: Translation, bad: BadFiles) -> None:
        """Take the deals; they are emptied on the way, so that memory is freed.

        Raises:
            AmbiguousDates: a column of dates fits two forms with different days.
        """
        process = how.process
        self._deals = deals
        self._how = how
        self._bad = bad
        self._last = len(process.milestones)
        self.gathering = Gathering(
            _named(deals), sources=tuple(deals.sources), system=how.map.name, owners=how.owners, lines=deals.rows
        )
        self._keys = DealKeys(how.owners, how.known, by_id=how.by_id)
        self.oddities = Oddities()
        self._meanings = Meanings(how.map, process)
        moments = Moments(deals, how.map.forms, how.map.zone or how.zone)
        amounts = Amounts(process.currency, how.map.separators)
        self._stories = Stories(deals, self._meanings, moments, self._report, last=self._last, today=how.today)
        self._words = Words(self.gathering, amounts, how.map.owners, self._report)
        self._any_listed = any(deal.is_listed for deal in deals.by_id.values())

    def gather(self, progress: Callable[[int], None]) -> Gathering:
        """Return all deals as opportunities.

        Args:
            progress: is told of every deal.

        Raises:
            UnknownMeanings: stages, words or pipelines that the map does not name.
            InvalidLines: lines that cannot be taken.
        """
        deals = self._deals.by_id
        for id_ in list(deals):
            deal = deals.pop(id_)
            if self._is_in(deal):
                self._take(deal)
            progress(1)
        self._meanings.unknown.refuse(self.gathering.source)
        self._bad.refuse()
        return self.gathering

    def _is_in(self, deal: Deal) -> bool:
        number = line_number(deal.source, deal.line)
        if deal.is_deleted or self._meanings.is_deleted(deal.status):
            self.oddities.add(Oddity.DELETED, number, deal.id)
        elif self._any_listed and not deal.is_listed:
            self.oddities.add(Oddity.ONLY_HISTORY, number, deal.id)
        elif self._how.map.leaves_out(deal.pipeline):
            self._skip(IGNORE)
        else:
            self._meanings.pipeline(deal.pipeline, deal.id)
            return self._is_in_currency(deal)
        return False

    def _is_in_currency(self, deal: Deal) -> bool:
        code = self._how.process.currency.code
        if not deal.currency or deal.currency == code:
            return True
        meant = self._how.map.currencies.get(plain_name(deal.currency))
        if meant == IGNORE:
            self._skip(IGNORE)
        elif meant is None:
            self._report(
                line_number(deal.source, deal.line),
                f"{quoted(deal.id)} is in {quoted(deal.currency)}, {self._how.process.key} counts in {code}; "
                "[currencies] of the map can leave such deals out",
            )
        return meant == code

    def _skip(self, why: str) -> None:
        self.gathering.skipped[why] = self.gathering.skipped.get(why, 0) + 1

    def _take(self, deal: Deal) -> None:
        notes: list[tuple[Oddity, int, Day | None, tuple[int, ...]]] = []

        def note(oddity: Oddity, number: int, day: Day | None, milestones: tuple[int, ...]) -> None:
            notes.append((oddity, number, day, milestones))

        story = self._stories.read(deal, note)
        number = line_number(deal.source, deal.line)
        way = journey(story.visits, story.present, self._last, note)
        name = deal.id
        if story.passed_over and not story.visits and story.present.target is None:
            self._skip(IGNORE)
        elif not way.is_out:
            external = f"{self._how.map.name}:{deal.id}"
            customer = self._words.name(deal.customer, number, note)
            title = self._words.name(deal.title, number, note)
            keys, today = self._how.process.keys, self._how.today
            lines = DealFacts(deal, external, self._words, keys, note, today=today).lines(story, way)
            if lines:
                name = self._keys.key(external, deal.id, customer, title)
                process, is_whole = self._how.process.key, len(story.visits) > 1
                found = GatheredOpportunity(name, process, customer or title, title, lines, external, is_whole)
                self._keep(found, deal)
            else:
                note(Oddity.NO_DAY_AT_ALL, number, None, ())
        # what a row says of its stage and of its amount is odd in the same way: told once
        for oddity, line, day, milestones in dict.fromkeys(notes):
            self.oddities.add(oddity, line, name, day, milestones)

    def _keep(self, found: GatheredOpportunity, deal: Deal) -> None:
        process = self._keys.process(found.key)
        if process is not None and process != found.process:
            reason = f"{quoted(found.key)} is in the process {process}, not in {found.process}"
            self._report(line_number(deal.source, deal.line), reason)
        folded = fold(found.key)
        other = self.gathering.opportunities.setdefault(folded, found)
        if other is not found:
            other.take_in(found)

    def _report(self, number: int, reason: str) -> None:
        source, line = place_of(number)
        self._bad.of(self.gathering.sources[source]).add(line, reason)


def _named(deals: Deals) -> str:
    """Return how messages call the files."""
    names = list(dict.fromkeys(deals.sources))
    return ", ".join([*names[:3], *(["..."] if len(names) > 3 else [])])

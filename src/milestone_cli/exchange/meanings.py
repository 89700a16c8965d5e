"""What the words of an export mean as steps of a journey, and which of them the map leaves unsaid.

Invariant: a word without a meaning is counted and never passed over: the import ends with all of them at once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from milestone_cli.domain.process import Process
from milestone_cli.domain.text import quoted
from milestone_cli.errors import MsError
from milestone_cli.exchange.journey import Turn
from milestone_cli.exchange.map_file import TARGET
from milestone_cli.exchange.system_map import DELETED, IGNORE, LOST, OPEN, REOPENED, WON, SystemMap

_SHOWN = 20
_WORDS = {LOST: Turn.LOST, OPEN: Turn.OPEN, REOPENED: Turn.OPEN, IGNORE: Turn.NOTHING, DELETED: Turn.NOTHING}


class UnknownMeanings(MsError):
    """Stages, words or pipelines of an export that the map does not name; nothing of it was taken."""

    code = "unknown_stages"

    def __init__(self, source: str, unknown: Unknown) -> None:
        parts = []
        where = []
        for what, place, words in unknown.tables():
            listed = "".join(
                f"\n  {word} ({count} {'deal' if count == 1 else 'deals'})" for word, count in words.most_common(_SHOWN)
            )
            more = f"\n  and {len(words) - _SHOWN} more" if len(words) > _SHOWN else ""
            parts.append(f"The map does not name these {what} of {source}:{listed}{more}")
            where.append(place)
        super().__init__(
            "\n".join(parts),
            f"Add them to {' and '.join(where)}. `ms import ... --suggest-map` writes a map with all of them.",
        )


class Unknown:
    """What the map leaves unsaid, and in how many deals."""

    def __init__(self) -> None:
        self.pipelines: Counter[str] = Counter()
        self.stages: Counter[str] = Counter()
        self.status: Counter[str] = Counter()

    def tables(self) -> Iterable[tuple[str, str, Counter[str]]]:
        """Yield what is unsaid, the table of the map it belongs into, and the words."""
        for what, place, words in (
            ("pipelines", '[pipelines] ("NAME" = "ignore", or a table [pipelines."NAME".stages])', self.pipelines),
            ("stages", "[stages] (a milestone's number or key, 0, won, lost, reopened or ignore)", self.stages),
            ("words for won, lost or open", "[status] (won, lost, open, reopened, deleted or ignore)", self.status),
        ):
            if words:
                yield what, place, words

    def refuse(self, source: str) -> None:
        """Raise UnknownMeanings if there is a single one."""
        if self.pipelines or self.stages or self.status:
            raise UnknownMeanings(source, self)


class Meanings:
    """Says what the stages and words of an export mean: a milestone's number or a `Turn`."""

    def __init__(self, system_map: SystemMap, process: Process) -> None:
        self.unknown = Unknown()
        self._map = system_map
        self._numbers = {key: number for number, key in enumerate(process.keys, start=1)}
        self._last = len(process.milestones)
        self._stages: dict[tuple[str, str], int | None] = {}
        self._met: set[tuple[str, str, str]] = set()

    def stage(self, pipeline: str, stage: str, deal: str) -> int | None:
        """Return what a stage means; None where the map does not say, which is taken down for this deal."""
        try:
            found = self._stages[pipeline, stage]
        except KeyError:
            found = self._stages[pipeline, stage] = self._stage(pipeline, stage)
        if found is None:
            self._miss(
                self.unknown.stages, f"{quoted(stage)} in {quoted(pipeline)}" if pipeline else quoted(stage), deal
            )
        return found

    def _stage(self, pipeline: str, stage: str) -> int | None:
        meaning = self._map.stage(pipeline, stage)
        if meaning is None:
            return None
        if meaning == TARGET:
            return 0
        return self._numbers[meaning] if meaning in self._numbers and meaning != WON else self._word(meaning)

    def _word(self, meaning: str) -> int:
        return self._last if meaning == WON else _WORDS[meaning]

    def status(self, status: str, deal: str) -> int | None:
        """Return what a word for won, lost or open means; None where the map does not say."""
        meaning = self._map.meaning_of_status(status)
        if meaning is None:
            self._miss(self.unknown.status, quoted(status), deal)
            return None
        return self._word(meaning)

    def is_deleted(self, status: str) -> bool:
        """Tell whether a word says that a deal was deleted."""
        return bool(status) and self._map.meaning_of_status(status) == DELETED

    def pipeline(self, pipeline: str, deal: str) -> None:
        """Take a pipeline down that the map does not name, though it names others."""
        if not self._map.knows_pipeline(pipeline):
            self._miss(self.unknown.pipelines, quoted(pipeline), deal)

    def _miss(self, words: Counter[str], word: str, deal: str) -> None:
        """Count each word once a deal."""
        met = (str(id(words)), word, deal)
        if met not in self._met:
            self._met.add(met)
            words[word] += 1

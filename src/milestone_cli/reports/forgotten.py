"""What `ms forget` says: what goes, what stays, and where the text may still lie.

Invariant: whom it is about is named only as long as nothing is forgotten; afterwards by numbers alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from milestone_cli.reports.table import (
    Document,
    Line,
    Part,
    Plural,
    Sentence,
    and_more,
    counted,
    joined,
    named,
)

NAMED = 5
"""So many of a kind are named, the rest is counted."""
_WHOM: Mapping[str, str] = {
    "customer": "To be forgotten: the customer {}.",
    "rep": "To be forgotten: the rep {}.",
    "person": "To be forgotten: the person {}.",
    "word": "To be forgotten: every text that contains {}.",
}
_COUNTED: Mapping[str, str] = {
    "customer": "names of customers {}",
    "key": "keys {}",
    "name": "full names {}",
    "title": "titles {}",
    "text": "what was said {}",
    "by": "persons {}",
    "ref": "where it can be seen {}",
    "reason": "reasons of a loss {}",
    "external": "ids of other systems {}",
    "user": "user names {}",
}
"""By role, in the order in which they are listed."""


@dataclass(frozen=True, slots=True)
class Mentioned:
    """A text that contains the name and stays."""

    role: str
    fact: int | None
    """None for the name of a user."""
    opportunity: str | None
    called: bool
    """It is what somebody else is called."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgetting:
    """What is to be forgotten, or was."""

    name: str
    whom: str
    """customer, rep, person or word."""
    roles: Mapping[str, int]
    """How many texts of each role go."""
    opportunities: tuple[tuple[int, str], ...]
    """Numbers and keys of those that lose their names."""
    facts: int
    commands: int
    """So many lose the name of who recorded them."""
    mentions: tuple[Mentioned, ...]
    definitions: tuple[str, ...]
    """Processes whose definition mentions the name."""

    @property
    def texts(self) -> int:
        """How many texts go."""
        return sum(self.roles.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """The copies of the file that `ms` has made."""

    backups: tuple[str, ...] = ()
    """Automatic backups that hold it."""
    set_aside: tuple[str, ...] = ()
    """Damaged files that a restore has set aside, and that may hold it."""
    unfinished: tuple[str, ...] = ()
    """Copies that nobody has finished yet, and that may hold it."""
    deleted: tuple[str, ...] = ()
    """Automatic backups that are gone, or in a dry run would be."""
    removed: tuple[str, ...] = ()
    """Unfinished copies of stopped commands that are gone."""
    delete: str = ""
    """The command that deletes the backups."""
    finish: str = ""
    """The command that removes the unfinished copies."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """Where something forgotten may still lie."""

    overwritten: bool
    """The file was written anew."""
    places: Places = Places()
    reports: tuple[str, ...] = ()
    """Reports of failures that hold it."""
    dry_run: bool = False


def plan_lines(one: Forgetting) -> list[Line]:
    """Return what goes and what stays, for who has to agree."""
    lines: list[Line] = [Sentence(_WHOM[one.whom], (named(one.name),))]
    if one.opportunities:
        values = (_listed([key for _, key in one.opportunities]), counted(len(one.opportunities)))
        lines.append(
            Plural(
                "1 opportunity loses its name: {}.",
                "{1} opportunities lose their names: {0}.",
                len(one.opportunities),
                values,
            )
        )
    roles: list[Part] = [Sentence(words, (counted(one.roles[r]),)) for r, words in _COUNTED.items() if r in one.roles]
    values = (joined(roles, ", "), counted(one.texts))
    lines.append(Plural("1 text goes: {}.", "{1} texts go: {0}.", one.texts, values))
    if one.commands:
        lines.append(
            Plural(
                "1 command loses the name of who recorded it.",
                "{} commands lose the name of who recorded them.",
                one.commands,
                (counted(one.commands),),
            )
        )
    return [*lines, _staying(one), *_mention_lines(one)]


def _staying(one: Forgetting) -> Line:
    return Plural(
        "1 fact stays, without these texts, and every figure with it.",
        "{} facts stay, without these texts, and every figure with them.",
        one.facts,
        (counted(one.facts),),
    )


def _mention_lines(one: Forgetting) -> list[Line]:
    """Return where else the name stands."""
    texts = [mention for mention in one.mentions if not mention.called]
    others = [mention for mention in one.mentions if mention.called]
    lines: list[Line] = []
    if texts:
        lines.append(
            Plural(
                "1 other text contains the name and stays ({}); --mentions forgets it too.",
                "{1} other texts contain the name and stay ({0}); --mentions forgets them too.",
                len(texts),
                (_places(texts), counted(len(texts))),
            )
        )
    if others:
        lines.append(Sentence("The name is part of what others are called, which stays: {}.", (_places(others),)))
    if one.definitions:
        lines.append(
            Sentence(
                "The name stands in the definition of {}, which is part of the journal and stays.",
                (_listed(one.definitions),),
            )
        )
    return lines


def _places(mentions: Sequence[Mentioned]) -> Part:
    places: dict[str, Part] = {}
    for one in mentions:
        fact = "" if one.fact is None else str(one.fact)
        places.setdefault(one.opportunity or fact, named(one.opportunity) if one.opportunity else _fact(fact))
    shown = list(places.values())
    return and_more(joined(shown[:NAMED], ", "), len(shown) - NAMED)


def _fact(number: str) -> Part:
    return Sentence("fact {}", (named(number),)) if number else "user name"


def _listed(names: Sequence[str]) -> Part:
    return and_more(named(", ".join(names[:NAMED])), len(names) - NAMED)


def planned_document(one: Forgetting) -> Document:
    """Return what a dry run says."""
    json = _plan_json(one) | {"forgotten": False, "dry_run": True}
    return Document(before=tuple(plan_lines(one)), json=json)


def forgotten_document(one: Forgetting, left: Left) -> Document:
    """Return what was forgotten, by numbers alone, and where it may still lie."""
    lines: list[Line] = [Plural("Forgotten: 1 text.", "Forgotten: {} texts.", one.texts, (counted(one.texts),))]
    if one.opportunities:
        lines.append(
            Plural(
                "1 opportunity is called by its number: {}.",
                "{1} opportunities are called by their numbers: {0}.",
                len(one.opportunities),
                (_listed([key for _, key in one.opportunities]), counted(len(one.opportunities))),
            )
        )
    elif one.whom == "rep":
        lines.append(Sentence("The rep is called by the number: {}.", (named(one.name),)))
    json = _plan_json(one) | {"forgotten": True, **left_json(left)}
    return Document(before=(*lines, *_mention_lines(one), *left_lines(left)), json=json)


def finished_document(left: Left) -> Document:
    """Return what `ms forget --finish` says."""
    return Document(before=tuple(left_lines(left)), json=left_json(left))


def left_lines(left: Left) -> list[Line]:
    """Return where something forgotten may still lie."""
    lines: list[Line] = []
    if left.overwritten:
        lines.append("The file is written anew: nothing forgotten lies in unused parts of it.")
    lines += _copy_lines(left.places, dry_run=left.dry_run)
    lines += [Sentence("Still in the report of a failure {}.", (named(report),)) for report in left.reports]
    return [*lines, "Copies and exports that you have put elsewhere are yours to look after."]


def _copy_lines(places: Places, *, dry_run: bool) -> list[Line]:
    lines: list[Line] = []
    if places.deleted:
        lines.append(_deleted(places, dry_run=dry_run))
    if places.removed:
        lines.append(
            Plural(
                "1 unfinished copy that a stopped command had left is removed.",
                "{} unfinished copies that stopped commands had left are removed.",
                len(places.removed),
                (counted(len(places.removed)),),
            )
        )
    lines += [Sentence("Still in the backup {}.", (named(copy),)) for copy in places.backups]
    if places.backups:
        lines.append(
            Sentence("`{}` deletes the automatic backups that hold it, after a new one.", (named(places.delete),))
        )
    elif not places.deleted:
        lines.append("No automatic backup holds it.")
    aside = "A restore has set {} aside, which may still hold it: no command deletes that, delete it by hand."
    lines += [Sentence(aside, (named(copy),)) for copy in places.set_aside]
    begun = "{} is an unfinished copy: `{}` removes it if no other ms is writing it any more."
    lines += [Sentence(begun, (named(copy), named(places.finish))) for copy in places.unfinished]
    return lines


def _deleted(places: Places, *, dry_run: bool) -> Line:
    names = _listed(places.deleted)
    if dry_run:
        return Plural(
            "1 automatic backup would be deleted, after a new one: {}.",
            "{1} automatic backups would be deleted, after a new one: {0}.",
            len(places.deleted),
            (names, counted(len(places.deleted))),
        )
    return Plural(
        "1 automatic backup that held it is deleted, after a new one: {}.",
        "{1} automatic backups that held it are deleted, after a new one: {0}.",
        len(places.deleted),
        (names, counted(len(places.deleted))),
    )


def _plan_json(one: Forgetting) -> dict[str, object]:
    return {
        "name": one.name,
        "as": one.whom,
        "texts": one.texts,
        "by_role": dict(one.roles),
        "opportunities": [{"number": number, "key": key} for number, key in one.opportunities],
        "facts": one.facts,
        "commands": one.commands,
        "mentions": [
            {"fact": found.fact, "opportunity": found.opportunity, "role": found.role} for found in one.mentions
        ],
        "definitions": list(one.definitions),
    }


def left_json(left: Left) -> dict[str, object]:
    """Return the same for a program."""
    found: dict[str, object] = {
        "overwritten": left.overwritten,
        "backups": [*left.places.backups, *left.places.set_aside, *left.places.unfinished],
        "deleted_backups": list(left.places.deleted),
        "failure_reports": list(left.reports),
    }
    return found | ({"dry_run": True} if left.dry_run else {})

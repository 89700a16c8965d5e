"""Write the catalogs of the program's own words: run `python docs/make_catalog.py` after a sentence has changed.

Invariant: every word a reader can see is found in the code: in `reports/` each text that is no key, elsewhere what is
handed to a sentence, a column, a table or the terminal. What a catalog translates already stays as it is.
"""

from __future__ import annotations

import ast
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from milestone_cli import translation
from milestone_cli.commands.today import FIRST_COMMANDS
from milestone_cli.commands.watch import FOOTER
from milestone_cli.config import KEYS
from milestone_cli.domain.basis import RateSource
from milestone_cli.domain.facts import Evidence, Kind
from milestone_cli.domain.lamps import Lamp
from milestone_cli.domain.opportunity import Status
from milestone_cli.domain.targets import TargetSource
from milestone_cli.exchange.systems import SYSTEMS
from milestone_cli.render.cells import LAMPS

SOURCE = Path(translation.__file__).parent
LANGUAGES = ("de",)
DATES = frozenset({"POT-Creation-Date", "PO-Revision-Date"})
"""Headers that are left out: the same words give the same files."""
KEYS_IN_REPORTS = frozenset(
    """
    about arrivals arrived aside_on band bool by cascade chance_30_days count day expected fan forecast key kpis lamp
    mean milestone money month moved ms name new next_milestone next_name now number opportunity optional rate rates
    ratio reason ref reps required run_rate said since spark text then title to_ask tried usual value waited
    waiting_days word worth --status
    %Y-%m-%dT%H:%M:%SZ
    """.split()  # noqa: SIM905 - a list of words reads best as words
) | {"past forecasts", "rates of reps", "reps ahead"}
"""Texts in `reports/` that name a column, a field or a kind, and that no reader sees."""
NOT_FOR_READERS = frozenset({"measured_plan.py"})
"""What is written into files, in English for all."""
SAYING = frozenset({"Sentence", "Plural", "Column", "Table", "Document", "joined", "translated", "translated_plural"})
TALKING = frozenset(
    {"say", "warn", "ask", "confirm", "progress", "insert", "append", "_worded", "_ask", "_amount", "_way", "answer_to"}
)
KEPT_IN = frozenset({"template", "question", "line", "lines", "after", "before", "intro", "how", "told", "QUESTION"})
"""Names of variables in which commands keep what they will say."""


@dataclass(frozen=True, slots=True)
class Meant:
    """Words of which it must be told what is meant."""

    words: str
    context: str


Words = str | tuple[str, str] | Meant


def extracted() -> tuple[dict[Words, str], list[str]]:
    """Return every text to translate (one and many for a plural) with a place where it stands.

    And the places where a text is built by an f-string, which no catalog can hold.
    """
    found: dict[Words, str] = dict.fromkeys(_named_elsewhere(), "(names)")
    built: list[str] = []
    for path in sorted(SOURCE.rglob("*.py")):
        place = path.relative_to(SOURCE).as_posix()
        wide = path.parent.name == "reports" and path.name not in NOT_FOR_READERS
        wide = wide or path.name == "page_words.py"
        narrow = path.parent.name in {"commands", "render"} or path.name in {"console.py", "cli.py"}
        if wide or narrow:
            scan = _Scan(ast.parse(path.read_text("utf-8")))
            for words, line in scan.everything() if wide else scan.said():
                if isinstance(words, ast.JoinedStr):
                    built.append(f"{place}:{line}: {ast.unparse(words)}")
                else:
                    found.setdefault(words, place)
    singles = {one for pair in found if isinstance(pair, tuple) for one in pair}
    return {words: place for words, place in found.items() if words not in singles}, built


def _named_elsewhere() -> Iterator[str]:
    """Yield the words of the domain's own names and of tables of settings and commands."""
    for names in (Status, Kind, Evidence, Lamp, RateSource, TargetSource):
        yield from (name.value for name in names)
    yield from LAMPS.values()
    yield from ("[y/N]", "[Y/n]", "{}'s", FOOTER)
    yield from (what for _, what in FIRST_COMMANDS)
    yield from (key.meaning for key in KEYS.values())
    for path in sorted((SOURCE / "exchange").glob("*.py")):
        if path.stem in SYSTEMS:
            # what the export of a system cannot say
            yield from getattr(import_module(f"milestone_cli.exchange.{path.stem}"), "NOTICES", ())


class _Scan:
    """The texts of one module."""

    def __init__(self, tree: ast.Module) -> None:
        self.tree = tree
        self.skipped = set(self._keys())

    def everything(self) -> Iterator[tuple[Words | ast.JoinedStr, int]]:
        """Yield every text that is no key, no documentation and no part of an error."""
        yield from self._marked(self.tree)
        for node in ast.walk(self.tree):
            yield from self._text(node)

    def said(self) -> Iterator[tuple[Words | ast.JoinedStr, int]]:
        """Yield the texts that are handed to a sentence, a table or the terminal."""
        yield from self._marked(self.tree)
        for node in ast.walk(self.tree):
            for part in _spoken(node):
                yield from self._text(part)

    def _text(self, node: ast.AST) -> Iterator[tuple[Words | ast.JoinedStr, int]]:
        if id(node) in self.skipped:
            return
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if _has_words(node.value) and node.value.strip() not in KEYS_IN_REPORTS:
                yield node.value, node.lineno
        elif isinstance(node, ast.JoinedStr):
            parts = [part.value for part in node.values if isinstance(part, ast.Constant)]
            if any(_has_words(str(part)) for part in parts):
                yield node, node.lineno

    def _marked(self, tree: ast.Module) -> Iterator[tuple[Words, int]]:
        """Yield plurals, and what is told apart by its context."""
        for node in ast.walk(tree):
            match node:
                case ast.Call(func=ast.Name(id="Plural"), args=[ast.Constant(value=one), ast.Constant(value=many), *_]):
                    yield (str(one), str(many)), node.lineno
                case ast.Call(
                    func=ast.Name(id="Sentence"),
                    args=[ast.Constant(value=words), *_],
                    keywords=[ast.keyword(arg="context", value=ast.Constant(value=context))],
                ):
                    yield Meant(str(words), str(context)), node.lineno
                case _:
                    pass

    def _keys(self) -> Iterator[int]:
        """Yield the nodes that are no words: documentation, names of fields, parts of errors and of other texts."""
        for node in ast.walk(self.tree):
            yield from (id(part) for part in _no_words(node))
            yield from (id(part) for inner in _no_words_within(node) for part in ast.walk(inner))


def _no_words(node: ast.AST) -> list[ast.AST]:
    match node:
        case ast.Expr(value=ast.Constant() as text):
            return [text]
        case ast.Dict(keys=keys):
            return [key for key in keys if key is not None]
        case ast.Subscript(slice=key):
            return [key]
        case ast.JoinedStr(values=parts):
            return [part for part in parts if isinstance(part, ast.Constant)]
        case ast.Call(func=ast.Attribute(attr="get" | "strftime" | "scores"), args=[key, *_]):
            return [key]
        case _:
            return []


def _no_words_within(node: ast.AST) -> list[ast.AST]:
    match node:
        case ast.Compare() | ast.Raise() | ast.ClassDef(bases=[ast.Name(id="StrEnum")]):
            return [node]
        case ast.Call(func=ast.Name(id="Column"), args=[key, *_], keywords=more):
            return [key, *(one.value for one in more if one.arg == "group")]
        case ast.Call(func=ast.Name(id="scores" | "ValueError" | "TypeError"), args=args):
            return list(args)
        case ast.Call(func=ast.Name(id="Sentence"), args=args, keywords=[ast.keyword(arg="context", value=context)]):
            return [*args, context]
        case _:
            return []


def _spoken(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the texts right within a node that speaks."""
    match node:
        case ast.Call(func=func, args=args, keywords=keywords) if _name(func) in SAYING | TALKING:
            if _name(func) == "Document" or _name(func) == "Table":
                args = [word.value for word in keywords if word.arg in {"title", "empty", "before", "after", "notes"}]
            for argument in args:
                yield from _flat(argument)
        case ast.Assign(targets=[ast.Name(id=name)], value=value) if name in KEPT_IN:
            yield from _flat(value)
        case ast.AnnAssign(target=ast.Name(id=name), value=value) if name in KEPT_IN and value is not None:
            yield from _flat(value)
        case ast.FunctionDef(returns=returns) if returns is not None and "Line" in ast.unparse(returns):
            for part in ast.walk(node):
                if isinstance(part, ast.Return | ast.Yield) and part.value is not None:
                    yield from _flat(part.value)
        case _:
            pass


def _flat(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the texts of tuples, lists and choices, but not those within other calls."""
    match node:
        case ast.Constant() | ast.JoinedStr():
            yield node
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            for part in parts:
                yield from _flat(part)
        case ast.IfExp(body=one, orelse=other):
            yield from _flat(one)
            yield from _flat(other)
        case ast.Starred(value=part):
            yield from _flat(part)
        case _:
            pass


def _name(func: ast.AST) -> str:
    match func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


def _has_words(text: str) -> bool:
    return re.search(r"[^\W\d_]{2}", re.sub(r"\{[^}]*\}", "", text)) is not None


def po_path(language: str) -> Path:
    """Return where the translations of a language are written."""
    return translation.LOCALES / language / "LC_MESSAGES" / f"{translation.DOMAIN}.po"


def read_catalog(language: str) -> Catalog:
    """Return the translations of a language."""
    path, found = po_path(language), _empty(language)
    if path.exists():
        with path.open("rb") as file:
            for message in read_po(file, locale=language, domain=translation.DOMAIN):
                if message.id:
                    found[message.id] = message
    return found


def updated(language: str) -> Catalog:
    """Return the catalog of all that is in the code, with the translations there are."""
    known, fresh = read_catalog(language), _empty(language)
    for words in sorted(extracted()[0], key=str):
        spoken = words.words if isinstance(words, Meant) else words
        context = words.context if isinstance(words, Meant) else None
        message = known.get(spoken if isinstance(spoken, str) else spoken[0], context)
        kept = message.string if message is not None and message.id == spoken else None
        fresh.add(spoken, kept or ("" if isinstance(spoken, str) else ("", "")), context=context)
    return fresh


class _Timeless(Catalog):
    """A catalog that does not say when it was made."""

    @property
    def mime_headers(self) -> list[tuple[str, str]]:  # type: ignore[override]  # Babel's is a property by hand
        """Its headers."""
        return [header for header in self._get_mime_headers() if header[0] not in DATES]

    @mime_headers.setter
    def mime_headers(self, headers: list[tuple[str, str]]) -> None:
        self._set_mime_headers(headers)


def _empty(language: str) -> Catalog:
    return _Timeless(
        locale=language,
        domain=translation.DOMAIN,
        project="milestone-cli",
        version="1",
        copyright_holder="the authors of milestone-cli",
        msgid_bugs_address="",
        header_comment="# make_catalog.py keeps the list of words; the translations are written by hand.",
        fuzzy=False,
    )


def compiled(catalog: Catalog) -> bytes:
    """Return the catalog as the program reads it."""
    out = io.BytesIO()
    write_mo(out, catalog)
    return out.getvalue()


def untranslated(catalog: Catalog) -> list[str]:
    """Return what has no translation yet, or one that somebody marked as a guess."""
    return [str(one.id) for one in catalog if one.id and (one.fuzzy or not all(strings(one.string)))]


def strings(string: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    """Return the one form of a sentence, or all forms of a plural."""
    return (string,) if isinstance(string, str) else tuple(string)


def write(language: str) -> list[str]:
    """Write both forms of a catalog; return what is not translated."""
    catalog, path = updated(language), po_path(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, catalog, width=120, sort_output=True)
    path.with_suffix(".mo").write_bytes(compiled(catalog))
    return untranslated(catalog)


if __name__ == "__main__":
    for each in LANGUAGES:
        print(f"{each}:", *write(each), sep="\n  ")  # noqa: T201 - tells whoever runs it what to translate

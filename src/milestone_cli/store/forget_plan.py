"""What forgetting somebody means in this file: which texts go, which opportunities and facts stay without them.

Invariant: looking changes nothing. A plan holds only texts that are still there, so that forgetting again means only
what was recorded since.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection, func, select

from milestone_cli.domain.facts import Kind
from milestone_cli.domain.text import fold, quoted
from milestone_cli.errors import AlreadyRecorded, UnknownName
from milestone_cli.store.forgotten import Reference, references, references_to
from milestone_cli.store.lists import any_of
from milestone_cli.store.mentions import USER, Mention, bodies, definitions_with, mentions_of, users_of
from milestone_cli.store.tables import TABLES
from milestone_cli.store.traces import Traces
from milestone_cli.store.whom import SeveralMeant, Somebody, Whom, find_customer, find_rep, near_names

_fact, _text, _command = TABLES["fact"], TABLES["text"], TABLES["command"]
_customer, _opportunity, _rep = TABLES["customer"], TABLES["opportunity"], TABLES["rep"]
_NAMES = frozenset({"customer", "key", "name", "by", "external", USER})
"""Roles whose texts stand for somebody or something, wherever they occur."""
NAMES_OF_OTHERS = frozenset({"customer", "key", "name"})
"""What others are called does not go with somebody whose name it contains."""


@dataclass(frozen=True, slots=True)
class Wish:
    """Whom to forget, as the command line says it."""

    name: str
    """As names are stored, without blanks around it."""
    whom: Whom | None = None
    """None: whatever the name fits."""
    mentions: bool = False
    """Other texts that contain the name go too."""
    keep_words: bool = False
    """Of a person only the name goes, not what they said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to be forgotten."""

    somebody: Somebody
    roles: Mapping[int, str]
    """The texts that go, each with its role."""
    opportunities: tuple[tuple[int, str], ...]
    """Numbers and keys of the opportunities that lose their names."""
    facts: int
    """So many facts are about them and stay."""
    commands: int
    """So many commands lose the name of who recorded them."""
    mentions: tuple[Mention, ...]
    """Texts with the name in them that stay."""
    definitions: tuple[str, ...]
    """Processes in whose definition the name occurs: that is no personal text, and stays."""
    traces: Traces = field(repr=False)

    @property
    def by_role(self) -> Mapping[str, int]:
        """How many texts of each role go."""
        return Counter(self.roles.values())


@dataclass(slots=True)
class _Draft:
    """A plan in the making."""

    somebody: Somebody
    roles: dict[int, str] = field(default_factory=dict)
    facts: int = 0

    def take(self, found: Iterable[Reference]) -> None:
        self.roles.update((one.text, one.role) for one in found)


def plan(connection: Connection, wish: Wish) -> Plan:
    """Return what is to be forgotten.

    Raises:
        UnknownName: nobody is called so.
        SeveralMeant: a customer, a rep and a person share the name, or two of them.
        AmbiguousName: several customers or reps share it.
        AlreadyRecorded: nothing is left to forget.
    """
    name = wish.name
    drafts = _drafts(connection, wish)
    live = [draft for draft in drafts if _only_live(connection, draft)]
    if len(live) > 1:
        raise SeveralMeant(name, [draft.somebody.whom for draft in live])
    if drafts and not live and not wish.mentions:
        raise AlreadyRecorded(f"Whom {quoted(name)} stands for is forgotten already: no text of theirs is left.")
    draft = live[0] if live else _Draft(Somebody(Whom.WORD, 0, name, (name,)))
    mentions = mentions_of(connection, draft.somebody.names, draft.roles)
    if not live and not (mentions and wish.mentions):
        raise _nobody(connection, wish, len({one.text for one in mentions}))
    if wish.mentions:
        taken = [one for one in mentions if one.role not in NAMES_OF_OTHERS]
        draft.roles.update((one.text, one.role) for one in taken)
        draft.facts = draft.facts or len({one.fact for one in taken if one.fact is not None})
        mentions = [one for one in mentions if one.role in NAMES_OF_OTHERS]
    return _plan(connection, draft, mentions)


def renamed(connection: Connection, done: Plan) -> Plan:
    """Return a plan that was carried out, with what everybody in it is called now."""
    somebody = done.somebody
    if somebody.whom is Whom.REP:
        name = connection.execute(select(_rep.c.key).where(_rep.c.number == somebody.number)).scalar_one()
    elif somebody.whom is Whom.CUSTOMER:
        name = connection.execute(select(_customer.c.name).where(_customer.c.number == somebody.number)).scalar_one()
    else:
        name = ""
    called = replace(somebody, name=name, names=(name,))
    keys = dict(done.opportunities)
    return replace(done, somebody=called, opportunities=_keys(connection, keys))


def _drafts(connection: Connection, wish: Wish) -> list[_Draft]:
    """Return everybody whom the name fits, each with their texts."""
    name, wanted = wish.name, fold(wish.name)
    equal = [number for number, body in bodies(connection) if fold(body) == wanted]
    makers: dict[Whom, Callable[[], _Draft | None]] = {
        Whom.CUSTOMER: lambda: _customer_draft(connection, find_customer(connection, name)),
        Whom.REP: lambda: _rep_draft(connection, find_rep(connection, name)),
        Whom.PERSON: lambda: _person_draft(connection, name, equal, keep_words=wish.keep_words),
    }
    found = [make() for whom, make in makers.items() if wish.whom in (None, whom)]
    drafts = [draft for draft in found if draft is not None]
    if any(draft.somebody.whom is Whom.REP for draft in drafts):
        # a user who is called as the rep is the rep: that alone is no other person
        drafts = [one for one in drafts if one.somebody.whom is not Whom.PERSON or set(one.roles.values()) != {USER}]
    return drafts


def _customer_draft(connection: Connection, somebody: Somebody | None) -> _Draft | None:
    if somebody is None:
        return None
    names = select(_customer.c.text).where(_customer.c.number.in_(any_of(somebody.customers)))
    draft = _Draft(somebody, dict.fromkeys(connection.execute(names).scalars(), "customer"))
    about = _fact.c.opportunity.in_(any_of(somebody.opportunities))
    of_them = select(_opportunity.c.customer).where(_opportunity.c.number.in_(any_of(somebody.opportunities)))
    others = _customer.c.number.in_(of_them) & _customer.c.number.not_in(any_of(somebody.customers))
    staying = set(connection.execute(select(_customer.c.text).where(others)).scalars())
    draft.take(one for one in references(connection, about) if one.text not in staying)
    draft.facts = connection.execute(select(func.count()).select_from(_fact).where(about)).scalar_one()
    return draft


def _rep_draft(connection: Connection, somebody: Somebody | None) -> _Draft | None:
    if somebody is None:
        return None
    draft = _Draft(somebody)
    theirs = func.json_extract(_fact.c.payload, "$.rep") == somebody.number
    draft.take(references(connection, _fact.c.kind == Kind.REP_ADDED.value, theirs))
    called = {fold(name) for name in somebody.names}
    draft.roles.update((number, USER) for number, body in users_of(connection) if fold(body) in called)
    draft.facts = connection.execute(select(func.count()).select_from(_fact).where(theirs)).scalar_one()
    return draft


def _person_draft(connection: Connection, name: str, equal: Collection[int], *, keep_words: bool) -> _Draft | None:
    said = [one for one in references_to(connection, equal) if one.role == "by"]
    users = {number for number, _ in users_of(connection)} & set(equal)
    if not said and not users:
        return None
    draft = _Draft(Somebody(Whom.PERSON, 0, name, (name,)), dict.fromkeys(users, USER))
    draft.take(said)
    facts = {one.fact for one in said}
    draft.facts = len(facts)
    if facts and not keep_words:
        words = references(connection, _fact.c.number.in_(any_of(facts)))
        draft.take(one for one in words if one.role in {"text", "ref"})
    return draft


def _only_live(connection: Connection, draft: _Draft) -> bool:
    """Leave out the texts that are forgotten already; return whether any is left."""
    query = select(_text.c.number).where(_text.c.number.in_(any_of(draft.roles)), _text.c.body != "")
    live = set(connection.execute(query).scalars())
    draft.roles = {number: role for number, role in draft.roles.items() if number in live}
    return bool(draft.roles)


def _plan(connection: Connection, draft: _Draft, mentions: Iterable[Mention]) -> Plan:
    query = select(_text).where(_text.c.number.in_(any_of(draft.roles)))
    rows = connection.execute(query).all()
    names = frozenset(row.body for row in rows if draft.roles[row.number] in _NAMES)
    users = [number for number, role in draft.roles.items() if role == USER]
    theirs = _command.c.author.in_(any_of(users))
    return Plan(
        somebody=draft.somebody,
        roles=draft.roles,
        opportunities=_keys(connection, draft.somebody.opportunities),
        facts=draft.facts,
        commands=connection.execute(select(func.count()).select_from(_command).where(theirs)).scalar_one(),
        mentions=tuple(mentions),
        definitions=tuple(definitions_with(connection, draft.somebody.names)),
        traces=Traces(frozenset((row.number, row.salt) for row in rows), names),
    )


def _keys(connection: Connection, numbers: Collection[int]) -> tuple[tuple[int, str], ...]:
    query = select(_opportunity.c.number, _opportunity.c.key).where(_opportunity.c.number.in_(any_of(numbers)))
    return tuple((row.number, row.key) for row in connection.execute(query.order_by(_opportunity.c.number)))


def _nobody(connection: Connection, wish: Wish, mentioned: int) -> UnknownName:
    what, name = "customer, rep or person" if wish.whom is None else wish.whom.value, wish.name
    hint = "`ms opportunities` and `ms reps` list names and keys."
    if mentioned:
        texts = "1 text contains it" if mentioned == 1 else f"{mentioned} texts contain it"
        hint = f"{texts}; --mentions forgets that." if mentioned == 1 else f"{texts}; --mentions forgets those."
    return UnknownName(what, name, near_names(connection, name), hint)

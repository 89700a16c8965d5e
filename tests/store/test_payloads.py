"""Facts and processes read back from their rows as they were."""

import hashlib
import json
from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from milestone_cli.domain.facts import Evidence, Fact, Kind
from milestone_cli.domain.money import currency
from milestone_cli.domain.process import Milestone, Process
from milestone_cli.store.payloads import (
    VERSION,
    decode,
    decode_process,
    dump,
    encode,
    encode_process,
    salted_hash,
    text_numbers,
)

DAYS = st.integers(7305, 47846)
NUMBERS = st.integers(0, 2**53)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
ROLES = st.sampled_from(["text", "by", "ref", "reason", "title", "external", "key"])


def maybe(strategy):
    return st.none() | strategy


FACTS = st.builds(
    Fact,
    kind=st.sampled_from(Kind),
    on=DAYS,
    entered_at=NUMBERS,
    recorded_at=maybe(NUMBERS),
    known_on=DAYS,
    position=st.integers(0, 10**6),
    id=st.text("0123456789abcdef", min_size=32, max_size=32),
    number=st.integers(1, 10**9),
    opportunity=st.integers(1, 10**9),
    milestone=maybe(TEXTS),
    value=maybe(st.integers(0, 9 * 10**14)),
    rep=maybe(st.integers(1, 10**6)),
    since=maybe(DAYS),
    revisit=maybe(DAYS),
    voids=maybe(TEXTS),
    evidence=maybe(st.sampled_from(Evidence)),
    bulk=st.booleans(),
    texts=st.dictionaries(ROLES, TEXTS, max_size=4),
)
MILESTONES = st.builds(
    Milestone,
    key=TEXTS,
    name=TEXTS,
    customer_action=TEXTS,
    how=st.lists(TEXTS, max_size=3).map(tuple),
    rate=maybe(st.decimals("0.001", 1, places=3)),
    days=maybe(st.integers(0, 1000)),
    dead_after_days=maybe(st.integers(1, 1000)),
)
PROCESSES = st.builds(
    Process,
    key=TEXTS,
    title=TEXTS,
    currency=st.sampled_from(["EUR", "JPY", "KWD"]).map(currency),
    evidence_required=st.booleans(),
    typical_value=maybe(NUMBERS),
    history_from=maybe(DAYS),
    milestones=st.lists(MILESTONES, min_size=2, max_size=4).map(tuple),
)


def row_of(fact: Fact) -> dict:
    return {
        "kind": fact.kind.value, "day": fact.on, "entered_at": fact.entered_at, "recorded_at": fact.recorded_at,
        "known_day": fact.known_on, "position": fact.position, "id": fact.id, "number": fact.number,
        "opportunity": fact.opportunity,
    }  # fmt: skip


@given(FACTS, st.none() | st.fixed_dictionaries({"process": TEXTS}, optional={"customer": NUMBERS}))
def test_what_is_encoded_is_decoded_as_it_was(fact, extra):
    refs = {role: (number, "") for number, role in enumerate(fact.texts, start=1)}
    written = encode(fact, refs, extra=extra)
    payload = json.loads(written)
    assert written == dump(payload)
    assert {name: payload.get(name) for name in extra or ()} == (extra or {})
    bodies = {number: fact.texts[role] for role, (number, _) in refs.items()}
    assert decode(row_of(fact), payload, bodies) == fact
    assert sorted(text_numbers(payload)) == sorted(bodies)


@given(PROCESSES)
def test_a_definition_is_decoded_as_it_was(process):
    assert decode_process(json.loads(dump(encode_process(process)))) == process


def test_a_rate_is_kept_digit_for_digit():
    plan = Process(
        key="b", title="", currency=currency("EUR"),
        milestones=(Milestone(key="a", name=""), Milestone(key="b", name="", rate=Decimal("0.10"))),
    )  # fmt: skip
    assert str(decode_process(encode_process(plan)).last.rate) == "0.10"


def test_personal_text_is_never_in_a_payload():
    fact = Fact(kind=Kind.REACHED, on=20000, milestone="offer", texts={"by": "Ms Meier"}, evidence=Evidence.WROTE)
    text = encode(fact, {"by": (7, salted_hash("salt", "Ms Meier"))})
    assert "Meier" not in text
    assert json.loads(text)["v"] == VERSION


def test_a_payload_has_one_form_whatever_the_order_it_is_put_together_in():
    assert dump({"b": 1, "a": "ä"}) == dump({"a": "ä", "b": 1}) == '{"a":"ä","b":1}'


def test_what_a_payload_says_beside_the_facts_own_fields_is_kept():
    assert json.loads(encode(Fact(kind=Kind.OPENED, on=1), {}, extra={"process": "b2b"})) == {
        "v": VERSION,
        "process": "b2b",
    }


def test_a_hash_depends_on_the_salt_and_is_the_first_half_of_sha_256():
    assert salted_hash("a", "b") == hashlib.sha256(b"a\x00b").hexdigest()[:32]
    assert salted_hash("a", "b") != salted_hash("c", "b")


def test_a_text_that_was_forgotten_reads_as_empty():
    payload = {"v": 1, "texts": {"by": [3, "hash"]}}
    assert decode(row_of(Fact(kind=Kind.REACHED, on=1)), payload, {}).texts == {"by": ""}


def test_the_day_of_an_edit_of_many_is_told_only_where_it_is_one():
    fact = Fact(kind=Kind.REACHED, on=20000, milestone="offer")
    assert encode(fact, {}) == '{"milestone":"offer","v":1}'
    assert encode(replace(fact, bulk=True), {}) == '{"bulk":true,"milestone":"offer","v":1}'

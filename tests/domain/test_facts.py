"""Which facts stand, in which order, and what was known on a day."""

from milestone_cli.domain.facts import Fact, Kind, as_known, effective

OPENED = Fact(kind=Kind.OPENED, on=50, number=1, id="a", entered_at=1, known_on=50)


def fact(number, on, *, kind=Kind.REACHED, known_on=0, **more):
    return Fact(
        kind=kind, on=on, number=number, id=chr(96 + number), entered_at=number, known_on=known_on or on, **more
    )


def void(number, wrong, *, on=60, known_on=0):
    return fact(number, on, kind=Kind.VOIDED, voids=wrong.id, known_on=known_on)


def ids(facts):
    return "".join(one.id for one in facts)


def test_facts_order_by_day_then_entry_then_position_then_id():
    same = {"kind": Kind.REACHED, "on": 5}
    later = Fact(**same, entered_at=2, id="a")
    second = Fact(**same, entered_at=1, position=1, id="a")
    first = Fact(**same, entered_at=1, position=0, id="b")
    before = Fact(**same, entered_at=1, position=0, id="a")
    earlier = Fact(kind=Kind.REACHED, on=4, entered_at=9, id="z")
    assert effective([later, second, first, before, earlier]) == [earlier, before, first, second, later]


def test_an_opening_comes_first_whatever_its_day():
    assert ids(effective([fact(2, 10), OPENED])) == "ab"


def test_a_voided_fact_and_its_void_do_not_stand():
    wrong = fact(2, 55)
    assert ids(effective([OPENED, wrong, void(3, wrong)])) == "a"


def test_a_void_that_is_voided_takes_nothing_back():
    wrong = fact(2, 55)
    taken = void(3, wrong)
    again = void(4, taken)
    assert ids(effective([OPENED, wrong, taken, again])) == "ab"
    assert ids(effective([OPENED, wrong, taken, again, void(5, again)])) == "a"


def test_as_of_a_day_only_facts_true_by_then_are_seen():
    facts = [OPENED, fact(2, 55), fact(3, 57)]
    assert ids(as_known(facts, as_of=56)) == "ab"
    assert ids(as_known(facts, as_of=57)) == "abc"
    assert ids(as_known(facts, as_of=49)) == ""


def test_the_opening_is_seen_as_soon_as_any_other_fact_is():
    assert ids(as_known([OPENED, fact(2, 40)], as_of=45)) == "ab"


def test_a_void_acts_at_every_as_of_and_only_known_on_sees_before_it():
    wrong = fact(2, 55)
    facts = [OPENED, wrong, void(3, wrong, on=70)]
    assert ids(as_known(facts, as_of=56)) == "a"
    assert ids(as_known(facts, known_on=69)) == "ab"
    assert ids(as_known(facts, known_on=70)) == "a"


def test_what_was_entered_late_was_not_known_before():
    facts = [OPENED, fact(2, 55, known_on=90)]
    assert ids(as_known(facts, as_of=56)) == "ab"
    assert ids(as_known(facts, known_on=89)) == "a"
    assert ids(as_known(facts, as_of=54, known_on=90)) == "a"


def test_without_a_day_everything_that_stands_is_known():
    assert ids(as_known([OPENED, fact(2, 55)])) == "ab"

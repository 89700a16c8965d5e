"""`ms cascade`: the worked example of the concept, to the cent, in table and JSON."""

from dataclasses import replace
from fractions import Fraction

from tests.desk import TODAY, measured, process

from milestone_cli.domain.basis import planned_basis
from milestone_cli.domain.process import Definition
from milestone_cli.domain.targets import TargetSource
from milestone_cli.render.cells import shown_title
from milestone_cli.reports.cascade import CascadeReport, cascade_document, cascade_json, cascade_report, required_counts
from milestone_cli.reports.table import Sentence, Value

NOVEMBER = 2026 * 12 + 10


def report(
    target: int | None = 10_000_000, typical: int | None = 4_000_000, *, change=lambda basis: basis, **more
) -> CascadeReport:
    plan = process(typical_value=typical, **more)
    definition = Definition(plan, 1, TODAY, None)
    wanted = None if target is None else Fraction(target)
    means = [None if typical is None else Fraction(typical)] * len(plan.milestones)
    return cascade_report(definition, change(planned_basis(definition, NOVEMBER)), wanted, TargetSource.OWN, means)


def plain_words(line) -> str:
    if not isinstance(line, Sentence):
        return line
    return line.template.format(*(part.cell if isinstance(part, Value) else part for part in line.values))


def test_the_worked_example():
    assert [row.amount for row in report().milestones] == [
        160_000_000, 80_000_000, 40_000_000, 20_000_000, 10_000_000,
    ]  # fmt: skip
    assert [row.count for row in report().milestones] == [40.0, 20.0, 10.0, 5.0, 2.5]


def test_the_example_as_json():
    found = cascade_json(report())
    assert found["target"] == "100000.00"
    assert [row["required"] for row in found["milestones"]] == [
        "1600000.00", "800000.00", "400000.00", "200000.00", "100000.00",
    ]  # fmt: skip
    assert [row["rate_to_next"] for row in found["milestones"]] == [0.5, 0.5, 0.5, 0.5, None]
    assert [row["lead_days"] for row in found["milestones"]] == [120, 90, 60, 30, 0]
    assert {row["cases"] for row in found["milestones"]} == {None}
    assert found["levers"][1] == {"from": 2, "to": 3, "rate": 0.5, "better": 0.6, "saves": "266666.67"}


def test_the_levers_are_told_in_whole_euros():
    words = [plain_words(line) for line in cascade_document([report()], TODAY, None).tables[0].notes]
    assert "2 -> 3 from 0.5 to 0.6 saves 26666700 at M1" in words


def test_a_sure_section_is_no_lever():
    notes = cascade_document([report(rates=["1", "1", "1", "0.95"])], TODAY, None).tables[0].notes
    assert [plain_words(line)[:6] for line in notes] == ["Rates ", "4 -> 5"]


def test_without_a_target_the_table_says_how_to_set_one():
    document = cascade_document([report(target=None)], TODAY, None)
    assert "ms set-target" in document.tables[0].notes[0]
    [found] = document.json["processes"]
    assert (found["target"], found["levers"], found["milestones"][0]["required"]) == (None, [], None)


def test_where_nothing_tells_what_an_arrival_is_worth_there_is_no_count():
    assert report(typical=None).milestones[0].count is None


def test_the_document_names_the_day_and_whose_it_is():
    document = cascade_document([report(), report()], TODAY, "anna")
    assert (document.json["as_of"], document.json["rep"]) == ("2026-11-23", "anna")
    assert len(document.tables) == 2
    assert "anna" in shown_title(document.tables[0], "en_US")
    rate = [column.key for column in document.tables[0].columns].index("rate_to_next")
    assert document.tables[0].rows[-1][rate] is None


def test_required_times_the_rates_is_the_target_to_the_cent():
    found = report(target=12_345_67, rates=["0.3", "0.7", "0.11", "0.9"])
    exact = found.milestones[0].required
    assert exact * Fraction(3, 10) * Fraction(7, 10) * Fraction(11, 100) * Fraction(9, 10) == 12_345_67


def test_measured_rates_carry_money_by_value_and_heads_by_count_and_say_how_sure_that_is():
    found = cascade_json(report(change=measured))
    first, last = found["milestones"][0], found["milestones"][-1]
    assert found["rates"] == "measured"
    assert first["required"] == "3906250.00"  # 100,000 / .4^4
    assert first["count"] == 40.0  # 2.5 orders / .5^4
    assert (first["rate_to_next"], first["count_rate_to_next"], first["cases"]) == (0.4, 0.5, 30)
    assert (first["required_p10"], first["required_p90"]) == ("100000.00", "300000.00")
    assert (last["required"], last["cases"]) == ("100000.00", None)


def test_a_cascade_too_uncertain_to_steer_by_says_so():
    found = report(change=measured)
    assert cascade_json(found)["too_uncertain"]
    notes = [plain_words(line) for line in cascade_document([found], TODAY, None).tables[0].notes]
    assert any(note.startswith("Too uncertain to steer by") for note in notes)
    narrow = report(change=lambda basis: replace(measured(basis), needs=((1.0, 2.0),) * 5))
    assert not cascade_json(narrow)["too_uncertain"]
    assert not cascade_json(report())["too_uncertain"]


def test_where_nothing_tells_what_an_order_is_worth_a_milestones_own_mean_gives_its_count():
    amounts = [Fraction(400), Fraction(200), Fraction(100)]
    rates = [Fraction(1, 2)] * 2
    assert required_counts(amounts, rates, [Fraction(10), None, None]) == [40.0, None, None]
    assert required_counts(amounts, rates, [None, None, Fraction(50)]) == [8.0, 4.0, 2.0]

"""What a known journey was exported as gives back exactly that journey."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC

from hypothesis import given
from hypothesis import strategies as st
from tests.exchange.exported import File, read
from tests.exchange.made_journeys import (
    LOST,
    MAP,
    STAGES,
    Made,
    deals_table,
    field_history_table,
    history_table,
    journeys,
    lead_table,
    opportunity_table,
    pipedrive_flow,
    pipedrive_stages,
    pipedrive_table,
    property_table,
    tracking_table,
)

from milestone_cli.domain.day import day_of, iso
from milestone_cli.domain.money import currency
from milestone_cli.domain.process import Milestone, Process
from milestone_cli.exchange import hubspot, odoo, pipedrive, salesforce
from milestone_cli.exchange.deal_lines import DealLines, Translation
from milestone_cli.exchange.gathered import Gathering
from milestone_cli.exchange.reader import BadFiles, BadLines
from milestone_cli.exchange.system_map import read_map_file

KEYS = [stage.lower() for stage in STAGES[1:]]
PROCESS = Process(
    key="b2b",
    title="B2B",
    currency=currency("EUR"),
    milestones=tuple(Milestone(key=key, name=key.title()) for key in KEYS),
)
"""Four milestones."""
EXPORTS = {
    salesforce: [opportunity_table, history_table, field_history_table],
    hubspot: [
        deals_table,
        lambda deals: property_table(deals, "dealstage"),
        lambda deals: property_table(deals, "amount"),
        lambda deals: property_table(deals, "hubspot_owner_id"),
    ],
}


def gathered(system, files: Sequence[File], *objects: object) -> Gathering:
    deals, refused = read(system.read_sheet, files)
    assert not refused
    for place, found in enumerate(objects):
        deals.begin(f"{place}.json")
        system.read_json(found, f"{place}.json", deals, BadLines(""))
    deals.finish()
    name = system.__name__.rpartition(".")[2]
    how = Translation(
        map=read_map_file(MAP, "map.toml").meaning(PROCESS, name, getattr(system, "STATUS", {})),
        process=PROCESS,
        today=day_of(2026, 12, 31),
        zone=UTC,
        owners={},
        known={},
    )
    return DealLines(deals, how, BadFiles()).gather(lambda _done: None)


def facts_of(gathering: Gathering, deal: Made) -> list[tuple[object, ...]]:
    """Return the lines of a deal as the journey tells them: what, milestone, day, amount, owner."""
    (found,) = [one for one in gathering.opportunities.values() if one.external.endswith(f":{deal.id}")]
    return [
        (
            line.kind.value,
            KEYS.index(line.milestone) + 1 if line.milestone else None,
            iso(line.on),
            None if line.value is None else line.value // 100,
            None if line.rep is None else gathering.reps[line.rep].key,
        )
        for line in found.lines
    ]


def told(deal: Made, *left_out: str) -> list[tuple[object, ...]]:
    return [(what, number, day.isoformat(), *rest) for what, number, day, *rest in deal.facts() if what not in left_out]


def shuffled(file: File, order) -> File:
    header, *rows = file.content.splitlines(keepends=True)
    order.shuffle(rows)
    return file._replace(content=b"".join([header, *rows]))


@given(deals=journeys(), order=st.randoms(use_true_random=False))
def test_salesforce_gives_back_every_fact_whatever_the_order_of_files_and_rows(deals, order):
    files = [shuffled(table(deals), order) for table in EXPORTS[salesforce]]
    order.shuffle(files)
    gathering = gathered(salesforce, files)
    for deal in deals:
        assert facts_of(gathering, deal) == told(deal)


@given(deals=journeys())
def test_salesforces_history_alone_gives_back_all_but_the_owner(deals):
    gathering = gathered(salesforce, [history_table(deals)])
    for deal in deals:
        assert facts_of(gathering, deal) == [
            (*fact[:4], None) if fact[0] == "opened" else fact for fact in told(deal, "assigned")
        ]


@given(deals=journeys())
def test_salesforces_history_of_fields_gives_back_every_fact_from_the_old_values(deals):
    gathering = gathered(salesforce, [field_history_table(deals), opportunity_table(deals)])
    for deal in deals:
        assert facts_of(gathering, deal) == told(deal)


@given(deals=journeys())
def test_salesforces_opportunity_alone_gives_back_where_a_deal_stands_and_since_when(deals):
    gathering = gathered(salesforce, [opportunity_table(deals)])
    for deal in deals:
        opened, *found = facts_of(gathering, deal)
        assert opened == ("opened", None, deal.states[0].time.date().isoformat(), deal.now.amount, deal.now.owner)
        since = max((state.time for state in deal.states if state.why == "stage"), default=None)
        if deal.now.stage == STAGES[0]:
            assert not found
        elif deal.now.stage == LOST:
            assert found == [("lost", None, since.date().isoformat(), None, None)]
        else:
            assert found == [("reached", STAGES.index(deal.now.stage), since.date().isoformat(), None, None)]


@given(deals=journeys(), order=st.randoms(use_true_random=False))
def test_hubspot_gives_back_every_fact_from_the_histories_of_properties(deals, order):
    files = [shuffled(table(deals), order) for table in EXPORTS[hubspot]]
    order.shuffle(files)
    gathering = gathered(hubspot, files)
    for deal in deals:
        assert facts_of(gathering, deal) == told(deal)


@given(deals=journeys())
def test_hubspots_columns_give_back_the_entries_where_no_stage_was_entered_twice(deals):
    gathering = gathered(hubspot, [deals_table(deals)])
    for deal in deals:
        found = facts_of(gathering, deal)
        assert found[0] == ("opened", None, deal.states[0].time.date().isoformat(), deal.now.amount, deal.now.owner)
        if deal.goes_forward:
            assert found[1:] == told(deal, "opened", "assigned", "revalued")
        days = [fact[2] for fact in found]
        assert days == sorted(days)


def numbered(deals: Sequence[Made]) -> list[Made]:
    """Return the deals with ids as Pipedrive and Odoo give them."""
    return [replace(deal, id=str(place)) for place, deal in enumerate(deals, start=1)]


@given(deals=journeys().map(numbered), order=st.randoms(use_true_random=False))
def test_pipedrive_gives_back_every_fact_from_its_flow(deals, order):
    objects = [pipedrive_flow(deals), pipedrive_stages()]
    order.shuffle(objects)
    gathering = gathered(pipedrive, [shuffled(pipedrive_table(deals), order)], *objects)
    for deal in deals:
        assert facts_of(gathering, deal) == told(deal)


@given(deals=journeys().map(numbered))
def test_pipedrives_deals_alone_give_back_where_a_deal_stands_and_how_it_ended(deals):
    gathering = gathered(pipedrive, [pipedrive_table(deals)])
    for deal in deals:
        opened, *found = facts_of(gathering, deal)
        assert opened == ("opened", None, deal.states[0].time.date().isoformat(), deal.now.amount, deal.now.owner)
        ends = [state.time for state in deal.states if state.why == "stage"]
        if deal.now.stage == LOST:
            assert found[-1] == ("lost", None, ends[-1].date().isoformat(), None, None)
        elif deal.now.stage != STAGES[0]:
            assert found[-1][:2] == ("reached", STAGES.index(deal.now.stage))
        assert [fact[2] for fact in found] == sorted(fact[2] for fact in found)


@given(deals=journeys().map(numbered), order=st.randoms(use_true_random=False))
def test_odoo_gives_back_every_fact_from_its_tracked_changes(deals, order):
    files = [shuffled(table(deals), order) for table in (lead_table, tracking_table)]
    order.shuffle(files)
    gathering = gathered(odoo, files)
    for deal in deals:
        assert facts_of(gathering, deal) == told(deal)

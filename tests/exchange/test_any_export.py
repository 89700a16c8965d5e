"""Whatever stands in a file: a reader takes it, refuses the line or refuses the file, in a sentence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.exchange.exported import File, exported, read

from milestone_cli.errors import MsError
from milestone_cli.exchange import hubspot, odoo, pipedrive, salesforce

LAYOUTS = (*salesforce.LAYOUTS, *hubspot.LAYOUTS, *pipedrive.LAYOUTS, *odoo.LAYOUTS)
HEADINGS = [
    *(title for layout in LAYOUTS for known in layout.columns.values() for title in known),
    *(
        'Date entered "Demo (Sales)"',
        "Date entered 'Demo'",
        "hs_v2_date_entered_7",
        "value2",
        "time2",
        "",
        "*",
        "\x1b[",
    ),
]
CELLS = st.one_of(
    st.sampled_from(["", "true", "0060Y00000abcDE", "0050Y00000aaaAAQAY", "Stage", "created", "amount", "2026-01-05"]),
    st.text(max_size=12),
)
SYSTEMS = [salesforce, hubspot, pipedrive, odoo]
READERS = pytest.mark.parametrize("system", SYSTEMS, ids=["salesforce", "hubspot", "pipedrive", "odoo"])


def take(system, file: File, renamed=None) -> None:
    try:
        deals, refused = read(system.read_sheet, [file], renamed)
    except MsError:
        return
    deals.finish()
    assert len(deals.by_id) + len(refused) <= 2 * deals.rows + 20
    for deal in deals.by_id.values():
        assert deal.id
        assert all(0 <= change.column < len(deals.columns) for change in deal.changes)
        assert all(change.line > 1 for change in deal.changes)


@READERS
@given(
    header=st.lists(st.sampled_from(HEADINGS), min_size=1, max_size=14),
    rows=st.lists(st.lists(CELLS, max_size=18), max_size=6),
    renamed=st.dictionaries(
        st.sampled_from(["id", "stage", "entered", "history_time", "field"]), st.sampled_from(HEADINGS), max_size=3
    ),
)
def test_any_table_is_taken_or_refused(system, header, rows, renamed):
    take(system, exported("x.csv", header, *rows), renamed)


@READERS
@given(
    layout=st.integers(0, 2),
    order=st.randoms(use_true_random=False),
    rows=st.lists(st.lists(CELLS, min_size=4, max_size=20), max_size=6),
)
def test_any_rows_of_a_known_table_are_taken_or_refused(system, layout, order, rows):
    known = system.LAYOUTS[layout % len(system.LAYOUTS)]
    header = [titles[0] for titles in known.columns.values()]
    order.shuffle(header)
    take(system, exported("x.csv", header, *rows))


@READERS
@given(content=st.binary(max_size=400))
def test_any_bytes_are_taken_or_refused(system, content):
    begin = {
        salesforce: b"Id,StageName,CreatedDate\n",
        hubspot: b"id,name,value1,time1\n",
        pipedrive: b"Deal - ID,Deal - Stage,Deal - Status\n",
        odoo: b"res_id,new_value_char,create_date\n",
    }[system]
    for file in (File("x.csv", content), File("x.csv", begin + content)):
        take(system, file)

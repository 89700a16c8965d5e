"""One golden file per format: what a hostile table looks like, letter for letter."""

from pathlib import Path

import pytest

from milestone_cli.render.output import Format, render

GOLDEN = Path(__file__).parent / "golden"

WRITTEN = {
    "hostile-80.txt": (Format.TABLE, {"locale": "en_US", "width": 80}),
    "hostile-140.txt": (Format.TABLE, {"locale": "de_DE", "width": 140}),
    "hostile-colour.txt": (Format.TABLE, {"locale": "en_US", "width": 140, "colour": True}),
    "hostile-plain.txt": (Format.TABLE, {"locale": "en_US"}),
    "hostile.csv": (Format.CSV, {"locale": "de_DE"}),
    "hostile.tsv": (Format.TSV, {"locale": "de_DE"}),
    "hostile.json": (Format.JSON, {"locale": "de_DE"}),
    "hostile.md": (Format.MD, {"locale": "de_DE"}),
}


@pytest.mark.parametrize("name", WRITTEN)
def test_a_format_writes_exactly_its_golden_file(hostile, name):
    form, how = WRITTEN[name]
    text = render(hostile, form, **how)
    assert text.encode("utf-8") == (GOLDEN / name).read_bytes()


@pytest.mark.parametrize("form", [Format.CSV, Format.TSV, Format.MD, Format.TABLE])
def test_two_tables_and_two_currencies_read_as_written_here(two_currencies, form):
    expected = {
        Format.CSV: "Euro\nprocess,value\nb2b,100000.50\n\n"
        "'=Mixed\nprocess,value\ntokyo,1600000\nb2b,1600000.00\nnone,\n",
        Format.TSV: "Euro\nprocess\tvalue\nb2b\t100000.50\n\n"
        "'=Mixed\nprocess\tvalue\ntokyo\t1600000\nb2b\t1600000.00\nnone\t\n",
        Format.MD: "## Euro\n\n| Process | Value |\n| --- | ---: |\n| b2b | €100,000.50 |\n\n"
        "## =Mixed\n\n| Process | Value |\n| --- | ---: |\n"
        "| tokyo | ¥1,600,000 |\n| b2b | €1,600,000 |\n| none | - |\n",
        Format.TABLE: "Euro\nProcess        Value\nb2b      €100,000.50\n\n"
        "=Mixed\nProcess       Value\ntokyo    ¥1,600,000\nb2b      €1,600,000\nnone              -\n",
    }
    assert render(two_currencies, form, locale="en_US") == expected[form]


@pytest.mark.parametrize("width", [None, 80])
def test_an_empty_table_says_that_there_is_nothing_to_list(empty, width):
    assert render(empty, Format.TABLE, locale="en_US", width=width) == "Opportunities\nNothing to list.\n"


def test_an_empty_table_is_its_header_alone_for_programs(empty):
    assert render(empty, Format.CSV, locale="en_US") == "key,customer\n"
    assert render(empty, Format.TSV, locale="en_US") == "key\tcustomer\n"
    assert render(empty, Format.MD, locale="en_US") == "## Opportunities\n\nNothing to list.\n"
    assert render(empty, Format.JSON, locale="en_US") == '{\n  "opportunities": []\n}\n'

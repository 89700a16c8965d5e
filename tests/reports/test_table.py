import pytest

from milestone_cli.reports.table import CellKind, Column, Table

COLUMNS = (Column("key", "Key", CellKind.NAME), Column("count", "Count", CellKind.COUNT))


def test_a_row_that_does_not_fit_its_columns_is_refused():
    with pytest.raises(ValueError, match="row 1 of table 'T' has 1 cells, not 2"):
        Table(title="T", columns=COLUMNS, rows=(("acme", 1), ("beta",)))


@pytest.mark.parametrize(("total", "left_out"), [(None, 0), (1, 0), (0, 0), (41, 40)])
def test_left_out_counts_the_rows_a_report_did_not_list(total, left_out):
    assert Table(title="T", columns=COLUMNS, rows=(("acme", 1),), total_rows=total).left_out == left_out

"""Which columns have room, and how wide they are."""

from __future__ import annotations

from milestone_cli.render.fitting import LONGEST_KEY, Need, fit, needs
from milestone_cli.reports.table import CellKind, Column

NAME = Column("name", "Name", CellKind.TEXT)
BAR = Column("bar", "", CellKind.BAR, 3)


def test_columns_of_a_group_go_together() -> None:
    columns = (
        Column("a", "A", CellKind.COUNT),
        Column("rate", "Rate", CellKind.COUNT, 2, group="rate"),
        Column("b", "B", CellKind.COUNT, 3),
        Column("low", "Low", CellKind.COUNT, 2, group="rate"),
    )
    need = [Need(4, 4, 4)] * 4
    assert fit(columns, need, 22)[0] == [0, 1, 2, 3]
    assert fit(columns, need, 20)[0] == [0, 1, 3]
    assert fit(columns, need, 15)[0] == [0]


def test_a_drawing_squeezes_no_words_and_what_is_less_important_goes_before_it() -> None:
    columns = (NAME, BAR, Column("why", "Why", CellKind.COUNT, 4), Column("more", "More", CellKind.COUNT, 2))
    need = [Need(14, 20, 20), Need(4, 4, 4, 10), Need(5, 5, 5), Need(6, 6, 6)]
    assert fit(columns, need, 60) == ([0, 1, 2, 3], [20, 10, 5, 6])
    assert fit(columns, need, 41) == ([0, 1, 2, 3], [20, 4, 5, 6])
    assert fit(columns, need, 40) == ([0, 1, 3], [20, 10, 6])
    assert fit(columns, need, 33) == ([0, 3], [20, 6])
    # without it the words are squeezed before anything else goes
    assert fit(columns, need, 25) == ([0, 3], [17, 6])
    assert fit(columns, need, 21) == ([0], [20])


def test_a_drawing_takes_what_the_others_leave() -> None:
    need = [Need(14, 20, 20), Need(4, 4, 4, 10)]
    assert fit((NAME, BAR), need, 200) == ([0, 1], [20, 10])
    assert fit((NAME, BAR), need, 29) == ([0, 1], [20, 7])
    # one that is always shown stays, whatever it squeezes
    always = Column("bar", "", CellKind.BAR)
    assert fit((NAME, always), need, 22) == ([0, 1], [16, 4])


def test_a_key_is_squeezed_only_if_it_is_very_long() -> None:
    columns = (Column("key", "Key", CellKind.NAME, whole=True), Column("name", "Name", CellKind.NAME))
    key, name = needs(["Key", "Name"], [["k" * 25, "n" * 25]], columns)
    assert (key.least, name.least) == (25, 14)
    assert needs(["Key", "Name"], [["k" * 90, ""]], columns)[0].least == LONGEST_KEY

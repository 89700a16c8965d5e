"""Four books that become one in any order: every figure that a command shows is the same."""

from __future__ import annotations

import random
import shutil
from datetime import date, timedelta

import pytest

HEAD = "opportunity,milestone,date,value,customer,rep,outcome\n"
LOOKS = (
    ("kpis", "--period", "2026-Q4"),
    ("kpis", "--by", "rep"),
    ("rates",),
    ("forecast", "--months", "3"),
    ("opportunities",),
    ("cascade",),
    ("health",),
    ("dead-horses",),
    ("next",),
    ("reps",),
    ("targets",),
    ("opportunities", "--as-of", "2026-06-30"),
)


def facts(keys, reps, chance):
    """Return lines about opportunities that go their ways: some are lost, some come to the order."""
    lines = []
    for key in keys:
        day = date(2025, 1, 10) + timedelta(days=chance.randint(0, 600))
        said = f"{chance.randint(5, 90)}000,Customer {key[-1]},{chance.choice(reps)},"
        for milestone in range(1, 6):
            lines.append(f"{key},{milestone},{day},{said}\n")
            day += timedelta(days=chance.randint(2, 60))
            if day > date(2026, 11, 20) or chance.random() < 0.2:
                break
            if chance.random() < 0.25:
                lines.append(f"{key},,{day},{said}lost\n")
                break
    return HEAD + "".join(lines)


@pytest.fixture
def books(team, path):
    """Return four books: of one origin the first two, begun on their own the others; keys and customers recur."""
    chance = random.Random(4)  # noqa: S311 - what they hold
    paths = [path.with_name(f"{name}.db") for name in ("a", "b", "c", "d")]
    shutil.copy(path, paths[0])
    process = path.with_name("b2b.toml")
    process.write_text(team("processes", "b2b", "--toml").out)
    for place, (prefix, reps) in enumerate(
        (("deal", ["anna", "ben"]), ("", []), ("deal", ["ben", "carla"]), ("more", ["dora"]))
    ):
        if place == 1:
            shutil.copy(paths[0], paths[1])
            team("add", "Customer 3", "--key", "more-3", "--rep", "anna", "--reached", "1", "--db", str(paths[1]))
            team("set-target", "30k", "--rep", "ben", "--db", str(paths[1]))
            continue
        if place:
            assert team("define-process", str(process), "--db", str(paths[place])).code == 0
        file = path.with_name("facts.csv")
        file.write_text(facts([f"{prefix}-{number}" for number in range(25)], reps, chance))
        done = team("import", str(file), "--complete-history", "--db", str(paths[place]))
        assert done.code == 0, done.err
    team("set-target", "120k", "--db", str(paths[2]))
    team("lose", "deal-1", "--db", str(paths[0]))
    return paths


def united(ms, books, order, folder):
    """Merge copies of the books two by two until one is left; return its path."""
    folder.mkdir()
    left = [shutil.copy(book, folder / book.name) for book in books]
    while len(left) > 1:
        source, target = order.sample(left, 2)
        assert ms("merge", str(source), "--db", str(target)).code == 0
        if order.random() < 0.5:
            ms("kpis", "--db", str(target))  # measures the month on what is there so far
        left.remove(source)
    return left[0]


def shown(ms, book):
    found = {}
    for look in LOOKS:
        done = ms(*look, "--json", "--db", str(book))
        assert done.code == 0, done.err
        found[look] = unnumbered(done.json)
    return found


def unnumbered(found):
    """Leave out the numbers that are a book's own."""
    if isinstance(found, dict):
        return {name: unnumbered(value) for name, value in found.items() if name != "number" or "customer" not in found}
    return [unnumbered(one) for one in found] if isinstance(found, list) else found


def test_four_books_in_random_orders_show_equal_figures(team, books, path):
    expected = None
    for seed in range(3):
        order = random.Random(seed)  # noqa: S311 - in which they are merged
        book = united(team, books, order, path.with_name(f"order-{seed}"))
        assert team("check", "--db", str(book)).code == 0
        found = shown(team, book)
        expected = expected or found
        for look in LOOKS:
            assert found[look] == expected[look], (seed, look)
        for other in books:
            assert team("merge", str(other), "--db", str(book)).out.startswith("Nothing to take in")

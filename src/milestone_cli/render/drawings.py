"""Figures drawn with letters: a sparkline, a bar, a fan.

Invariant: a drawing only repeats what figures beside it say, and is as wide as it is told to be or narrower.
"""

from __future__ import annotations

from milestone_cli.reports.table import Fan

BLOCKS = "▁▂▃▄▅▆▇█"
EIGHTHS = " ▏▎▍▌▋▊▉"
FULL, TRACK = "█", "░"
MARK = "◆"
"""What is wanted, in a fan."""
BAR_WIDTHS = (4, 10)
"""The least and the most columns of a bar; at most a tenth each."""
FAN_WIDTHS = (20, 56)
"""The least and the most columns of a fan: the most, with a day before it, fits into 80."""


def spark(series: tuple[int, ...]) -> str:
    """Return one block per value, its height the share of the largest.

    >>> spark((0, 50, 100))
    '▁▅█'
    """
    top = max(series, default=0)
    if top <= 0:
        return BLOCKS[0] * len(series)
    last = len(BLOCKS) - 1
    return "".join(BLOCKS[(2 * max(0, value) * last + top) // (2 * top)] for value in series)


def bar(share: float, width: int) -> str:
    """Return a share of a whole in eighths of a column: full from 1 on, never quite full below, never empty above 0.

    >>> bar(0.66, 10), bar(0.999, 4), bar(1.46, 4)
    ('██████▌░░░', '███▉', '████')
    """
    most = 8 * width
    if share >= 1:
        return FULL * width
    eighths = min(most - 1, max(1, int(share * most))) if share > 0 else 0
    whole, rest = divmod(eighths, 8)
    return (FULL * whole + EIGHTHS[rest] * bool(rest)).ljust(width, TRACK)


def fan(said: Fan, width: int) -> str:
    """Return a line from P05 to P95, thick from P10 to P90, crossed at P50, with a dot for what came.

    The dot is full where it lies from P10 to P90. A diamond is the target; it hides what lies under it.

    >>> fan(Fan(p10=20, p50=40, p90=70, end=110, outer=(10, 90), came=60), 56).strip()
    '─────━━━━━━━━━━╋━━━━━━━━━●━━━━━───────────'
    >>> fan(Fan(p10=20, p50=40, p90=70, end=100, target=80), 21)
    '    ━━━━╋━━━━━━ ◆'
    """
    line = [" "] * width

    def place(value: int) -> int:
        last = width - 1
        return min(last, max(0, (2 * value * last + said.end) // (2 * max(said.end, 1))))

    def draw(sign: str, low: int, high: int) -> None:
        line[place(low) : place(high) + 1] = sign * (place(high) - place(low) + 1)

    if said.outer is not None:
        draw("─", *said.outer)
    draw("━", said.p10, said.p90)
    draw("╋", said.p50, said.p50)
    if said.came is not None:
        line[place(said.came)] = "●" if said.p10 <= said.came <= said.p90 else "○"
    if said.target is not None:
        line[place(said.target)] = MARK
    return "".join(line).rstrip()

"""Makes the pictures of the README from the demo: `python docs/make_pictures.py`, `--screens` without the browser.

Invariant: a screen is what the command shows on a terminal, character by character; nothing in a picture is loaded from
anywhere. A picture of the page carries the figures of its lamps as text, so that a test can tell whether it is old.
"""

from __future__ import annotations

import base64
import io
import json
import struct
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rich.console import Console
from rich.text import Text

import chromium
from shell import Shell, shell

PICTURES = Path(__file__).with_name("pictures")
DAY = "2026-11-23"
SCREENS = {"kpis.svg": "ms kpis --process b2b", "forecast.svg": "ms forecast --process b2b --months 6"}
"""Each picture of a screen with the line that is typed for it."""
SCREEN_WIDTH = 100
SECTIONS = {
    "report.png": "document.querySelector('#b2b-funnel')",
    "report-forecast.png": "document.querySelector('#b2b-fan')",
}
"""Each picture of the page with what the last section on it holds; the first begins at the head of the page."""
PAGE_WIDTH = 1000
MARGIN = 16
"""Pixels around a section."""
FIGURES = b"Figures"
"""The keyword under which a picture of the page carries its figures."""
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_HEADER = 25
"""Bytes of a PNG's first chunk, which has to stay the first."""
_SVG = """\
<svg viewBox="0 0 {width} {height}" role="img" aria-labelledby="{unique_id}-name" xmlns="http://www.w3.org/2000/svg">
<title id="{unique_id}-name">NAME</title>
<style>
.{unique_id}-matrix {{
font-family: ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace;
font-size: {char_height}px; line-height: {line_height}px;
}}
.{unique_id}-title {{ font-family: sans-serif; font-size: 18px; font-weight: bold; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}"/>
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""
"""Rich's own form without the font that it loads from outside: each piece of text says how wide it is, in any font."""


def screens() -> dict[str, str]:
    """Return the pictures of the screens by file name."""
    with shell(width=SCREEN_WIDTH, colour=True) as window:
        demo(window)
        return {name: _screen(f"ms-{Path(name).stem}", line, window.typed(line)) for name, line in SCREENS.items()}


def demo(window: Shell) -> None:
    """Write the demo's book, and look at it from a fixed day from here on."""
    window.typed(f"export MS_TODAY={DAY} MS_ZONE=UTC MS_DB=demo.db")
    window.typed("ms demo --db demo.db")


def _screen(name: str, line: str, shown: str) -> str:
    """Return what a line shows as SVG, in its colours, with the line over it."""
    console = Console(width=SCREEN_WIDTH, record=True, file=io.StringIO(), legacy_windows=False)
    console.print(Text.from_ansi(shown.rstrip("\n")))
    drawn = console.export_svg(title=line, unique_id=name, code_format=_SVG.replace("NAME", line))
    return "".join(f"{text.strip()}\n" for text in drawn.splitlines())


def page() -> dict[str, bytes]:
    """Return the pictures of the page by file name."""
    programs = chromium.installed()
    if programs is None:
        raise SystemExit(chromium.MISSING)
    with shell(width=SCREEN_WIDTH) as window, TemporaryDirectory() as profile:
        demo(window)
        window.typed("ms report --process b2b -o report.html")
        driver = chromium.started(programs, Path(profile))
        try:
            chromium.open_page(driver, window.place / "report.html", width=PAGE_WIDTH)
            return dict(_sections(driver))
        finally:
            driver.quit()


def _sections(driver: Any) -> Iterator[tuple[str, bytes]]:  # noqa: ANN401  # selenium's driver is untyped
    figures = driver.execute_script("return document.getElementById('figures').textContent")
    milestones = json.loads(figures)["processes"][0]["kpis"]["milestones"]
    told = json.dumps([[one["number"], one["target"], one["reached"], one["lamp"]] for one in milestones])
    for number, (name, element) in enumerate(SECTIONS.items()):
        box = driver.execute_script(f"return {element}.closest('section').getBoundingClientRect().toJSON()")
        top = box["top"] - MARGIN if number else 0
        clip = {"x": 0, "y": top, "width": PAGE_WIDTH, "height": box["bottom"] + MARGIN - top, "scale": 1}
        taken = driver.execute_cdp_cmd("Page.captureScreenshot", {"clip": clip, "captureBeyondViewport": True})
        yield name, with_figures(base64.b64decode(taken["data"]), told)


def with_figures(picture: bytes, told: str) -> bytes:
    """Return a PNG that carries `told` as text."""
    content = FIGURES + b"\0" + told.encode("ascii")
    chunk = struct.pack(">I", len(content)) + b"tEXt" + content + struct.pack(">I", zlib.crc32(b"tEXt" + content))
    begin = len(_SIGNATURE) + _HEADER
    return picture[:begin] + chunk + picture[begin:]


def figures_in(picture: bytes) -> str:
    """Return the text that a PNG carries, or nothing."""
    found = picture.partition(b"tEXt" + FIGURES + b"\0")
    size = struct.unpack(">I", found[0][-4:])[0] - len(FIGURES) - 1 if found[1] else 0
    return found[2][:size].decode("ascii")


if __name__ == "__main__":
    PICTURES.mkdir(exist_ok=True)
    for name, text in screens().items():
        (PICTURES / name).write_text(text, encoding="utf-8")
    if "--screens" not in sys.argv[1:]:
        for name, content in page().items():
            (PICTURES / name).write_bytes(content)

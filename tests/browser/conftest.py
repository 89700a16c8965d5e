"""A browser to open pages in, where one is installed."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import chromium

PAPER_WIDTH = 703
"""Pixels between the margins of A4: 186 mm."""
CUT = """
return [...document.querySelectorAll("th, td")].filter(cell => cell.getBoundingClientRect().right > arguments[0] + 1)
    .map(cell => cell.textContent);
"""


class Tab:
    """One page in the browser."""

    def __init__(self, driver) -> None:
        self.driver = driver

    def open(self, page: Path, *, scheme: str = "light", width: int = 1200) -> None:
        """Show a page until its charts are drawn."""
        self.driver.get_log("browser")
        self.driver.get_log("performance")
        chromium.open_page(self.driver, page, scheme=scheme, width=width)

    def run(self, script: str, *words):
        """Return what a script says in the page."""
        return self.driver.execute_script(script, *words)

    def complaints(self) -> list[str]:
        """Return what the page wrote to the console."""
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def requested(self) -> set[str]:
        """Return every address the page asked for."""
        messages = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        sent = [one["params"] for one in messages if one["method"] == "Network.requestWillBeSent"]
        return {one["request"]["url"] for one in sent if one.get("documentURL", "").startswith("file:")}

    def printed_pages(self) -> int:
        """Return how many pages it takes on paper."""
        paper = {"preferCSSPageSize": True, "printBackground": True}
        made = self.driver.execute_cdp_cmd("Page.printToPDF", paper)
        return len(re.findall(rb"/Type\s*/Page\b(?!s)", base64.b64decode(made["data"])))

    def cut_on_paper(self) -> list[str]:
        """Return the table cells that lie beyond the width of paper."""
        size = {"width": PAPER_WIDTH, "height": 1000, "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        return self.driver.execute_script(CUT, PAPER_WIDTH)


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    """A browser; without one the test is skipped."""
    programs = chromium.installed()
    if programs is None:
        pytest.skip(chromium.MISSING)
    pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
    driver = chromium.started(programs, tmp_path_factory.mktemp("browser"))
    try:
        yield Tab(driver)
    finally:
        driver.quit()

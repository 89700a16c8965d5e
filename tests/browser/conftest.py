"""A browser to open pages in, where one is installed: Chromium without a window, a network or a memory."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ARGUMENTS = (
    "--headless=new", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-default-apps", "--disable-dev-shm-usage",
)  # fmt: skip
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
DRAWN = "return document.documentElement.classList.contains('drawn')"
WAIT_SECONDS = 60


class Tab:
    """One page in the browser."""

    def __init__(self, driver) -> None:
        self.driver = driver

    def open(self, page: Path, *, scheme: str = "light", width: int = 1200) -> None:
        """Show a page until its charts are drawn."""
        from selenium.webdriver.support.wait import WebDriverWait

        self._tell("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        self._tell("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
        self.driver.get_log("browser")
        self.driver.get_log("performance")
        self.driver.get(page.as_uri())
        WebDriverWait(self.driver, WAIT_SECONDS).until(lambda driver: driver.execute_script(DRAWN))

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
        made = self._tell("Page.printToPDF", preferCSSPageSize=True, printBackground=True)
        return len(re.findall(rb"/Type\s*/Page\b(?!s)", base64.b64decode(made["data"])))

    def _tell(self, command: str, **arguments):
        return self.driver.execute_cdp_cmd(command, arguments)


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    """A browser; without one the test is skipped."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    driver = shutil.which("chromedriver")
    if browser is None or driver is None:
        pytest.skip("no chromium with its chromedriver is installed (Debian: apt-get install chromium chromium-driver)")
    webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
    options = webdriver.ChromeOptions()
    options.binary_location = browser
    for argument in (*ARGUMENTS, f"--user-data-dir={tmp_path_factory.mktemp('browser')}"):
        options.add_argument(argument)
    if sys.platform != "win32" and os.geteuid() == 0:
        options.add_argument("--no-sandbox")  # Chromium refuses to run as root with it
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    made = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    try:
        yield Tab(made)
    finally:
        made.quit()

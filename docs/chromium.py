"""A browser without a window, a network or a memory, for the picture of the page and for the tests that open it.

Invariant: it sends nothing on its own and keeps nothing but what lies in the profile it is given.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import Any

ARGUMENTS = (
    "--headless=new", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-default-apps", "--disable-dev-shm-usage",
)  # fmt: skip
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
MISSING = "no chromium with its chromedriver is installed (Debian: apt-get install chromium chromium-driver)"
WAIT_SECONDS = 60
_DRAWN = "return document.documentElement.classList.contains('drawn')"


def installed() -> tuple[str, str] | None:
    """Return the programs of browser and driver, or None where one of them is missing."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    driver = shutil.which("chromedriver")
    return None if browser is None or driver is None else (browser, driver)


def started(programs: tuple[str, str], profile: Path) -> Any:  # noqa: ANN401  # selenium is loaded only where it is used
    """Return a driver of a browser that keeps what it knows in `profile`; who takes it quits it."""
    from selenium import webdriver

    browser, driver = programs
    options = webdriver.ChromeOptions()
    options.binary_location = browser
    for argument in (*ARGUMENTS, f"--user-data-dir={profile}"):
        options.add_argument(argument)
    if sys.platform != "win32" and os.geteuid() == 0:
        options.add_argument("--no-sandbox")  # Chromium refuses to run as root with it
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    return webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))


def open_page(driver: Any, page: Path, *, scheme: str = "light", width: int = 1200) -> None:  # noqa: ANN401
    """Show a page of `ms report` until its charts are drawn."""
    from selenium.webdriver.support.wait import WebDriverWait

    media = [{"name": "prefers-color-scheme", "value": scheme}]
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": media})
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    driver.get(page.as_uri())
    WebDriverWait(driver, WAIT_SECONDS).until(lambda shown: shown.execute_script(_DRAWN))

"""Which form a page is written in, and what must be installed for it.

Invariant: what is missing is told before anything is computed; what is slow to load is loaded when it is written.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

from milestone_cli.errors import ExtraMissing
from milestone_cli.render.output import Format

if TYPE_CHECKING:
    from milestone_cli.reports.page import Page

_DRAWN_WITH = {"altair": "altair", "jinja2": "jinja2", "vl_convert": "vl-convert-python"}
"""The modules of the extra `report` and the packages they come in."""


def require(form: Format) -> None:
    """Refuse a form whose packages are not installed.

    Raises:
        ExtraMissing: with the command that installs them.
    """
    if form is Format.HTML and not all(map(find_spec, _DRAWN_WITH)):
        raise ExtraMissing("A page with charts", "report", _DRAWN_WITH.values())


def page_text(page: Page, form: Format, *, locale: str) -> str:
    """Return `page` as html for a reader of `locale`, or its figures as JSON."""
    if form is Format.JSON:
        from milestone_cli.render.json import as_json
        from milestone_cli.reports.page import page_json

        return as_json(page_json(page))
    from milestone_cli.render.html import as_html

    return as_html(page, locale=locale)

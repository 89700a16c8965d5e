"""Which form a page is written in.

Invariant: every form holds the same figures; what is slow to load is loaded when it is written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from milestone_cli.render.output import Format

if TYPE_CHECKING:
    from milestone_cli.reports.page import Page


def prepare(form: Format) -> None:
    """Begin with what a page needs whatever its figures are."""
    if form is Format.HTML:
        from milestone_cli.render.html import library

        library()


def page_content(page: Page, form: Format, *, locale: str) -> str | bytes:
    """Return `page` as html for a reader of `locale`, as a workbook, or its figures as JSON."""
    if form is Format.HTML:
        from milestone_cli.render.html import as_html

        return as_html(page, locale=locale)
    from milestone_cli.render.output import workbook_or_text
    from milestone_cli.reports.page_document import page_document

    return workbook_or_text(page_document(page), form, locale=locale)

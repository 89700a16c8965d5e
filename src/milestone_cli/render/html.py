"""The page as one file of HTML: nothing is loaded from outside, and no name in it can become markup or program.

Invariant: the Content-Security-Policy allows the two scripts of the page by their hashes and nothing else, so that even
markup that slipped through could neither run nor reach anybody; the same page gives the same bytes.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from milestone_cli import __version__
from milestone_cli.render import page_words as words
from milestone_cli.render.json import without_unseen
from milestone_cli.render.page_view import process_view, standing
from milestone_cli.reports.page import Page, page_json
from milestone_cli.translation import translated

if TYPE_CHECKING:
    import jinja2

_SNIPPET = "window.vegaEmbed = vegaEmbed;"
_RISKY = re.compile("[<>&]")


def as_html(page: Page, *, locale: str) -> str:
    """Return `page` as a file that a browser shows without a network."""
    processes = [process_view(report, locale) for report in page.processes]
    scripts = [library().result(), _resource("draw.js")]
    return _environment().get_template("page.html.j2").render(
        language=locale.replace("_", "-"),
        words=Said(locale),
        version=__version__,
        standing=standing(page, locale),
        processes=processes,
        policy=policy(scripts),
        style=_trusted(_resource("page.css")),
        specs=_trusted(as_data({chart.key: chart.spec for one in processes for chart in one.charts})),
        figures=_trusted(as_data(page_json(page))),
        scripts=[_trusted(script) for script in scripts],
    )  # fmt: skip


class Said:
    """The words of the page in the reader's language, by their names."""

    def __init__(self, locale: str) -> None:
        self._locale = locale

    def __getattr__(self, name: str) -> str:
        return translated(getattr(words, name), self._locale)


def as_data(content: Mapping[str, object]) -> str:
    r"""Return JSON that can stand in a script element: no `<`, `>`, `&` or sign that cannot be seen as it is.

    >>> as_data({"name": "</script>"})
    '{"name":"\\\\u003c/script\\\\u003e"}'
    """
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return without_unseen(_RISKY.sub(lambda found: f"\\u{ord(found[0]):04x}", text))


def policy(scripts: list[str]) -> str:
    """Return a policy that forbids everything but these scripts and the page's own style."""
    hashes = " ".join(f"'sha256-{_hash(script)}'" for script in scripts)
    return (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
        "form-action 'none'"
    )


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@cache
def library() -> Future[str]:
    """Begin to bundle Vega, Vega-Lite and Vega-Embed into one script: that takes a second, which figures can use."""
    return ThreadPoolExecutor(max_workers=1).submit(_bundled)


def _bundled() -> str:
    import vl_convert

    bundle: str = vl_convert.javascript_bundle(_SNIPPET)
    if "</script" in bundle.casefold() or "<!--" in bundle:  # pragma: no cover
        raise AssertionError("the library would end the element it stands in")
    return bundle


def _resource(name: str) -> str:
    return (files("milestone_cli.render") / "templates" / name).read_text(encoding="utf-8")


def _environment() -> jinja2.Environment:
    import jinja2

    made = jinja2.Environment(
        loader=jinja2.FunctionLoader(_resource),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["coded"] = _coded
    return made


def _coded(text: str) -> str:
    """Return a remark of our own with what stands between backticks as code; all of it is escaped."""
    from markupsafe import Markup, escape

    parts = [escape(part) for part in text.split("`")]
    marked = [Markup("<code>{}</code>").format(part) if place % 2 else part for place, part in enumerate(parts)]
    return Markup("").join(marked) if len(parts) % 2 else escape(text)


def _trusted(text: str) -> str:
    """Mark text of our own, or made safe by `as_data`, as markup."""
    from markupsafe import Markup

    return Markup(text)  # noqa: S704 - never a name that somebody typed

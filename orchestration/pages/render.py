"""Jinja2 with escaping on; undefined names are errors, not blanks."""

import re
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from orchestration.pages.figures import counted, day

TEMPLATES = Path(__file__).parent / "templates"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["day"] = day
    environment.filters["kept"] = kept_together
    environment.filters["counted"] = counted
    environment.filters["svg"] = Markup
    environment.globals["style"] = Markup((TEMPLATES / "style.css").read_text(encoding="utf-8"))
    for name in ("filter", "search"):
        script = (TEMPLATES / f"{name}.js").read_text(encoding="utf-8")
        environment.globals[f"{name}_script"] = Markup(script)
    return environment


def kept_together(text: str) -> Markup:
    """The escaped text, without line breaks in dates and between numbers and their units.

    What stands between backticks is code, as in the documents that say the same.
    """
    marked = re.sub(r"\d{4}-\d\d-\d\d", r'<span class="nowrap">\g<0></span>', str(escape(text)))
    marked = re.sub(r"`([^`<]+)`", r"<code>\1</code>", marked)
    marked = re.sub(r"\b([np]) = (?=\d)", "\\1\u00a0=\u00a0", marked)
    marked = re.sub(r"\bn \u2265 (?=\d)", "n\u00a0\u2265\u00a0", marked)
    marked = re.sub(r"\bp &lt; (?=\d)", "p\u00a0&lt;\u00a0", marked)
    return Markup(re.sub(r"(?<=\d) (?=%|(?:days?|h|min|s|points?|of|KPIs)\b)", "\u00a0", marked))


def render(template: str, **content: Any) -> str:
    """Fill a template of this package; `here` is the page's own name among the others."""
    here = template.partition(".")[0]
    return _environment().get_template(template).render(here=here, **content)

"""Make pages of Great Expectations whole by themselves: nothing is fetched, no script is needed.

Its templates take styles, script, icons and pictures from five hosts, and write the table of the
first page by script; without them a reader sees unstyled lists and an empty first page. The pages
get one style sheet of ours within them, and the table as a table.
"""

import re
import shutil
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import NamedTuple

STYLE = Path(__file__).parent / "data_docs.css"
SCRIPTED = re.compile(r"<script\b.*?</script\s*>|<style\b.*?</style\s*>|<link\b[^>]*>", re.S)
PICTURE = re.compile(r"<img\b[^>]*>", re.S)
FILLED_BY_SCRIPT = re.compile(
    r'<div id="[^"]*-body-table-toolbar".*?</div>\s*(<table[^>]*>\s*</table>)|'
    r"(<table[^>]*>\s*</table>)",
    re.S,
)
FOOTER = re.compile(r"<footer\b.*?(</footer\s*>|(?=</body))", re.S)


class Line(NamedTuple):
    """What the first page says of a suite."""

    suite: str
    expectation_count: int
    broken_count: int


def make_whole(folder: Path, lines: Sequence[Line]) -> None:
    """Rewrite all pages below `folder` so that they load nothing from elsewhere.

    `lines` become the table of the first page, those with something broken first.
    """
    style = STYLE.read_text(encoding="utf-8")
    for page in sorted(folder.rglob("*.html")):
        text = _whole(page.read_text(encoding="utf-8"), style)
        if page == folder / "index.html":
            text = _with_table(text, _table(folder, lines))
        page.write_text(text, encoding="utf-8")
    # pictures and fonts of the styles that were taken out
    shutil.rmtree(folder / "static", ignore_errors=True)


def _whole(text: str, style: str) -> str:
    text = FOOTER.sub("", PICTURE.sub("Data Docs", SCRIPTED.sub("", text)))
    head = f'<link rel="icon" href="data:,">\n<style>\n{style}</style>\n</head>'
    return text.replace("</head>", head, 1).replace("<html>", '<html lang="en">', 1)


def _with_table(text: str, table: str) -> str:
    """Put the table where the first one was to be, and nothing where the others were."""
    first, *others = FILLED_BY_SCRIPT.finditer(text)
    for found in reversed(others):
        text = text[: found.start()] + text[found.end() :]
    return text[: first.start()] + table + text[first.end() :]


def _table(folder: Path, lines: Sequence[Line]) -> str:
    """Suites with their results, as links to the pages that are there."""
    rows = []
    for line in sorted(lines, key=lambda line: (-line.broken_count, line.suite)):
        found = sorted((folder / "validations" / line.suite).rglob("*.html"))
        result = found[-1].relative_to(folder).as_posix() if found else ""
        told = "all kept"
        if line.broken_count:
            told = f'<span class="failed">{line.broken_count} broken</span>'
        rows.append(
            f'<tr><th scope="row"><a href="{escape(result)}">{escape(line.suite)}</a></th>'
            f"<td>{line.expectation_count}</td><td>{told}</td>"
            f'<td><a href="expectations/{escape(line.suite)}.html">expectations</a></td></tr>'
        )
    head = "".join(
        f'<th scope="col">{name}</th>' for name in ("Suite", "Expectations", "Result", "All of it")
    )
    body = "\n".join(rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>\n{body}\n</tbody></table>"

"""Lines that were lost, by file: what became of them and whom they count against."""

from typing import Any

from orchestration.pages.marts import Marts, Row
from orchestration.plurals import counted

NOBODY = "nobody"
UNREADABLE = "unreadable"
ON_PURPOSE = "taken_away_on_purpose"
WHAT = {
    UNREADABLE: "can\u2019t be read",
    "taken_away": "taken away since they were counted",
    ON_PURPOSE: "taken away on purpose",
}
MOST_FILES = 60


def lost_lines_of(marts: Marts) -> dict[str, Any]:
    """Losses for a table, those of nobody knows whom first, and what is said of the latter."""
    rows = sorted(
        marts["fct_lines_lost"],
        key=lambda row: (
            row["counts_against"] != NOBODY,
            row["loss"] == ON_PURPOSE,
            row["path"],
            row["loss"],
        ),
    )
    return {
        "rows": [
            row
            | {
                "what": WHAT[row["loss"]] + (f": {row['reason']}" if row["reason"] else ""),
                "whose": "nobody" if row["loss"] == ON_PURPOSE else _name(marts, row),
            }
            for row in rows[:MOST_FILES]
        ],
        "more": max(0, len(rows) - MOST_FILES),
        "nobodys": nobodys_words(rows),
    }


def _name(marts: Marts, row: Row) -> str:
    return marts.sources.get(row["counts_against"], {}).get("source_name") or row["counts_against"]


def nobodys_words(rows: list[Row]) -> str:
    """That lines are lost and no grade shows it; blank where every loss counts against a source."""
    mine = [row for row in rows if row["counts_against"] == NOBODY]
    if not mine:
        return ""
    count = sum(row["line_count"] or 0 for row in mine)
    files = counted(len({row["path"] for row in mine}), "file")
    return (
        f"{counted(count, 'line')} of {files} can\u2019t be read, and nothing tells of which "
        "source: no grade shows the loss."
    )


def lost_words(marts: Marts, source_ids: set[str]) -> list[Row]:
    """What a product's sources have lost, each with the section of the page that tells of it."""
    mine = [row for row in marts["fct_lines_lost"] if row["counts_against"] in source_ids]
    told = []
    for loss, section, before in (
        (UNREADABLE, "set-aside", "can\u2019t be read: see"),
        ("taken_away", "files", "were counted and are in no file any more: see"),
        (ON_PURPOSE, "files", "were taken away on purpose: see"),
    ):
        rows = [row for row in mine if row["loss"] == loss]
        if rows:
            known = [row["line_count"] for row in rows if row["line_count"] is not None]
            lines = counted(sum(known), "line") if len(known) == len(rows) else "Lines"
            told.append({"words": f"{lines} of it {before}", "section": section})
    return told

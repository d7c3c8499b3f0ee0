"""What the top of the quality report says can't be believed: told once for each cause."""

from datetime import date
from typing import Any

from orchestration.pages.figures import listed
from orchestration.pages.lost_lines import UNREADABLE
from orchestration.pages.marts import Marts, Row, grouped

OF_ONE_CAUSE = ("source", "mend", "catch_up", "since", "when", "is_withheld")
"""What is the same in troubles of a product that one repair ends."""
TORN = "lines that can't be read"
"""Opening of the reason where lines of a file are torn."""
MOST_NAMED = 3
"""Metrics of one cause that the top of the page names."""


def lost_of(subjects: list[dict[str, Any]]) -> list[Row]:
    """What can't be believed of all products: of the week first, withheld before struck through.

    What one source is to mend for several of its event types is told once, by the first of them.
    """
    found = [
        row
        | {"product": subject["product"], "of": subject["answer"]["count"]}
        | {"torn": row.get("torn", "")}
        for subject in subjects
        if subject["answer"]["is_doubtful"]
        for row in subject["answer"]["lost"]
    ]
    for row in found:
        row["key"] = (row["product"]["product_id"], *cause_of(row))
    told = [
        rows[0]
        | {"metric_count": len({name for row in rows for name in row["metric_ids"]})}
        | {"named": named_few(sorted({name for row in rows for name in row["metric_names"]}))}
        | {"more": 0 if rows[0]["torn"] else len(rows) - 1}
        | (torn_of(rows[0]) if rows[0]["torn"] else {})
        for rows in grouped(found, "key").values()
    ]
    return sorted(told, key=lambda row: (not row["is_now"], not row["is_withheld"]))


def torn_of(row: Row) -> Row:
    """What is told of torn lines in place of what one of several sources says of them."""
    return {"reason": row["torn"], "reason_week": None, "owner": row["owner"].split(", ")[-1]}


def cause_of(row: Row) -> tuple:
    """What is the same in troubles of a product that are told once."""
    if row["torn"]:
        # one file may have lost lines of several sources
        return row["torn"], row["when"], row["is_withheld"]
    return tuple(row[name] for name in OF_ONE_CAUSE)


def torn_words(marts: Marts, trouble: Row, source_ids: set[str]) -> str:
    """Which files have the lines that can't be read; blank for troubles of another kind."""
    if not trouble["reason"].startswith(TORN):
        return ""
    paths = sorted(
        {
            f"landing/{row['path']}"
            for row in marts["fct_lines_lost"]
            if row["loss"] == UNREADABLE
            and row["counts_against"] in source_ids
            and (row["last_week_start_date"] or date.max) >= trouble["since"]
        }
    )
    return f"{TORN}, in {named_few(paths)}" if paths else ""


def named_few(names: list[str]) -> str:
    """The first names, and how many more there are: sixteen of them nobody reads at the top."""
    if len(names) <= MOST_NAMED + 1:
        return listed(names)
    return listed([*names[:MOST_NAMED], f"{len(names) - MOST_NAMED} more"])

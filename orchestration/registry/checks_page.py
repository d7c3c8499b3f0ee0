"""What to mend, written into the entries of docs/checks.md: the words of `expectations`."""

import re
import textwrap

from expectations.suites.remedies import BY_DEFECT, REMEDIES, Remedy

SECTION = re.compile(r"(?s)(?<=## The twenty checks\n).*?(?=^## )", re.MULTILINE)
ENTRY = re.compile(r"(?ms)^(\d+)\. .*?(?=^\d+\. |\Z)")
MARK = " *To mend:* "
WIDTH = 118


def with_remedies(page: str) -> str:
    """The page with what to mend for each check; its other words are left as they stand."""
    return SECTION.sub(lambda section: ENTRY.sub(_entry, section[0]), page)


def _entry(found: re.Match[str]) -> str:
    number = int(found[1])
    told = " ".join(found[0].split()).split(MARK)[0] + MARK + _said(REMEDIES[number])
    for (check_id, defect), remedy in BY_DEFECT.items():
        if check_id == number:
            told += f" *Of {defect}:* {_said(remedy)}"
    filled = textwrap.fill(
        told, WIDTH, subsequent_indent="   ", break_long_words=False, break_on_hyphens=False
    )
    is_last = found.end() == len(found.string)
    return filled + ("\n\n" if is_last else "\n")


def _said(remedy: Remedy) -> str:
    mend = f"{remedy.mend[:1].lower()}{remedy.mend[1:]}."
    if not remedy.catch_up:
        return mend
    return f"{mend} *Then:* {remedy.catch_up[:1].lower()}{remedy.catch_up[1:]}."

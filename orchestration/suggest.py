"""What to name instead of a word that names nothing: the nearest few, never a whole list."""

from collections.abc import Iterable
from difflib import get_close_matches

MOST = 3
SHORT = 4
"""A list of so many names is told whole where none of them is near."""


def nearest(word: str, known: Iterable[str]) -> list[str]:
    """Return up to three names that are written like the word, or that it is a part of.

    >>> nearest("newsrom_cms", ["newsroom_cms", "insight_desk"])
    ['newsroom_cms']
    >>> nearest("Pages ", ["pages", "page"])
    ['pages']
    """
    by_lower = {name.lower(): name for name in sorted(known)}
    plain = word.strip().lower()
    if plain in by_lower:
        return [by_lower[plain]]
    found = get_close_matches(plain, by_lower, MOST)
    if len(plain) > SHORT:
        found += [name for name in by_lower if plain in name and name not in found]
    return [by_lower[name] for name in found[:MOST]]


def suggestion(word: str, known: Iterable[str], otherwise: str) -> str:
    """Return a sentence that names the nearest, or all where they are few, or `otherwise`.

    >>> suggestion("pagse", ["pages", "views"], "See the list.")
    'Did you mean pages?'
    >>> suggestion("hours", ["pages", "views"], "See the list.")
    'Name pages or views.'
    """
    names = sorted(known)
    if near := nearest(word, names):
        return f"Did you mean {either(near)}?"
    return f"Name {either(names)}." if 0 < len(names) <= SHORT else otherwise


def either(names: list[str]) -> str:
    """`a`, `a or b`, `a, b or c`."""
    *first, last = names
    return f"{', '.join(first)} or {last}" if first else last

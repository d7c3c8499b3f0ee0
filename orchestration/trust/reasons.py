"""Whether a reason may be served: it is words, and names no person as far as can be told."""

import re
import unicodedata
from pathlib import Path

import duckdb

from orchestration.addresses import ADDRESS, without_addresses
from orchestration.engine import connect
from orchestration.errors import UserError
from orchestration.registry.tables import FILES
from orchestration.workspace import Workspace

MOST_CHARACTERS = 300
HANDLE = re.compile(r"@\s*[^\W\d_]")
_AT = r"[(\[{<]\s*(?:at|\u00e4t|@)\s*[)\]}>]"
SPELLED = re.compile(
    rf"\w{_AT}\w|\w\s*{_AT}\s*[\w-]+\s*(?:\.|[(\[{{<]\s*dot)|\w+ at [\w-]+ dot \w", re.IGNORECASE
)
"""An address that is spelled out, such as jo(at)example.org."""
DAY = re.compile(r"\b\d{4}-\d\d-\d\d|\b\d\d?[./]\d\d?[./]\d{2,4}\b")
PHONE = re.compile(
    r"(?<![\w.,:/-])(?:\+|00|\(?0)\(?\d[\d ()/.-]{4,}\d(?![\w:])"
    r"|(?<![\w.,-])\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}(?![\w-])"
)
"""From abroad, with the 0 before a town's or a network's number, or in groups of 3, 3 and 4."""
LEAST_DIGITS = 7
"""Of a phone number: fewer are a count or a time."""
WORD = re.compile(r"[\w.+-]*\w")
LEAST_CHARACTERS = 3
"""Of an account's name: a shorter one is a word by chance."""
NO_PERSON = "Reasons are read by everybody: name a team or a system, no person."
SERVED = (
    "The reason is served as it is written. No check knows people's names: see that it has none."
)
"""What is said of every reason that was written."""
ACCOUNTS = """
    select distinct lower(split_part(actor_id, '@', 1)) from core.int_events
    where actor_kind = 'human' and (
        lower(actor_id) in (select unnest($words))
        or (contains(actor_id, '@') and lower(split_part(actor_id, '@', 1))
            in (select unnest($words)))
    )
"""
ORDINALS = {1: "1st", 2: "2nd", 3: "3rd", 21: "21st", 22: "22nd", 23: "23rd"}


def fit_reason(workspace: Workspace, text: str) -> str:
    """Return the reason on one line; raise UserError where it is blank or names a person.

    Known people are the accounts of the events that were read, those of `excluded_accounts.csv`
    and what stands before the @ of the registry's addresses. A name that is none of these can't
    be told from other words, which `SERVED` says. No person is repeated in what is raised.
    """
    plain = unicodedata.normalize("NFKC", text)
    reason = " ".join("".join(c if c.isprintable() else " " for c in plain).split())
    if not re.search(r"\w", reason):
        raise UserError("the reason is blank", "Say why, in words that may stand on the page.")
    if without_addresses(reason) != reason or SPELLED.search(reason):
        raise UserError("the reason has an e-mail address", NO_PERSON)
    if HANDLE.search(reason):
        raise UserError("the reason has a handle, a name with @ before it", NO_PERSON)
    if _has_phone_number(reason):
        raise UserError("the reason has what looks like a phone number", NO_PERSON)
    if len(reason) > MOST_CHARACTERS:
        what = f"the reason has {len(reason)} characters, {MOST_CHARACTERS} at most"
        raise UserError(what, "Say the cause in one sentence.")
    words = [found.group().lower() for found in WORD.finditer(reason)]
    known = _accounts(workspace, {word for word in words if len(word) >= LEAST_CHARACTERS})
    if place := next((n for n, word in enumerate(words, start=1) if word in known), None):
        what = f"the reason names a person: its {ORDINALS.get(place, f'{place}th')} word"
        raise UserError(f"{what} is an account's name", NO_PERSON)
    return reason


def _has_phone_number(reason: str) -> bool:
    found = PHONE.finditer(DAY.sub("day", reason))
    return any(sum(c.isdigit() for c in number[0]) >= LEAST_DIGITS for number in found)


def _accounts(workspace: Workspace, words: set[str]) -> set[str]:
    """Return which of the words are accounts of people, as far as registry and events tell."""
    texts = {
        name: path.read_text(encoding="utf-8", errors="replace").lower()
        for name in FILES
        if (path := Path(workspace.seeds / f"{name}.csv")).is_file()
    }
    said = "\n".join(texts.values())
    # a team's mailbox is named like the team
    usual = set(WORD.findall(ADDRESS.sub(" ", said)))
    found = {address.partition("@")[0] for address in ADDRESS.findall(said)} - usual
    excluded = texts.get("excluded_accounts", "").splitlines()[1:]
    found |= {line.partition(",")[0].strip(' "').partition("@")[0] for line in excluded}
    found &= words
    if not workspace.database.is_file():
        return found
    with connect(workspace.database, read_only=True) as connection:
        try:
            rows = connection.execute(ACCOUNTS, {"words": sorted(words)}).fetchall()
        except duckdb.CatalogException:
            # no run has read any event yet
            return found
    systems = _ids(texts)
    return found | {name for (name,) in rows if name not in systems}


def _ids(texts: dict[str, str]) -> set[str]:
    """Return the first cells of the registry's files: ids of products, sources and metrics."""
    return {
        line.partition(",")[0].strip(' "')
        for name in ("products", "sources", "metrics")
        for line in texts.get(name, "").splitlines()
    }

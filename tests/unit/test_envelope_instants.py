"""Text is read as an instant where RFC 3339 says that it is one, and as the same instant."""

import random
import re
from datetime import UTC, datetime

import duckdb

from orchestration.defs.load.envelope import instant

USUAL = ["2025-03-03T09:00:00Z", "2024-02-29T23:59:59.999999Z", "1999-12-31T00:00:00.5+01:30"]
STRICT = re.compile(
    r"[1-9]\d{3}-\d\d-\d\d[Tt ]([01]\d|2[0-3]):[0-5]\d:[0-5]\d([.]\d+)?"
    r"([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)"
)


def drawn(count: int) -> list[str]:
    """Usual forms with some characters put in, taken out or replaced."""
    rng = random.Random(7)
    texts = []
    for _ in range(count):
        text = list(rng.choice(USUAL))
        for _ in range(rng.randint(0, 3)):
            place = rng.randrange(len(text))
            text[place : place + rng.randint(0, 1)] = rng.choice(["", *"0123456789 :-+.TZtz+"])
        texts.append("".join(text))
    return texts


def plain(text: str) -> datetime | None:
    """The instant by RFC 3339, to the microsecond, as naive UTC."""
    if not STRICT.fullmatch(text):
        return None
    cut = re.sub(r"([.]\d{6})\d+", r"\1", text.upper())
    try:
        found = datetime.fromisoformat(cut)
    except ValueError:
        return None
    return found.astimezone(UTC).replace(tzinfo=None)


def test_what_is_no_instant_is_none_and_every_other_is_itself() -> None:
    texts = drawn(30_000)
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        found = connection.execute(
            f"select t, {instant('t')} from (select unnest(?::varchar[]) as t)", [texts]
        ).fetchall()
    wrong = [(text, at, plain(text)) for text, at in found if at != plain(text)]
    assert wrong == []
    assert sum(at is None for _, at in found) > 5000
    assert sum(at is not None for _, at in found) > 5000

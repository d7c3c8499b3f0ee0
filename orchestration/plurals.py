"""How many of something, in words: the one place that knows singular from plural."""


def counted(number: int, noun: str, plural: str | None = None, none: str = "0") -> str:
    """A count with its noun; `none` is what stands for no count.

    >>> counted(1, "file"), counted(2500, "file"), counted(2, "entry", "entries")
    ('1 file', '2,500 files', '2 entries')
    """
    many = plural or f"{noun}s"
    return f"{f'{number:,}' if number else none} {noun if number == 1 else many}"


def unit_of_one(unit: str) -> str:
    """The unit of exactly one, its first word in the singular; as `unit_of_one` in the models.

    >>> unit_of_one("releases per 2 weeks"), unit_of_one("people per week"), unit_of_one("ms")
    ('release per 2 weeks', 'person per week', 'ms')
    """
    word, space, rest = unit.partition(" ")
    if word == "people":
        word = "person"
    elif word.endswith("ies"):
        word = f"{word[:-3]}y"
    elif word.endswith("ches"):
        word = word[:-2]
    elif word.endswith("s") and not word.endswith("ss") and len(word) > 3:
        word = word[:-1]
    return f"{word}{space}{rest}"

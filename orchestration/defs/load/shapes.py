"""Lines that need no second look: they are what their own values, written out again, give.

DuckDB's JSON parser is quick and forgiving, and keeps the first of two equal keys. What has to be
found out about a line beside its values (is it JSON at all, does a key stand twice, was this a
text or a number) takes one parse more each. Machines write line after line in one shape, the same
keys in the same order. A few lines tell the shapes, and every line is compared with the text that
its values make in one of them. Equal bytes prove all at once, blanks apart (see below):

- Trailing commas, line ends within, nulls, keys that nobody expects and a key's further
  occurrences are bytes that the values don't give.
- A text stands between quotation marks in the shape. A number, a truth value, NaN, an object or a
  list stands without.
- A text with escapes differs. It is longer than its value, so the shape's closing quotation mark
  would meet one within the escaped text, which is the end of an escape; that escape's own value,
  a quotation mark again, stands earlier and would meet another one there, and so on for ever.
- JSON that is kept as text (`data`) is as the parser writes it: without blanks and trailing
  commas, read back as itself. NaN and infinities, which the parser takes in any case and repeats,
  are looked for (`hold_no_constant`).
- What is no object, such as `[]`, doesn't begin and end as one.

Where lines have blanks between their parts, both sides are compared without any: the blanks within
texts go on both sides alike, and no other can be one of the bytes named above.

Every other line is looked at closely by `envelope.lines_as_events`. A wrong guess of the shapes
costs time, never a line.
"""

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

# each is compared with the lines that the ones before it don't fit
MOST_SHAPES = 3
# share of lines from which on it pays to look for what is like them
MOST_OF = 0.8
_PLAIN_KEY = re.compile("[a-z][a-z0-9_]{0,40}")
_FORMS = {27: "%Y-%m-%dT%H:%M:%S.%fZ", 24: "%Y-%m-%dT%H:%M:%S.%gZ", 20: "%Y-%m-%dT%H:%M:%SZ"}


@dataclass
class Shape:
    """Keys in the order in which lines have them."""

    keys: list[str]
    line_end: str
    has_blanks: bool
    always: set[str] = field(default_factory=set)
    """Keys that all lines have which were looked at; the first is one of them."""

    def takes(self, keys: Sequence[str], line_end: str, has_blanks: bool) -> bool:
        """Take a line's keys in, unless they contradict the order or the manner of writing."""
        if (line_end, has_blanks, keys[0]) != (self.line_end, self.has_blanks, self.keys[0]):
            return False
        if [k for k in keys if k in self.keys] != [k for k in self.keys if k in keys]:
            return False
        for before, key in pairwise(keys):
            if key not in self.keys:
                self.keys.insert(self.keys.index(before) + 1, key)
        self.always &= set(keys)
        return True


@dataclass
class Guess:
    """What some lines say about the others."""

    shapes: list[Shape]
    instant_form: str | None
    """How `strftime` writes instants as the lines have them; None where they differ in form."""
    fitting: float
    """Share of the lines that have one of the shapes."""

    @property
    def keys(self) -> list[str]:
        """All shapes' keys."""
        return list(dict.fromkeys(key for shape in self.shapes for key in shape.keys))


def guess(lines: Sequence[str], instants: Sequence[str]) -> Guess:
    """Guess the shapes of lines from some of them; `instants` are the names that hold instants."""
    found: Counter[tuple[tuple[str, ...], str, bool]] = Counter()
    forms: Counter[str | None] = Counter()
    for line in lines:
        try:
            pairs = json.loads(line, object_pairs_hook=tuple)
        except (ValueError, RecursionError):
            continue
        keys = tuple(key for key, _ in pairs) if isinstance(pairs, tuple) else ()
        end = next((end for end in ("\r\n", "\n") if line.endswith("}" + end)), None)
        if not keys or end is None or len(set(keys)) < len(keys):
            continue
        if all(_PLAIN_KEY.fullmatch(key) for key in keys):
            found[keys, end, not line.startswith(f'{{"{keys[0]}":"')] += 1
            texts = [value for key, value in pairs if key in instants and isinstance(value, str)]
            forms.update(_FORMS.get(len(t)) if t.endswith("Z") else None for t in texts)
    shapes: list[Shape] = []
    fitting = 0
    for (keys, end, has_blanks), count in found.most_common():
        is_new = not any(shape.takes(keys, end, has_blanks) for shape in shapes)
        if is_new and len(shapes) < MOST_SHAPES:
            shapes.append(Shape(list(keys), end, has_blanks, set(keys)))
        if not is_new or len(shapes) < MOST_SHAPES:
            fitting += count
    form, often = forms.most_common(1)[0] if forms else (None, 0)
    is_one_form = often >= MOST_OF * sum(forms.values())
    return Guess(shapes, form if is_one_form else None, fitting / max(len(lines), 1))


def rebuilt(shape: Shape, values: Mapping[str, tuple[str, bool]]) -> str:
    """SQL: whether `line_text` is what the values give in this shape.

    `values` has for each key the SQL of its value, and whether that is a text's characters; others
    are JSON as text.
    """
    parts, constant = [], "{"
    for number, key in enumerate(shape.keys):
        value, is_text = values[key]
        quote = '"' if is_text else ""
        before = f'{"," if number else ""}"{key}":{quote}'
        if key in shape.always:
            parts += [f"'{constant}{before}'", value]
            constant = quote
        else:
            # where there is no value this is NULL, which adds nothing
            parts += [f"'{constant}'"] * bool(constant)
            parts.append(f"'{before}' || {value} || '{quote}'")
            constant = ""
    line_end = {"\n": r"\n", "\r\n": r"\r\n"}[shape.line_end]
    text = f"concat({', '.join(parts)}, e'{constant}}}{line_end}')"
    if shape.has_blanks:
        return f"replace(line_text, ' ', '') = replace({text}, ' ', '')"
    return f"line_text = {text}"


def hold_no_constant(value: str) -> str:
    """SQL: whether JSON as the parser writes it, or NULL, is without NaN and infinities.

    These stand after a sign, a colon, a comma or a bracket, or alone. Texts of which these are part
    are told for them as well.
    """
    text = f"lower({value})"
    return (
        f"not coalesce(case when contains({text}, 'nan') or contains({text}, 'inf') "
        f"then regexp_matches({text}, '(^|[-:,[])(nan|inf)') end, false)"
    )

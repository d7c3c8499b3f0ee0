"""SQL that reads CloudEvents attributes: from a line's JSON text, and from Parquet columns.

Both give the columns of `EVENT_COLUMNS`. An instant is read once, here: `time_at` holds it, and
`time` keeps the text only where it is none.
"""

from collections.abc import Mapping

from orchestration.defs.load.shapes import Guess, hold_no_constant, rebuilt

# SQL conditions on a value's JSON text: whether it has the attribute's type
TEXT, INTEGER, BOOLEAN, OBJECT, SORTABLE = (
    """starts_with({}, '"')""",
    """regexp_full_match({}, '"?[1-9][0-9]{{0,8}}"?')""",
    """{} in ('true', 'false', '"true"', '"false"')""",
    """starts_with({}, '{{')""",
    """(starts_with({0}, '"') or regexp_full_match({0}, '[0-9]+'))""",
)
ATTRIBUTES = {
    "specversion": TEXT,
    "id": TEXT,
    "source": TEXT,
    "type": TEXT,
    "subject": TEXT,
    "time": TEXT,
    "recordedtime": TEXT,
    "receivedtime": TEXT,
    "sequence": SORTABLE,
    "sampledrate": INTEGER,
    "correlationid": TEXT,
    "causationid": TEXT,
    "idempotencykey": TEXT,
    "ingresspath": TEXT,
    "actorid": TEXT,
    "actorkind": TEXT,
    "productid": TEXT,
    "segmentid": TEXT,
    "environment": TEXT,
    "heartbeat": BOOLEAN,
    "data": OBJECT,
}
INSTANTS = ("time", "recordedtime", "receivedtime")
EVENT_COLUMNS = (
    "file_id varchar, line_number bigint, "
    + ", ".join(f'"{name}" varchar' for name in ATTRIBUTES)
    + ", "
    + ", ".join(f"{name}_at timestamp" for name in INSTANTS)
    + ", mistyped_attributes varchar, repeated_attributes varchar"
)

# "1.0" is a number's text as well, so its JSON text is kept and not its characters
_KINDS = {
    name: "VARCHAR" if condition is TEXT and name != "specversion" else "JSON"
    for name, condition in ATTRIBUTES.items()
}
# taken by DuckDB's parser, but not JSON unless it stands within a text; the search for constants
# with any case at any place costs more than the parser, so plain searches go before it
_CONSTANTS = ("nan", "NaN", "NAN", "inf", "Inf", "INF")
_DOUBTFUL = (
    r"(regexp_matches(line_text, ',\s*[}\]]') or ("
    + " or ".join(f"contains(line_text, '{constant}')" for constant in _CONSTANTS)
    + r") and regexp_matches(line_text, '[-+:,\[\s](?i:nan|inf)'))"
)
_DATE_AND_TIME = (
    "[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}[Tt ]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]+)?"
)
_OFFSET = "([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])"


def instant(text: str) -> str:
    """SQL: naive UTC instant of an RFC 3339 text, NULL where it is none."""
    # the cast alone takes blanks and missing digits
    return (
        f"case when regexp_full_match({text}, '{_DATE_AND_TIME}{_OFFSET}') then case "
        f"when ends_with({text}, 'Z') then try_cast(upper({text}) as timestamp) "
        f"else timezone('UTC', try_cast(upper({text}) as timestamptz)) end end"
    )


def mistyped(typed: Mapping[str, str]) -> str:
    """SQL: names of the attributes whose JSON text has the wrong type, NULL if there are none."""
    cases = ", ".join(
        f"case when not {ATTRIBUTES[name].format(value)} and {value} <> 'null' then '{name}' end"
        for name, value in typed.items()
    )
    return f"nullif(concat_ws(', ', {cases}), '')"


def lines_as_events(batch: str, is_held: str = "") -> str:
    """SQL: the columns of `EVENT_COLUMNS` and `is_held, line_text`, one row a line of `batch`.

    `batch` has file_id, line_number, line_text. A line is held, and its text given, where it is
    no JSON object or may be none; `is_held` is put in place of that condition.
    """
    held = is_held or (
        "not json_valid(line_text) or not starts_with(ltrim(line_text, e' \\t\\r\\n'), '{')"
        f" or {_DOUBTFUL}"
    )
    instants = ", ".join(f"{instant(f'values.{name}')} as {name}_at" for name in INSTANTS)
    known = " + ".join(f"(values.{name} is not null)::int" for name in ATTRIBUTES)
    struct = ", ".join(f'"{name}": "{kind}"' for name, kind in _KINDS.items())
    return f"""
        select
            file_id, line_number, {", ".join(_text(name) for name in ATTRIBUTES)},
            {", ".join(f"{name}_at" for name in INSTANTS)},
            nullif(concat_ws(', ', {", ".join(_wrong(name) for name in ATTRIBUTES)}), '')
                as mistyped_attributes,
            case when len(names) > {known} and len(names) > len(list_distinct(names))
                then array_to_string(list_sort(list_distinct(list_filter(
                    names, lambda name: len(list_filter(names, lambda x: x = name)) > 1
                ))), ', ')
            end as repeated_attributes,
            is_held,
            case when is_held then line_text end as line_text
        from (
            select *, {instants}
            from (
                select *,
                    from_json(object_text, '{{{struct}}}') as values,
                    json_keys(object_text) as names
                from (
                    select *, case when not is_held then line_text end as object_text
                    from (select *, {held} as is_held from {batch})
                )
            )
        )
    """


def plain_lines_as_events(batch: str, found: Guess, is_checked: bool) -> str:
    """SQL: as `lines_as_events`, in about half the time; more lines are held.

    Held is what needs a closer look: each line that isn't what its values give in one of the
    shapes that were found, or has an instant in another form. What is said of these beside their
    text means nothing. The query fails on text that is no JSON, unless it `is_checked` first,
    which costs one parse more.
    """
    line = "case when json_valid(line_text) then line_text end" if is_checked else "line_text"
    struct = ", ".join(f'"{name}": "{_KINDS.get(name, "JSON")}"' for name in found.keys)
    instants = "".join(
        f", {_plain_instant(name, found)} as {name}_at" for name in INSTANTS if name in found.keys
    )
    columns = [
        "null" if name not in found.keys or (name in INSTANTS and found.instant_form)
        else _text(name).removesuffix(f" as {name}")
        for name in ATTRIBUTES
    ]  # fmt: skip
    columns += [f"{name}_at" if name in found.keys else "null" for name in INSTANTS]
    names = [definition.split(" ") for definition in EVENT_COLUMNS.split(", ")[2:]]
    shaped = ", ".join(
        f"cast({value} as {kind}) as {name}"
        for value, (name, kind) in zip([*columns, "null", "null"], names, strict=True)
    )
    return f"""
        select
            file_id, line_number, {shaped},
            not is_plain as is_held,
            case when not is_plain then line_text end as line_text
        from (
            select *, coalesce({_is_plain(found)}, false) as is_plain
            from (
                select *{instants}
                from (select *, from_json({line}, '{{{struct}}}') as values from {batch})
            )
        )
    """


def _plain_instant(name: str, found: Guess) -> str:
    text = f"values.{name}"
    return f"try_cast({text} as timestamp)" if found.instant_form else instant(text)


def _is_plain(found: Guess) -> str:
    """SQL: whether the line needs no closer look, see `shapes`."""
    values = {}
    for name in found.keys:
        if name in INSTANTS and found.instant_form:
            values[name] = (f"strftime({name}_at, '{found.instant_form}')", True)
        else:
            value = f'cast("values"."{name}" as varchar)'
            values[name] = (value, _KINDS.get(name) == "VARCHAR")
    whens = " ".join(f"when {rebuilt(shape, values)} then true" for shape in found.shapes)
    conditions = [f"case {whens} else false end"]
    for name, (value, is_text) in values.items():
        if name in INSTANTS and found.instant_form:
            # other years have fewer or more than four digits; what is no instant leaves the
            # quotation marks empty, as an empty text does
            years = f"{name}_at >= '1000-01-01' and {name}_at < '10000-01-01'"
            conditions.append(f"coalesce({years}, values.{name} is null)")
        elif not is_text and name in ATTRIBUTES:
            conditions.append(f"coalesce({ATTRIBUTES[name].format(value)}, true)")
        if name == "data" or name not in ATTRIBUTES:
            conditions.append(hold_no_constant(value))
    return " and ".join(f"({condition})" for condition in conditions)


def _text(name: str) -> str:
    """SQL: the attribute's text from the struct `values`."""
    value = f"values.{name}"
    if name in INSTANTS:
        return f"case when {name}_at is null then {value} end as {name}"
    if name == "data":
        return f"nullif(cast({value} as varchar), 'null') as data"
    if _KINDS[name] == "JSON":
        # nearly all specversions are this one, and a parse is dear
        return (
            f"case cast({value} as varchar) when '\"1.0\"' then '1.0' "
            f"else json_extract_string({value}, '$') end as {name}"
        )
    return f"{value} as {name}"


def _wrong(name: str) -> str:
    """SQL: the attribute's name where its JSON value has another type, else NULL."""
    value = f"values.{name}"
    if _KINDS[name] == "JSON":
        text = f"cast({value} as varchar)"
        condition = f"{text} <> 'null' and not {ATTRIBUTES[name].format(text)}"
    else:
        # the characters alone don't tell "7" from 7: only what may be either is looked up
        condition = (
            f"({value} >= '-' and {value} < ':' or {value} >= '[' and {value} < '\\' "
            f"or {value} >= '{{' or {value} in ('true', 'false')) and json_valid({value}) "
            f"and json_type(line_text, '$.{name}') <> 'VARCHAR'"
        )
        if name in INSTANTS:
            condition = f"{name}_at is null and {condition}"
    return f"case when {condition} then '{name}' end"


def parquet_as_events(types: Mapping[str, str], file_id: str, paths: str) -> str:
    """SQL: the columns of `EVENT_COLUMNS` from Parquet files of one shape.

    Attributes that the files lack are NULL, other columns are left. `types` are the files' columns
    with DuckDB's type, `file_id` the SQL that tells a row's file, `paths` a list of quoted paths.
    """
    texts = {name: _parquet_text(name, types[name]) for name in ATTRIBUTES if name in types}
    typed = {
        name: f"case when not json_valid({text}) then '' else {text} end"
        if name == "data"
        else text
        for name, text in texts.items()
        if name in ("sampledrate", "heartbeat", "data")
    }
    columns = [
        _parquet_instant(name, types.get(name), is_text=True)
        if name in INSTANTS
        else texts.get(name, "null")
        for name in ATTRIBUTES
    ]
    columns += [_parquet_instant(name, types.get(name), is_text=False) for name in INSTANTS]
    columns += [mistyped(typed) if typed else "null", "null"]
    names = [definition.rsplit(" ", 1) for definition in EVENT_COLUMNS.split(", ")]
    values = [file_id, "file_row_number + 1", *columns]
    shaped = ", ".join(
        f"cast({value} as {kind}) as {name}"
        for value, (name, kind) in zip(values, names, strict=True)
    )
    return f"select {shaped} from read_parquet([{paths}], hive_partitioning = false)"


def _parquet_text(name: str, kind: str) -> str:
    column = f'"{name}"'
    if kind.startswith(("STRUCT", "MAP", "JSON")):
        return f"cast(to_json({column}) as varchar)"
    return f"cast({column} as varchar)"


def _parquet_instant(name: str, kind: str | None, is_text: bool) -> str:
    """SQL: the instant, or what stands in its place where it is none."""
    if kind is None:
        return "null"
    column = f'"{name}"'
    if kind == "TIMESTAMP WITH TIME ZONE":
        good = f"isfinite({column})"
        if is_text:
            return f"case when not {good} then cast({column} as varchar) end"
        return f"case when {good} then timezone('UTC', {column}) end"
    text = f"cast({column} as varchar)"
    parsed = "null::timestamp" if kind.startswith("TIMESTAMP") else instant(text)
    return f"case when {parsed} is null then {text} end" if is_text else parsed

"""CloudEvents attributes as text columns, from JSON Lines and from Parquet."""

import json

import duckdb
import pyarrow as pa

from orchestration.defs.load.readers import KEPT_CHARACTERS

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
EVENT_COLUMNS = (
    "file_id varchar, line_number bigint, "
    + ", ".join(f'"{name}" varchar' for name in ATTRIBUTES)
    + ", mistyped_attributes varchar, repeated_attributes varchar"
)


def _mistyped(typed: dict[str, str]) -> str:
    """SQL: names of the attributes whose JSON text has the wrong type, NULL if there are none."""
    cases = ", ".join(
        f"case when not {ATTRIBUTES[name].format(value)} and {value} <> 'null' then '{name}' end"
        for name, value in typed.items()
    )
    return f"nullif(concat_ws(', ', {cases}), '')"


def insert_json_lines(connection: duckdb.DuckDBPyConnection, file_id: str) -> None:
    """Insert the lines of the registered table `batch(line_number, line_text)`.

    Every line comes out once: as a row of `raw.cloudevents__events` if it is a JSON object, else
    of `raw.rejected_lines`.
    """
    reject_unreadable_lines(connection, "cloudevents", file_id)
    paths = ", ".join(f"'$.{name}'" for name in ATTRIBUTES)
    typed = {name: f"typed[{i}]::varchar" for i, name in enumerate(ATTRIBUTES, start=1)}
    columns = ", ".join(f"texts[{i}]" for i in range(1, len(ATTRIBUTES) + 1))
    connection.execute(
        f"""
        insert into raw.cloudevents__events
        select ?, line_number, {columns}, {_mistyped(typed)},
            case
                when len(names) > len(list_distinct(names))
                    then array_to_string(list_sort(list_distinct(list_filter(
                        names, lambda name: len(list_filter(names, lambda x: x = name)) > 1
                    ))), ', ')
            end
        from (
            select
                line_number,
                json_extract(line_text, [{paths}]) as typed,
                json_extract_string(line_text, [{paths}]) as texts,
                json_keys(line_text) as names
            from checked_lines where problem is null
        )
        """,
        [file_id],
    )


def reject_unreadable_lines(
    connection: duckdb.DuckDBPyConnection, connector: str, file_id: str
) -> None:
    """Split the registered table `batch` into JSON objects and rejected lines.

    Afterwards the temporary table `checked_lines(line_number, line_text, problem,
    problem_detail)` holds all lines of the batch, with `problem` NULL for JSON objects.
    """
    connection.execute(
        r"""
        create or replace temporary table checked_lines as
        select line_number, line_text,
            case
                when regexp_full_match(line_text, '\s*') then 'blank_line'
                when not json_valid(line_text) then 'invalid_json'
                when not starts_with(ltrim(line_text, e' \t\r\n'), '{') then 'not_an_object'
                -- taken by DuckDB's parser, but not JSON unless it stands within a text
                when regexp_matches(line_text, ',\s*[}\]]|NaN|Inf|nan|inf') then 'doubtful'
            end as problem,
            cast(null as varchar) as problem_detail
        from batch
        """
    )
    _explain_invalid_lines(connection)
    connection.execute(
        f"""
        insert into raw.rejected_lines
        select ?, ?, line_number, problem, problem_detail, left(line_text, {KEPT_CHARACTERS})
        from checked_lines where problem is not null
        """,
        [file_id, connector],
    )


def _explain_invalid_lines(connection: duckdb.DuckDBPyConnection) -> None:
    """Say where an invalid line breaks, without its content, and decide on doubtful ones."""
    found = connection.execute(
        "select line_number, line_text, problem from checked_lines "
        "where problem in ('invalid_json', 'doubtful') order by line_number"
    ).fetchall()
    if not found:
        return
    numbers, problems, details = [], [], []
    for number, text, problem in found:
        detail = json_fault(text)
        is_invalid = problem == "invalid_json" or detail is not None
        numbers.append(number)
        problems.append("invalid_json" if is_invalid else None)
        details.append(detail or "a character that UTF-8 can't hold" if is_invalid else None)
    table = pa.table(
        [
            pa.array(numbers, pa.int64()),
            pa.array(problems, pa.string()),
            pa.array(details, pa.string()),
        ],
        names=["line_number", "problem", "problem_detail"],
    )
    connection.register("explained", table)
    connection.execute(
        "update checked_lines set problem = e.problem, problem_detail = e.problem_detail "
        "from explained as e where checked_lines.line_number = e.line_number"
    )
    connection.unregister("explained")


def json_fault(text: str) -> str | None:
    """Return what keeps a text from being JSON (RFC 8259) and at which character, or None."""
    try:
        json.loads(text, parse_constant=_refuse, parse_int=str, parse_float=str)
    except json.JSONDecodeError as error:
        return f"{error.msg.lower()} at character {error.pos + 1}"
    except ValueError as error:
        return str(error)
    except RecursionError:
        return "nested too deeply"
    return None


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON number")


def insert_parquet(connection: duckdb.DuckDBPyConnection, file_id: str, path: str) -> None:
    """Insert a Parquet file's rows; attributes that it lacks are NULL, other columns are left."""
    described = connection.execute("describe select * from read_parquet(?)", [path]).fetchall()
    types = {name: kind for name, kind, *_ in described}
    texts = {name: _parquet_text(name, types[name]) for name in ATTRIBUTES if name in types}
    values = ", ".join(texts.get(name, "null") for name in ATTRIBUTES)
    typed = {
        name: f"case when not json_valid({text}) then '' else {text} end"
        if name == "data"
        else text
        for name, text in texts.items()
        if name in ("sampledrate", "heartbeat", "data")
    }
    connection.execute(
        f"""
        insert into raw.cloudevents__events
        select ?, file_row_number + 1, {values}, {_mistyped(typed) if typed else "null"}, null
        from read_parquet(?, file_row_number = true)
        """,
        [file_id, path],
    )


def _parquet_text(name: str, kind: str) -> str:
    column = f'"{name}"'
    if kind == "TIMESTAMP WITH TIME ZONE":
        return f"strftime(timezone('UTC', {column}), '%Y-%m-%dT%H:%M:%S.%fZ')"
    if kind.startswith(("STRUCT", "MAP", "JSON")):
        return f"cast(to_json({column}) as varchar)"
    return f"cast({column} as varchar)"

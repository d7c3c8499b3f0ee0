"""CloudEvents attributes as text columns, from JSON Lines and from Parquet."""

import duckdb

# what a JSON value of the attribute may look like, besides absent and null
TEXT, INTEGER, BOOLEAN, OBJECT, SORTABLE = (
    """'^".*'""",
    """'^"?[1-9][0-9]{0,8}"?$'""",
    """'^"?(true|false)"?$'""",
    r"""'^\{.*'""",
    """'^(".*|[0-9]+)$'""",
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
        f"case when not regexp_matches({value}, {ATTRIBUTES[name]}, 's') "
        f"and {value} <> 'null' then '{name}' end"
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
            nullif(array_to_string(list_sort(list_distinct(
                list_filter(names, lambda name: len(list_filter(names, lambda x: x = name)) > 1)
            )), ', '), '')
        from (
            select
                line_number,
                json_extract(line_text, [{paths}]) as typed,
                json_extract_string(line_text, [{paths}]) as texts,
                case
                    when len(json_keys(line_text)) > len(list_distinct(json_keys(line_text)))
                        then json_keys(line_text)
                end as names
            from checked_lines where problem is null
        )
        """,
        [file_id],
    )


def reject_unreadable_lines(
    connection: duckdb.DuckDBPyConnection, connector: str, file_id: str
) -> None:
    """Split the registered table `batch` into JSON objects and rejected lines.

    Afterwards the temporary table `checked_lines(line_number, line_text, problem)` holds all
    lines of the batch, with `problem` NULL for JSON objects.
    """
    connection.execute(
        r"""
        create or replace temporary table checked_lines as
        select line_number, line_text,
            case
                when regexp_full_match(line_text, '\s*') then 'blank_line'
                when not json_valid(line_text) then 'invalid_json'
                when not starts_with(ltrim(line_text, e' \t\r\n'), '{') then 'not_an_object'
            end as problem
        from batch
        """
    )
    connection.execute(
        """
        insert into raw.rejected_lines
        select ?, ?, line_number, problem, null, left(line_text, 500)
        from checked_lines where problem is not null
        """,
        [file_id, connector],
    )


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

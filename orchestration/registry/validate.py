"""Validate a workspace's registry: each cell against its Table Schema, then the rows together."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from orchestration.plurals import counted
from orchestration.registry.rules import check_rules
from orchestration.registry.tables import (
    FILES,
    NotCsvError,
    Problem,
    Row,
    Table,
    columns,
    read_records,
    schema,
)

Registry = dict[str, Table]


def validate(seeds: Path) -> list[Problem]:
    """Everything that is wrong in the registry under `seeds`, in the order of files and lines."""
    return read_registry(seeds)[1]


def read_registry(seeds: Path) -> tuple[Registry, list[Problem]]:
    """Read all registry files, typed, with everything that is wrong in them.

    A missing optional file is an empty table. Rules over several rows or files are judged only
    when every cell is good, since a missing row would be reported once for each that names it.
    """
    registry: Registry = {}
    problems: list[Problem] = []
    for name in FILES:
        registry[name], found = read_table(seeds / f"{name}.csv", name)
        problems += found
    if not problems:
        problems = check_rules(registry)
    order = {f"{name}.csv": position for position, name in enumerate(FILES)}
    return registry, sorted(problems, key=lambda p: (order.get(p.file, len(order)), p.line))


def read_table(path: Path, name: str) -> tuple[Table, list[Problem]]:
    """Read one registry file, typed, with what is wrong in its cells."""
    if not path.is_file():
        missing = Problem(path.name, 1, "file", "is missing; every workspace needs it")
        return Table(name), [missing] if schema(name)["isRequired"] else []
    try:
        records = list(read_records(path))
    except UnicodeDecodeError:
        what = "is not UTF-8 text; save it as UTF-8"
        return Table(name), [Problem(path.name, _line_of_other_bytes(path), "file", what)]
    except NotCsvError as error:
        what = f"is not CSV from here on ({error}); look for a quotation mark that isn't closed"
        return Table(name), [Problem(path.name, error.line, "file", what)]
    if not records:
        expected = ",".join(columns(name))
        return Table(name), [Problem(path.name, 1, "header", f"is missing; expected {expected}")]
    (header_line, header), *body = records
    problems = _check_header(path.name, header_line, header, name)
    if problems:
        return Table(name), problems
    return _check_cells(name, header, body) if body else (Table(name), [])


def _line_of_other_bytes(path: Path) -> int:
    """The first line that is no UTF-8."""
    for number, line in enumerate(path.read_bytes().split(b"\n"), start=1):
        try:
            line.decode("utf-8")
        except UnicodeDecodeError:
            return number
    return 1


def _check_header(file: str, line: int, header: list[str], name: str) -> list[Problem]:
    allowed = columns(name)
    required = [
        c["name"] for c in schema(name)["fields"] if c.get("constraints", {}).get("required")
    ]
    listed = ", ".join(allowed)
    if said := _separated_by(header):
        what = f"is separated by {said}; save the file as CSV with commas"
        return [Problem(file, line, "header", what)]
    if not set(header) & set(allowed):
        # one message: each of its cells would be wrong, and each required column missing
        what = f"is missing, for no cell of the first row names a column; expected {listed}"
        return [Problem(file, line, "header", what)]
    problems = [
        Problem(file, line, column or "(blank)", f"is not a column of this file; allowed: {listed}")
        for column in header
        if column not in allowed
    ]
    problems += [
        Problem(file, line, column, "column is missing; it is required")
        for column in required
        if column not in header
    ]
    problems += [
        Problem(file, line, column, "column stands there more than once")
        for column in sorted({c for c in header if header.count(c) > 1})
    ]
    return problems


def _separated_by(record: list[str]) -> str:
    """What separates the cells of a record in place of commas; blank where nothing does."""
    if len(record) != 1:
        return ""
    separators = (";", "semicolons"), ("\t", "tabs")
    return next((said for separator, said in separators if separator in record[0]), "")


def _check_cells(
    name: str, header: list[str], body: list[tuple[int, list[str]]]
) -> tuple[Table, list[Problem]]:
    """Type every cell with frictionless; rows with a problem are left out of the table."""
    # frictionless takes a third of a second to import
    from frictionless import Schema
    from frictionless.resources import TableResource

    file = f"{name}.csv"
    fields = {column["name"]: column for column in schema(name)["fields"]}
    problems: list[Problem] = []
    cells: list[list[str]] = []
    shifted: set[int] = set()
    for line, record in body:
        if len(record) != len(header):
            # its cells stand in the wrong columns: what is wrong with each of them is no news
            shifted.add(line)
        if len(record) > len(header):
            extra = ",".join(record[len(header) :])
            hint = 'a text with a comma needs quotation marks around it: "one, two"'
            what = f"has extra cells: {extra}; {hint}"
            problems.append(Problem(file, line, "(beyond the last)", what))
        if len(record) < len(header):
            # what a cell left out in the middle moves lands in the wrong columns
            what = (
                f"the row ends before it: {counted(len(record), 'cell')} under "
                f"{counted(len(header), 'column')}; blank cells need their commas as well"
            )
            if said := _separated_by(record):
                what = f"the row is separated by {said}; write commas"
            problems.append(Problem(file, line, header[len(record)], what))
        cells.append((record + [""] * len(header))[: len(header)])

    described = Schema.from_descriptor(
        {"fields": [fields[c] for c in header], "missingValues": [""]}
    )
    with TableResource(data=[header, *cells], schema=described) as resource:
        typed = list(resource.row_stream)

    table = Table(name)
    for (line, _), texts, row in zip(body, cells, typed, strict=True):
        text_of = dict(zip(header, texts, strict=True))
        found = [
            Problem(file, line, column, _explain(fields[column], text_of[column]))
            for column in dict.fromkeys(error.field_name for error in row.errors)  # type: ignore[attr-defined]
        ]
        values = {column: row.get(column) for column in fields}
        found += [
            Problem(file, line, column, _explain(fields[column], text_of[column]))
            for column in header
            if fields[column]["type"] == "datetime" and not _is_iso(text_of[column])
        ]
        problems += [] if line in shifted else found
        if not found:
            table.rows.append(Row(name, line, {k: _plain(v) for k, v in values.items()}))
    return table, problems


def _is_iso(text: str) -> bool:
    try:
        return not text or bool(datetime.fromisoformat(text))
    except ValueError:
        return False


def _plain(value: Any) -> Any:
    """Instants as naive UTC, decimals as floats."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
    return float(value) if type(value).__name__ == "Decimal" else value


ALLOWED = {
    "integer": "a whole number",
    "number": "a number with a decimal point",
    "boolean": "true or false",
    "date": "a day as YYYY-MM-DD",
    "datetime": "an instant as YYYY-MM-DDThh:mm:ssZ",
    "string": "text",
}


def _explain(column: dict[str, Any], text: str) -> str:
    """What is wrong with a cell and what is allowed, for example `'x' is not allowed; ...`."""
    constraints = column.get("constraints", {})
    if "enum" in constraints:
        allowed = "one of " + ", ".join(constraints["enum"])
    else:
        allowed = ALLOWED[column["type"]]
        if "minimum" in constraints:
            allowed += f", {constraints['minimum']} or more"
        if "pattern" in constraints:
            allowed += f" matching {constraints['pattern']}"
    wrong = f"{text!r} is not allowed" if text else "is blank, and required"
    return f"{wrong}; allowed: {allowed}"

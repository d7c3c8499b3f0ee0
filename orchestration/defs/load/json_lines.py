"""JSON Lines: which lines are JSON objects, and what is wrong with the others."""

import json

import duckdb
import pyarrow as pa

from orchestration.defs.load.readers import KEPT_CHARACTERS


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

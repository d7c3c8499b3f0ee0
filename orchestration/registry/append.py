"""Append one row to a registry file, where the whole registry stays valid by it."""

import csv
import io
import os
from pathlib import Path
from typing import Any

from orchestration.errors import UserError
from orchestration.registry.load import RegistryError
from orchestration.registry.rules import check_rules
from orchestration.registry.tables import Row, columns, read_records
from orchestration.registry.validate import read_registry


def append_row(seeds: Path, name: str, values: dict[str, Any]) -> tuple[Path, int]:
    """Append a row to `<name>.csv` under `seeds` and return the file and the row's line.

    `values` are typed as the Table Schema says; columns that it leaves out are blank. Rows that
    stand there are never touched. Raises RegistryError where the registry is invalid already, and
    UserError where it would be by this row; then nothing is written.
    """
    registry, problems = read_registry(seeds)
    if problems:
        raise RegistryError(seeds, problems)
    path = seeds / f"{name}.csv"
    text = path.read_text(encoding="utf-8-sig") if path.is_file() else ""
    text = text if text.endswith("\n") or not text else text + "\n"
    header = next(read_records(path))[1] if text else columns(name)
    text = text or _line(header)
    if lacking := [c for c, value in values.items() if value is not None and c not in header]:
        do = "Add it at the end of the header, and a comma to each row."
        if len(lacking) > 1:
            do = f"Add them at the end of the header, and {len(lacking)} commas to each row."
        raise UserError(f"the file has no column {' and no '.join(lacking)} yet", do, path)
    row = Row(name, text.count("\n") + 1, {c: values.get(c) for c in columns(name)})
    registry[name].rows.append(row)
    for problem in check_rules(registry):
        do = f"Nothing was written to {path}."
        # the row isn't written, so that its line would lead nowhere
        line = None if (problem.file, problem.line) == (f"{name}.csv", row.line) else problem.line
        raise UserError(f"{problem.column}: {problem.what}", do, seeds / problem.file, line)
    text += _line(["" if values.get(c) is None else str(values[c]) for c in header])
    fresh = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    fresh.write_text(text, encoding="utf-8", newline="\n")
    fresh.replace(path)
    return path, row.line


def _line(cells: list[str]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(cells)
    return out.getvalue()

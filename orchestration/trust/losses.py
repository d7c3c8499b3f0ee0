"""The command `steelyard trust accept`: lines that were taken away on purpose."""

from pathlib import PurePosixPath

from orchestration.addresses import without_addresses
from orchestration.engine import connect
from orchestration.errors import UserError
from orchestration.gone import Loss, losses
from orchestration.plurals import counted
from orchestration.registry.append import append_row
from orchestration.registry.load import RegistryError
from orchestration.registry.loss_rules import NAMED
from orchestration.registry.loss_rules import accepted as holding
from orchestration.registry.tables import Table
from orchestration.registry.validate import read_registry
from orchestration.suggest import suggestion
from orchestration.trust.reasons import SERVED, fit_reason
from orchestration.workspace import Workspace

TABLE = "accepted_losses"
NEXT = f"It takes effect with the next `steelyard refresh`.\n{SERVED}"


def accept(workspace: Workspace, file: str, reason: str) -> str:
    """Accept all that is gone from a file so far, and say in words what was written.

    What is taken out of it later counts as lost until it is accepted as well. Raises UserError
    where nothing of the file is gone, or all of it is accepted already.
    """
    table, path = _table(workspace), _path(workspace, file)
    gone = _losses(workspace)
    mine = [loss for loss in gone if path in (loss.path, without_addresses(loss.path))]
    if not mine:
        names = {without_addresses(loss.path) for loss in gone}
        do = suggestion(path, names, "`steelyard status` names the files of which lines are gone.")
        raise UserError(f"no line that was counted is gone from {path}", do)
    done = {(row.values["path"], row.values["loss_id"]): row.line for row in holding(table).rows}
    new = [loss for loss in mine if (loss.path, loss.loss_id) not in done]
    if not new:
        line = done[mine[0].path, mine[0].loss_id]
        do = f"`steelyard trust accept {path} --take-back --reason WHY` takes it back."
        raise UserError(f"line {line} accepts what is gone from {path} already", do)
    fit, told = fit_reason(workspace, reason), []
    for loss in new:
        row = {"path": loss.path, "loss_id": loss.loss_id, "reason": fit}
        csv, line = append_row(workspace.seeds, TABLE, row)
        lines = counted(loss.line_count, "line")
        told.append(
            f"{csv}:{line}: {lines} of {', '.join(loss.source_ids)}, gone from {path}, "
            "were taken away on purpose and lower no grade.\n"
        )
    return "".join(told) + f"What else the checks found goes on to hold. {NEXT}"


def take_back(workspace: Workspace, file: str, reason: str) -> str:
    """Take back what was accepted of a file: its lines count as lost again."""
    table, path = _table(workspace), _path(workspace, file)
    mine = [
        row
        for row in holding(table).rows
        if path in (row.values["path"], without_addresses(row.values["path"]))
    ]
    if not mine:
        do = "`steelyard trust list` shows what is accepted."
        raise UserError(f"nothing is accepted of {path}", do)
    fit, told = fit_reason(workspace, reason), []
    for row in mine:
        again = {column: row.values[column] for column in NAMED}
        again |= {"reason": fit, "taken_back_line": row.line}
        csv, line = append_row(workspace.seeds, TABLE, again)
        told.append(f"{csv}:{line}: what line {row.line} accepted counts as lost again.\n")
    return "".join(told) + NEXT


def listed(workspace: Workspace) -> list[str]:
    """Return what was taken away on purpose, and what of it was taken back, as lines."""
    table = _table(workspace)
    back = {row.values["taken_back_line"]: row for row in table.rows}
    mine = [row for row in table.rows if row.values["taken_back_line"] is None]
    if not mine:
        return []
    told = [f"{workspace.seeds / TABLE}.csv: {counted(len(mine), 'loss', 'losses')} accepted"]
    for row in mine:
        path = without_addresses(row.values["path"])
        told.append(f"  line {row.line:<4} {path}: {row.values['reason']}")
        if taken := back.get(row.line):
            told.append(f"{'':12}line {taken.line} took it back: {taken.values['reason']}")
    return [*told, "Take one back: steelyard trust accept FILE --take-back --reason WHY"]


def _table(workspace: Workspace) -> Table:
    registry, problems = read_registry(workspace.seeds)
    if problems:
        raise RegistryError(workspace.seeds, problems)
    return registry[TABLE]


def _path(workspace: Workspace, file: str) -> str:
    """The file as it is called within the landing zone."""
    for prefix in (f"{workspace.landing}/", "landing/"):
        file = file.removeprefix(prefix)
    return str(PurePosixPath(file))


def _losses(workspace: Workspace) -> list[Loss]:
    if not workspace.database.is_file():
        raise UserError("nothing has been read yet", "Write `steelyard refresh` first.")
    with connect(workspace.database, read_only=True) as connection:
        found = losses(connection)
    if found is None:
        do = "Write `steelyard refresh` first: an earlier version noted what is gone."
        raise UserError("what is gone can't be told yet", do)
    return found

"""The command `steelyard`, thin over the Dagster job.

Exit codes: 0 published, 1 not published (or, with --strict, numbers withheld), 2 wrong input. Of
`check`: 0 nothing found, 1 new landing lines would be set aside, 2 the registry is wrong.
"""

import argparse
import gc
import os
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from orchestration.errors import RunError, UserError
from orchestration.interruption import in_command, stop
from orchestration.workspace import Workspace

PUBLISHED, NOT_PUBLISHED, WRONG_INPUT = 0, 1, 2
NO_PERSON = (
    "why, in words that are served beside the number as you write them: name teams and systems, "
    "no person (names of people can't be told from other words)"
)


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code; user errors are one line on stderr."""
    parsed = _parser().parse_args(arguments)
    in_command()
    try:
        return parsed.command(parsed)
    except KeyboardInterrupt:
        return stop()
    except UserError as error:
        print(error, file=sys.stderr)
        return WRONG_INPUT
    except RunError as error:
        print(f"Not published: {error}", file=sys.stderr)
        return NOT_PUBLISHED
    except PermissionError as error:
        print(f"{error.filename}: permission denied. Check who may write there.", file=sys.stderr)
        return WRONG_INPUT
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return NOT_PUBLISHED
    except Exception as error:
        # an error of DuckDB, which isn't imported for what needs no warehouse
        from orchestration.lock import busy_words, is_locked

        if not is_locked(error):
            raise

        print(busy_words(Workspace.from_environment(), str(error)), file=sys.stderr)
        return NOT_PUBLISHED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="steelyard",
        description="Leading indicators of internal platform products, each weighed against "
        "what balances it. STEELYARD_HOME names the workspace (default: ./workspace).",
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    init = commands.add_parser("init", help="make a new workspace with a commented registry")
    init.add_argument("directory", type=Path, metavar="DIR", nargs="?")
    init.add_argument(
        "--template",
        default="",
        metavar="NAME[,NAME]",
        help="begin with the events, metrics, KPIs and balances of systems of these kinds; "
        "`list` shows the names",
    )
    init.set_defaults(command=_init)

    check = commands.add_parser(
        "check",
        help="validate the registry and look into new landing files; publish nothing. Exit code 1 "
        "where lines would be set aside, 2 where the registry is wrong",
    )
    check.set_defaults(command=_check)

    refresh = commands.add_parser("refresh", help="load what is new and publish it")
    refresh.add_argument(
        "--as-of",
        metavar="INSTANT",
        type=_instant,
        help="compute for this instant, for example 2026-06-01T00:00:00Z; default: the latest "
        "received time; earlier than the last publication: in a scratch folder",
    )
    refresh.add_argument("--full", action="store_true", help="compute even if nothing is new")
    refresh.add_argument("--connector", default="", help="look for news in its files only")
    _strict(refresh)
    refresh.set_defaults(command=_refresh)

    _looks(commands)
    _trust(commands)
    _export(commands)
    _quality(commands)

    land = commands.add_parser("land", help="write something to the landing zone")
    kinds = land.add_subparsers(metavar="KIND", required=True)
    git = kinds.add_parser("git", help="commits, tags and reverts of a local git repository")
    git.add_argument("path", type=Path, metavar="PATH")
    git.set_defaults(command=_land_git)

    demo = commands.add_parser("demo", help="build the sample workspace and publish it")
    _strict(demo)
    demo.set_defaults(command=_demo)

    real = commands.add_parser("real", help="publish a workspace over real exports")
    _strict(real)
    real.set_defaults(command=_real)
    return parser


def _looks(commands: Any) -> None:
    """What only looks at what is published."""
    status = commands.add_parser("status", help="show the last run and what is withheld, and why")
    status.set_defaults(command=_status)

    coverage = commands.add_parser("coverage", help="show which catalogue entries are computed")
    coverage.set_defaults(command=_coverage)

    explain = commands.add_parser("explain", help="tell where one number comes from")
    explain.add_argument("product", metavar="PRODUCT", help="for example newsroom_cms")
    explain.add_argument("metric", metavar="METRIC", help="for example time_to_publish")
    explain.add_argument("week", metavar="DAY", type=_day, help="a day of the week, YYYY-MM-DD")
    explain.set_defaults(command=_explain)


def _trust(commands: Any) -> None:
    trust = commands.add_parser("trust", help="say what no check can see: lower a grade")
    actions = trust.add_subparsers(metavar="ACTION", required=True)
    lower = actions.add_parser(
        "lower", help="lower a source, a product or one metric of it; nothing can be raised"
    )
    lower.add_argument("named", metavar="PRODUCT_OR_SOURCE")
    lower.add_argument("metric", metavar="METRIC", nargs="?", help="one metric of the product")
    lower.add_argument("--grade", required=True, type=_lower_grade, metavar="B|C|D")
    lower.add_argument(
        "--from", dest="start", required=True, type=_day, metavar="DAY", help="a day of the week"
    )
    lower.add_argument("--to", dest="end", type=_day, metavar="DAY", help="a day of the last week")
    lower.add_argument("--reason", required=True, help=NO_PERSON)
    lower.set_defaults(command=_lower_trust)
    listed = actions.add_parser(
        "list", help="show what was lowered or accepted by hand, and what was taken back"
    )
    listed.set_defaults(command=_list_trust)
    accept = actions.add_parser("accept", help="say that lines were taken away on purpose")
    accept.add_argument("file", metavar="FILE", help="as `steelyard status` names it")
    accept.add_argument("--take-back", action="store_true", help="count them as lost again")
    accept.add_argument("--reason", required=True, help=NO_PERSON)
    accept.set_defaults(command=_accept_losses)
    restore = actions.add_parser(
        "restore", help="take back what one line lowered; the checks' own grade holds then"
    )
    restore.add_argument(
        "line", type=_line, metavar="LINE", help="as `steelyard trust list` shows it"
    )
    restore.add_argument(
        "--from", dest="start", type=_day, metavar="DAY",
        help="a day of the first week in which it holds no longer; default: it holds for none",
    )  # fmt: skip
    restore.add_argument(
        "--reason",
        required=True,
        help="why; kept beside the row: name teams and systems, no person",
    )
    restore.set_defaults(command=_restore_trust)


def _export(commands: Any) -> None:
    export = commands.add_parser("export", help="write contracts and check results as standards")
    export.add_argument("kind", choices=("odcs", "asyncapi", "openlineage"))
    export.add_argument(
        "--out", type=Path, metavar="DIR", help="default: exports/KIND in the workspace"
    )
    export.set_defaults(command=_write_export)


def _quality(commands: Any) -> None:
    quality = commands.add_parser("quality", help="look closer at promises kept and broken")
    docs = quality.add_subparsers(metavar="ACTION", required=True).add_parser(
        "docs", help="write Great Expectations Data Docs of the last run (half a minute and more)"
    )
    docs.add_argument("--out", type=Path, metavar="DIR", help="default: exports/data-docs")
    docs.set_defaults(command=_write_data_docs)


def _strict(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--strict", action="store_true", help="exit with 1 if a number is withheld")


def _instant(text: str) -> datetime:
    """An instant as naive UTC; one without an offset is UTC."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        message = f"{text!r} is no instant; write for example 2026-06-01T00:00:00Z"
        raise argparse.ArgumentTypeError(message) from None
    return instant.astimezone(UTC).replace(tzinfo=None) if instant.tzinfo else instant


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        message = f"{text!r} is no day; write for example 2026-06-01"
        raise argparse.ArgumentTypeError(message) from None


def _lower_grade(text: str) -> str:
    text = text.strip().upper()
    if text not in ("B", "C", "D"):
        message = f"{text!r} is no grade to lower to; write B, C or D: nothing can be raised"
        raise argparse.ArgumentTypeError(message)
    return text


def _line(text: str) -> int:
    """A line of a file, 1 or more; `line 12` as the list shows it is understood."""
    plain = text.lower().removeprefix("line").strip()
    if not (plain.isascii() and plain.isdigit() and int(plain)):
        message = f"{text!r} is no line; write a number that `steelyard trust list` shows"
        raise argparse.ArgumentTypeError(message)
    return int(plain)


def _init(arguments: argparse.Namespace) -> int:
    from orchestration.registry.system_templates import chosen_systems, systems
    from orchestration.registry.template import write_template

    if arguments.template == "list":
        for system in systems().values():
            print(f"{system.template:<20} {system.system_name}")
        return PUBLISHED
    if arguments.directory is None:
        raise UserError("no folder is named", "Write `steelyard init DIR`.")
    chosen = chosen_systems(arguments.template) if arguments.template else []
    workspace = Workspace(arguments.directory.resolve())
    write_template(workspace, chosen)
    print(f"New workspace {workspace.home}")
    print(f"  registry  {workspace.seeds}  (the comments say what each column means)")
    print(f"  landing   {workspace.landing}/<connector>/")
    print(f"Next: export STEELYARD_HOME={workspace.home}; steelyard check")
    return PUBLISHED


def _check(_: argparse.Namespace) -> int:
    from orchestration.check import check_workspace

    workspace = _existing_workspace()
    checked = check_workspace(workspace)
    for line in checked.notes:
        print(f"note: {line}", flush=True)
    # last, where a reader of many lines looks first
    for line in checked.problems:
        print(line, file=sys.stderr)
    if checked.problems:
        print(checked, file=sys.stderr)
        return WRONG_INPUT
    print(checked)
    return PUBLISHED if checked.is_good else NOT_PUBLISHED


def _refresh(arguments: argparse.Namespace) -> int:
    from orchestration.check import require_connector

    workspace = _existing_workspace()
    if arguments.connector:
        require_connector(arguments.connector)
    return _publish(workspace, arguments)


def _publish(workspace: Workspace, arguments: argparse.Namespace) -> int:
    # most of what a run makes are modules, definitions and the parsed project, which stay: looking
    # through them every 700 objects costs a tenth of the start
    gc.set_threshold(50_000, 20, 20)
    from orchestration.progress import listening
    from orchestration.refresh import refresh
    from orchestration.status import describe, withheld

    with listening(lambda line: print(line, flush=True)):
        outcome = refresh(
            workspace,
            as_of_at=getattr(arguments, "as_of", None),
            is_forced=getattr(arguments, "full", False),
            connector=getattr(arguments, "connector", ""),
        )
    print(describe(outcome.workspace))
    return NOT_PUBLISHED if arguments.strict and withheld(outcome.workspace) else PUBLISHED


def _status(_: argparse.Namespace) -> int:
    from orchestration.status import describe

    print(describe(_existing_workspace()))
    return PUBLISHED


def _coverage(_: argparse.Namespace) -> int:
    from orchestration.coverage import describe

    print(describe(_existing_workspace()))
    return PUBLISHED


def _explain(arguments: argparse.Namespace) -> int:
    from orchestration.explain import explain

    print(explain(_existing_workspace(), arguments.product, arguments.metric, arguments.week))
    return PUBLISHED


def _lower_trust(arguments: argparse.Namespace) -> int:
    from orchestration.trust.commands import lower

    weeks = arguments.start, arguments.end
    named, metric, grade = arguments.named, arguments.metric, arguments.grade
    print(lower(_existing_workspace(), named, metric, grade, weeks, arguments.reason))
    return PUBLISHED


def _list_trust(_: argparse.Namespace) -> int:
    from orchestration.trust import commands, losses

    workspace = _existing_workspace()
    print("\n".join([commands.listed(workspace), *losses.listed(workspace)]))
    return PUBLISHED


def _accept_losses(arguments: argparse.Namespace) -> int:
    from orchestration.trust import losses

    write = losses.take_back if arguments.take_back else losses.accept
    print(write(_existing_workspace(), arguments.file, arguments.reason))
    return PUBLISHED


def _restore_trust(arguments: argparse.Namespace) -> int:
    from orchestration.trust.commands import restore

    print(restore(_existing_workspace(), arguments.line, arguments.start, arguments.reason))
    return PUBLISHED


def _write_export(arguments: argparse.Namespace) -> int:
    from orchestration.export import export

    for path in export(_existing_workspace(), arguments.kind, arguments.out):
        print(path)
    return PUBLISHED


def _write_data_docs(arguments: argparse.Namespace) -> int:
    from orchestration.export.data_docs import write_data_docs

    print(write_data_docs(_existing_workspace(), arguments.out))
    return PUBLISHED


def _land_git(arguments: argparse.Namespace) -> int:
    from orchestration.land.git import land_git

    for path in land_git(arguments.path, _existing_workspace()):
        print(path)
    return PUBLISHED


def _demo(arguments: argparse.Namespace) -> int:
    from orchestration.demo import build_demo

    workspace = Workspace.from_environment()
    print(f"Demo workspace {workspace.home}")
    build_demo(workspace)
    return _publish(workspace, arguments)


def _real(arguments: argparse.Namespace) -> int:
    from orchestration.real import build, real_data_from_environment

    workspace = Workspace.from_environment(default="workspace-real")
    print(f"Workspace over real exports {workspace.home}")
    build(workspace, real_data_from_environment())
    return _publish(workspace, arguments)


def _existing_workspace() -> Workspace:
    workspace = Workspace.from_environment()
    if not workspace.seeds.is_dir():
        do = f"Run `steelyard init {workspace.home}`, or set STEELYARD_HOME to a workspace."
        raise UserError("there is no workspace", do, workspace.home)
    return workspace


if __name__ == "__main__":
    sys.exit(main())

"""Send the statements of an increment again, as dbt sent them before.

What dbt sends depends on the project, on whether models are added to and on the tables, views and
columns that are there, never on rows: no macro asks for any. So the statements of a stage are
written down the first time, and sent without dbt as long as all of that is the same. To make
them again takes dbt several times what DuckDB takes to run most of them.
"""

import hashlib
import json
import re
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import asdict, dataclass
from functools import cache
from graphlib import TopologicalSorter
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb
import yaml

from orchestration.engine import connect

THREADS = 2
SMALL_BYTES = 2 * 2**30
"""Of a warehouse whose tables are too small for several threads to share one."""
PROFILES = Path(__file__).resolve().parent.parent / "profiles.yml"
PACKAGES = ("dbt-core", "dbt-adapters", "dbt-duckdb", "duckdb")
CATALOG = """
    select
        schema_name, table_name, column_name, data_type, is_nullable,
        (schema_name, table_name) in (
            select (schema_name, view_name) from duckdb_views()
        ) as is_view
    from duckdb_columns()
    where database_name = current_database() and not internal
    order by schema_name, table_name, column_index
"""
COMMENT = re.compile(r"^\s*(/\*.*?\*/\s*)+", re.DOTALL)
WRITES = ("create", "insert", "delete", "update", "drop", "alter")
ASKS = ("select", "with", "begin", "commit", "describe")
"""Of a model: what dbt asks of the catalog, and its transactions, which are made here as well."""


@dataclass(frozen=True)
class Node:
    """One model or test, with all that was sent for it."""

    unique_id: str
    parents: tuple[str, ...]
    """Models of the same stage that come first."""
    statements: tuple[str, ...]
    """Of a test one query: failures, and whether they are worth a warning or an error."""
    is_error: bool
    """Whether failures of a test are more than a warning."""

    @property
    def is_test(self) -> bool:
        return self.unique_id.startswith("test.")


@dataclass(frozen=True)
class Sent:
    """What became of a node."""

    unique_id: str
    status: str
    seconds: float = 0.0
    message: str = ""
    failure_count: int = 0


class Recorder:
    """Listens to dbt's events and keeps each node's statements."""

    def __init__(self) -> None:
        self._sent: dict[str, list[str]] = {}

    def __call__(self, event: Any) -> None:
        if event.info.name == "SQLQuery" and event.data.node_info.unique_id:
            statements = self._sent.setdefault(event.data.node_info.unique_id, [])
            statements.append(COMMENT.sub("", event.data.sql).strip())

    def nodes(self, results: Sequence[Any]) -> list[Node] | None:
        """Give what was sent for dbt's results in their order; None where not all is understood."""
        nodes = []
        built = {result.node.unique_id for result in results}
        tests_of: dict[str, list[str]] = {}
        for node in (result.node for result in results):
            if _is_test(node) and len(node.depends_on_nodes) == 1:
                tests_of.setdefault(node.depends_on_nodes[0], []).append(node.unique_id)
        for result in results:
            node = result.node
            if str(node.resource_type) == "operation" and node.unique_id not in self._sent:
                continue  # a hook of the run that only other engines need
            if str(node.resource_type) not in ("model", "test", "seed"):
                return None
            statements = _worth_sending(node, self._sent.get(node.unique_id, []))
            if statements is None:
                return None
            awaited = set(node.depends_on_nodes)
            if not _is_test(node):
                # as dbt build does: nothing is made of a table before its own tests have passed
                awaited |= {test for parent in awaited for test in tests_of.get(parent, ())}
            parents = tuple(sorted(built & awaited))
            is_error = str(node.config.severity).lower() == "error" if _is_test(node) else False
            nodes.append(Node(node.unique_id, parents, tuple(statements), is_error))
        return nodes


def _is_test(node: Any) -> bool:
    return str(node.resource_type) == "test"


def _worth_sending(node: Any, statements: list[str]) -> list[str] | None:
    """Return a node's statements without questions about the catalog; None where one is strange."""
    words = [statement.split(maxsplit=1)[0].lower() for statement in statements]
    if str(node.resource_type) == "seed":
        # its rows are files of the project, which has not changed since it was loaded
        return []
    if _is_test(node):
        asked = [statement for statement in statements if "as should_error" in statement]
        return asked if len(asked) == 1 else None
    if not set(words) <= {*WRITES, *ASKS}:
        return None
    written = [s for s, word in zip(statements, words, strict=True) if word in WRITES]
    return written or None


class Statements:
    """The statements of one stage in this state of project and warehouse."""

    def __init__(self, folder: Path, project: str, arguments: Sequence[str], database: Path):
        parts = [project, *arguments, *versions(), database.stem, _catalog(database)]
        digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
        self._file = folder / f"sent-{project}-{digest}.json"
        self._project = project

    def known(self) -> list[Node] | None:
        """Give what was written down; None where dbt has to be asked."""
        try:
            found = json.loads(self._file.read_text(encoding="utf-8"))
            nodes = [
                Node(n["unique_id"], tuple(n["parents"]), tuple(n["statements"]), n["is_error"])
                for n in found
            ]
            return nodes or None
        except (OSError, ValueError, KeyError, TypeError):
            # not written yet, or broken off: what dbt does is written down again
            return None

    def write(self, nodes: Sequence[Node], replace: Callable[[Path, bytes], None]) -> None:
        """Keep what was sent; what belongs to another state of the project goes."""
        for other in self._file.parent.glob("sent-*.json"):
            if not other.name.startswith(f"sent-{self._project}-"):
                other.unlink(missing_ok=True)
        content = json.dumps([asdict(node) for node in nodes], indent=1)
        replace(self._file, content.encode())


def versions() -> list[str]:
    """Of all that makes statements of the project, and of what they are made for."""
    return [version(package) for package in PACKAGES]


@cache
def _settings() -> dict[str, str]:
    """What dbt sets for each of its connections; the limit of memory is the workspace's."""
    profiles = yaml.safe_load(PROFILES.read_text(encoding="utf-8"))
    settings = profiles["steelyard"]["outputs"]["duckdb"]["settings"]
    return {name: str(value) for name, value in settings.items() if name != "memory_limit"}


def _catalog(database: Path) -> str:
    """Digest of all tables, views and columns."""
    with connect(database) as connection:
        rows = connection.execute(CATALOG).fetchall()
    return hashlib.sha256(repr(rows).encode()).hexdigest()


def send(database: Path, nodes: Sequence[Node]) -> list[Sent]:
    """Run all nodes, parents first; after a failure nothing more is begun."""
    with connect(database) as connection:
        if database.stat().st_size < SMALL_BYTES:
            # two nodes are sent at a time: helpers that look for work beside them cost a fifth more
            connection.execute("set threads = 1")
        return list(_in_order(connection, nodes))


def _in_order(connection: duckdb.DuckDBPyConnection, nodes: Sequence[Node]) -> Iterator[Sent]:
    by_id = {node.unique_id: node for node in nodes}
    order = TopologicalSorter({node.unique_id: node.parents for node in nodes})
    order.prepare()
    place = _places(nodes)
    under_way: set[Future[Sent]] = set()
    waiting: list[str] = []
    done: set[str] = set()
    is_good = True
    with ThreadPoolExecutor(THREADS) as pool:
        while True:
            waiting = sorted([*waiting, *order.get_ready()], key=place.__getitem__)
            while is_good and waiting and len(under_way) < THREADS:
                under_way.add(pool.submit(_sent, connection.cursor(), by_id[waiting.pop(0)]))
            if not under_way:
                break
            ended, under_way = wait(under_way, return_when=FIRST_COMPLETED)
            for future in ended:
                sent = future.result()
                is_good = is_good and sent.status not in ("error", "fail")
                done.add(sent.unique_id)
                order.done(sent.unique_id)
                yield sent
    for node in nodes:
        if node.unique_id not in done:
            yield Sent(node.unique_id, "skipped")


def _places(nodes: Sequence[Node]) -> dict[str, int]:
    """Say which of several nodes that could be sent goes first: that on the longest way to the end.

    Of such of equal length the one that dbt had first. Two at a time end a tenth sooner so.
    """
    by_id = {node.unique_id: node for node in nodes}
    levels = dict.fromkeys(by_id, 1)
    parents_first = TopologicalSorter({node.unique_id: node.parents for node in nodes})
    for unique_id in reversed(list(parents_first.static_order())):
        for parent in by_id[unique_id].parents:
            levels[parent] = max(levels[parent], levels[unique_id] + 1)
    ordered = sorted(nodes, key=lambda node: -levels[node.unique_id])
    return {node.unique_id: number for number, node in enumerate(ordered)}


def _sent(cursor: duckdb.DuckDBPyConnection, node: Node) -> Sent:
    """Run one node in a transaction of its own."""
    began = time.perf_counter()
    try:
        with cursor:
            # a cursor doesn't inherit them
            for name, value in _settings().items():
                cursor.execute(f"set {name} = '{value}'")
            found = _tested(cursor, node) if node.is_test else _written(cursor, node)
    except duckdb.Error as error:
        found = Sent(node.unique_id, "error", message=str(error))
    return Sent(
        found.unique_id,
        found.status,
        time.perf_counter() - began,
        found.message,
        found.failure_count,
    )


def _written(cursor: duckdb.DuckDBPyConnection, node: Node) -> Sent:
    if not node.statements:
        return Sent(node.unique_id, "no-op", message="unchanged")
    cursor.execute("begin")
    for statement in node.statements:
        cursor.execute(statement)
    cursor.execute("commit")
    return Sent(node.unique_id, "success")


def _tested(cursor: duckdb.DuckDBPyConnection, node: Node) -> Sent:
    failures, is_worth_warning, is_worth_error = cursor.execute(node.statements[0]).fetchall()[0]
    status = "pass"
    if node.is_error and is_worth_error:
        status = "fail"
    elif is_worth_warning:
        status = "warn"
    message = "" if status == "pass" else f"Got {failures} results"
    return Sent(node.unique_id, status, 0.0, message, int(failures))

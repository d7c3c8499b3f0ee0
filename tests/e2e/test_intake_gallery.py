"""Whatever is wrong with a line or a file: it is found, named, and nothing is lost over it."""

import gzip
import json
import shutil
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from orchestration.dbt_runner import run_dbt
from orchestration.workspace import Workspace
from tests.intake import classify, event, instant, lines, rows, workspace_with

GIT_TAGS = (
    b"repo,tag,tag_type,commit_sha,created_at,tagger_at,commit_committed_at,on_main_history\n"
)
OK = ("accepted", None)


def bad(reason: str) -> tuple[str, str]:
    return ("quarantined", reason)


@dataclass
class Case:
    """One file of the landing zone, and what must become of its lines."""

    name: str
    content: bytes
    expected: dict[int, tuple[str, str | None]] = field(default_factory=dict)
    """Classification and reason by line number."""
    problem: str | None = None
    """Why the file as a whole is quarantined."""
    line_count: int | None = None
    """Of a quarantined file, as far as it could be read."""
    suffix: str = ".jsonl"
    connector: str = "cloudevents"

    @property
    def path(self) -> str:
        return f"{self.connector}/{self.name.replace(' ', '_')}{self.suffix}"


def one(name: str, reason: str | None, number: int, **changes) -> Case:
    """A good line, then one with changed attributes."""
    second = OK if reason is None else bad(reason)
    pair = [event(2 * number), event(2 * number + 1, **changes)]
    return Case(name, lines(pair), {1: OK, 2: second})


def between(name: str, line: bytes, reason: str, number: int) -> Case:
    """A line between two good ones."""
    before, after = lines([event(2 * number)]), lines([event(2 * number + 1)])
    return Case(name, before + line + b"\n" + after, {1: OK, 2: bad(reason), 3: OK})


def parquet(**columns: pa.Array) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table(columns), sink)
    return sink.getvalue().to_pybytes()


def good_columns(number: int, count: int) -> dict[str, pa.Array]:
    events = [event(number + i) for i in range(count)]
    texts = {name: pa.array([e[name] for e in events]) for name in events[0] if name != "data"}
    return texts | {"data": pa.array([json.dumps(e["data"]) for e in events])}


def damaged(content: bytes) -> bytes:
    """Spoil the pages of a Parquet file and leave its footer whole."""
    return content[:8] + b"\xff" * 200 + content[208:]


raw = json.dumps(event(901))
LINES = [
    between("invalid json", b'{"id": "x"', "invalid_json", 10),
    between("single quotes", b"{'id': 'x'}", "invalid_json", 11),
    between("comma before the end", b'{"data": {"a": 1,}}', "invalid_json", 25),
    between("not a number", b'{"data": {"a": NaN}}', "invalid_json", 26),
    one("not a number in a text", None, 27, data={"a": "NaN,]"}),
    between("two objects", b"{} {}", "invalid_json", 12),
    between("array", json.dumps([event(1)]).encode(), "not_an_object", 13),
    between("text", b'"event"', "not_an_object", 14),
    between("number", b"42", "not_an_object", 15),
    between("null", b"null", "not_an_object", 16),
    between("blank", b"", "blank_line", 17),
    between("only blanks", b" \t ", "blank_line", 18),
    between("not utf-8", b'{"id": "\xff"}', "invalid_encoding", 19),
    between("utf-16", "{}".encode("utf-16"), "invalid_encoding", 20),
    between("raw nul byte", b'{"id": "a\x00b"}', "invalid_json", 21),
    between("lone surrogate", b'{"id": "\\ud800"}', "invalid_json", 22),
    between("empty object", b"{}", "missing_attribute", 23),
    between(
        "repeated attribute",
        (raw[:-1] + ', "time": "2025-01-01T00:00:00Z"}').encode(),
        "invalid_json",
        24,
    ),
    one("no id", "missing_attribute", 30, id=None),
    one("empty id", "missing_attribute", 31, id=""),
    one("no source", "missing_attribute", 32, source=None),
    one("no type", "missing_attribute", 33, type=None),
    one("no subject", "missing_attribute", 34, subject=None),
    one("no time", "missing_attribute", 35, time=None),
    one("no path", "missing_attribute", 36, ingresspath=None),
    one("no actor kind", "missing_attribute", 37, actorkind=None),
    one("no spec version", "missing_attribute", 38, specversion=None),
    one(
        "no receive time of a source with a receive clock",
        "missing_attribute",
        39,
        receivedtime=None,
    ),
    one("no receive time elsewhere", None, 40, receivedtime=None, source="urn:portal"),
    one("time is a number", "mistyped_attribute", 41, time=1740992400),
    one("id is a number", "mistyped_attribute", 42, id=7),
    one("subject is an object", "mistyped_attribute", 43, subject={"id": "x"}),
    one("data is a text", "mistyped_attribute", 44, data="words"),
    one("data is a list", "mistyped_attribute", 45, data=[1]),
    one("sample rate is zero", "mistyped_attribute", 46, sampledrate=0),
    one("sample rate is a fraction", "mistyped_attribute", 47, sampledrate=1.5),
    one("sample rate is a whole number", None, 48, sampledrate=10),
    one("heartbeat is a word", "mistyped_attribute", 49, heartbeat="yes"),
    one("other spec version", "mistyped_attribute", 50, specversion="0.3"),
    one("unknown path", "mistyped_attribute", 51, ingresspath="fax"),
    one("unknown actor kind", "mistyped_attribute", 52, actorkind="robot"),
    one("time without offset", "unparsable_time", 53, time="2025-03-03T09:00:00"),
    one("date only", "unparsable_time", 54, time="2025-03-03"),
    one("30th of february", "unparsable_time", 55, time="2025-02-30T09:00:00Z"),
    one("infinite time", "unparsable_time", 56, time="infinity"),
    one("unparsable receive time", "unparsable_time", 57, receivedtime="soon"),
    one("unparsable record time", "unparsable_time", 58, recordedtime="03.03.2025 09:00"),
    one("offset and nanoseconds", None, 59, time="2025-03-03t10:00:00.123456789+01:00"),
    one("a day ahead", None, 60, time=instant(86400), receivedtime=instant(0)),
    one(
        "more than a day ahead", "time_in_future", 61, time=instant(86401), receivedtime=instant(0)
    ),
    one("unknown source", "unknown_source", 62, source="urn:else"),
    one("unknown type", "unknown_type", 63, type="page.burned"),
    one("type planned for another source", "unknown_type", 64, type="ticket.created"),
    one("type of its own source", None, 65, type="ticket.created", source="urn:portal"),
    one("cdevents", None, 66, type="dev.cdevents.service.deployed.0.3.0"),
    one("unknown members", None, 67, colour="blue"),
    one("escaped nul", None, 68, actorid="a\0b"),
    one("very long line", None, 69, data={"words": "x" * 5_000_000}),
    one("the id again", None, 70),
    Case("no line end", lines([event(1)])[:-1], {1: OK}),
    Case("carriage returns", lines([event(3), event(4)]).replace(b"\n", b"\r\n"), {1: OK, 2: OK}),
    Case("byte order mark", b"\xef\xbb\xbf" + lines([event(5)]), {1: OK}),
    Case(
        "packed",
        gzip.compress(lines([event(6)]) + b"x\n"),
        {1: OK, 2: bad("invalid_json")},
        suffix=".jsonl.gz",
    ),
    Case(
        "packed in two",
        gzip.compress(lines([event(7)])) + gzip.compress(lines([event(8)])),
        {1: OK, 2: OK},
        suffix=".jsonl.gz",
    ),
    Case("parquet", parquet(**good_columns(300, 3)), {1: OK, 2: OK, 3: OK}, suffix=".parquet"),
    Case(
        "parquet with a null id",
        parquet(**good_columns(310, 2) | {"id": pa.array(["parquet-1", None])}),
        {1: OK, 2: bad("missing_attribute")},
        suffix=".parquet",
    ),
    Case(
        "parquet without ids",
        parquet(**{n: c for n, c in good_columns(320, 1).items() if n != "id"}),
        {1: bad("missing_attribute")},
        suffix=".parquet",
    ),
    Case(
        "parquet with types",
        parquet(
            **good_columns(330, 1)
            | {
                "time": pa.array([datetime(2025, 3, 3, 9)], pa.timestamp("us", "Europe/Berlin")),
                "heartbeat": pa.array([False]),
                "sampledrate": pa.array([2]),
                "data": pa.array([{"words": 1}]),
                "other": pa.array([1.5]),
            }
        ),
        {1: OK},
        suffix=".parquet",
    ),
    Case(
        "parquet with naive times",
        parquet(
            **good_columns(340, 1)
            | {"time": pa.array([datetime(2025, 3, 3, 9)], pa.timestamp("us"))}
        ),
        {1: bad("unparsable_time")},
        suffix=".parquet",
    ),
    Case(
        "parquet with null attributes",
        parquet(
            **good_columns(345, 1)
            | {name: pa.array([None], pa.string()) for name in ("data", "actorid", "heartbeat")}
        ),
        {1: OK},
        suffix=".parquet",
    ),
    Case(
        "parquet with broken data",
        parquet(**good_columns(350, 2) | {"data": pa.array(["{", "[]"])}),
        {1: bad("mistyped_attribute"), 2: bad("mistyped_attribute")},
        suffix=".parquet",
    ),
    Case(
        "x__tags",
        GIT_TAGS + b"local/x,v1,annotated,abc,2025-03-03T09:00:00+00:00,,,y\nlocal/x,v2\n\n",
        {2: bad("unknown_source"), 3: bad("wrong_field_count"), 4: bad("blank_line")},
        suffix=".csv",
        connector="git",
    ),
    Case(
        "incidents",
        b"oops\n[]\n\n\xff\n",
        {
            1: bad("invalid_json"),
            2: bad("not_an_object"),
            3: bad("blank_line"),
            4: bad("invalid_encoding"),
        },
        connector="statuspage",
    ),
]
FILES = [
    Case("empty", b"", problem="empty_file", line_count=0),
    Case("only a byte order mark", b"\xef\xbb\xbf", problem="empty_file", line_count=0),
    Case("empty packed", gzip.compress(b""), problem="empty_file", line_count=0,
         suffix=".jsonl.gz"),
    Case("nothing packed", b"", problem="empty_file", line_count=0, suffix=".jsonl.gz"),
    Case("cut", gzip.compress(lines([event(400)]))[:-4], problem="broken_gzip", line_count=1,
         suffix=".jsonl.gz"),
    Case("not packed", lines([event(401)]), problem="broken_gzip", line_count=0,
         suffix=".jsonl.gz"),
    Case("empty table", b"", problem="empty_file", line_count=0, suffix=".parquet"),
    Case("no parquet", lines([event(402)]), problem="wrong_format", line_count=0,
         suffix=".parquet"),
    Case("damaged", damaged(parquet(**good_columns(410, 9))), problem="wrong_format",
         line_count=9, suffix=".parquet"),
    Case("unclaimed", b"notes", problem="unclaimed_file", line_count=0, suffix=".txt"),
    Case("y__tags", b"repo,tag\nx,v1\n", problem="wrong_header", line_count=1, suffix=".csv",
         connector="git"),
    Case("z__tags", GIT_TAGS + b'x,"v1\nx,v2\n', problem="wrong_format", line_count=1,
         suffix=".csv", connector="git"),
    Case("w__tags", b"", problem="empty_file", line_count=0, suffix=".csv", connector="git"),
]  # fmt: skip
UNREADABLE = "cloudevents/gone.jsonl"


@pytest.fixture(scope="module")
def landed(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """All cases in one landing zone, classified, with a link that leads nowhere."""
    home: Path = tmp_path_factory.mktemp("gallery")
    workspace = workspace_with(home, {case.path: case.content for case in LINES + FILES})
    (workspace.landing / UNREADABLE).symlink_to("nowhere")
    classify(workspace)
    return workspace


@pytest.mark.parametrize("case", LINES, ids=lambda case: case.name)
def test_each_line_is_classified_with_its_reason(landed: Workspace, case: Case) -> None:
    found = rows(
        landed,
        "select line_number, classification, reason from intake.int_events_classified "
        "inner join raw.landing_files using (file_id) where path = ? order by line_number",
        [case.path],
    )
    assert {line: (state, reason) for line, state, reason in found} == case.expected
    assert len(found) == len(case.expected)


@pytest.mark.parametrize("case", FILES, ids=lambda case: case.name)
def test_a_broken_file_is_quarantined_as_a_file(landed: Workspace, case: Case) -> None:
    found = rows(
        landed,
        "select file_status, problem, line_count, quarantined_line_count, is_balanced "
        "from raw.landing_files inner join intake.int_intake_reconciliation using (file_id, "
        "file_status, line_count, path) where path = ?",
        [case.path],
    )
    assert found == [("quarantined", case.problem, case.line_count, case.line_count, True)]
    assert rows(
        landed,
        "select line_number, reason from intake.int_events_quarantined where path = ?",
        [case.path],
    ) == [(None, case.problem)]


def test_a_file_that_cannot_be_opened_is_quarantined(landed: Workspace) -> None:
    assert rows(
        landed, "select problem, checksum from raw.landing_files where path = ?", [UNREADABLE]
    ) == [("unreadable", None)]


def test_lines_add_up_to_what_was_counted_in_every_file(landed: Workspace) -> None:
    found = rows(
        landed,
        "select path, line_count, accepted_line_count, duplicate_line_count, "
        "quarantined_line_count, is_balanced from intake.int_intake_reconciliation",
    )
    assert len(found) == len(LINES) + len(FILES) + 1
    for path, counted, accepted, duplicate, quarantined, is_balanced in found:
        assert (path, counted, is_balanced) == (path, accepted + duplicate + quarantined, True)


def test_every_quarantined_line_says_where_and_what(landed: Workspace) -> None:
    unnamed = rows(
        landed,
        "select path, line_number, reason from intake.int_events_quarantined "
        "where path is null or reason is null "
        "or (reason_detail is null and reason not in ('blank_line', 'not_an_object'))",
    )
    assert unnamed == []


def test_no_detail_quotes_a_line_or_the_folder_of_the_workspace(landed: Workspace) -> None:
    details = rows(landed, "select distinct reason_detail from intake.int_events_quarantined")
    assert [text for (text,) in details if text and ("{" in text or str(landed.home) in text)] == []


def test_invalid_json_says_where_it_breaks(landed: Workspace) -> None:
    assert rows(
        landed,
        "select reason_detail from intake.int_events_quarantined "
        "where path like '%/invalid_json.jsonl' or path like '%/not_a_number.jsonl' order by path",
    ) == [("expecting ',' delimiter at character 11",), ("NaN is no JSON number",)]


def test_cdevents_types_and_instants_come_out_in_our_form(landed: Workspace) -> None:
    assert rows(
        landed,
        "select event_type, cast(occurred_at as varchar) from intake.int_events_classified "
        "where event_id in ('event-133', 'event-119') order by event_type",
    ) == [
        ("page.published", "2025-03-03 09:00:00.123456"),
        ("service.deployed", "2025-03-03 09:02:13"),
    ]


def test_what_the_registry_knows_is_filled_in(landed: Workspace) -> None:
    assert rows(
        landed,
        "select product_id, has_receive_clock, received_at = occurred_at, "
        "cast(occurred_week_start_date as varchar) "
        "from intake.int_events_classified where event_id = 'event-81'",
    ) == [("portal", False, True, "2025-03-03")]


@pytest.mark.parametrize(
    ("damage", "what"),
    [
        (
            "delete from intake.int_events_classified where line_number = 2 and file_id = "
            "(select file_id from raw.landing_files where path = 'cloudevents/array.jsonl')",
            ("cloudevents/array.jsonl", 3, 2, False),
        ),
        (
            "update intake.int_events_classified set file_id = 'unknown' where file_id = "
            "(select file_id from raw.landing_files where path = 'cloudevents/no_line_end.jsonl')",
            ("cloudevents/no_line_end.jsonl", 1, 0, False),
        ),
    ],
    ids=["a lost line", "a line of another file"],
)
def test_what_goes_missing_shows_in_the_sums(
    landed: Workspace, tmp_path: Path, damage: str, what: tuple
) -> None:
    workspace = Workspace(tmp_path)
    workspace.warehouse.mkdir(parents=True)
    shutil.copyfile(landed.database, workspace.database)
    with duckdb.connect(str(workspace.database)) as connection:
        connection.execute(damage)
    counting = ["int_file_lines_counted", "int_intake_reconciliation"]
    run_dbt(workspace, ["run", "--select", *counting])
    found = rows(
        workspace,
        "select path, line_count, accepted_line_count + duplicate_line_count "
        "+ quarantined_line_count, is_balanced from intake.int_intake_reconciliation "
        "where not is_balanced order by path nulls last",
    )
    assert found[0] == what
    assert all(path is None for path, *_ in found[1:])


def test_the_unit_tests_of_staging_pass(tmp_path: Path) -> None:
    workspace = workspace_with(tmp_path, {"cloudevents/one.jsonl": lines([event(1)])})
    classify(workspace)
    results = run_dbt(workspace, ["test", "--select", "resource_type:unit_test"])
    assert len(results) >= 2
    assert [(result.name, result.message) for result in results if not result.is_good] == []

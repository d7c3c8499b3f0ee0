"""Lines that are read quickly come out as those at which one looks closely, whatever they hold."""

import gzip
import json
import random
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from orchestration.defs.load import segments
from orchestration.defs.load.segments import Source, convert, segments_as_events

REJECTED = (
    "file_id varchar, connector varchar, line_number bigint, problem varchar, "
    "problem_detail varchar, line_text varchar"
)
CONSTANTS = ["NaN", "nan", "nAn", "Infinity", "-inf", "iNf", "INF"]
VALUES = [
    "7", "-0", "1e5", "12e22", "1e-3", "0.1000000000000000055", "12345678901234567890123", "1.10",
    "18446744073709551616", "1e400", "true", "false", "null", '""', '"7"', '"true"', '"nan"',
    '"1.0"', "1.0", '"null"', "{}", "[]", '{"a":1}', '{"a":1,"a":2}', '["x", {"y" : [1,  2]}]',
    '{"a":NaN}', '{"a":-Infinity}', '{"a":iNf}', '{"a":"nan"}', '{"a":"Info"}', '{"a":1,}',
    '{"a":[1,]}', '{"a":1e5}', '{"a":0.0010}', '{"a":"\\u0000"}', '{"a":"\\ud800"}',
    '{"a":"\\ud83d\\ude00"}', '{"a": "b\\/c"}', '"\\u0041"', '"a\\"b"', '"a\\\\"', '"\\\\\\\\"',
    '"a\tb"', '"a\x7fb"', '"ä 😀"', '"\\u0000"', "'x'", "01", "+1", ".5", "5.", "0x1F", "", "x",
    '"a","x":"b"', '"a","id":"b"', '"a" ', ' "a"', '"2025-03-03T09:00:00.000000Z"',
    '"2025-03-03t09:00:00z"', '"2025-03-03T09:00:00.123Z"', '"2025-03-03T09:00:00+01:30"',
    '"0999-03-03T09:00:00.000000Z"', '"12025-03-03T09:00:00.00000Z"', '"2025-02-30T09:00:00Z"',
    '"2025-3-03T09:00:00.0000000Z"', '"2025-03-03 09:00:00.000000Z"',
    '"2025-03-03T24:00:00.000000Z"',
    '" 025-03-03T09:00:00.000000Z"', '"2025-03-03T 9:00:00.000000Z"', '"infinity"', '"epoch"',
]  # fmt: skip
LINES = [
    b"", b" ", b"\t", b"\x0c", b"null", b"[]", b"{}", b'""', b"12", b"[{}]", b"{,}", b"\x00",
    b'{"id":"a"}{"id":"b"}', b'{"id":"a"} x', b"ERROR upstream timeout", b'{"id":"\xff"}', b"\xff",
    b'\xef\xbb\xbf{"id":"a"}', b'{"id":"a"}\x00', b'{"id":"a"}//c', b"{" * 50, b'{"a":' * 2000,
    b'{"data":' + b"[" * 300 + b"]" * 300 + b"}", b'{"id":"' + b"x" * 70_000 + b'"}',
    b"{'id':'a'}", b'{id:"a"}', b'{"ID":"a","id":"b"}', b'{"":1,"":2}', b'{"a\\u0062":1,"ab":2}',
    '{"id":"a"}\u00a0'.encode(), '{"id":"a"}\u2028'.encode(), b'{"id":"a",}', b' {"id":"a"} ',
]  # fmt: skip


def plain(rng: random.Random, keys: list[str]) -> dict[str, str]:
    """An event as a tool writes it: JSON texts of its attributes, in the order of `keys`."""
    second = f"{rng.randrange(60):02d}"
    usual = {
        "specversion": '"1.0"', "source": '"cicd"', "type": '"change.finished"',
        "id": f'"{rng.getrandbits(64):016x}"', "subject": f'"change {rng.randrange(99)}"',
        "time": f'"2025-03-03T09:00:{second}.123456Z"', "sequence": str(rng.randrange(9)),
        "receivedtime": '"2025-03-03T09:01:00.000000Z"', "sampledrate": "1", "heartbeat": "true",
        "data": rng.choice(['{"a":1,"b":"x y"}', '{"a":[1.5,true]}', '{"s":"ä"}', '{"i":"info"}']),
    }  # fmt: skip
    return {key: usual.get(key, f'"{key}-{rng.randrange(9)}"') for key in keys}


def nasty(rng: random.Random, event: dict[str, str], blank: str) -> bytes:
    """A line of which something is not as usual, or is after all."""
    event, kind = dict(event), rng.randrange(9)
    if kind == 0:
        return rng.choice(LINES)
    key = rng.choice([*event, "time", "data"])
    if kind in (1, 2, 3):
        event[key] = rng.choice([*VALUES, *CONSTANTS, '""', '""'])
    elif kind == 4:
        event.pop(key, None)
    line = written(event, blank)
    if kind == 5:
        again = rng.choice([key, "id", "unknown", "unknown", "Time"])
        line = line[:-1] + f',"{again}":{rng.choice(VALUES)}}}'.encode()
    if kind in (6, 7):
        # two at once may make up for each other
        for _ in range(rng.randint(1, 3)):
            place = rng.randrange(len(line))
            put = rng.choice(
                [b"", b" ", b"  ", b",", b'"', b"\\", b"1", b"e5", b"\x00", b"\xc3", b"}"]
            )
            line = line[:place] + put + line[place + rng.randint(0, 2) :]
    if kind == 8:
        line = line[: rng.randrange(len(line))] if rng.random() < 0.5 else line + b" \t"
    return line.replace(b"\n", b"")


def written(event: dict[str, str], blank: str) -> bytes:
    """The event as a line without its end."""
    parts = [f'"{key}":{blank}{value}' for key, value in event.items()]
    return ("{" + f",{blank}".join(parts) + "}").encode()


def drawn(rng: random.Random, count: int) -> bytes:
    """A file of so many lines, most of them as usual."""
    keys = ["specversion", "id", "source", "type", "subject", "time", "receivedtime", "ingresspath"]
    keys += rng.sample(["actorid", "sequence", "sampledrate", "heartbeat", "traceid", "data"], 4)
    blank, end = rng.choice(["", "", " "]), rng.choice([b"\n", b"\n", b"\r\n"])
    if rng.random() < 0.3:
        rng.shuffle(keys)
    share = rng.choice([0.0, 0.02, 0.1, 0.5])
    lines = []
    for _ in range(count):
        event = plain(rng, keys)
        if "actorid" in event and rng.random() < 0.2:
            event.pop("actorid")
        lines.append(nasty(rng, event, blank) if rng.random() < share else written(event, blank))
    content = end.join(lines) + rng.choice([end, b""])
    return rng.choice([b"", b"", b"\xef\xbb\xbf"]) + content


def read(folder: Path, sources: list[Source]) -> tuple[list[tuple], list[tuple]]:
    """All events, and all rejected lines, in the order of their places."""
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"create schema raw; create table raw.rejected_lines ({REJECTED})")
        names = sorted({name for name, _ in convert(connection, folder, sources)})
        query = segments_as_events(folder, names)
        events = connection.execute(f"from ({query}) order by file_id, line_number").fetchall()
        rejected = "from raw.rejected_lines order by file_id, line_number"
        return events, connection.execute(rejected).fetchall()


def read_alike(folder: Path, name: str, path: Path) -> tuple[list[tuple], list[tuple]]:
    """What both ways of reading give."""
    sources = [Source("f", name, path)]
    quick = read(folder / f"quick-{name}", sources)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(segments, "MOST_OF", 2)
        close = read(folder / f"close-{name}", sources)
    different = [pair for pair in zip(quick, close, strict=True) if pair[0] != pair[1]]
    assert not different, name
    return quick


def compared(folder: Path, seeds: range, count: int) -> Iterator[int]:
    """Read each draw both ways, and say how many lines there were."""
    for seed in seeds:
        rng = random.Random(seed)
        content = drawn(rng, count)
        path = folder / f"{seed}.jsonl{rng.choice(['', '.gz'])}"
        path.write_bytes(gzip.compress(content, 1, mtime=0) if path.suffix == ".gz" else content)
        quick = read_alike(folder, str(seed), path)
        body = content.removeprefix(b"\xef\xbb\xbf")
        lines = body.count(b"\n") + (body != b"" and not body.endswith(b"\n"))
        numbers = [row[1] for row in quick[0]] + [row[2] for row in quick[1]]
        assert sorted(numbers) == list(range(1, lines + 1)), seed
        yield lines


def test_quick_and_close_reading_agree_on_thousands_of_nasty_lines(tmp_path: Path) -> None:
    assert sum(compared(tmp_path, range(9), 300)) > 2500


def test_each_value_is_read_alike_at_each_place(tmp_path: Path) -> None:
    rng = random.Random(2)
    keys = ["specversion", "id", "time", "receivedtime", "traceid", "sequence", "heartbeat", "data"]
    lines = [
        written(plain(rng, keys) | {key: value}, blank)
        for key in keys
        for value in [*VALUES, *CONSTANTS]
        for blank in ("", " ")
    ]
    usual = [written(plain(rng, keys), "") for _ in range(6 * len(lines))]
    path = tmp_path / "values.jsonl"
    path.write_bytes(b"\n".join([*usual, *lines, b""]))

    assert read_alike(tmp_path, "values", path)


def test_usual_lines_of_all_manners_of_writing_are_read_quickly(tmp_path: Path) -> None:
    rng = random.Random(1)
    keys = ["specversion", "id", "type", "time", "actorid", "traceid", "sequence", "data"]
    for blank, end in [("", b"\n"), (" ", b"\n"), ("", b"\r\n")]:
        lines = [written(plain(rng, keys), blank) + end for _ in range(500)]
        lines += [written(plain(rng, keys[:4] + keys[5:]), blank) + end for _ in range(100)]
        path = tmp_path / "usual.jsonl"
        path.write_bytes(b"".join(lines))
        folder = tmp_path / f"{len(blank)}-{len(end)}"

        events, rejected = read(folder, [Source("f", "x", path)])

        assert (len(events), rejected) == (600, [])
        # what needs a closer look lies in segments whose names end with a letter more
        assert [len(found.stem) for found in folder.glob("*.parquet")] == [32]
        assert [row[1] for row in events] == list(range(1, 601))
        assert [row[3] for row in events] == [json.loads(line)["id"] for line in lines]

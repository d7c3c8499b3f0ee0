"""Every line of a file comes out once, with the number that an editor shows."""

import csv
import gzip
import io
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from orchestration.defs.load import readers
from orchestration.defs.load.readers import (
    FileProblem,
    count_lines,
    count_records,
    line_batches,
    record_batches,
    text_pieces,
)

pieces = st.lists(
    st.sampled_from(
        [b"\n", b"\r\n", b"\r", b"{}", b"\xff", b"\x00", b" ", b"\xef\xbb\xbf", b"abc"]
    ),
    max_size=40,
).map(b"".join)


@pytest.fixture(scope="module", autouse=True)
def small_blocks():
    """Make blocks and batches end in the middle of short files."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(readers, "BLOCK_BYTES", 5)
        patch.setattr(readers, "BATCH_LINES", 3)
        yield


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("lines") / "file"


def read(batches) -> list[tuple[int, object]]:
    """Line number and content, or reason where there is none, in the order of lines."""
    return sorted(
        pair
        for batch in batches
        for pair in [
            *zip(batch.line_numbers, map(str, batch.rows), strict=True),
            *((number, reason) for number, reason, *_ in batch.rejected),
        ]
    )


def pieces_read(path: Path) -> list[tuple[int, object]]:
    """As `read`, of lines that come as Arrow arrays with their line ends."""
    found: list[tuple[int, object]] = []
    for piece in text_pieces(path):
        texts = [t.removesuffix("\n").removesuffix("\r") for t in piece.lines.to_pylist()]
        found += zip(piece.line_numbers.to_pylist(), texts, strict=True)
        found += [(number, reason) for number, reason, *_ in piece.rejected]
    return sorted(found)


@settings(deadline=None)
@given(content=pieces)
@example(content=b"\xff\na\r\r\nb\n")
def test_each_line_of_any_bytes_comes_out_once(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    plain = content.removeprefix(b"\xef\xbb\xbf")
    expected = plain.split(b"\n")
    expected = expected if expected[-1] else expected[:-1]

    numbers = [number for number, _ in read(line_batches(path))]

    assert numbers == list(range(1, len(expected) + 1))
    assert count_lines(path) == len(expected)
    assert pieces_read(path) == read(line_batches(path))


@settings(deadline=None)
@given(
    records=st.lists(
        st.lists(
            st.sampled_from(["a", "", 'x"y', "two\nlines", "z\r\n", ",", "ü"]),
            min_size=2,
            max_size=2,
        ),
        max_size=12,
    ),
    line_end=st.sampled_from(["\n", "\r\n"]),
)
def test_each_csv_record_comes_out_as_written(
    path: Path, records: list[list[str]], line_end: str
) -> None:
    text = io.StringIO()
    csv.writer(text, lineterminator=line_end).writerows([["one", "two"], *records])
    path.write_bytes(text.getvalue().encode())

    found = [row for batch in record_batches(path, ("one", "two")) for row in batch.rows]

    assert found == [[value or None for value in record] for record in records]
    assert count_records(path) == len(records) + 1


def test_a_carriage_return_belongs_to_the_line_end(path: Path) -> None:
    path.write_bytes(b"a\r\n\r\nb\rc\r")
    assert read(line_batches(path)) == [(1, "a"), (2, ""), (3, "b\rc")]


def test_csv_line_numbers_are_those_of_an_editor(path: Path) -> None:
    path.write_bytes(b'one,two\na,"x\ny"\n\nb,c\nd\ne,\xff\nf,g')
    assert read(record_batches(path, ("one", "two"))) == [
        (2, "['a', 'x\\ny']"),
        (4, "blank_line"),
        (5, "['b', 'c']"),
        (6, "wrong_field_count"),
        (7, "invalid_encoding"),
        (8, "['f', 'g']"),
    ]


def test_csv_header_may_name_a_column_twice_and_begin_with_a_byte_order_mark(path: Path) -> None:
    path.write_bytes(b"\xef\xbb\xbfa,a\n1,2\n")
    assert read(record_batches(path, ("a", "a"))) == [(2, "['1', '2']")]


@pytest.mark.parametrize(
    ("content", "detail"),
    [
        (b"one\n1\n", "missing two"),
        (b"one,two,three\n", "unknown three"),
        (b"two,one\n", "the columns are in another order or repeated"),
        (b"\n1,2\n", "missing one, two"),
    ],
)
def test_another_header_refuses_the_file(path: Path, content: bytes, detail: str) -> None:
    path.write_bytes(content)
    with pytest.raises(FileProblem) as refused:
        list(record_batches(path, ("one", "two")))
    assert (refused.value.problem, refused.value.detail) == ("wrong_header", detail)


def test_a_cut_gzip_file_counts_the_lines_that_could_be_read(tmp_path: Path) -> None:
    cut = tmp_path / "cut.jsonl.gz"
    whole = gzip.compress(b"".join(b'{"id": "%d"}\n' % i for i in range(50_000)), mtime=0)
    cut.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(FileProblem) as refused:
        count_lines(cut)
    assert refused.value.problem == "broken_gzip"
    assert 10_000 < refused.value.line_count < 40_000


def test_an_open_quotation_mark_refuses_the_file_that_it_would_swallow(path: Path) -> None:
    path.write_bytes(b'one,two\na,"b\nc,d\n')
    with pytest.raises(FileProblem, match="wrong_format"):
        count_records(path)

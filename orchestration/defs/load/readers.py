"""Read landing files line by line, losing none."""

import contextlib
import csv
import gzip
import hashlib
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BufferedIOBase, TextIOWrapper
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np
import pyarrow as pa

BLOCK_BYTES = 1 << 22
BATCH_LINES = 50_000
BOM = b"\xef\xbb\xbf"
KEPT_CHARACTERS = 500

csv.field_size_limit(1 << 30)


class FileProblem(Exception):
    """The file as a whole can't be loaded."""

    def __init__(self, problem: str, detail: str, line_count: int = 0) -> None:
        super().__init__(f"{problem}: {detail}")
        self.problem = problem
        self.detail = detail
        self.line_count = line_count
        """Data lines as far as the file could be read."""


@dataclass
class Batch:
    """Some lines of one file: those with a content, and those that can have none."""

    line_numbers: list[int] = field(default_factory=list)
    """Of the rows, counted from 1 over the file's physical lines."""
    rows: list = field(default_factory=list)
    """Text of a line, or the fields of a CSV record."""
    rejected: list[tuple[int, str, str | None, str]] = field(default_factory=list)
    """Line number, reason, detail, beginning of the line's text."""


def state(path: Path) -> tuple[int, str]:
    """Return a file's size and what changes whenever somebody writes it."""
    try:
        found = path.stat()
    except OSError as error:
        raise FileProblem("unreadable", error.strerror or str(error)) from error
    marks = (found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_dev, found.st_ino)
    return found.st_size, ":".join(map(str, marks))


def checksum(path: Path) -> str:
    """Return the SHA-256 of a file's bytes."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise FileProblem("unreadable", error.strerror or str(error)) from error


@contextlib.contextmanager
def opened(path: Path) -> Iterator[BufferedIOBase]:
    """Open a plain or gzip file as bytes; what is wrong with it comes out as `FileProblem`."""
    try:
        with path.open("rb") as file:
            if path.suffix == ".gz":
                with gzip.GzipFile(fileobj=file) as unpacked:
                    yield unpacked
            else:
                yield file
    except gzip.BadGzipFile as error:
        # its message quotes the file's beginning
        raise FileProblem("broken_gzip", "it isn't packed by gzip, or something follows") from error
    except EOFError as error:
        raise FileProblem("broken_gzip", "it ends too early") from error
    except zlib.error as error:
        raise FileProblem("broken_gzip", "its packed data is damaged") from error
    except OSError as error:
        raise FileProblem("unreadable", error.strerror or str(error)) from error


def blocks(file: BufferedIOBase) -> Iterator[bytes]:
    """Yield a file's bytes without the byte order mark, as much as there is before a fault."""
    # read1 hands out what a damaged gzip file still gave; read would raise and keep it
    beginning = file.read1(BLOCK_BYTES)
    while len(beginning) < len(BOM) and (more := file.read1(BLOCK_BYTES)):
        beginning += more
    if beginning := beginning.removeprefix(BOM):
        yield beginning
    while block := file.read1(BLOCK_BYTES):
        yield block


def count_lines(path: Path) -> int:
    """Count physical lines, blank ones and a last one without line end included."""
    count, last = 0, b"\n"
    try:
        with opened(path) as file:
            for block in blocks(file):
                count += block.count(b"\n")
                last = block[-1:]
    except FileProblem as problem:
        problem.line_count = count + (last != b"\n")
        raise
    return count + (last != b"\n")


def count_records(path: Path) -> int:
    """Count a CSV file's records, its header included: a line end within quotes ends none."""
    count, is_quoted, is_begun = 0, False, False
    try:
        with opened(path) as file:
            for line in file:
                is_quoted ^= line.count(b'"') % 2 == 1
                is_begun = is_quoted or not line.endswith(b"\n")
                count += not is_begun
    except FileProblem as problem:
        problem.line_count = max(count + is_begun - 1, 0)
        raise
    if is_quoted:
        raise FileProblem("wrong_format", "a quotation mark isn't closed", count)
    return count + is_begun


def line_batches(path: Path) -> Iterator[Batch]:
    """Yield a JSON Lines file's lines; what isn't UTF-8 is rejected line by line."""
    batch, number = Batch(), 0
    with opened(path) as file:
        for line in _lines(file):
            number += 1
            _add_line(batch, number, line)
            if len(batch.rows) + len(batch.rejected) >= BATCH_LINES:
                yield batch
                batch = Batch()
    yield batch


def _add_line(batch: Batch, number: int, line: bytes) -> None:
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError as error:
        kept = line.decode("utf-8", "backslashreplace").rstrip("\r\n")[:KEPT_CHARACTERS]
        detail = f"byte {error.start + 1} isn't UTF-8"
        batch.rejected.append((number, "invalid_encoding", detail, kept))
    else:
        batch.line_numbers.append(number)
        batch.rows.append(text)


@dataclass
class Piece:
    """Consecutive lines of one file as Arrow arrays, each with its line end."""

    line_numbers: pa.Array
    lines: pa.Array
    rejected: list[tuple[int, str, str | None, str]]
    """As in `Batch`; these lines are not among the others."""


def text_pieces(path: Path) -> Iterator[Piece]:
    """Yield a JSON Lines file's lines without copying each; what isn't UTF-8 is rejected."""
    number, pending = 1, b""
    with opened(path) as file:
        for block in blocks(file):
            end = block.rfind(b"\n") + 1
            if end:
                piece = _piece(pending + block[:end], number)
                number += len(piece.lines) + len(piece.rejected)
                yield piece
                pending = block[end:]
            else:
                pending += block
    if pending:
        yield _piece(pending, number)


def _piece(text: bytes, first_number: int) -> Piece:
    """The lines of a text that begins with one and ends with one."""
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        return _mended_piece(text, first_number)
    ends = np.flatnonzero(np.frombuffer(text, np.uint8) == ord("\n")) + 1
    if not len(ends) or ends[-1] != len(text):
        ends = np.append(ends, len(text))
    offsets = np.concatenate([[0], ends]).astype(np.int64)
    lines = pa.LargeStringArray.from_buffers(len(ends), pa.py_buffer(offsets), pa.py_buffer(text))
    return Piece(pa.array(np.arange(first_number, first_number + len(ends))), lines, [])


def _mended_piece(text: bytes, first_number: int) -> Piece:
    """The same of a text that isn't all UTF-8: what isn't is rejected line by line."""
    batch = Batch()
    *ended, last = text.split(b"\n")
    lines = [line + b"\n" for line in ended] + [last] * bool(last)
    for number, line in enumerate(lines, start=first_number):
        _add_line(batch, number, line)
    numbers = pa.array(batch.line_numbers, pa.int64())
    return Piece(numbers, pa.array(batch.rows, pa.large_string()), batch.rejected)


def _lines(file: BufferedIOBase) -> Iterator[bytes]:
    pending: list[bytes] = []
    for block in blocks(file):
        first, *others = block.split(b"\n")
        pending.append(first)
        if others:
            yield b"".join(pending).removesuffix(b"\r")
            for line in others[:-1]:
                yield line.removesuffix(b"\r")
            pending = [others[-1]]
    last = b"".join(pending)
    if last:
        yield last.removesuffix(b"\r")


def record_batches(path: Path, header: tuple[str, ...]) -> Iterator[Batch]:
    """Yield a CSV file's records after its header; an empty field is None.

    Raises:
        FileProblem: The header is another one, or quotation marks are out of order.
    """
    with opened(path) as file:
        text = TextIOWrapper(
            cast(BinaryIO, file), "utf-8-sig", errors="surrogateescape", newline=""
        )
        records = csv.reader(text, strict=True)
        try:
            _check_header(next(records, []), header)
            yield from _records(records, len(header))
        except csv.Error as error:
            raise FileProblem("wrong_format", f"line {records.line_num}: {error}") from error


def _check_header(found: list[str], expected: tuple[str, ...]) -> None:
    if tuple(found) == expected:
        return
    missing = [name for name in expected if name not in found]
    unknown = [name for name in found if name not in expected]
    detail = "; ".join(
        ([f"missing {', '.join(missing)}"] if missing else [])
        + ([f"unknown {', '.join(unknown)}"] if unknown else [])
    )
    detail = detail or "the columns are in another order or repeated"
    raise FileProblem("wrong_header", detail[:KEPT_CHARACTERS].encode(errors="replace").decode())


def _records(records, width: int) -> Iterator[Batch]:
    batch, begins = Batch(), records.line_num + 1
    for record in records:
        text = ",".join(record)
        if not record:
            batch.rejected.append((begins, "blank_line", None, ""))
        elif not _is_utf8(text):
            kept = text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
            batch.rejected.append((begins, "invalid_encoding", None, kept[:KEPT_CHARACTERS]))
        elif len(record) != width:
            detail = f"{len(record)} fields, expected {width}"
            batch.rejected.append((begins, "wrong_field_count", detail, text[:KEPT_CHARACTERS]))
        else:
            batch.line_numbers.append(begins)
            batch.rows.append([value or None for value in record])
        begins = records.line_num + 1
        if len(batch.rows) + len(batch.rejected) >= BATCH_LINES:
            yield batch
            batch = Batch()
    yield batch


def _is_utf8(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def as_arrow(batch: Batch, columns: tuple[str, ...]) -> pa.Table:
    """Turn a batch into text columns after `line_number`; lines make one column, records many."""
    numbers = pa.array(batch.line_numbers, pa.int64())
    if not batch.rows:
        texts = [pa.array([], pa.large_string()) for _ in columns]
    elif isinstance(batch.rows[0], str):
        texts = [pa.array(batch.rows, pa.large_string())]
    else:
        texts = [pa.array(values, pa.large_string()) for values in zip(*batch.rows, strict=True)]
    return pa.Table.from_arrays([numbers, *texts], names=["line_number", *columns])

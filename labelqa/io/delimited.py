"""CSV, TSV and their relatives: every cell as text, nothing guessed, every broken row named."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from labelqa.annotations.readlog import Origin, SourceFile
from labelqa.errors import FileFormatError, Problem, shorten
from labelqa.io import header as header_rules
from labelqa.io.dialect import SEPARATORS, Dialect, find_dialect
from labelqa.io.tables import BLANK_ROW, Table
from labelqa.io.text import decode

BLOCKS = (1 << 20, 1 << 26)  # bytes parsed at a time; the second for records that do not fit into the first
MAX_BAD_ROWS = 10_000  # rows of another width than the header that are remembered
MAX_ROWS_SHOWN = 50


@dataclass(slots=True)
class _Parsed:
    """Rows of the header's width, and the (record number, width) of the others; the header is record 1."""

    table: pa.Table
    bad: list[tuple[int, int]] = field(default_factory=list)
    n_bad: int = 0

    @property
    def n_records(self) -> int:
        return 1 + int(self.table.num_rows) + self.n_bad


def read_delimited(raw: bytearray, name: str, stem: str, format: str | None) -> Table:
    """Read a text table.

    Parameters
    ----------
    raw : bytearray
        The whole file, uncompressed.
    name, stem : str
        What messages call the file, and its name without endings.
    format : {"csv", "tsv", None}
        What the user says it is.

    Raises
    ------
    FileFormatError
        If the text is no table: one column, ragged rows (all of them named), an unclosed quote, no data row.
    ColumnError
        If a column name is missing or occurs twice.
    """
    text = decode(raw, name)
    dialect = find_dialect(text.data, name, format)
    body = text.data
    del body[: dialect.skip_bytes]
    parsed, dialect, notes = _parse(body, dialect, name)
    kept, names, name_notes = header_rules.column_names(
        dialect.header, [c.null_count == len(c) for c in parsed.table.columns], name
    )
    table, space_notes = _without_leading_spaces(parsed.table.select(kept).rename_columns(names), dialect, name)
    table, row_number, offset = _without_blank_rows(table, dialect.skip_lines + 2)
    origin = Origin(files=(name,), offset=dialect.skip_lines + 2)
    blank = origin.set_aside(_blank_rows(parsed.table), BLANK_ROW)
    frame = table.to_pandas()
    header_rules.check_body(frame, dialect.header, name)
    details = f"{SEPARATORS[dialect.separator]}-separated, {text.encoding}"
    return Table(
        frame=frame,
        name=name,
        stem=stem,
        row_number=row_number,
        offset=offset,
        source=SourceFile(
            name=name,
            sha256="",
            format="tsv" if dialect.separator == "\t" else "csv",
            stem=stem,
            details=details,
            rows=int(parsed.table.num_rows),
        ),
        set_aside=tuple(blank),
        notes=(*text.notes, *notes, *name_notes, *space_notes),
        by_semicolon=dialect.separator == ";",
    )


def _parse(body: bytearray, dialect: Dialect, name: str) -> tuple[_Parsed, Dialect, list[str]]:
    """Parse `body`, deciding what quotes mean and forgiving separators at the ends of lines."""
    parsed = _read(body, dialect, name)
    dialect, parsed = _with_end_separators(body, dialect, parsed, name)
    notes: list[str] = []
    if b'"' in body and (parsed.n_bad or _quotes_span_lines(body, parsed) or body.count(b'"') % 2):
        never_closed = _never_closed(body, dialect, parsed, name)
        plain = _read(body, dialect, name, quote=False, strict=True)
        if plain.n_bad == 0 and (parsed.n_bad or never_closed or _quotes_span_lines(body, parsed)):
            notes.append(f"quotes in {name} do not enclose cells and were read as plain characters")
            parsed = plain
        elif never_closed:
            raise _unclosed(parsed.n_records + dialect.skip_lines, name)
    if parsed.n_bad:
        raise _ragged(parsed, dialect, name)
    return parsed, dialect, notes


def _read(body: bytearray, dialect: Dialect, name: str, *, quote: bool = True, strict: bool = False) -> _Parsed:
    """Parse once; `strict` stops at the first row that has another width than the header."""
    parsed = _Parsed(table=pa.table({}))
    columns = [str(i) for i in range(len(dialect.header))]

    def on_bad(row: pacsv.InvalidRow) -> str:
        parsed.n_bad += 1
        if len(parsed.bad) < MAX_BAD_ROWS:
            parsed.bad.append((row.number, row.actual_columns))
        return "error" if strict else "skip"

    for block in BLOCKS:
        parsed.bad, parsed.n_bad = [], 0
        try:
            parsed.table = pacsv.read_csv(
                pa.BufferReader(body),
                read_options=pacsv.ReadOptions(
                    use_threads=False, block_size=block, column_names=columns, skip_rows_after_names=1
                ),
                parse_options=pacsv.ParseOptions(
                    delimiter=dialect.separator,
                    quote_char='"' if quote else False,
                    newlines_in_values=quote,
                    ignore_empty_lines=False,
                    invalid_row_handler=on_bad,
                ),
                convert_options=pacsv.ConvertOptions(
                    column_types=dict.fromkeys(columns, pa.string()), null_values=[""], strings_can_be_null=True
                ),
            )
            return parsed
        except pa.ArrowInvalid as error:
            if strict and parsed.n_bad:
                return parsed
            reason = str(error)
    what = "a quote is opened and not closed for 64 MB" if "straddling" in reason else f"not a table: {reason}"
    raise FileFormatError(Problem(what=what, file=name, next_step="Check the quotes and line ends of the file."))


def _with_end_separators(body: bytearray, dialect: Dialect, parsed: _Parsed, name: str) -> tuple[Dialect, _Parsed]:
    """Parse again where all rows differ from the header by the same number of separators at the end of the line."""
    widths = {width for _, width in parsed.bad}
    if parsed.table.num_rows > parsed.table.column(0).null_count or len(widths) != 1:
        return dialect, parsed
    width, header = widths.pop(), dialect.header
    if width < len(header) and not any(h.strip() for h in header[width:]) and width > 1:
        shorter = replace(dialect, header=header[:width])
        return shorter, _read(body, shorter, name)
    if width > len(header):
        longer = replace(dialect, header=(*header, *[""] * (width - len(header))))
        again = _read(body, longer, name)
        if all(c.null_count == len(c) for c in again.table.columns[len(header) :]):
            return longer, again
    return dialect, parsed


def _quotes_span_lines(body: bytearray, parsed: _Parsed) -> bool:
    lines = body.count(b"\n") or body.count(b"\r")
    return parsed.n_records < lines + (not body.endswith((b"\n", b"\r")))


def _never_closed(body: bytearray, dialect: Dialect, parsed: _Parsed, name: str) -> bool:
    """Whether the text ends inside a quote: then a row added to it is swallowed."""
    if not parsed.n_bad and parsed.table.num_rows and body.endswith((b"\n", b"\r")):
        last = [str(column[-1].as_py()) for column in parsed.table.columns]
        if not any(cell.endswith(("\n", "\r")) for cell in last):
            return False  # an open quote would have swallowed the end of the last line
    width = len(dialect.header)
    added = body.rstrip(b"\r\n") + b"\n" + dialect.separator.encode().join([b"x"] * width)
    again = _read(added, dialect, name)
    column = again.table.column(width - 1)
    return not (len(column) and column[-1].as_py() == "x" and again.table.column(0)[-1].as_py() == "x")


def _unclosed(row: int, name: str) -> FileFormatError:
    return FileFormatError(
        Problem(
            what="a quote is opened and never closed",
            file=name,
            row=row,
            value='"',
            next_step='Close it, or double quotes that are part of the text ("").',
        )
    )


def _ragged(parsed: _Parsed, dialect: Dialect, name: str) -> FileFormatError:
    """Return the error that names every row of another width than the header."""
    header = [h.strip() for h in dialect.header]
    rows: dict[int, list[int]] = {}
    for record, width in parsed.bad:
        rows.setdefault(width, []).append(record + dialect.skip_lines)
    step = f"Quote cells that hold the separator ({SEPARATORS[dialect.separator]}), or complete the rows."
    problems: list[Problem] = []
    for width, numbers in rows.items():
        also = f", also in rows {shorten(numbers[1:], MAX_ROWS_SHOWN)}" if len(numbers) > 1 else ""
        problems.append(
            Problem(
                what=f"{width} cell{'s' * (width != 1)} where the header has {len(header)} ({shorten(header)}){also}",
                file=name,
                row=numbers[0],
                value=tuple(numbers),
                next_step=step if len(problems) == len(rows) - 1 else "",
            )
        )
    return FileFormatError(problems)


def _blank_rows(table: pa.Table) -> npt.NDArray[np.intp]:
    """Return the positions of the rows in which every cell is empty."""
    if table.num_rows == 0 or min(c.null_count for c in table.columns) == 0:
        return np.empty(0, dtype=np.intp)
    blank = np.ones(table.num_rows, dtype=np.bool_)
    for column in sorted(table.columns, key=lambda c: c.null_count):
        blank &= column.is_null().to_numpy()
        if not blank.any():
            break
    return np.flatnonzero(blank)


def _without_blank_rows(table: pa.Table, offset: int) -> tuple[pa.Table, npt.NDArray[np.int64] | None, int]:
    """Drop blank rows; the others keep their row numbers."""
    blank = _blank_rows(table)
    if blank.size == 0:
        return table, None, offset
    kept = np.delete(np.arange(table.num_rows, dtype=np.int64), blank)
    return table.take(pa.array(kept)), kept + offset, offset


def _without_leading_spaces(table: pa.Table, dialect: Dialect, name: str) -> tuple[pa.Table, list[str]]:
    """Drop the space that some writers put after each separator, in columns where every cell has it."""
    if len(dialect.header) < 2 or not all(h.startswith(" ") for h in dialect.header[1:]):
        return table, []
    stripped = []
    for i, column in enumerate(table.columns):
        if i and pc.all(pc.starts_with(column, " ")).as_py():
            table = table.set_column(i, table.column_names[i], pc.utf8_slice_codeunits(column, 1))
            stripped.append(table.column_names[i])
    note = f"the space before every cell of {name} was left out in columns {shorten(map(repr, stripped))}"
    return table, [note] if stripped else []

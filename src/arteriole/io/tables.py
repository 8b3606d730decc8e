"""Tables: TSV by the BIDS rules, CSV that a spreadsheet cannot mistake for formulae."""

from __future__ import annotations

import csv
import io
import math
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from arteriole.errors import MetadataError
from arteriole.io.atomic import write_text

ABSENT = "n/a"
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def write_tsv(
    path: str | os.PathLike[str], rows: Iterable[Mapping[str, Any]], *, columns: Sequence[str]
) -> None:
    """Write rows as TSV by the BIDS rules: UTF-8, one header line, ``n/a`` for what is absent.

    Parameters
    ----------
    path : path
        The file to write, whole or not at all.
    rows : iterable of mapping
        Values by column; None, NaN, an empty text or no entry become ``n/a``. Numbers are written
        in full; booleans as ``true`` and ``false``; tabs and line ends in text become spaces.
    columns : sequence of str
        The columns, in order.

    Raises
    ------
    ValueError
        If a row has a column that is not listed.
    OutputError
        If the file cannot be written.
    """
    lines = ["\t".join(columns)]
    for row in rows:
        _check(row, columns)
        lines.append("\t".join(cell(row.get(column)) for column in columns))
    write_text(path, "\n".join(lines) + "\n")


def write_csv(
    path: str | os.PathLike[str], rows: Iterable[Mapping[str, Any]], *, columns: Sequence[str]
) -> None:
    """Write rows as CSV for spreadsheets; text that one would run as a formula gets a ``'``.

    Numbers stay numbers, negative ones too. Otherwise as `write_tsv`.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([_harmless(column) for column in columns])
    for row in rows:
        _check(row, columns)
        writer.writerow([_harmless(row.get(column)) for column in columns])
    write_text(path, text.getvalue())


def read_tsv(path: str | os.PathLike[str]) -> list[dict[str, str | None]]:
    """Read a TSV file: one mapping a row; ``n/a`` and empty cells are None.

    Raises
    ------
    MetadataError
        If it cannot be read, is not UTF-8, repeats a column, or a row has another length.
    """
    try:
        text = Path(path).read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise MetadataError(f"cannot be read ({error.strerror})", file=path) from error
    except UnicodeDecodeError as error:
        raise MetadataError("is not UTF-8 text", file=path, remedy="Save it as UTF-8.") from error
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines:
        return []
    columns = lines[0].split("\t")
    if len(set(columns)) < len(columns):
        raise MetadataError("names a column twice", file=path)
    rows: list[dict[str, str | None]] = []
    for number, line in enumerate(lines[1:], start=2):
        cells = line.split("\t")
        if len(cells) != len(columns):
            raise MetadataError(
                f"row {number} has {len(cells)} cells, the header {len(columns)}",
                file=path,
                remedy="Cells are separated by one tab each.",
            )
        rows.append({c: _present(v) for c, v in zip(columns, cells, strict=True)})
    return rows


def cell(value: object) -> str:
    """Return the text of a TSV cell.

    Examples
    --------
    >>> [cell(v) for v in (None, float("nan"), True, 0.1, "a b")]
    ['n/a', 'n/a', 'true', '0.1', 'a b']
    """
    value = value.item() if hasattr(value, "item") else value
    if value is None or value == "" or (isinstance(value, float) and math.isnan(value)):
        return ABSENT
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(value)
    return " ".join(str(value).split()) or ABSENT


def _harmless(value: object) -> str:
    """Return the text of a CSV cell that no spreadsheet takes for a formula."""
    plain = value.item() if hasattr(value, "item") else value
    text = cell(plain)
    is_number = isinstance(plain, int | float) and not isinstance(plain, bool)
    return f"'{text}" if text.startswith(_FORMULA) and not is_number else text


def _check(row: Mapping[str, Any], columns: Sequence[str]) -> None:
    """Refuse a row with a column that would be lost."""
    unknown = [key for key in row if key not in columns]
    if unknown:
        raise ValueError(f"a row has the column {unknown[0]!r}, which is not listed")


def _present(text: str) -> str | None:
    """Return a cell's text, or None if it says that there is none."""
    return None if text.strip() in ("", ABSENT) else text

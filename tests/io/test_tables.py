from __future__ import annotations

import csv
import os

import numpy as np
import pytest

from arteriole.errors import MetadataError, OutputError
from arteriole.io.tables import read_tsv, write_csv, write_tsv

COLUMNS = ("name", "value")


def rows_of(*values):
    return [{"name": f"r{k}", "value": value} for k, value in enumerate(values)]


def test_tsv_writes_values_by_the_bids_rules(tmp_path):
    path = tmp_path / "a.tsv"
    values = (1, -2.5, np.float32(0.5), np.int64(7), None, float("nan"), "", True, "a\tb\nc", "χ")
    write_tsv(path, rows_of(*values), columns=COLUMNS)
    lines = path.read_bytes().decode("utf-8").split("\n")
    assert lines[0] == "name\tvalue"
    assert [line.split("\t")[1] for line in lines[1:-1]] == [
        "1", "-2.5", "0.5", "7", "n/a", "n/a", "n/a", "true", "a b c", "χ",
    ]  # fmt: skip
    assert lines[-1] == ""


def test_tsv_round_trip(tmp_path):
    path = tmp_path / "a.tsv"
    write_tsv(path, [{"name": "x"}, {"name": "y", "value": 0.1}], columns=COLUMNS)
    assert read_tsv(path) == [{"name": "x", "value": None}, {"name": "y", "value": "0.1"}]
    assert float(read_tsv(path)[1]["value"]) == 0.1


def test_an_empty_table_has_its_header(tmp_path):
    write_tsv(tmp_path / "a.tsv", [], columns=COLUMNS)
    assert (tmp_path / "a.tsv").read_text() == "name\tvalue\n"
    assert read_tsv(tmp_path / "a.tsv") == []


@pytest.mark.parametrize("text", ['=HYPERLINK("x")', "+1", "-1", "@sum", "=1+1"])
def test_csv_escapes_what_a_spreadsheet_would_run(tmp_path, text):
    write_csv(tmp_path / "a.csv", rows_of(text), columns=COLUMNS)
    with (tmp_path / "a.csv").open(newline="") as file:
        assert list(csv.reader(file))[1] == ["r0", f"'{text}"]


def test_csv_keeps_numbers_and_harmless_text(tmp_path):
    values = (-1.5, np.float64(-2), -3, "a, b", 'say "x"', None, False)
    write_csv(tmp_path / "a.csv", rows_of(*values), columns=COLUMNS)
    with (tmp_path / "a.csv").open(newline="") as file:
        got = [row[1] for row in list(csv.reader(file))[1:]]
    assert got == ["-1.5", "-2.0", "-3", "a, b", 'say "x"', "n/a", "false"]


@pytest.mark.parametrize("write", [write_tsv, write_csv])
def test_a_column_that_is_not_listed_is_refused(tmp_path, write):
    with pytest.raises(ValueError, match="the column 'other', which is not listed"):
        write(tmp_path / "a", [{"other": 1}], columns=COLUMNS)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a\tb\n1\n", r"row 2 has 1 cells, the header 2\. Cells are separated"),
        (b"a\ta\n1\t2\n", "names a column twice"),
        (b"a\n\xff\n", "is not UTF-8"),
    ],
)
def test_tables_that_are_refused(tmp_path, content, message):
    path = tmp_path / "a.tsv"
    path.write_bytes(content)
    with pytest.raises(MetadataError, match=message) as caught:
        read_tsv(path)
    assert caught.value.file == str(path)


def test_missing_table_and_full_disk(tmp_path):
    with pytest.raises(MetadataError, match="cannot be read"):
        read_tsv(tmp_path / "no.tsv")
    (tmp_path / f"a.tsv.{os.getpid()}.part").symlink_to("/dev/full")
    with pytest.raises(OutputError, match="the disk is full"):
        write_tsv(tmp_path / "a.tsv", rows_of(1), columns=COLUMNS)

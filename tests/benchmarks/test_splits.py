"""Label maps are used as the splits say: each use goes through `benchmarks/splits.py`."""

from __future__ import annotations

import ast
import importlib.util
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ("benchmarks", "tests", "src", "examples", "docs", "training")
OWN = {ROOT / "benchmarks" / "splits.py", Path(__file__)}


def reader():
    spec = importlib.util.spec_from_file_location("splits", ROOT / "benchmarks" / "splits.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def misuses(text: str, *, in_benchmarks: bool) -> list[str]:
    """What a source says that only the reader may say, line by line."""
    lines = text.splitlines()
    found = []
    for node in ast.walk(ast.parse(text)):
        said = node.value if isinstance(node, ast.Constant) else None
        if isinstance(said, str) and (
            "training_seg" in said or said.strip("/").endswith("data/label_maps")
        ):
            found.append(f"{node.lineno}: names a label map's path")
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            part = node.right
            if isinstance(part, ast.Constant) and part.value == "label_maps":
                found.append(f"{node.lineno}: names a label map's path")
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if name != "label_maps":
            continue
        given = [*node.args, *[k.value for k in node.keywords]]
        if len(given) != 1 or not isinstance(given[0], ast.Constant):
            found.append(f"{node.lineno}: a split is named by a literal")
        elif given[0].value == "test":
            marked = lines[node.lineno - 1].rstrip().endswith("# test row")
            if not (in_benchmarks and marked):
                found.append(f"{node.lineno}: test maps are for marked rows of benchmarks")
    return found


def test_splits_are_those_of_the_workshop():
    maps = tomllib.loads((ROOT / "benchmarks" / "splits.toml").read_text())["maps"]
    assert maps == {
        "train": list(range(1, 10)),
        "validate": [10, 11, 12],
        "test": [13, 14, 15, 16],
    }


@pytest.mark.real_data
def test_reader_gives_paths(real_data):
    paths = reader().label_maps("train")
    assert len(paths) == 9
    assert len({*paths}) == 9
    assert all(p.is_file() for p in paths)
    assert paths[0].name.endswith("01.nii.gz")


def test_reader_refuses_unknown_splits():
    with pytest.raises(ValueError, match=r"no split 'all'; there are \['test', 'train', 'valid"):
        reader().label_maps("all")


def test_reader_says_where_a_map_is_missing(monkeypatch, tmp_path):
    module = reader()
    monkeypatch.setattr(module, "DATA", tmp_path)
    with pytest.raises(FileNotFoundError, match="set ARTERIOLE_DATA"):
        module.label_maps("train")


def test_nothing_uses_a_label_map_in_another_way():
    found = []
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if path not in OWN:
                inside = folder == "benchmarks"
                found += [
                    f"{path.relative_to(ROOT)}:{m}"
                    for m in misuses(path.read_text(), in_benchmarks=inside)
                ]
    assert not found, found


@pytest.mark.parametrize(
    ("source", "in_benchmarks", "count"),
    [
        ('label_maps("train")', False, 0),
        ('label_maps("validate")[0]', True, 0),
        ('label_maps("test")', True, 1),
        ('label_maps("test")  # test row', True, 0),
        ('label_maps("test")  # test row', False, 1),
        ("label_maps(split)", True, 1),
        ('path = data / "label_maps" / name', True, 1),
        ('open("training_seg_13.nii.gz")', True, 1),
        ('glob("/work/shared/data/label_maps")', False, 1),
    ],
)
def test_the_search_finds_what_it_should(source, in_benchmarks, count):
    assert len(misuses(source, in_benchmarks=in_benchmarks)) == count

"""Every example runs, in the order of the flow, in one folder that starts empty."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

EXAMPLES = sorted((Path(__file__).parents[1] / "examples").glob("*.py"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("examples")


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_example_runs_and_says_something(example, folder, monkeypatch, capfd):
    monkeypatch.chdir(folder)
    runpy.run_path(str(example), run_name="__main__")
    assert capfd.readouterr().out.strip()


def test_examples_are_numbered_without_a_gap():
    assert [path.name[:2] for path in EXAMPLES] == [f"{n:02}" for n in range(1, len(EXAMPLES) + 1)]

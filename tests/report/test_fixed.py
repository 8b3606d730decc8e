from __future__ import annotations

import ast
import inspect
from importlib import import_module
from pathlib import Path

import pytest
from stories import make_record, make_story

import arteriole
from arteriole.report.fixed import PASSED, fixed_parameters
from arteriole.settings import Settings

SOURCE = Path(arteriole.__file__).parent


def keywords_in_the_flow(name: str, alias: str) -> set[str]:
    """Return the keywords that a stage of the flow gives to a function, or to its local alias."""
    found: set[str] = set()
    for stage in SOURCE.glob("*/stage.py"):
        tree = ast.parse(stage.read_text())
        for call in (n for n in ast.walk(tree) if isinstance(n, ast.Call)):
            if isinstance(call.func, ast.Name) and call.func.id in (name, alias):
                found |= given_by(call)
            elif is_handed_on(call, name):
                found |= given_by(call)
                found |= set().union(*(given_by(c) for c in calls_of(tree, "method")))
    return found


def given_by(call):
    expanded = {"voxel_size_mm", "b0_direction"}
    return set().union(*({k.arg} if k.arg else expanded for k in call.keywords))


def is_handed_on(call, name):
    """Whether the call is ``_by(name, ...)``, which calls it as ``method``."""
    by = isinstance(call.func, ast.Name) and call.func.id == "_by"
    return by and isinstance(call.args[0], ast.Name) and call.args[0].id == name


def calls_of(tree, name):
    calls = (n for n in ast.walk(tree) if isinstance(n, ast.Call))
    return [c for c in calls if isinstance(c.func, ast.Name) and c.func.id == name]


ALIASES = {"fit_r2star_arlo": "fit", "fit_r2star_nonlinear": "fit", "swi_clear": "weigh",
           "swi_classic": "weigh"}  # fmt: skip


@pytest.mark.parametrize("path", PASSED)
def test_table_knows_what_the_flow_passes(path):
    """A parameter that the flow passes must not be told as fixed, nor the other way round."""
    module, _, name = path.partition(":")
    function = getattr(import_module(f"arteriole.{module}"), name)
    optional = {
        key
        for key, parameter in inspect.signature(function).parameters.items()
        if parameter.default is not parameter.empty
    }
    given = keywords_in_the_flow(name, ALIASES.get(name, name))
    assert given, f"no stage calls {name}"
    assert PASSED[path] == optional & given


def test_fixed_parameters_of_the_method_used_are_told():
    record = make_record(make_story().grid)
    settings = Settings.from_pairs(["susceptibility.method=tkd"]).to_dict()
    for step in record["steps"]:
        step["settings"] = {}
    story = make_story(settings=settings, record=record)
    told = fixed_parameters(story, "Dipole inversion")
    assert any(line.startswith("invert_tkd: pad_mm = ") for line in told)
    assert not any("invert_tv" in line for line in told)
    assert not any("threshold" in line for line in told)


def test_one_echo_has_no_offset_and_no_combination():
    record = make_record(make_story().grid)
    record["scan"]["te_s"] = [0.02]
    story = make_story(record=record)
    assert fixed_parameters(story, "Phase offset") == []
    assert fixed_parameters(story, "Echo combination") == []
    assert fixed_parameters(make_story(), "Phase offset")


def test_items_without_a_function_have_none():
    assert fixed_parameters(make_story(), "Referencing") == []

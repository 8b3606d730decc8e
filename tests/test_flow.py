"""Which steps the flow takes from what is given."""

from __future__ import annotations

import numpy as np
import pytest

from arteriole.flow import STEPS, run_in_memory, steps_towards
from arteriole.grid import Grid
from arteriole.step import Acquisition

RAW = ("magnitude", "phase")


def names(targets, given):
    return [step.name for step in steps_towards(targets, given=given)]


def test_everything_from_raw_echoes():
    every = {name for step in STEPS for name in step.makes}
    assert names(every, RAW) == [step.name for step in STEPS]


@pytest.mark.parametrize(
    ("targets", "given", "expected"),
    [
        (["r2star_hz"], RAW, ["brain", "r2star"]),
        (["swi"], (*RAW, "brain_mask"), ["swi"]),
        (["chi_ppm"], RAW, ["brain", "phase", "field", "susceptibility"]),
        (["chi_ppm"], ("total_field_hz", "brain_mask"), ["field", "susceptibility"]),
        (["chi_ppm"], (*RAW, "total_field_hz"), ["brain", "field", "susceptibility"]),
        (["chi_ppm"], ("local_field_hz", "qsm_mask", "field_noise_hz"), ["susceptibility"]),
    ],
)
def test_only_what_leads_to_the_target(targets, given, expected):
    assert names(targets, given) == expected


def test_a_field_that_is_given_is_the_one_that_is_inverted():
    """A ball of 0.1 ppm from its closed-form field, in Hz at 3 T, with its mask."""
    grid = Grid.from_voxel_size((32, 32, 32), (2.0, 2.0, 2.0))
    x, y, z = np.meshgrid(*[(np.arange(32) - 15.5) * 2.0] * 3, indexing="ij")
    square = x**2 + y**2 + z**2
    field_ppm = 0.1 / 3 * 8.0**3 * (3 * z**2 - square) / square**2.5
    field_hz = np.where(square > 64, field_ppm, 0).astype(np.float32) * 127.7
    given = {"total_field_hz": field_hz, "brain_mask": square < 28**2}
    values = run_in_memory(given, Acquisition(grid, 3.0, (0.0, 0.0, 1.0)), targets=["chi_ppm"])
    assert values["total_field_hz"] is field_hz
    chi = values["chi_ppm"]
    around = values["qsm_mask"] & (square > 12**2)
    assert chi[square < 36].mean() - chi[around].mean() == pytest.approx(0.1, abs=0.03)


def test_every_step_has_its_work():
    """Steps name their work by module and function; each must be there."""
    from importlib import import_module

    from arteriole.flow import STEPS

    for step in STEPS:
        module, _, name = step.work.__name__.partition(":")
        assert callable(getattr(import_module(module), name))


def test_the_table_is_read_without_the_science():
    import subprocess
    import sys

    code = (
        "import sys, arteriole.flow, arteriole.run.keys\n"
        "print(sorted({'numba', 'scipy', 'matplotlib', 'nibabel'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

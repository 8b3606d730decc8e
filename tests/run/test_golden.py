"""What the steps give for one fixed scan, kept: results do not change without a raised version.

When this fails and the change is wanted: raise the version of the step in ``flow.py``, list it in
``CHANGELOG.md`` under *Changed results*, and write the new values with

    ARTERIOLE_NEW_GOLDEN=1 .venv/bin/pytest tests/run/test_golden.py
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest

from arteriole.flow import STEPS, run_in_memory
from arteriole.grid import Grid
from arteriole.phantom.scanner.dipole_field import sphere_field
from arteriole.settings import Settings
from arteriole.step import Acquisition
from arteriole.units import hz_per_ppm

GOLDEN = Path(__file__).with_name("golden.json")
NO_ANATOMY = "anatomy.method=none"
TE_S = (0.005, 0.012, 0.019)


def fixed_scan() -> tuple[dict[str, np.ndarray], Acquisition]:
    """Return an ellipsoid head with a ring of skull; the field is that of spheres, closed form."""
    turn = np.radians(15.0)
    axes = [[1, 0, 0], [0, np.cos(turn), -np.sin(turn)], [0, np.sin(turn), np.cos(turn)]]
    grid = Grid.from_voxel_size((72, 84, 50), (2.4, 2.4, 3.0), axes)
    world = grid.to_world(np.moveaxis(np.indices(grid.shape), 0, -1))
    radius = np.sqrt((world**2 / np.square([66.0, 82.0, 62.0])).sum(-1))
    signal = np.where(radius < 1, 900.0 + 80 * np.sin(world[..., 0] / 9), 0.0)
    signal += np.where((radius > 1.14) & (radius < 1.24), 700.0, 0.0)
    field_ppm = np.zeros(grid.shape)
    for place, size, chi in (
        ((0, 95, -45), 22.0, 9.4), ((0, -4, 0), 7.0, 0.2), ((24, 10, 8), 6.0, 0.15),
        ((-26, 12, 8), 6.0, 0.15), ((30, -40, 20), 2.5, 0.8), ((-34, 30, -4), 2.5, -0.8),
    ):  # fmt: skip
        offset = world - np.asarray(place, float)
        field_ppm += sphere_field(offset, radius_mm=size, chi_ppm=chi, b0_direction=(0.0, 0.0, 1.0))
    field_hz = field_ppm * hz_per_ppm(3.0)
    offset_rad = 0.8 + world[..., 0] / 90
    rng = np.random.default_rng(8)
    echoes = [
        signal * np.exp(-te * 22.0 + 1j * (2 * np.pi * field_hz * te + offset_rad))
        + rng.normal(0, 12, grid.shape) + 1j * rng.normal(0, 12, grid.shape)
        for te in TE_S
    ]  # fmt: skip
    magnitude = np.abs(echoes).astype(np.float32)
    phase = np.angle(echoes).astype(np.float32)
    return {"magnitude": magnitude, "phase": phase}, Acquisition(grid, 3.0, grid.b0_direction, TE_S)


def fingerprint(value: np.ndarray) -> list[float]:
    """Return mean, spread and 24 smooth projections of a map: few numbers that all voxels move."""
    flat = value.astype(np.float64).ravel()
    place = np.linspace(0, 1, flat.size)
    waves = [np.mean(flat * np.cos(np.pi * (3 * k + 1) * place)) for k in range(24)]
    return [float(f"{x:.7g}") for x in (flat.mean(), flat.std(), *waves)]


@pytest.fixture(scope="module")
def made():
    """What the flow makes with its defaults; from the same maps what they leave out.

    The scan has no veins: faint tubes between its spheres stand for them.
    """
    given, acquisition = fixed_scan()
    values = run_in_memory(given, acquisition, Settings.from_pairs([NO_ANATOMY]))
    assert not values.pop("vein_mask").any()
    settings = Settings.from_pairs(["separation.method=closed-form", "veins.least_chi_ppm=0.01"])
    targets = ["chi_para_ppm", "vein_mask"]
    return run_in_memory(values, acquisition, settings, targets=targets)


def test_results_are_those_of_the_stated_versions(made):
    now = {
        step.name: {
            "version": step.version,
            "values": {name: fingerprint(made[name]) for name in step.makes},
        }
        for step in STEPS
        # Regions make a table, of a map that is not given here; the ball is no anatomy.
        if step.name != "regions" and "anatomy" not in step.settings
    }
    if os.environ.get("ARTERIOLE_NEW_GOLDEN"):
        GOLDEN.write_text(json.dumps(now, indent=1) + "\n")
    kept = json.loads(GOLDEN.read_text())
    assert now.keys() == kept.keys()
    for name, step in now.items():
        assert step["version"] == kept[name]["version"], f"write new values for {name}"
        for value, numbers in step["values"].items():
            spread = abs(kept[name]["values"][value][1]) + 1e-12
            np.testing.assert_allclose(
                numbers, kept[name]["values"][value], atol=2e-4 * spread, rtol=1e-5,
                err_msg=f"{value} changed: raise the version of {name} (see this file's top)",
            )  # fmt: skip


def test_a_small_change_is_seen(made):
    """One per cent in a thousandth of the brain moves the fingerprint beyond the tolerance."""
    chi = made["chi_ppm"].copy()
    before = np.array(fingerprint(chi))
    inside = np.flatnonzero(made["qsm_mask"])
    chi.ravel()[inside[: inside.size // 1000]] += 0.05
    moved = np.abs(np.array(fingerprint(chi)) - before)
    assert (moved > 2e-4 * before[1]).any()


def test_the_fixed_scan_is_a_sensible_one(made):
    assert 1200 < made["brain_mask"].sum() * 2.4 * 2.4 * 3 / 1000 < 1600
    assert 15 < np.median(made["r2star_hz"][made["brain_mask"]]) < 30
    assert made["qsm_mask"].sum() > 0.8 * made["brain_mask"].sum()

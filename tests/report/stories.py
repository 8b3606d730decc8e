"""A small made-up session: arrays without the pipeline."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace

import numpy as np

from arteriole.grid import Grid
from arteriole.report.story import Story
from arteriole.settings import Settings

TE_S = (0.004, 0.012, 0.020)


def tilt(degrees: float) -> np.ndarray:
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return np.array([[1, 0, 0], [0, c, -s], [0, s, c]])


def make_values(shape=(30, 36, 14)) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(7)
    x, y, z = np.meshgrid(*[np.linspace(-1, 1, n) for n in shape], indexing="ij")
    brain = x**2 + y**2 + z**2 < 0.7
    qsm = x**2 + y**2 + z**2 < 0.55
    field = (20 * x * z).astype(np.float32) * brain
    te = np.array(TE_S)[:, None, None, None]
    magnitude = (100 * np.exp(-25 * te) * brain + rng.rayleigh(1, (3, *shape))).astype(np.float32)
    phase = np.angle(np.exp(2j * np.pi * field * te)).astype(np.float32)
    chi = (0.05 * rng.standard_normal(shape)).astype(np.float32) * qsm
    return {
        "magnitude": magnitude,
        "phase": phase,
        "brain_mask": brain,
        "qsm_mask": qsm,
        "total_field_hz": field,
        "field_noise_hz": np.full(shape, 0.4, np.float32),
        "local_field_hz": 0.1 * field,
        "chi_ppm": chi,
        "chi_uncertainty_ppm": np.full(shape, 0.012, np.float32) * qsm,
        "r2star_hz": np.full(shape, 25.0, np.float32) * brain,
        "swi": magnitude[-1],
        "minip": magnitude[-1],
    }


def make_region(name: str, side: str | None) -> dict:
    """What a step notes of a region; the right side has no chi in the mask."""
    spread = {"mean": 0.0612, "sd": 0.0123, "median": 0.0597, "p5": 0.04, "p95": 0.08}
    maps = {"chi": spread, "r2star": {key: 500 * value for key, value in spread.items()}}
    there = side != "right"
    return {
        "region": name, "side": side, "voxels": 1200 * there, "volume_mm3": 4800.0,
        "measured": 0.75 * there, "maps": maps if there else {},
        "status": "ok" if there else "outside the mask",
    }  # fmt: skip


def make_record(grid: Grid) -> dict:
    settings = Settings().to_dict()

    def step(name: str, **facts) -> dict:
        return {
            "name": name, "version": 1, "key": "0a", "status": "done", "reason": "",
            "settings": {name: settings.get(name, {})}, "outputs": [], "facts": facts,
            "seconds": 1.25, "peak_memory_mib": 512.0,
        }  # fmt: skip

    return {
        "schema_version": 1,
        "arteriole_version": "0.1.0",
        "seed": 3,
        "inputs": [{"file": "sub-01/anat/sub-01_part-mag_MEGRE.nii.gz", "role": "magnitude"}],
        "ignored": [{"file": "sub-01/anat/sub-01_T1w.nii.gz", "reason": "not a gradient echo"}],
        "scan": {
            "b0_tesla": 3.0, "te_s": list(TE_S), "shape": list(grid.shape),
            "voxel_size_mm": list(grid.voxel_size_mm), "obliquity_deg": 20.0,
            "b0_direction": list(grid.b0_direction), "manufacturer": "Siemens", "model": "Prisma",
            "phase_source": "integers of 0 to 4095 stand for -pi to pi",
        },
        "steps": [
            step("brain", volume_ml=1400.0), step("phase", wraps_left=0.0), step("field", kept=0.7),
            step("susceptibility", streak_index=0.3), step("uncertainty", rim_index=0.8),
            step("r2star"), step("swi", method="clear"),
            step("separation", r2="one number for all tissue"),
            step("veins", volume_ml=3.2, regions=[make_region("veins", None)]),
            step("regions", regions=[make_region("putamen", side) for side in ("left", "right")]),
        ],
        "versions": {"python": "3.11.7", "numpy": "2.1.0"},
        "warnings": ["the phase of echo 2 is noisy"],
    }  # fmt: skip


def make_story(**changes) -> Story:
    grid = Grid.from_voxel_size((30, 36, 14), (1.0, 1.0, 3.0), tilt(20))
    reference = SimpleNamespace(region="brain", mean_ppm=0.0123, std_ppm=0.0456)
    row = {
        "name": "chi_spread", "region": "brain", "value": 0.04561, "unit": "ppm", "status": "ok",
        "words": "Spread of susceptibility",
    }  # fmt: skip
    story = Story(
        label="sub-01_ses-02",
        values=make_values(),
        grid=grid,
        record=make_record(grid),
        settings=Settings().to_dict(),
        measures=[row],
        reference=reference,
    )
    return dataclasses.replace(story, **changes)

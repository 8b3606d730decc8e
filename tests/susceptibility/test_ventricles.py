"""Fluid of the ventricles in a ball of brain with two slits of fluid, sulci and noise."""

from __future__ import annotations

import numpy as np
import pytest

from arteriole.susceptibility.ventricles import find_ventricular_fluid

SHAPE, VOXEL = (60, 64, 32), (2.0, 2.0, 3.0)
TE_S = (0.005, 0.015, 0.030)


@pytest.fixture(scope="module")
def head():
    """Magnitude of three echoes, brain mask, fluid of two ventricles, fluid at the rim."""
    rng = np.random.default_rng(5)
    axes = np.ix_(*[(np.arange(n) - (n - 1) / 2) * d for n, d in zip(SHAPE, VOXEL, strict=True)])
    x, y, z = axes
    brain = (x / 56) ** 2 + (y / 60) ** 2 + (z / 45) ** 2 < 1
    ventricles = ((np.abs(x) - 10) / 6) ** 2 + (y / 25) ** 2 + (z / 12) ** 2 < 1
    rim = brain & ((x / 50) ** 2 + (y / 54) ** 2 + (z / 40) ** 2 > 1)
    rate = np.where(ventricles | rim, 1.5, 20.0)
    signal = np.where(ventricles | rim, 40.0, 100.0) * brain
    noise = rng.standard_normal((3, 2, *SHAPE))
    echoes = [
        np.hypot(signal * np.exp(-rate * te) + 2 * n[0], 2 * n[1])
        for te, n in zip(TE_S, noise, strict=True)
    ]
    return np.array(echoes, dtype=np.float32), brain, ventricles, rim


def test_ventricles_are_found_and_sulci_are_not(head):
    magnitude, brain, ventricles, rim = head
    found = find_ventricular_fluid(magnitude, TE_S, brain, voxel_size_mm=VOXEL)
    assert (found & ventricles).sum() > 0.995 * found.sum()
    assert found.sum() > 0.2 * ventricles.sum()  # 6 mm wide: eroded and smoothed voxels go
    assert not (found & rim).any()


def test_both_sides_and_neither_unit_nor_type_matter(head):
    magnitude, brain, *_ = head
    found = find_ventricular_fluid(magnitude, TE_S, brain, voxel_size_mm=VOXEL)
    assert found[:30].sum() == pytest.approx(found[30:].sum(), rel=0.15)
    scaled = find_ventricular_fluid(
        magnitude.astype(np.float64) * 1024, TE_S, brain, voxel_size_mm=VOXEL
    )
    np.testing.assert_array_equal(found, scaled)


def test_nothing_is_found_where_there_is_too_little(head):
    magnitude, brain, ventricles, _ = head
    filled = np.where(ventricles, magnitude[:, 30:31, 5:6, 16:17], magnitude)
    filled = filled * np.where(ventricles, np.exp(-20 * np.array(TE_S))[:, None, None, None], 1)
    found = find_ventricular_fluid(filled, TE_S, brain, voxel_size_mm=VOXEL)
    assert not found.any()
    assert not find_ventricular_fluid(magnitude, TE_S, brain & False, voxel_size_mm=VOXEL).any()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"te_s": (0.01,)}, "do not fit"),
        ({"te_s": (0.03, 0.02, 0.01)}, "echo times increase"),
        ({"mask": np.ones((2, 2, 2), bool)}, "do not fit"),
    ],
)
def test_refuses(head, change, message):
    magnitude, brain, *_ = head
    given = {"te_s": TE_S, "mask": brain} | change
    with pytest.raises(ValueError, match=message):
        find_ventricular_fluid(magnitude, given["te_s"], given["mask"], voxel_size_mm=VOXEL)

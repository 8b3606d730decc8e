from __future__ import annotations

import importlib.util
from pathlib import Path

import numba
import numpy as np
import pytest

from arteriole.grid import Grid
from arteriole.phantom.anatomy.label_map import label_map_anatomy
from arteriole.phantom.painting.paint import cover

ROOT = Path(__file__).parents[3]
AS_LABELLED = {"elastic_mm": 0.0, "affine": 0.0}

SEEN = {
    "cortex": (3, 42),
    "white matter": (2, 41, 25, 57, 77),
    "cerebellar cortex": (8, 47),
    "cerebellar white matter": (7, 46),
    "brainstem": (16, 28, 60),
    "lateral ventricles": (4, 5, 43, 44, 72),
    "third and fourth ventricles": (14, 15),
    "caudate": (11, 50),
    "putamen": (12, 51),
    "pallidum": (13, 52),
    "thalamus": (10, 49),
    "hippocampus": (17, 53),
    "amygdala": (18, 54),
    "choroid plexus": (136, 137, 163, 164),
    "diploe": (516,),
}
"""Solid, and the labels that its visible part should be."""

PARTS = {
    "corpus callosum": "white matter", "internal capsule": "white matter",
    "optic radiation": "white matter", "red nucleus": "brainstem",
    "substantia nigra": "brainstem", "dentate nucleus": "cerebellar white matter",
    "lenses": "eyes",
}  # fmt: skip


def seen_ml(anatomy, grid) -> dict[str, float]:
    """Volume of what is seen of each solid, ml."""
    rest = np.ones(grid.shape, dtype=np.float32)
    out: dict[str, float] = {}
    for solid in reversed(anatomy.structures):
        share = cover(grid, solid) * np.float32(solid.strength)
        name = PARTS.get(solid.name, solid.name)
        volume = float((share * rest).sum(dtype=np.float64)) * grid.voxel_volume_mm3 * 1e-3
        out[name] = out.get(name, 0.0) + volume
        rest *= 1 - share
    return out


def errors(labels, grid, anatomy) -> dict[str, float]:
    """Relative error of each visible volume against the labels'."""
    seen = seen_ml(anatomy, grid)
    ml = grid.voxel_volume_mm3 * 1e-3
    out = {}
    for name, row in SEEN.items():
        count = float(np.isin(labels, row).sum()) * ml
        if count > 0.5:
            out[name] = seen[name] / count - 1
    return out


@pytest.fixture(scope="module")
def anatomy(written):
    return label_map_anatomy(*written, seed=3, spacing_mm=2.0, **AS_LABELLED)


def test_names_are_those_of_a_generated_head(anatomy, head):
    own = {"inner table", "mucosa", "falx", "tentorium"}
    assert set(head.anatomy.names) - own <= set(anatomy.names)
    assert len(set(anatomy.names)) == len(anatomy.names)


def test_volumes_are_those_of_the_map(written, anatomy):
    found = errors(*written, anatomy)
    for name in ("cortex", "white matter", "cerebellar cortex", "lateral ventricles"):
        assert abs(found.pop(name)) < 0.04
    assert max(abs(e) for e in found.values()) < 0.15
    assert len(found) > 7


def test_picture_is_the_map(written, anatomy):
    labels, grid = written
    rng = np.random.default_rng(5)
    voxels = np.argwhere(np.isin(labels, (2, 3, 12, 10, 4)))
    voxels = voxels[rng.integers(len(voxels), size=3000)]
    names = {2: "white matter", 3: "cortex", 12: "putamen", 10: "thalamus", 4: "lateral ventricles"}
    shown = [PARTS.get(n, n) for n in anatomy.name_at(grid.to_world(voxels))]
    right = [s == names[labels[tuple(v)]] for s, v in zip(shown, voxels, strict=True)]
    assert np.mean(right) > 0.95


def test_no_air_touches_the_brain(anatomy, rng):
    air = anatomy["air"]
    inside = np.argwhere(air.level > 0) * air.spacing_mm + np.asarray(air.origin_mm)
    assert anatomy.brain.depth(inside).max() < 0.5
    below = np.argwhere(anatomy.brain.level > 0)[::11] * anatomy.brain.spacing_mm
    below = below + np.asarray(anatomy.brain.origin_mm)
    assert anatomy["skin"].depth(below).min() > 4.0
    assert "" not in anatomy.name_at(below)


def test_trunk_hangs_below_the_head(anatomy):
    neck = anatomy.frame.to_world(np.array([[0.0, -34.0, -125.0]]))
    assert anatomy.trunk.depth(neck)[0] > 30
    assert anatomy["skin"].depth(neck)[0] > 20


def test_brain_mask_is_a_brain_with_its_sulci(anatomy):
    points = anatomy["cortex"].points()
    at = np.stack([c.ravel() for c in np.broadcast_arrays(*points)], axis=1)[::5]
    cortex = anatomy["cortex"].level.ravel()[::5] > 0
    inside = anatomy.brain.depth(at) > 0
    assert inside[cortex].mean() > 0.99


def test_turned_maps_give_the_same_head(coarse):
    labels, grid = coarse
    anatomy = label_map_anatomy(labels, grid, seed=3, spacing_mm=3.0, **AS_LABELLED)
    turned = np.ascontiguousarray(labels.transpose(2, 0, 1)[:, ::-1])
    step = np.zeros((4, 4))
    step[2, 0] = step[1, 2] = step[3, 3] = 1.0
    step[0, 1], step[0, 3] = -1.0, labels.shape[0] - 1
    other = label_map_anatomy(
        turned, Grid(turned.shape, grid.affine @ step), seed=3, spacing_mm=3.0, **AS_LABELLED
    )
    for one, two in zip(anatomy.structures, other.structures, strict=True):
        np.testing.assert_array_equal(one.level, two.level)


def test_same_seed_same_bytes_whatever_the_threads(coarse):
    def make(seed: int):
        return label_map_anatomy(*coarse, seed=seed, atrophy=0.4, spacing_mm=3.0)

    numba.set_num_threads(1)
    one = make(7)
    numba.set_num_threads(min(2, numba.config.NUMBA_NUM_THREADS))
    two, three = make(7), make(8)
    for a, b in zip(one.structures, two.structures, strict=True):
        np.testing.assert_array_equal(a.level, b.level)
    assert not np.array_equal(one["cortex"].level, three["cortex"].level)


def test_atrophy_changes_what_it_should(written, anatomy):
    labels, grid = written
    old = label_map_anatomy(labels, grid, seed=3, atrophy=1.0, spacing_mm=2.0, **AS_LABELLED)
    young, aged = seen_ml(anatomy, grid), seen_ml(old, grid)
    hollow = ("lateral ventricles", "third and fourth ventricles", "choroid plexus")
    assert sum(aged[n] for n in hollow) > 1.35 * sum(young[n] for n in hollow)
    assert aged["csf"] > 1.2 * young["csf"]
    assert 0.6 < aged["cortex"] / young["cortex"] < 0.97
    assert 0.65 < aged["hippocampus"] / young["hippocampus"] < 0.85
    assert aged["skull"] == pytest.approx(young["skull"], rel=0.02)


@pytest.mark.real_data
def test_a_real_map_keeps_its_volumes(real_data):
    labels, grid = first_training_map()
    anatomy = label_map_anatomy(labels, grid, seed=1, spacing_mm=2.0, **AS_LABELLED)
    found = errors(labels, grid, anatomy)
    for name in ("cortex", "white matter", "lateral ventricles", "cerebellar cortex"):
        assert abs(found.pop(name)) < 0.04
    assert max(abs(e) for e in found.values()) < 0.12
    assert {"mucosa", "venous sinuses", "arteries", "spinal cord"} < set(anatomy.names)


def first_training_map() -> tuple[np.ndarray, Grid]:
    """Every second voxel of the first training map."""
    spec = importlib.util.spec_from_file_location("splits", ROOT / "benchmarks" / "splits.py")
    splits = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(splits)
    import nibabel

    image = nibabel.load(splits.label_maps("train")[0])
    labels = np.asarray(image.dataobj)[::2, ::2, ::2].round().astype(np.int32)
    return labels, Grid(labels.shape, image.affine @ np.diag([2.0, 2.0, 2.0, 1.0]))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"atrophy": 1.5}, r"atrophy lies in \[0, 1\], not 1.5"),
        ({"elastic_mm": -1.0}, r"elastic shifts lie in \[0, 4\] mm, not -1.0"),
        ({"affine": 0.5}, r"affine changes lie in \[0, 0.1\], not 0.5"),
        ({"spacing_mm": 9.0}, "every 0.5 to 3 mm, not 9.0"),
        ({"extra": {3: "hair"}}, r"extra names \['hair'\]"),
    ],
)
def test_refuses(written, change, message):
    with pytest.raises(ValueError, match=message):
        label_map_anatomy(*written, seed=1, **change)


def test_refuses_what_is_no_label_map(written):
    labels, grid = written
    with pytest.raises(ValueError, match=r"labels have shape \(96, 116, 100\), the grid \(97"):
        label_map_anatomy(labels[1:], grid, seed=1)
    with pytest.raises(ValueError, match="labels are whole numbers, not float64"):
        label_map_anatomy(labels.astype(float), grid, seed=1)
    unknown = labels.copy()
    unknown[labels == 12] = 4711
    with pytest.raises(ValueError, match=r"unknown labels: 4711 \(\d+ voxels\)"):
        label_map_anatomy(unknown, grid, seed=1)


def test_refuses_a_brain_without_a_head(written):
    labels, grid = written
    brain = np.where(labels > 500, 0, labels)
    with pytest.raises(ValueError, match="holds a brain without skull and scalp"):
        label_map_anatomy(brain, grid, seed=1)

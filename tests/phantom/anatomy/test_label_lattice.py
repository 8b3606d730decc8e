from __future__ import annotations

import numpy as np
import pytest

from arteriole.grid import Grid
from arteriole.phantom.anatomy.label_lattice import NECK_MM, lay_out
from arteriole.phantom.anatomy.label_table import code, named

AIR, SKIN, SOFT, BONE, CSF, CORTEX = 0, 511, 507, 515, 24, 3


def shells(spacing_mm: float = 2.0, size: int = 64) -> tuple[np.ndarray, Grid]:
    """A round head of cortex, fluid, bone, soft tissue and skin on a neck that is cut."""
    grid = Grid.from_voxel_size((size,) * 3, (spacing_mm,) * 3)
    at = grid.to_world(np.stack(np.meshgrid(*[np.arange(size)] * 3, indexing="ij"), axis=-1))
    x, y, z = np.moveaxis(at, -1, 0)
    z = z - 8
    r = np.sqrt(x**2 + y**2 + z**2)
    labels = np.zeros(grid.shape, dtype=np.int32)
    labels[(np.sqrt(x**2 + y**2) < 30) & (z < 0)] = SOFT
    for radius, label in ((50, SKIN), (46, SOFT), (40, BONE), (35, CSF), (32, CORTEX)):
        labels[r < radius] = label
    labels[..., : int(8 / spacing_mm)] = 0
    return labels, grid


def laid(labels, grid):
    marked, fill = named(labels, extra={})
    return lay_out(marked, grid, fill=fill)


def litres(space, name: str) -> float:
    return float((space.codes == code(name)).sum()) * space.spacing_mm**3 * 1e-6


@pytest.mark.parametrize(
    ("order", "flips"),
    [((0, 1, 2), (1, -1, 1)), ((2, 0, 1), (1, 1, 1)), ((1, 2, 0), (-1, 1, -1))],
)
def test_axis_order_and_flips_do_not_matter(order, flips):
    labels, grid = shells()
    matrix = np.zeros((4, 4))
    matrix[3, 3] = 1.0
    for new, (old, flip) in enumerate(zip(order, flips, strict=True)):
        matrix[old, new] = flip
        matrix[old, 3] = 0 if flip > 0 else grid.shape[old] - 1
    index = tuple(slice(None, None, f) for f in flips)
    turned = labels.transpose(order)[index]
    other = laid(np.ascontiguousarray(turned), Grid(turned.shape, grid.affine @ matrix))
    same = laid(labels, grid)
    np.testing.assert_array_equal(other.codes, same.codes)
    np.testing.assert_allclose(other.origin_mm, same.origin_mm)


def test_oblique_and_anisotropic_maps_are_resampled():
    labels, grid = shells()
    c, s = np.cos(0.3), np.sin(0.3)
    turn = np.array([[1, 0, 0], [0, c, -s], [0, s, c]])
    turned = Grid.from_voxel_size(grid.shape, (2.0, 2.0, 2.0), turn)
    one, two = laid(labels, grid), laid(labels, turned)
    for name in ("cortex", "bone", "skin"):
        assert litres(two, name) == pytest.approx(litres(one, name), rel=0.12)
    thick = Grid((64, 64, 32), grid.affine @ np.diag([1.0, 1.0, 2.0, 1.0]))
    coarse = laid(np.ascontiguousarray(labels[:, :, ::2]), thick)
    assert coarse.spacing_mm == pytest.approx(2.0 * 2 ** (1 / 3))
    assert litres(coarse, "cortex") == pytest.approx(litres(one, "cortex"), rel=0.1)


def test_a_cut_neck_goes_on_downwards():
    labels, grid = shells()
    space = laid(labels, grid)
    first = np.flatnonzero((space.codes != 0).any(axis=(0, 1)))[0]
    lowest = grid.to_world([0, 0, int(np.flatnonzero(labels.any(axis=(0, 1)))[0])])[2]
    assert space.world([0, 0, first])[2] == pytest.approx(lowest - NECK_MM, abs=6.0)
    below = space.codes[:, :, first : first + 5]
    assert set(np.unique(below)) <= {0, code("soft tissue")}


def test_a_cut_vertex_is_closed_by_a_dome():
    labels, grid = shells()
    cut = np.array(labels)
    cut[:, :, 46:] = 0
    space = laid(cut, grid)
    high = [int(np.flatnonzero((space.codes == code(n)).any(axis=(0, 1)))[-1]) for n in
            ("cortex", "csf", "bone", "soft tissue", "skin")]  # fmt: skip
    assert high == sorted(high)
    assert len({*high}) == 5
    whole = laid(labels, grid)
    assert litres(space, "cortex") == pytest.approx(litres(whole, "cortex"), rel=0.15)


def test_what_floats_around_the_head_goes():
    labels, grid = shells()
    labels[2:5, 2:5, 40:43] = BONE
    space = laid(labels, grid)
    np.testing.assert_array_equal(space.codes, laid(shells()[0], grid).codes)


def test_hollows_are_air_and_single_voxels_are_filled():
    labels, grid = shells()
    labels[32, 50:54, 28:34] = 0
    labels[31:34, 10, 35] = 0
    space = laid(labels, grid)
    assert 10 < (space.codes == code("air")).sum() < 40
    box = space.codes[:, : space.codes.shape[1] // 2]
    assert not (box == code("air")).any()


def test_voxels_without_a_name_take_the_nearest():
    labels, grid = shells()
    small = labels == CORTEX
    labels[30:32, 30:32, 30:32] = 30
    assert small.sum() == (laid(labels, grid).codes == code("cortex")).sum()


def test_a_brain_alone_is_told():
    labels, grid = shells()
    labels[np.isin(labels, (SKIN, SOFT, BONE))] = 0
    assert not laid(labels, grid).whole_head

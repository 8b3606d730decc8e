from __future__ import annotations

import numpy as np
import pytest

from arteriole.grid import Grid
from arteriole.phantom import tissue
from arteriole.phantom.anatomy.structure import Structure
from arteriole.phantom.lesions.lesion import Lesion, LesionTruth
from arteriole.phantom.painting.lesion_map import lesion_map
from arteriole.phantom.vessels.tubes import Tubes

GRID = Grid.from_voxel_size((24, 26, 20), (1.0, 1.0, 2.0))


def truth(kind, centre, diameter):
    return LesionTruth(kind, centre, diameter, 1.0, "frontal lobe", "left")


def ball(centre, diameter):
    return Lesion(truth("microbleed", centre, diameter))


def solid(centre, radius):
    axis = np.arange(-10.0, 10.5, 0.5)
    away = np.sqrt(sum(a**2 for a in np.meshgrid(axis, axis, axis, indexing="ij")))
    level = (radius - away).astype(np.float32)
    origin = tuple(c - 10.0 for c in centre)
    return Structure("lesion", tissue.HYPERINTENSITY, level, origin, 0.5)


def tube(start, end, radius):
    row = [np.asarray([v], dtype=np.float32) for v in (start, end, (radius, radius))]
    number = np.zeros(1, dtype=np.int32)
    return Tubes(tissue.PERIVASCULAR, *row, np.zeros(1, dtype=np.float32), number)


def test_volumes_are_those_of_the_lesions():
    one = ball((-5.5, -4.5, 1.0), 6.0)
    two = Lesion(truth("hyperintensity", (4.0, 5.0, 0.0), 12.0), solids=(solid((4, 5, 0), 6.0),))
    found = lesion_map([one, two], GRID)
    for row, lesion in enumerate((one, two), start=1):
        volume = (found == row).sum() * GRID.voxel_volume_mm3
        assert volume == pytest.approx(lesion.truth.volume_mm3, rel=0.12)
        cells = GRID.to_world(np.argwhere(found == row))
        np.testing.assert_allclose(cells.mean(axis=0), lesion.truth.centre_mm, atol=0.4)


def test_the_smallest_keeps_a_voxel():
    found = lesion_map([ball((2.3, 1.1, 4.4), 0.8)], GRID)
    (cell,) = np.argwhere(found == 1)
    assert np.abs(GRID.to_voxel((2.3, 1.1, 4.4)) - cell).max() <= 0.5


def test_a_thin_tube_is_marked_along_its_length():
    line = Lesion(
        truth("perivascular space", (0.0, 0.0, 1.0), 2.0), tubes=tube((-8, 0, 1), (8, 0, 1), 0.4)
    )
    found = np.argwhere(lesion_map([line], GRID) == 1)
    assert 12 <= np.ptp(found[:, 0]) + 1 <= 18
    assert np.ptp(found[:, 1]) <= 1


def test_later_rows_cover_earlier_ones_and_outside_is_nothing():
    one, two = ball((0.0, 0.0, 0.0), 8.0), ball((0.0, 0.0, 0.0), 3.0)
    found = lesion_map([one, two, ball((200.0, 0.0, 0.0), 3.0)], GRID)
    assert set(np.unique(found)) == {0, 1, 2}
    far = Lesion(truth("hyperintensity", (90, 0, 0), 8.0), solids=(solid((90, 0, 0), 4.0),))
    assert not lesion_map([far], GRID).any()

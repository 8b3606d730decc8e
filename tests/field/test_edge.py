from __future__ import annotations

import numpy as np
import pytest

from arteriole.errors import ImageError
from arteriole.field.edge import touch_edge
from arteriole.field.stage import remove_background
from arteriole.grid import Grid
from arteriole.settings import Settings
from arteriole.step import Acquisition

SHAPE = (30, 32, 24)


def box(x, y, z):
    mask = np.zeros(SHAPE, bool)
    mask[x, y, z] = True
    return mask


INNER = slice(4, -4)
ALL = slice(None)


def run(mask, **field):
    """Remove the background of nothing; return the warnings."""
    scan = Acquisition(Grid.from_voxel_size(SHAPE, (2.0, 2.0, 2.0)), 3.0, (0.0, 0.0, 1.0))
    given = {"total_field_hz": np.ones(SHAPE, np.float32), "brain_mask": mask}
    settings = Settings().changed({"field": {"method": "vsharp", **field}})
    return " ".join(remove_background(given, scan, settings).warnings)


def test_shares_of_the_faces():
    found = touch_edge(box(slice(0, 15), INNER, ALL))
    assert found.shares == pytest.approx((24 / 32, 0, 15 * 24 / (30 * 32)))
    assert found.slab_axis == 0
    assert found.aside == pytest.approx(15 * 24 / (30 * 32))


def test_a_mask_inside_and_a_slab_go_on_without_a_word():
    for mask in (box(INNER, INNER, INNER), box(INNER, INNER, ALL)):
        assert "reaches" not in run(mask)


def test_a_mask_that_touches_a_side_is_warned_of():
    mask = box(INNER, INNER, ALL)
    mask[:, 14:18, 10:13] = True
    assert "reaches a side of the volume that is no end of its slices (1.56 % of" in run(mask)


def test_a_slab_along_another_axis_is_warned_of_and_goes_on():
    assert "reaches a side" in run(box(ALL, INNER, INNER))


@pytest.mark.parametrize("mask", [box(ALL, ALL, ALL), box(ALL, INNER, ALL)])
def test_a_mask_cut_on_several_sides_is_refused(mask):
    with pytest.raises(ImageError, match=r"mask covers \d+ % of a side .*field.allow_cut_mask"):
        run(mask)
    assert "reaches a side" in run(mask, allow_cut_mask=True)


def test_refuses_other_dimensions():
    with pytest.raises(ValueError, match=r"not shape \(3, 3\)"):
        touch_edge(np.ones((3, 3), bool))

from __future__ import annotations

import numpy as np
import pytest

from arteriole.grid import Grid, Volume
from arteriole.scan.image_checks import check_grid, check_image
from arteriole.scan.image_kind import IMAGE_KINDS

T1W, CT = IMAGE_KINDS["t1w"], IMAGE_KINDS["ct"]


def volume(data, voxel=(4.0, 4.0, 4.0)):
    return Volume(data, Grid.from_voxel_size(data.shape, voxel))


def head(rng, shape=(24, 28, 22)):
    """A ball of noise in nothing, as MRI."""
    r = np.linalg.norm(np.indices(shape) - (np.reshape(shape, (3, 1, 1, 1)) - 1) / 2, axis=0)
    return np.where(r < 9, rng.normal(500, 60, shape), 3.0 * rng.random(shape)).astype(np.float32)


def ct_of(rng, outside):
    data = head(rng)
    brain = data > 100
    tissue = 30 + (data - 500) / 20
    return np.where(brain, tissue, outside).astype(np.float32)


def test_an_image_passes_as_it_is(rng):
    data = head(rng)
    seen = check_image(volume(data), T1W)
    np.testing.assert_array_equal(seen.volume.data, data)
    assert seen.notes == ()
    assert seen.not_finite == 0


@pytest.mark.parametrize(("kind", "fill"), [(T1W, 0.0), (CT, -1024.0)])
def test_voxels_without_a_number_are_counted_and_filled(rng, kind, fill):
    data = head(rng) if kind is T1W else ct_of(rng, -1000.0)
    data[0, 0, :5], data[1, 1, 1] = np.nan, np.inf
    seen = check_image(volume(data), kind)
    assert seen.not_finite == 6
    assert seen.notes == (f"6 voxels hold no number (NaN) and were set to {fill:g}",)
    assert (seen.volume.data[0, 0, :5] == fill).all()
    assert np.isnan(data[0, 0, 0]), "the caller's array is left alone"


def test_an_image_of_no_numbers(rng):
    data = head(rng)
    data[:, 2:] = np.nan
    with pytest.raises(ValueError, match=r"13728 of 14784 voxels hold no number \(NaN\)"):
        check_image(volume(data), T1W)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (np.full((20, 20, 20), 7.0, np.float32), "is constant: every voxel is 7"),
        (np.arange(8000).reshape(20, 20, 20) % 5.0, "holds 5 distinct values: a mask or label map"),
    ],
)
def test_what_is_no_image(data, message):
    with pytest.raises(ValueError, match=message):
        check_image(volume(data), T1W)


def test_hounsfield_units_are_no_mri(rng):
    with pytest.raises(ValueError, match=r"-1000 to .* as CT in Hounsfield units, but"):
        check_image(volume(ct_of(rng, -1000.0)), T1W)


def test_ct_has_air(rng):
    assert check_image(volume(ct_of(rng, -1000.0)), CT).notes == ()
    with pytest.raises(ValueError, match=r"has no negative values \(0 to .*air -1000"):
        check_image(volume(ct_of(rng, -1024.0) + 1024.0), CT)
    with pytest.raises(ValueError, match="has no air"):
        check_image(volume(head(rng) - 10.0), CT)


@pytest.mark.parametrize("outside", [0.0, -5.0])
def test_ct_without_a_skull_is_known_by_its_soft_tissue(rng, outside):
    assert check_image(volume(ct_of(rng, outside)), CT).not_finite == 0
    with pytest.raises(ValueError, match="CT is in Hounsfield units"):
        check_image(volume(ct_of(rng, outside) * 20), CT)


@pytest.mark.parametrize(
    ("shape", "voxel", "message"),
    [
        ((256, 256, 1), (0.9, 0.9, 5.0), r"a single slice \(256 x 256 x 1 voxels\)"),
        ((64, 64, 3), (4.0, 4.0, 30.0), r"has 3 slices .*at least 8"),
        ((64, 64, 10), (4.0, 4.0, 4.0), "covers 40 mm along one axis"),
        ((180, 180, 9), (1.0, 1.0, 10.5), r"voxels of 1 x 1 x 10.5 mm, more anisotropic than 10:1"),
        ((400, 400, 9), (0.5, 0.5, 9.0), "more anisotropic"),
    ],
)
def test_grids_without_a_brain_to_find(shape, voxel, message):
    with pytest.raises(ValueError, match=message):
        check_grid(Volume(np.zeros(shape, np.uint8), Grid.from_voxel_size(shape, voxel)))


@pytest.mark.parametrize("voxel", [(0.45, 0.45, 5.0), (5.0, 0.45, 0.45), (1.0, 1.0, 10.0)])
def test_clinical_thick_slices_pass(voxel):
    shape = tuple(int(200 / size) for size in voxel)
    check_grid(Volume(np.zeros(shape, np.uint8), Grid.from_voxel_size(shape, voxel)))

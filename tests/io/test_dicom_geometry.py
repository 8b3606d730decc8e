from __future__ import annotations

import numpy as np
import pytest

from arteriole.errors import GeometryError
from arteriole.io.dicom_geometry import place, shape_of
from synthetic_frames import volume

EVEN = np.arange(8) * 3.0


def dcm2niix_affine(stack):
    """What dcm2niix writes for an axial stack: rows reversed, RAS."""
    affine = np.diag([-2.0, 2.0, 3.0, 1.0])
    affine[:3, 3] = [5.0, 6.0 - 2.0 * 7, 0.0]
    return affine


def test_axial_slices_lie_where_the_header_says():
    stack = volume(EVEN)
    placed = place(stack, (6, 8, 8), dcm2niix_affine(stack))
    np.testing.assert_allclose(placed.affine, dcm2niix_affine(stack))
    np.testing.assert_allclose(placed.slice_origins_mm[:, 2], EVEN)


def test_reversed_slices_keep_their_places():
    affine = dcm2niix_affine(None)
    affine[2, 2], affine[2, 3] = -3.0, 21.0
    placed = place(volume(EVEN), (6, 8, 8), affine)
    np.testing.assert_allclose(placed.affine, affine)
    assert placed.slice_origins_mm[0, 2] == 21.0


def test_a_tilted_ct_gets_its_shear_and_every_slice_its_place():
    tilt = np.deg2rad(18.5)
    stack = volume(
        [0.0, 4.0, 8.0, 15.0, 22.0],
        SOPClassUID="1.2.840.10008.5.1.4.1.1.2",
        ImageOrientationPatient=[1, 0, 0, 0, np.cos(tilt), -np.sin(tilt)],
    )
    theirs = dcm2niix_affine(stack)
    theirs[:3, 1] = 2 * np.array([0, np.cos(tilt), np.sin(tilt)])
    theirs[:3, 2] = 4 * np.array([0, -np.sin(tilt), np.cos(tilt)])
    placed = place(stack, (6, 8, 5), theirs)
    np.testing.assert_allclose(placed.affine[:3, 2], [0, 0, 22 / 4], atol=1e-12)
    np.testing.assert_allclose(np.diff(placed.slice_origins_mm[:, 2]), [4, 4, 7, 7])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda a: a[:, [1, 0, 2, 3]], "turned the image"),
        (lambda a: a + np.outer([1, 0, 0, 0], [0, 0, 0, 1]), "1.00 mm from where the headers do"),
    ],
)
def test_disagreement_with_dcm2niix_is_refused(change, message):
    with pytest.raises(GeometryError, match=message):
        place(volume(EVEN), (6, 8, 8), change(dcm2niix_affine(None)))


def test_another_shape_is_refused():
    stack = volume(EVEN)
    assert shape_of(stack) == (6, 8, 8)
    with pytest.raises(GeometryError, match=r"image of \(6, 8, 7\), the headers say \(6, 8, 8\)"):
        place(stack, (6, 8, 7), dcm2niix_affine(stack))

from __future__ import annotations

import nibabel as nib
import numpy as np
import pytest

from arteriole.errors import GeometryError, ImageError
from arteriole.io.image_file import read_image_file
from arteriole.scan.image_kind import IMAGE_KINDS

T1W, CT = IMAGE_KINDS["t1w"], IMAGE_KINDS["ct"]
AFFINE = np.array([[4.0, 0, 0, -40], [0, 4, 0, -50], [0, 0, 5, -30], [0, 0, 0, 1]])


@pytest.fixture
def save(tmp_path, rng):
    """Write a small head with given forms and codes."""

    def one(*, sform=(AFFINE, 1), qform=(AFFINE, 1), data=None, name="sub-01_T1w.nii.gz"):
        data = rng.normal(100, 9, (24, 28, 20)).astype(np.float32) if data is None else data
        image = nib.Nifti1Image(data, None)
        image.set_sform(sform[0], sform[1])
        image.set_qform(qform[0], qform[1])
        image.to_filename(tmp_path / name)
        return tmp_path / name

    return one


def moved(mm):
    affine = AFFINE.copy()
    affine[1, 3] += mm
    return affine


def test_reads_voxels_grid_and_facts(save):
    read = read_image_file(save(), T1W)
    assert read.volume.data.dtype == np.float32
    np.testing.assert_allclose(read.volume.grid.affine, AFFINE)
    assert read.facts == {
        "shape": [24, 28, 20],
        "voxel_size_mm": [4.0, 4.0, 5.0],
        "affine_from": "sform",
        "not_finite": 0,
    }
    assert read.notes == ()


def test_one_form_is_enough_and_half_a_millimetre_is_nothing(save):
    for forms in ({"qform": (None, 0)}, {"sform": (None, 0)}, {"qform": (moved(0.4), 1)}):
        assert read_image_file(save(**forms), T1W).notes == ()


@pytest.mark.parametrize("codes", [(1, 1), (2, 4), (4, 4)])
def test_forms_that_disagree_with_nothing_to_choose_by(save, codes):
    path = save(sform=(AFFINE, codes[0]), qform=(moved(0.7), codes[1]))
    message = (
        rf"sub-01_T1w\.nii\.gz: its sform and qform disagree by up to 0.7 mm, and their codes "
        rf"\({codes[0]} and {codes[1]}\) .* Convert it again"
    )
    with pytest.raises(GeometryError, match=message):
        read_image_file(path, T1W)


@pytest.mark.parametrize(("codes", "taken"), [((1, 2), "sform"), ((2, 1), "qform")])
def test_the_scanners_form_is_believed(save, codes, taken):
    forms = {"sform": (moved(9.0), codes[0]), "qform": (AFFINE, codes[1])}
    read = read_image_file(save(**forms), T1W)
    assert read.notes == (f"its sform and qform disagree by up to 9 mm; the {taken} was taken",)
    np.testing.assert_allclose(read.volume.grid.affine, forms[taken][0])


def test_left_and_right_in_doubt(save):
    with pytest.raises(GeometryError, match="neither sform nor qform: left and right cannot"):
        read_image_file(save(sform=(None, 0), qform=(None, 0)), T1W)
    flipped = np.diag([-1.0, 1, 1, 1]) @ AFFINE
    with pytest.raises(GeometryError, match="disagree about left and right"):
        read_image_file(save(sform=(AFFINE, 2), qform=(flipped, 1)), T1W)


@pytest.mark.parametrize(
    ("shape", "kind", "message"),
    [
        ((24, 28, 20, 3), ImageError, "holds 3 volumes where one is expected"),
        ((24, 28), ImageError, "has the size 24x28, not three dimensions"),
        ((24, 28, 1), GeometryError, "is a single slice .* Give a whole head"),
    ],
)
def test_more_or_fewer_dimensions(save, rng, shape, kind, message):
    path = save(data=rng.normal(size=shape).astype(np.float32))
    with pytest.raises(kind, match=message):
        read_image_file(path, T1W)


def test_voxels_are_refused_with_the_file_and_what_to_do(save):
    path = save(name="sub-01_ct.nii.gz")
    with pytest.raises(ImageError, match=r"sub-01_ct.*no negative values.*rescale slope"):
        read_image_file(path, CT)


def test_clinical_files_that_look_odd_are_read(real_data):
    """Only an sform with code 2 on thick slices; two forms 0.01 mm apart with codes 1 and 2."""
    for name in (
        "flair_ms_thick_slice/105074/105074_FLAIR.nii.gz",
        "flair_ms_two_visits/patient12/study1_FLAIR.nii.gz",
    ):
        assert read_image_file(real_data / name, IMAGE_KINDS["flair"]).notes == ()


def test_a_template_whose_forms_disagree_is_refused(real_data):
    """An 8 mm smoothed FLAIR average: its forms lie 360 mm apart, both with code 4."""
    path = real_data / "atlases/older_adult_templates/gg-flair-181-asym-8mmFWHM.nii"
    with pytest.raises(GeometryError, match="disagree"):
        read_image_file(path, IMAGE_KINDS["flair"])

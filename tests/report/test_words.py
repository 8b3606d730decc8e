from __future__ import annotations

import pytest

from arteriole.report.words import capitalised, without_folders


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("/home/jane/a.nii", "a.nii"),
        ("see '/data/x/a.nii'.", "see 'a.nii'."),
        ("~/study/a.nii", "a.nii"),
        ("C:\\Users\\jane\\a.nii", "a.nii"),
        ("20 1/s and/or 2 mm / 3 mm", "20 1/s and/or 2 mm / 3 mm"),
        ("sub-01/anat/a.nii", "sub-01/anat/a.nii"),
        ("https://doi.org/10.1002/mrm.30006", "https://doi.org/10.1002/mrm.30006"),
        ("doi:10.1002/mrm.30006", "doi:10.1002/mrm.30006"),
    ],
)
def test_folders_are_cut_off_absolute_paths_only(text, kept):
    assert without_folders(text) == kept


def test_capitalised_leaves_the_rest_alone():
    assert capitalised("the R2* map") == "The R2* map"
    assert capitalised("") == ""

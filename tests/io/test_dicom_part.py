from __future__ import annotations

import pytest

from arteriole.io.dicom_part import part_of
from synthetic_frames import frame


@pytest.mark.parametrize(
    ("facts", "part"),
    [
        ({"ImageType": ["ORIGINAL", "PRIMARY", "M", "ND"]}, "mag"),
        ({"ImageType": ["ORIGINAL", "PRIMARY", "P", "ND"]}, "phase"),
        ({"ImageType": ["ORIGINAL", "PRIMARY", "PHASE MAP", "P", "FFE"]}, "phase"),
        ({"ImageType": ["ORIGINAL", "PRIMARY", "M_FFE", "M", "FFE", "PHASE"]}, "mag"),
        ({"ImageType": ["ORIGINAL", "PRIMARY", "R_FFE", "R", "FFE"]}, "real"),
        ({"ImageType": ["ORIGINAL", "PRIMARY", "I_FFE", "I", "FFE"]}, "imag"),
        ({"ImageType": ["ORIGINAL", "PRIMARY"]}, "mag"),
        ({"ImageType": None}, "mag"),
        ({"ImageType": ["P", "P", "M"]}, "mag"),
    ],
)
def test_the_words_of_image_type_decide(facts, part):
    assert part_of(frame(**facts)) == part


@pytest.mark.parametrize(("code", "part"), list(enumerate(["mag", "phase", "real", "imag"])))
def test_ge_says_it_in_a_private_number(code, part):
    assert part_of(frame(GePart=code, ImageType=["ORIGINAL", "PRIMARY", "OTHER"])) == part


def test_complex_image_component_goes_before_image_type():
    header = frame(ComplexImageComponent="PHASE", ImageType=["ORIGINAL", "PRIMARY", "M"])
    assert part_of(header) == "phase"


def test_mixed_component_says_nothing():
    header = frame(ComplexImageComponent="MIXED", ImageType=["ORIGINAL", "PRIMARY", "I"])
    assert part_of(header) == "imag"

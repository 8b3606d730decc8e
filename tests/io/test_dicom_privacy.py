from __future__ import annotations

import pytest

from arteriole.io import dicom_privacy as privacy
from synthetic_frames import frame


@pytest.mark.parametrize("label", ["01", "abcXYZ9", "a" * 32])
def test_letters_and_digits_are_a_label(label):
    assert privacy.is_label(label)


@pytest.mark.parametrize("label", ["", "a b", "../x", "a_b", "a-b", "ü", "1\n", "a" * 33])
def test_nothing_else_is_a_label(label):
    assert not privacy.is_label(label)


def test_hashed_labels_depend_on_person_and_salt_and_show_neither():
    one = privacy.hashed_label("P1", b"salt of sixteen!")
    assert one == privacy.hashed_label("P1", b"salt of sixteen!")
    assert one != privacy.hashed_label("P2", b"salt of sixteen!")
    assert one != privacy.hashed_label("P1", b"another salt 16!")
    assert privacy.is_label(one)
    assert len(one) == 10


def test_people_differ_by_number_then_by_name_then_by_study():
    same = [frame(PatientName="A"), frame(PatientName="B")]
    assert len({privacy.person_of(f) for f in same}) == 1
    unnumbered = [frame(PatientID=None, PatientName=n) for n in "AB"]
    assert len({privacy.person_of(f) for f in unnumbered}) == 2
    nameless = [frame(PatientID=None, StudyInstanceUID=u) for u in "12"]
    assert len({privacy.person_of(f) for f in nameless}) == 2
    sites = [frame(IssuerOfPatientID=i) for i in "12"]
    assert len({privacy.person_of(f) for f in sites}) == 2


def test_only_defined_code_words_pass():
    header = frame(ImageType=["ORIGINAL", "PRIMARY", "PHASE MAP", "DOE JANE", "P"])
    assert privacy.code_words(header, "ImageType") == ["ORIGINAL", "PRIMARY", "PHASE MAP", "P"]


@pytest.mark.parametrize(
    "model",
    ["Ingenia Elition X", "DISCOVERY MR750w", "Prisma_fit", "MAGNETOM Vida", "SIGNA Premier",
     "HiSpeed Dual", "SOMATOM Definition AS+", "Achieva dStream"],
)  # fmt: skip
def test_known_models_pass(model):
    assert privacy.safe_model(frame(ManufacturerModelName=model)) == model


@pytest.mark.parametrize("model", ["Doe Jane", "Skyra Jane", "", "19470313", "Skyra 19470313"])
def test_names_and_dates_are_no_models(model):
    assert privacy.safe_model(frame(ManufacturerModelName=model)) is None


@pytest.mark.parametrize(
    ("versions", "safe"),
    [
        ("syngo MR E11", "syngo MR E11"),
        (["5.7.1", "5.7.1.1"], "5.7.1"),
        (["27", "LX", "DV26.0_R03"], "DV26.0_R03"),
        ("Jane Doe", None),
        ("19470313", None),
        (None, None),
    ],
)
def test_software_versions_must_look_like_one(versions, safe):
    assert privacy.safe_software(frame(SoftwareVersions=versions)) == safe


@pytest.mark.parametrize(
    ("kernel", "safe"),
    [("STD+", "STD+"), ("H31s", "H31s"), (["J40s", "3"], "J40s"), ("UB", "UB"), ("Jane", None)],
)
def test_kernels_must_look_like_one(kernel, safe):
    assert privacy.safe_kernel(frame(ConvolutionKernel=kernel)) == safe


def test_burnt_in_text_and_faces_are_warned_about():
    header = frame(BurnedInAnnotation="YES", RecognizableVisualFeatures="YES")
    assert len(privacy.privacy_warnings([frame(), header])) == 2
    assert privacy.privacy_warnings([frame(BurnedInAnnotation="NO")]) == []

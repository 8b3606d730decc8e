from __future__ import annotations

from pathlib import Path

import pytest

from arteriole.errors import MetadataError
from arteriole.io.sidecar import Sidecar, echo_times_s, field_strength_tesla, read_sidecar

IMAGE = Path("sub-01_T2starw.nii.gz")


def said(**values):
    return Sidecar(values, IMAGE, (Path("T2starw.json"), Path("sub-01_T2starw.json")))


def test_a_later_file_wins_key_by_key(tmp_path):
    (tmp_path / "a.json").write_text('{"EchoTime": 0.01, "Manufacturer": " GE "}')
    (tmp_path / "b.json").write_bytes(b'\xef\xbb\xbf{"EchoTime": 0.02}')
    sidecar = read_sidecar(IMAGE, [tmp_path / "a.json", tmp_path / "b.json"])
    assert sidecar.values == {"EchoTime": 0.02, "Manufacturer": " GE "}
    assert sidecar.text("Manufacturer") == "GE"
    assert sidecar.text("Model") is None
    assert read_sidecar(IMAGE, []).values == {}


@pytest.mark.parametrize(
    ("value", "times"), [(0.02, [0.02]), ([0.004, 0.008], [0.004, 0.008]), (1, [1.0])]
)
def test_echo_times(value, times):
    assert echo_times_s(said(EchoTime=value)) == times
    assert echo_times_s(said()) is None


@pytest.mark.parametrize(
    ("values", "tesla"),
    [
        ({"MagneticFieldStrength": 3}, 3.0),
        ({"MagneticFieldStrength": 0.55}, 0.55),
        ({"ImagingFrequency": 127.748512}, 3.0004),
        ({"ImagingFrequency": 297.2}, 6.9802),
        ({"MagneticFieldStrength": 7, "ImagingFrequency": 127.7}, 7.0),
        ({}, None),
    ],
)
def test_field_strength(values, tesla):
    assert field_strength_tesla(said(**values)) == tesla


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"EchoTime": 25}, r"EchoTime is 25 s; this must be milliseconds\. BIDS .* write 0\.025"),
        ({"EchoTime": 0}, "EchoTime is 0 s, not above zero"),
        ({"EchoTime": True}, "EchoTime is True, not a number"),
        ({"EchoTime": float("nan")}, "EchoTime is nan, not a number"),
        ({"EchoTime": [0.01, None]}, "EchoTime is None, not a number"),
        ({"EchoTime": {}}, r"EchoTime is \{\}, not a number"),
    ],
)
def test_impossible_echo_times(values, message):
    with pytest.raises(MetadataError, match=message) as caught:
        echo_times_s(said(**values))
    assert caught.value.file == "sub-01_T2starw.json"


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"MagneticFieldStrength": 0}, "MagneticFieldStrength is 0, not from 0.2 to 15 tesla"),
        ({"MagneticFieldStrength": "3T"}, "MagneticFieldStrength is '3T', not a number"),
        ({"ImagingFrequency": 127e6}, "ImagingFrequency is 1.27e.08, not from 8 to 638.662 MHz"),
    ],
)
def test_impossible_field_strengths(values, message):
    with pytest.raises(MetadataError, match=message):
        field_strength_tesla(said(**values))


def test_missing_names_the_key_the_image_and_where_it_was_looked_for():
    error = said().missing("EchoTime")
    assert str(error) == (
        "sub-01_T2starw.nii.gz: EchoTime is missing from T2starw.json or sub-01_T2starw.json. "
        "Add EchoTime to its sidecar."
    )
    assert "no JSON sidecar with EchoTime" in str(Sidecar({}, IMAGE).missing("EchoTime"))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{", "is not valid JSON"),
        (b"", "is not valid JSON"),
        (b"\xff\xfe", "is not valid JSON"),
        (b"[" * 100_000, "is not valid JSON"),
        (b"[1, 2]", "holds no keys and values"),
    ],
)
def test_broken_json(tmp_path, content, message):
    path = tmp_path / "a.json"
    path.write_bytes(content)
    with pytest.raises(MetadataError, match=message) as caught:
        read_sidecar(IMAGE, [path])
    assert caught.value.file == str(path)


def test_missing_and_huge_sidecars(tmp_path):
    with pytest.raises(MetadataError, match="cannot be read"):
        read_sidecar(IMAGE, [tmp_path / "no.json"])
    with (tmp_path / "big.json").open("wb") as file:
        file.truncate(17 << 20)
    with pytest.raises(MetadataError, match="too large for a sidecar"):
        read_sidecar(IMAGE, [tmp_path / "big.json"])

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from arteriole.phantom.scanner.protocol import (
    CLINICAL_T2STAR,
    DEMO,
    MULTI_ECHO_3T,
    PROTOCOLS,
    SINGLE_ECHO_SWI,
    UKB_SWI,
    Protocol,
)
from arteriole.phantom.scanner.sequence import check_visible


def test_known_protocols_are_what_they_are_called():
    assert UKB_SWI.voxel_size_mm == (0.8, 0.8, 3.0)
    assert UKB_SWI.te_s == (0.00942, 0.020)
    assert UKB_SWI.shape == (256, 288, 48)
    assert MULTI_ECHO_3T.shape == (192, 224, 192)
    assert SINGLE_ECHO_SWI.kind == "T2starw"
    assert len(DEMO.te_s) == 4


def test_the_slab_is_turned_and_the_bore_is_not():
    tilt = np.radians(32.5)
    np.testing.assert_allclose(
        UKB_SWI.grid.b0_direction, (0, np.sin(tilt), np.cos(tilt)), atol=1e-12
    )
    middle = (np.asarray(UKB_SWI.shape) - 1) / 2
    np.testing.assert_allclose(UKB_SWI.grid.to_world(middle), UKB_SWI.centre_mm, atol=1e-9)
    about = replace(DEMO, tilt_deg=0.0, turn_deg=40.0)
    np.testing.assert_allclose(about.grid.b0_direction, (0, 0, 1), atol=1e-12)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"te_s": (0.02, 0.01)}, "must be positive, increase"),
        ({"te_s": ()}, "must be positive, increase"),
        ({"te_s": (0.01, 0.04)}, "before the repetition time 0.032 s"),
        ({"shape": (1, 8, 8)}, "impossible matrix"),
        ({"voxel_size_mm": (1.0, 0.0, 1.0)}, "impossible matrix"),
        ({"flip_deg": 0.0}, "flip angle 0.0"),
        ({"snr": -1.0}, "SNR -1.0"),
        ({"cell_mm": 0.0}, "cells have a positive size"),
        ({"bandwidth_hz": -5.0}, "bandwidth must be positive"),
        ({"bandwidth_hz": 100.0}, "at 100 Hz a voxel takes 10.00 ms, which does not fit"),
        ({"te_s": (0.001,), "bandwidth_hz": 200.0}, "takes 5.00 ms"),
        ({"partial_fourier": (1.0, 0.4, 1.0)}, "within 0.5 and 1"),
        ({"taper": 1.2}, "within 0 and 1, not 1.2"),
        ({"readout": 3}, "axis 0, 1 or 2, not 3"),
        ({"coils": 0}, "1 to 128 coils"),
        ({"transmit": 0.9}, "transmit change within 0.6"),
        ({"slice_mm": 2.5}, "2.5 mm do not fit middles 2.0 mm apart"),
        ({"slice_mm": 2.0, "readout": 2}, "2-D slices have neither readout nor"),
    ],
)
def test_refuses(change, message):
    with pytest.raises(ValueError, match=message):
        replace(DEMO, **change)


def test_asymmetric_echoes_may_come_earlier():
    early = replace(DEMO, te_s=(0.0016,), bandwidth_hz=200.0, partial_fourier=(1.0, 0.75, 1.0))
    assert early.polarity(0) == 1
    with pytest.raises(ValueError, match="does not fit"):
        replace(early, partial_fourier=(1.0, 1.0, 1.0))


def test_only_bipolar_readouts_turn_round():
    assert [DEMO.polarity(e) for e in range(4)] == [1, 1, 1, 1]
    assert [replace(DEMO, bipolar=True).polarity(e) for e in range(4)] == [1, -1, 1, -1]


def test_lesions_smaller_than_a_voxel_are_refused():
    check_visible(UKB_SWI, 2.0)
    check_visible(CLINICAL_T2STAR, 2.2)
    with pytest.raises(ValueError, match=r"0\.52 mm3\) is smaller than a voxel .* least 1\.54 mm"):
        check_visible(UKB_SWI, 1.0)


@pytest.mark.parametrize("protocol", PROTOCOLS.values(), ids=PROTOCOLS)
def test_every_protocol_covers_the_middle_of_the_head_with_whole_cells(protocol: Protocol):
    from arteriole.phantom.scanner.refine import refine

    box = refine(protocol.grid, protocol.cell_mm)
    assert min(box.factor) >= 2
    assert max(box.grid.voxel_size_mm) <= protocol.cell_mm + 1e-9
    assert protocol.name

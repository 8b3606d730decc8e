from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from arteriole.phantom.scanner.protocol import (
    DEMO,
    MULTI_ECHO_3T,
    SINGLE_ECHO_SWI,
    UKB_SWI,
)


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
    ],
)
def test_refuses(change, message):
    with pytest.raises(ValueError, match=message):
        replace(DEMO, **change)

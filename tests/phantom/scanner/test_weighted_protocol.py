from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from arteriole.phantom import tissue
from arteriole.phantom.scanner.weighted_protocol import (
    FLAIR_1MM,
    FLAIR_THICK,
    T1W_1MM,
    T1W_THICK,
    T2W_1MM,
    WEIGHTED_PROTOCOLS,
)
from arteriole.phantom.scanner.weighted_values import (
    WHITE_SIGNAL,
    free_fluid,
    texture_gains,
    tissue_signal,
)
from arteriole.phantom.tissue import TISSUES


@pytest.mark.parametrize("protocol", [T1W_1MM, T1W_THICK])
def test_t1_has_white_above_grey_above_fluid(protocol):
    s = tissue_signal(TISSUES, protocol)
    assert s[tissue.WHITE] > 1.08 * s[tissue.GREY] > 1.5 * s[tissue.CSF]
    assert s[tissue.FAT] > s[tissue.WHITE]


def test_t2_has_fluid_above_grey_above_white():
    s = tissue_signal(TISSUES, T2W_1MM)
    assert s[tissue.CSF] > 2.0 * s[tissue.GREY]
    assert s[tissue.GREY] > 1.2 * s[tissue.WHITE]
    assert s[tissue.PALLIDUM] < s[tissue.WHITE]


@pytest.mark.parametrize("protocol", [FLAIR_1MM, FLAIR_THICK])
def test_flair_nulls_fluid_and_shows_hyperintensity(protocol):
    s = tissue_signal(TISSUES, protocol)
    assert s[tissue.CSF] < 0.25 * s[tissue.WHITE]
    assert s[tissue.HYPERINTENSITY] > 1.5 * s[tissue.WHITE]
    assert 1.05 < s[tissue.GREY] / s[tissue.WHITE] < 1.6
    assert free_fluid(TISSUES, protocol) > 4.0 * s[tissue.WHITE]


def test_white_matter_sets_the_scale_and_blood_leaves_a_void_in_spin_echoes():
    for protocol in WEIGHTED_PROTOCOLS.values():
        s = tissue_signal(TISSUES, protocol)
        assert s[tissue.WHITE] == pytest.approx(WHITE_SIGNAL)
        assert s[tissue.BONE] < 0.02 * WHITE_SIGNAL
    assert tissue_signal(TISSUES, T2W_1MM)[tissue.ARTERY] < 0.2 * WHITE_SIGNAL
    assert tissue_signal(TISSUES, T1W_1MM)[tissue.ARTERY] > WHITE_SIGNAL


def test_texture_is_a_small_change_of_signal():
    gains = texture_gains(TISSUES, T1W_1MM)
    assert gains.shape == (len(TISSUES), 3)
    assert 0.001 < np.abs(gains[tissue.WHITE]).max() < 0.06
    assert not gains[tissue.CSF].any()


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"te_s": 6.0}, "comes after the excitation"),
        ({"ti_s": None}, "needs an inversion time"),
        ({"ti_s": 5.8}, r"inversion time of 5\.8 s leaves"),
        ({"shape": (192, 1, 1)}, "impossible matrix"),
        ({"snr": 0.0}, "must be positive"),
        ({"slice_mm": 3.0}, "do not fit middles 1.0 mm apart"),
        ({"flow": 1.5}, "taper, flow and fat"),
    ],
)
def test_refusals(changed, words):
    with pytest.raises(ValueError, match=words):
        replace(FLAIR_1MM, **changed)


def test_train_longer_than_the_repetition_time_is_refused():
    with pytest.raises(ValueError, match=r"train of 4\.0 s"):
        replace(T2W_1MM, train_s=4.0)

from __future__ import annotations

import numpy as np
import pytest
from simulated_head import TWO_PI, simulate_head, wrap, wrong_fraction

from arteriole.phase.offset import remove_offset_mcpc3ds
from arteriole.phase.romeo import unwrap_romeo


def error_of(corrected, head):
    truth = TWO_PI * head.field_hz * np.asarray(head.te_s)[:, None, None, None]
    apart = wrap(corrected - truth)[:, head.mask]
    return wrap(apart - np.angle(np.exp(1j * apart).mean()))


@pytest.mark.parametrize("te_s", [(0.005, 0.012), (0.004, 0.009, 0.014), (0.006, 0.009, 0.02)])
def test_what_is_left_is_proportional_to_time(rng, te_s):
    """An offset of +-2 coil units is left with 0.06 rad RMS of itself and the noise."""
    head = simulate_head(rng, te_s=te_s, coil=2.0, sigma=0.01)
    corrected = remove_offset_mcpc3ds(
        head.phase, head.magnitude, te_s, mask=head.mask, voxel_size_mm=head.voxel_size_mm
    )
    assert np.std(error_of(head.phase, head)) > 0.8
    assert np.std(error_of(corrected, head)) < 0.08
    assert np.abs(corrected).max() <= np.pi


def test_passes_take_out_what_smoothing_left(rng):
    """A strong offset: three passes leave a third of what one leaves."""
    head = simulate_head(rng, coil=2.0, sigma=0.0)
    left = [
        np.std(
            error_of(
                remove_offset_mcpc3ds(
                    head.phase,
                    head.magnitude,
                    head.te_s,
                    mask=head.mask,
                    voxel_size_mm=head.voxel_size_mm,
                    passes=passes,
                ),
                head,
            )[0]
        )
        for passes in (1, 3)
    ]
    assert left[1] < left[0] / 3


def test_unwrapping_in_time_works_after_it_and_not_before(rng):
    head = simulate_head(rng, coil=2.5)
    options = {"magnitude": head.magnitude, "te_s": head.te_s, "mask": head.mask}
    corrected = remove_offset_mcpc3ds(
        head.phase, head.magnitude, head.te_s, mask=head.mask, voxel_size_mm=head.voxel_size_mm
    )
    truth = TWO_PI * head.field_hz * head.te_s[3]
    before = unwrap_romeo(head.phase, **options)
    after = unwrap_romeo(corrected, **options)
    assert wrong_fraction(before[3], head.truth[3], head.mask) > 0.05
    assert wrong_fraction(after[3], truth, head.mask) <= 1e-4


def test_phase_without_an_offset_stays(rng):
    head = simulate_head(rng, coil=0.0, sigma=0.01)
    corrected = remove_offset_mcpc3ds(
        head.phase, head.magnitude, head.te_s, mask=head.mask, voxel_size_mm=head.voxel_size_mm
    )
    change = wrap(corrected - head.phase)[:, head.mask]
    assert np.std(change) < 0.05
    # one and the same volume is taken from all echoes
    np.testing.assert_allclose(change, np.broadcast_to(change[0], change.shape), atol=1e-4)


def test_anisotropic_voxels_are_smoothed_alike(rng):
    """The same offset on a finer grid, smoothed in mm: the same offset comes off."""
    head = simulate_head(rng, coil=1.5, sigma=0.0)
    fine = simulate_head(
        np.random.default_rng(0),
        shape=(80, 50, 30),
        voxel_size_mm=(2.0, 3.0, 4.0),
        coil=1.5,
        sigma=0.0,
    )
    for one in (head, fine):
        corrected = remove_offset_mcpc3ds(
            one.phase, one.magnitude, one.te_s, mask=one.mask, voxel_size_mm=one.voxel_size_mm
        )
        assert np.std(error_of(corrected, one)) < 0.08


def test_voxels_that_are_not_finite_become_zero(rng):
    head = simulate_head(rng, coil=1.0)
    phase = head.phase.copy()
    phase[0, 30, 30, 24] = np.nan
    corrected = remove_offset_mcpc3ds(
        phase, head.magnitude, head.te_s, mask=head.mask, voxel_size_mm=head.voxel_size_mm
    )
    assert np.isfinite(corrected).all()
    assert corrected[0, 30, 30, 24] == 0
    assert np.std(error_of(corrected, head)) < 0.1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"passes": 0}, "at least once, not 0 times"),
        ({"te_s": (0.01,)}, r"two or more echoes and their times, not phase \(2, 4, 4, 4\) at 1"),
        ({"magnitude": np.ones((2, 4, 4, 5))}, r"magnitude \(2, 4, 4, 5\)"),
        ({"mask": np.ones((4, 4, 5), bool)}, r"mask \(4, 4, 5\)"),
        ({"sigma_mm": 0.0}, "positive width, not 0.0 mm"),
    ],
)
def test_refuses(change, message):
    given = {
        "magnitude": np.ones((2, 4, 4, 4)),
        "te_s": (0.01, 0.02),
        "mask": np.ones((4, 4, 4), bool),
        "sigma_mm": 7.0,
        "passes": 3,
    } | change
    with pytest.raises(ValueError, match=message):
        remove_offset_mcpc3ds(
            np.zeros((2, 4, 4, 4)),
            given["magnitude"],
            given["te_s"],
            mask=given["mask"],
            voxel_size_mm=(1, 1, 1),
            sigma_mm=given["sigma_mm"],
            passes=given["passes"],
        )

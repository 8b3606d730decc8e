from __future__ import annotations

import math

import numpy as np
import pytest
import scipy.ndimage as nd

from arteriole.scan.phase_scale import PhaseHeader, PhaseScale, find_phase_scale, to_radians

SHAPE = (48, 48, 20)
TURN = 2 * math.pi
MRAD = 1000 * TURN
PHILIPS = (0.0015344619750976562, -3.141592502593994)


def scanner(seed, *, hz=40.0, te_s=0.012, snr=30.0, cut=False):
    """Return phase in turns, [-0.5, 0.5): a textured ball in noise, or cut out (NaN outside)."""
    rng = np.random.default_rng(seed)
    x, y, z = np.meshgrid(*[np.linspace(-1, 1, n) for n in SHAPE], indexing="ij")
    radius = x**2 + y**2 + z**2
    field = rng.normal() * x + rng.normal() * y + rng.normal() * z * x + rng.normal() * y * y
    field = hz * (field + nd.gaussian_filter(rng.normal(size=SHAPE), 2))
    signal = (radius < 0.75) * np.exp(2j * np.pi * field * te_s)
    signal = signal + (rng.normal(size=SHAPE) + 1j * rng.normal(size=SHAPE)) / snr
    turns = np.angle(signal) / TURN
    return np.where(radius < 0.7, turns, np.nan) if cut else turns


SCALINGS = {
    "radians": (lambda t: TURN * t, PhaseHeader(), TURN),
    "radians, said": (lambda t: TURN * t, PhaseHeader(units="rad"), TURN),
    "degrees": (lambda t: 360 * t, PhaseHeader(), 360.0),
    "turns": (lambda t: t, PhaseHeader(), 1.0),
    "12 bits": (lambda t: np.floor((t + 0.5) * 4096).clip(0, 4095), PhaseHeader(True), 4096.0),
    "8 bits": (lambda t: np.floor((t + 0.5) * 256).clip(0, 255), PhaseHeader(True), 256.0),
    "Siemens by dcm2niix": (
        lambda t: np.rint(t * 4096) * 2, PhaseHeader(True, 2.0, -4096.0), 8192.0,
    ),
    "Philips by dcm2niix": (
        lambda t: np.rint((t + 0.5) * 4095) * PHILIPS[0] + PHILIPS[1],
        PhaseHeader(True, *PHILIPS), TURN,
    ),
    "Philips, milliradians": (
        lambda t: np.rint((t + 0.5) * 4095) * 1.53455 - 3142,
        PhaseHeader(True, 1.53455, -3142.0), MRAD,
    ),
    "GE": (lambda t: np.rint(MRAD * t), PhaseHeader(True, manufacturer="GE"), MRAD),
    "odd": (lambda t: 0.00735 * t, PhaseHeader(), 0.00735),
}  # fmt: skip


def on_circle(a, b):
    good = np.isfinite(b)
    return float(np.abs(np.angle(np.exp(1j * (a[good].astype(float) - TURN * b[good])))).max())


@pytest.mark.parametrize("known", [True, False], ids=["header", "no header"])
@pytest.mark.parametrize("scaling", SCALINGS)
@pytest.mark.parametrize("seed", [1, 2])
def test_scalings_with_noise_around_the_head(scaling, known, seed):
    turns = scanner(seed)
    make, header, period = SCALINGS[scaling]
    values = make(turns).astype(np.float32)
    scale = find_phase_scale([values], header if known else PhaseHeader(header.integer))
    assert scale.period == pytest.approx(period, rel=2e-3)
    rounding = 0.03 if scaling == "8 bits" else 0.015
    assert on_circle(to_radians(values, scale), turns) < rounding


def test_of_200_scans_none_is_scaled_wrongly():
    """Every scaling, few to many wraps, with and without background, with and without header.

    Refusing is right where a cut-out head neither wraps nor has a header.
    """
    right = refused = 0
    names = list(SCALINGS)
    for seed in range(200):
        rng = np.random.default_rng([7, seed])
        make, header, period = SCALINGS[names[seed % len(names)]]
        turns = scanner(
            seed,
            hz=rng.choice([5, 20, 60, 120]),
            te_s=rng.choice([0.004, 0.012, 0.025]),
            snr=rng.choice([10, 30, 80]),
            cut=bool(rng.integers(2)),
        )
        fill = np.nan if rng.integers(2) else 0.0
        values = np.where(np.isfinite(turns), make(turns), fill).astype(np.float32)
        known = header if rng.integers(2) else PhaseHeader(header.integer)
        try:
            scale = find_phase_scale([values], known)
        except ValueError:
            refused += 1
            assert np.isnan(turns).any()
            continue
        assert scale.period == pytest.approx(period, rel=4e-3), (seed, scale)
        right += 1
    assert right >= 155, (right, refused)


def test_philips_data_that_end_at_2_28_are_not_stretched(rng):
    """SEPIA issue 36: the stored range is used up to 3532 of 4095; pi stays pi."""
    stored = np.rint(smooth_image(rng, 0, 3532))
    values = (stored * PHILIPS[0] + PHILIPS[1]).astype(np.float32)
    assert values.max() == pytest.approx(2.28, abs=0.01)
    scale = find_phase_scale([values], PhaseHeader(True, *PHILIPS))
    assert scale.period == TURN
    np.testing.assert_allclose(to_radians(values, scale), values, atol=1e-6)
    assert "slope and intercept" in scale.how


@pytest.mark.parametrize(
    ("header", "values", "period", "zero", "how"),
    [
        (PhaseHeader(units="rad"), (-0.2, 0.3), TURN, 0.0, "unit in the sidecar"),
        (PhaseHeader(units="deg"), (-20, 30), 360.0, 0.0, "unit in the sidecar"),
        (PhaseHeader(True, 2.0, -4096.0), (-400, 300), 8192.0, 0.0, "slope and intercept"),
        (PhaseHeader(True, *PHILIPS), (-0.2, 0.3), TURN, 0.0, "slope and intercept"),
        (PhaseHeader(True, 1.53455, -3142.0), (-200, 300), MRAD, 0.0, "slope and intercept"),
        (PhaseHeader(True, manufacturer="SIEMENS"), (-400, 300), 8192.0, 0.0, "Siemens' custom"),
        (PhaseHeader(True, manufacturer="Siemens"), (1900, 2300), 4096.0, 2048.0, "0 to 4095"),
        (PhaseHeader(True, manufacturer="GE MEDICAL"), (-900, 800), MRAD, 0.0, "GE's custom"),
        (PhaseHeader(), (-1.2, 1.1), TURN, 0.0, "real numbers within plus and minus pi"),
    ],
)
def test_header_is_enough_for_phase_that_fills_little_of_the_range(
    rng, header, values, period, zero, how
):
    smooth = nd.gaussian_filter(rng.normal(size=SHAPE), 3)
    smooth = (smooth - smooth.min()) / np.ptp(smooth)
    image = values[0] + (values[1] - values[0]) * smooth
    image = np.rint(image / header.slope) * header.slope if header.integer else image
    scale = find_phase_scale([image.astype(np.float32)], header)
    assert scale.period == pytest.approx(period, rel=1e-9)
    assert scale.zero == zero
    assert how in scale.how


def test_unwrapped_radians_are_wrapped(rng):
    phase = 12 * nd.gaussian_filter(rng.normal(size=SHAPE), 3) * 5
    scale = find_phase_scale([phase.astype(np.float32)], PhaseHeader(units="rad"))
    assert scale.period == TURN
    assert on_circle(to_radians(phase, scale), phase / TURN) < 1e-5


def test_jumps_of_half_a_turn_do_not_overrule_the_header():
    phase = (TURN * scanner(1, snr=80) / 2).astype(np.float32)
    phase[:4, :4] = 3.0
    scale = find_phase_scale([phase], PhaseHeader(units="rad"))
    assert scale.period == TURN


@pytest.mark.parametrize("said", ["rad", "deg"])
def test_wraps_in_the_image_overrule_a_wrong_unit(said):
    values = np.floor((scanner(1) + 0.5) * 4096).clip(0, 4095).astype(np.float32)
    scale = find_phase_scale([values], PhaseHeader(True, units=said))
    assert scale.period == 4096.0
    turns = scanner(1).astype(np.float32)
    scale = find_phase_scale([turns], PhaseHeader(units=said))
    assert scale.period == pytest.approx(1.0, rel=1e-3)
    assert "the wraps in the image: a turn is 1 (not" in scale.how
    assert "as the unit in the sidecar" in scale.how


def test_settings_come_first():
    values = np.floor((scanner(1) + 0.5) * 4096).astype(np.float32)
    scale = find_phase_scale([values], PhaseHeader(units="rad"), period=5000.0)
    assert scale == PhaseScale(5000.0, 2500.0, "the settings: a turn is 5000")


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int16, np.uint16])
def test_to_radians_wraps_and_keeps_nan(dtype):
    scale = PhaseScale(4096.0, 2048.0, "")
    values = np.array([0, 1024, 2048, 4095, 5120], dtype=dtype)
    got = to_radians(values, scale)
    assert got.dtype == np.float32
    np.testing.assert_allclose(
        got, [-math.pi, -math.pi / 2, 0, math.pi * 2047 / 2048, -math.pi / 2], atol=1e-6
    )
    assert np.abs(got).max() <= np.float32(math.pi)
    assert np.isnan(to_radians(np.array([np.nan]), scale)).all()


def test_scale_of_values_and_result_go_together():
    turns = scanner(4)
    scales = [find_phase_scale([(k * turns).astype(np.float32)]) for k in (0.5, 1.0, 40.0)]
    assert scales[0].period / 0.5 == pytest.approx(scales[2].period / 40, rel=2e-3)


# --- refusals --------------------------------------------------------------------------------


def smooth_image(rng, low, high):
    smooth = nd.gaussian_filter(rng.normal(size=SHAPE), 3)
    return low + (high - low) * (smooth - smooth.min()) / np.ptp(smooth)


@pytest.mark.parametrize(
    ("header", "low", "high"),
    [
        (PhaseHeader(True), 0, 1800),
        (PhaseHeader(True), -900, 800),
        (PhaseHeader(), -0.4, 0.3),
        (PhaseHeader(), 0.1, 3.0),
        (PhaseHeader(), -100, 90),
        (PhaseHeader(units="arbitrary"), -500, 700),
        (PhaseHeader(True, units="rad"), -900, 800),
        (PhaseHeader(True, manufacturer="Siemens"), -9000, 8000),
    ],
)
def test_no_range_known(rng, header, low, high):
    image = smooth_image(rng, low, high).astype(np.float32)
    image = np.rint(image) if header.integer else image
    with pytest.raises(ValueError, match="the scale of phase is unknown"):
        find_phase_scale([image], header)


@pytest.mark.parametrize("value", [0.0, 7.0])
def test_all_voxels_equal(value):
    with pytest.raises(ValueError, match=f"all voxels are {value:g}: there is no phase"):
        find_phase_scale([np.full(SHAPE, value, np.float32)])


def test_magnitude_that_the_header_calls_phase(rng):
    x, y, z = np.meshgrid(*[np.linspace(-1, 1, n) for n in SHAPE], indexing="ij")
    ball = (x**2 + y**2 + z**2 < 0.6) * 900.0
    noise = 20 * np.abs(rng.normal(size=SHAPE) + 1j * rng.normal(size=SHAPE))
    image = np.rint(ball + noise).astype(np.float32)
    with pytest.raises(ValueError, match="this looks like magnitude, not phase"):
        find_phase_scale([image], PhaseHeader(True, manufacturer="Siemens"))
    with pytest.raises(ValueError, match="the scale of phase is unknown"):
        find_phase_scale([image], PhaseHeader(True))

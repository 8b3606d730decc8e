from __future__ import annotations

import numpy as np
import pytest
from simulated_head import TWO_PI, simulate_head, wrap, wrong_fraction

from arteriole.numerics.threads import set_threads, threads
from arteriole.phase.romeo import unwrap_romeo


@pytest.fixture
def head(rng):
    return simulate_head(rng)


def ramp(shape, slopes):
    grid = np.meshgrid(*[np.arange(n) for n in shape], indexing="ij")
    return sum(s * g for s, g in zip(slopes, grid, strict=True)).astype(np.float32)


@pytest.mark.parametrize("shape", [(9, 8, 7), (16, 5, 1), (1, 1, 12), (33, 2, 20)])
def test_a_wrapped_ramp_comes_back_up_to_whole_turns(shape):
    truth = ramp(shape, (2.1, -1.3, 0.7))
    unwrapped = unwrap_romeo(wrap(truth))
    turns = (unwrapped - truth) / TWO_PI
    np.testing.assert_allclose(turns, np.rint(turns[0, 0, 0]), atol=1e-5)


def test_unwrapped_phase_is_the_wrapped_phase_plus_whole_turns(head):
    unwrapped = unwrap_romeo(head.phase, magnitude=head.magnitude, te_s=head.te_s, mask=head.mask)
    turns = ((unwrapped - head.phase) / TWO_PI)[:, head.mask]
    np.testing.assert_allclose(turns, np.rint(turns), atol=1e-5)
    assert not unwrapped[:, ~head.mask].any()


@pytest.mark.parametrize("individual", [False, True])
def test_every_echo_is_right_up_to_30_ms(rng, individual):
    head = simulate_head(rng, te_s=(0.006, 0.012, 0.018, 0.024, 0.030))
    unwrapped = unwrap_romeo(
        head.phase,
        magnitude=head.magnitude,
        te_s=head.te_s,
        mask=head.mask,
        individual=individual,
    )
    assert np.ptp(head.truth[-1][head.mask]) > 3 * TWO_PI
    for e in range(5):
        assert wrong_fraction(unwrapped[e], head.truth[e], head.mask) <= 1e-4
    # and the echoes agree with each other, not only each with itself
    apart = np.rint((unwrapped - head.truth)[:, head.mask] / TWO_PI)
    assert (np.median(apart, axis=1) == np.median(apart[0])).all()


def test_one_echo_alone(head):
    unwrapped = unwrap_romeo(head.phase[3], magnitude=head.magnitude[3], mask=head.mask)
    assert wrong_fraction(unwrapped, head.truth[3], head.mask) <= 1e-4
    assert abs(np.median(unwrapped[head.mask])) < np.pi


def test_any_template(head):
    for template in range(4):
        unwrapped = unwrap_romeo(
            head.phase,
            magnitude=head.magnitude,
            te_s=head.te_s,
            mask=head.mask,
            template=template,
        )
        for e in range(4):
            assert wrong_fraction(unwrapped[e], head.truth[e], head.mask) <= 1e-4


def test_no_magnitude_is_needed(head):
    unwrapped = unwrap_romeo(head.phase[1], mask=head.mask)
    assert wrong_fraction(unwrapped, head.truth[1], head.mask) <= 1e-4


def test_oblique_anisotropic_and_odd_sizes(rng):
    head = simulate_head(
        rng,
        shape=(65, 51, 23),
        voxel_size_mm=(1.6, 2.0, 5.0),
        b0_direction=(0.0, 0.5, np.sqrt(0.75)),
    )
    unwrapped = unwrap_romeo(head.phase, magnitude=head.magnitude, te_s=head.te_s, mask=head.mask)
    assert wrong_fraction(unwrapped[3], head.truth[3], head.mask) <= 1e-3


def test_components_are_each_unwrapped_and_put_near_zero():
    truth = ramp((30, 12, 12), (1.5, 0.4, 0.1))
    mask = np.zeros(truth.shape, dtype=bool)
    mask[:8], mask[12:18], mask[22:] = True, True, True
    unwrapped = unwrap_romeo(wrap(truth), mask=mask)
    for part in (slice(0, 8), slice(12, 18), slice(22, 30)):
        turns = ((unwrapped - truth) / TWO_PI)[part]
        np.testing.assert_allclose(turns, np.rint(turns[0, 0, 0]), atol=1e-5)
        assert abs(np.median(unwrapped[part])) <= np.pi + 1e-5


def test_a_second_echo_tells_the_turns_of_separate_components():
    """5 and 12 ms: one turn of the first is 2.4 turns of the second, so that it shows."""
    rate = np.full((20, 8, 8), 60.0, dtype=np.float32)
    rate[12:] = -160.0  # -5.03 rad at 5 ms: one turn away from what is in [-pi, pi]
    mask = np.ones(rate.shape, dtype=bool)
    mask[9:12] = False
    te_s = (0.005, 0.012)
    truth = np.array([TWO_PI * rate * te for te in te_s], dtype=np.float32)
    unwrapped = unwrap_romeo(wrap(truth), te_s=te_s, mask=mask)
    np.testing.assert_allclose(unwrapped[:, mask], truth[:, mask], atol=1e-4)


def test_doubtful_voxels_are_unwrapped_in_space_again():
    """A vein whose phase does not grow evenly: time misleads, its neighbours know."""
    truth = np.zeros((2, 16, 16, 16), dtype=np.float32)
    truth[0, 8, 8, 3:13] = 2.0  # forecasts 4.0 for the second echo, and 6.98 is nearer than 0.7
    truth[1] = 0.2
    truth[1, 8, 8, 3:13] = 0.7
    in_time = unwrap_romeo(wrap(truth), te_s=(0.01, 0.02), uncertain=0.0)
    np.testing.assert_allclose(in_time[1, 8, 8, 3:13], 0.7 + TWO_PI, atol=1e-5)
    again = unwrap_romeo(wrap(truth), te_s=(0.01, 0.02))
    np.testing.assert_allclose(again, truth, atol=1e-5)


def test_voxels_that_are_not_finite_are_left_out(head):
    phase = head.phase.copy()
    phase[2, 30:33, 30, 20] = np.nan
    phase[0, 20, 20, 20] = np.inf
    unwrapped = unwrap_romeo(phase, magnitude=head.magnitude, te_s=head.te_s, mask=head.mask)
    assert np.isfinite(unwrapped).all()
    assert not unwrapped[:, 30:33, 30, 20].any()
    kept = head.mask & np.isfinite(phase).all(axis=0)
    assert wrong_fraction(unwrapped[3], head.truth[3], kept) <= 1e-4


def test_the_input_is_not_changed_and_precision_does_not_matter(head):
    before = head.phase.copy()
    single = unwrap_romeo(head.phase, te_s=head.te_s, mask=head.mask)
    double = unwrap_romeo(head.phase.astype(np.float64), te_s=head.te_s, mask=head.mask)
    np.testing.assert_array_equal(head.phase, before)
    np.testing.assert_array_equal(single, double)
    assert single.dtype == np.float32


def test_the_order_of_the_arrays_in_memory_does_not_matter(head):
    arrays = (head.phase, head.magnitude, head.mask)
    phase, magnitude, mask = (np.asfortranarray(a) for a in arrays)
    one = unwrap_romeo(head.phase, magnitude=head.magnitude, te_s=head.te_s, mask=head.mask)
    other = unwrap_romeo(phase, magnitude=magnitude, te_s=head.te_s, mask=mask)
    np.testing.assert_array_equal(one, other)
    assert other.flags.c_contiguous


def test_scaling_the_magnitude_changes_nothing(head):
    options = {"te_s": head.te_s, "mask": head.mask}
    one = unwrap_romeo(head.phase, magnitude=head.magnitude, **options)
    other = unwrap_romeo(head.phase, magnitude=head.magnitude * 1024, **options)
    np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("individual", [False, True])
def test_same_answer_for_one_and_two_threads(head, individual):
    count = threads()
    results = []
    try:
        for n in (1, 2):
            set_threads(n)
            results.append(
                unwrap_romeo(
                    head.phase,
                    magnitude=head.magnitude,
                    te_s=head.te_s,
                    mask=head.mask,
                    individual=individual,
                )
            )
    finally:
        set_threads(count)
    np.testing.assert_array_equal(*results)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"phase": np.zeros((4, 4))}, r"three or four dimensions, not shape \(4, 4\)"),
        ({"phase": np.full((2, 4, 4, 4), 4.0)}, r"\[-pi, pi\] rad, but reaches 4"),
        ({"magnitude": np.ones((4, 4, 4))}, r"magnitude has shape \(4, 4, 4\)"),
        ({"te_s": None}, "2 echoes need 2 echo times, got None"),
        ({"te_s": (0.02, 0.01)}, "positive and increase"),
        ({"template": 2}, "template echo 2 does not exist among 2"),
        ({"mask": np.ones((4, 4, 5), bool)}, r"mask has shape \(4, 4, 5\)"),
        ({"mask": np.zeros((4, 4, 4), bool)}, "no voxel with finite phase"),
        ({"phase": np.full((2, 4, 4, 4), np.nan)}, "no voxel with finite phase"),
    ],
)
def test_refuses(change, message):
    given = {"phase": np.zeros((2, 4, 4, 4)), "te_s": (0.01, 0.02)} | change
    phase = given.pop("phase")
    with pytest.raises(ValueError, match=message):
        unwrap_romeo(phase, **given)

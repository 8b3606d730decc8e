from __future__ import annotations

import numpy as np
import pytest

from arteriole.phantom.insert.kspace_support import Support
from arteriole.phantom.insert.point_spread import sampling_matrix
from arteriole.phantom.scanner.kspace import crop_axis


@pytest.mark.parametrize("factor", [1, 2, 3, 4, 12])
@pytest.mark.parametrize("point_spread", ["sinc", "box"])
def test_an_even_signal_stays(factor, point_spread):
    weights = sampling_matrix(range(80, 90), range(170 * factor), factor, point_spread)
    np.testing.assert_allclose(weights.sum(axis=0), 1.0, atol=0.01)


def test_box_is_the_mean_of_the_cells():
    weights = sampling_matrix(range(3), range(12), 4, "box")
    np.testing.assert_allclose(weights.T, np.kron(np.eye(3), np.full(4, 0.25)))


@pytest.mark.parametrize("factor", [2, 3, 4])
def test_sinc_is_the_crop_of_k_space(factor):
    """A few cells in a long line, against the scanner's crop with the cell's mean undone."""
    count = 128
    rng = np.random.default_rng(0)
    cells = np.zeros(count * factor, np.float32)
    cells[60 * factor : 64 * factor] = rng.normal(size=4 * factor)
    space = crop_axis(cells, 0, factor)
    k = np.fft.fftfreq(count)
    k[count // 2] = 0.5
    expected = np.fft.ifft(space / np.sinc(k / factor)).real
    weights = sampling_matrix(range(40, 90), range(count * factor), factor, "sinc")
    np.testing.assert_allclose(cells @ weights, expected[40:90], atol=0.02)


def test_a_blob_comes_out_the_same_from_cells_of_any_size():
    """The mean over the cell is undone, so that coarse cells blur no more than fine ones."""
    fine = np.exp(-0.5 * (((np.arange(40 * 24) + 0.5) / 24 - 20.3) / 0.7) ** 2)
    made = []
    for factor in (2, 4, 8):
        cells = fine.reshape(40 * factor, -1).mean(axis=1).astype(np.float32)
        made.append(cells @ sampling_matrix(range(10, 30), range(40 * factor), factor, "sinc"))
    np.testing.assert_allclose(made[0], made[2], atol=0.004)
    np.testing.assert_allclose(made[1], made[2], atol=1e-4)


@pytest.mark.parametrize(("share", "edge"), [(0.5, 1.0), (0.7, 0.2), (1.0, 0.4)])
def test_less_of_k_space(share, edge):
    """A zero-filled, tapered crop, by transforms: the sum stays, the rest is blurred alike."""
    count, factor = 128, 3
    cells = np.zeros(count * factor, np.float32)
    cells[60 * factor : 64 * factor] = np.random.default_rng(0).normal(size=4 * factor)
    k = np.fft.fftfreq(count)
    k[count // 2] = 0.5
    space = crop_axis(cells, 0, factor) / np.sinc(k / factor)
    space *= Support(share=(share, 1.0, 1.0), edge=(edge, 1.0, 1.0)).weight(k, 0)
    weights = sampling_matrix(
        range(40, 90), range(count * factor), factor, "sinc", share=share, edge=edge
    )
    np.testing.assert_allclose(cells @ weights, np.fft.ifft(space).real[40:90], atol=0.02)
    # Away from the ends of the line, which the lines' own ringing reaches.
    even = sampling_matrix(range(60, 68), range(count * factor), factor, "sinc", share=share,
                           edge=edge).sum(axis=0)  # fmt: skip
    np.testing.assert_allclose(even, 1.0, atol=0.02)

from __future__ import annotations

import numpy as np

from arteriole.phantom.anatomy.folding import stripes


def test_stripes_on_a_plane_have_their_width(rng):
    """A plane through the lattice: signs change about every ``width_mm`` across stripes."""
    depth = np.broadcast_to(2.5 * (np.arange(9) - 4.0), (64, 64, 9)).astype(np.float32)
    start = rng.standard_normal(depth.shape, dtype=np.float32)
    none = np.zeros(depth.shape, dtype=bool)
    u = stripes(depth, start, none, spacing_mm=2.5, width_mm=13.0)[:, :, 4]
    power = np.abs(np.fft.fft2(u - u.mean())) ** 2
    f = np.fft.fftfreq(64, 2.5)
    radius = np.hypot(f[:, None], f[None, :])
    mean = float((power * radius).sum() / power.sum())
    assert 0.7 < 1.0 / (2.0 * mean) / 13.0 < 1.3


def test_stripes_stay_where_they_are_held(rng):
    depth = np.broadcast_to(2.5 * (np.arange(9) - 4.0), (32, 32, 9)).astype(np.float32)
    start = rng.standard_normal(depth.shape, dtype=np.float32)
    held = np.zeros(depth.shape, dtype=bool)
    held[:16] = True
    start[:8], start[8:16] = 1.0, -1.0
    u = stripes(depth, start, held, spacing_mm=2.5, width_mm=13.0)[:, :, 4]
    assert (u[:7] > 0).all()
    assert (u[9:15] < 0).all()

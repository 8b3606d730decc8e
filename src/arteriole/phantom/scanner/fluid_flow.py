"""What moving fluid does to an image: bright in FLAIR, dark in T2, where it flows fast."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from arteriole.grid import Grid
from arteriole.numerics.jit import kernel, prange
from arteriole.phantom.anatomy.anatomy import Frame
from arteriole.phantom.painting.paint_signal import SignalCanvas

STREAMS: tuple[tuple[float, float, float, float, float], ...] = (
    (0.0, -24.0, -4.0, 5.0, 1.0),
    (0.0, -36.0, -18.0, 5.0, 1.0),
    (0.0, -42.0, -34.0, 9.0, 0.9),
    (0.0, -6.0, -2.0, 8.0, 0.6),
    (7.0, 4.0, 8.0, 6.0, 0.5),
    (-7.0, 4.0, 8.0, 6.0, 0.5),
    (0.0, -12.0, -24.0, 9.0, 0.8),
    (0.0, -14.0, -44.0, 11.0, 0.8),
    (0.0, 4.0, -18.0, 8.0, 0.5),
    (12.0, -22.0, -34.0, 8.0, 0.5),
    (-12.0, -22.0, -34.0, 8.0, 0.5),
    (0.0, -56.0, -52.0, 9.0, 0.6),
)
"""Template x, y, z (mm), radius (mm) and speed against the fastest: aqueduct, fourth and third
ventricle, foramina of Monro, interpeduncular, prepontine and suprasellar cistern, angles of the
cerebellum and pons, cisterna magna. Places where flow artefacts are common (Lisanti 2007,
doi:10.2214/AJR.05.1618; Naganawa 2004); sizes and speeds are our own."""


def draw_streams(frame: Frame, rng: np.random.Generator) -> NDArray[np.float32]:
    """Draw where fluid flows in one scan: world x, y, z, radius (mm) and speed, (n, 5)."""
    rows = np.array(STREAMS)
    rows[:, :3] += rng.normal(0.0, 2.0, (len(rows), 3))
    rows[:, :3] = frame.to_world(rows[:, :3])
    rows[:, 3] *= rng.uniform(0.8, 1.25, len(rows))
    rows[:, 4] *= rng.uniform(0.3, 1.0, len(rows))
    return rows.astype(np.float32)


def let_flow(
    canvas: SignalCanvas,
    streams: NDArray[np.float32],
    is_fluid: NDArray[np.bool_],
    *,
    amount: float,
    moving: float,
) -> None:
    """Move the signal of fluid towards that of moving fluid, in place.

    Parameters
    ----------
    canvas : SignalCanvas
        Painted in place.
    streams : ndarray, float32, (n, 5)
        See `draw_streams`.
    is_fluid : ndarray, bool, (256,)
        Which codes are fluid.
    amount : float
        Share of the fluid that has been replaced where it flows fastest.
    moving : float
        Signal of the fluid that came instead.

    Notes
    -----
    ``S += amount g (S_moving - S)`` with ``g`` the largest of the streams' Gaussians.
    """
    grid: Grid = canvas.grid
    _flow(
        canvas.signal,
        canvas.code,
        is_fluid,
        streams,
        np.asarray(grid.affine[:3], dtype=np.float32),
        np.float32(amount),
        np.float32(moving),
    )


@kernel(parallel=True)
def _flow(
    signal: NDArray[np.float32],
    codes: NDArray[np.uint8],
    is_fluid: NDArray[np.bool_],
    streams: NDArray[np.float32],
    m: NDArray[np.float32],
    amount: np.float32,
    moving: np.float32,
) -> None:
    """Blend fluid with moving fluid."""
    two = np.float32(2.0)
    for i in prange(signal.shape[0]):
        for j in range(signal.shape[1]):
            for k in range(signal.shape[2]):
                if not is_fluid[codes[i, j, k]]:
                    continue
                x = m[0, 0] * i + m[0, 1] * j + m[0, 2] * k + m[0, 3]
                y = m[1, 0] * i + m[1, 1] * j + m[1, 2] * k + m[1, 3]
                z = m[2, 0] * i + m[2, 1] * j + m[2, 2] * k + m[2, 3]
                most = np.float32(0.0)
                for s in range(streams.shape[0]):
                    square = (x - streams[s, 0]) ** 2 + (y - streams[s, 1]) ** 2
                    square += (z - streams[s, 2]) ** 2
                    wide = two * streams[s, 3] * streams[s, 3]
                    if square > np.float32(4.0) * wide:
                        continue
                    g = streams[s, 4] * np.exp(-square / wide)
                    most = max(most, g)
                signal[i, j, k] += amount * most * (moving - signal[i, j, k])

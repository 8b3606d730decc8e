from __future__ import annotations

import numpy as np
import pytest

from arteriole.grid import Grid
from arteriole.phantom.painting.paint_signal import SignalCanvas
from arteriole.phantom.scanner.fluid_flow import STREAMS, draw_streams, let_flow


def test_fluid_moves_by_the_gaussian_and_the_rest_stays():
    canvas = SignalCanvas.blank(Grid((21, 5, 5), np.eye(4)), signal=10.0)
    canvas.code[:, 2, 2] = 1
    streams = np.array([[10.0, 2.0, 2.0, 4.0, 0.8]], dtype=np.float32)
    fluid = np.zeros(256, dtype=np.bool_)
    fluid[1] = True
    let_flow(canvas, streams, fluid, amount=0.5, moving=110.0)
    assert canvas.signal[10, 2, 2] == pytest.approx(10 + 0.5 * 0.8 * 100)
    assert canvas.signal[14, 2, 2] == pytest.approx(10 + 0.4 * np.exp(-0.5) * 100, rel=1e-5)
    assert (canvas.signal[:, 0] == 10.0).all()


def test_streams_lie_in_the_persons_world(head, rng):
    streams = draw_streams(head.anatomy.frame, rng)
    assert streams.shape == (len(STREAMS), 5)
    template = head.anatomy.frame.to_template(*streams[:, :3].T)
    away = np.linalg.norm(np.stack(template, axis=1) - np.array(STREAMS)[:, :3], axis=1)
    assert away.max() < 12.0
    assert streams[:, 4].max() <= 1.0

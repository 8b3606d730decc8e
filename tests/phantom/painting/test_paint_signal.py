from __future__ import annotations

import numpy as np
import pytest

from arteriole.grid import Grid
from arteriole.phantom.anatomy.structure import Structure
from arteriole.phantom.painting.paint import Canvas, paint_structure
from arteriole.phantom.painting.paint_signal import (
    SignalCanvas,
    divide,
    paint_signal_tubes,
    paint_solid,
)
from arteriole.phantom.painting.paint_tubes import paint_tubes
from arteriole.phantom.painting.parts import Part
from arteriole.phantom.painting.vary_signal import vary_signal
from arteriole.phantom.scanner.refine import rows_of
from arteriole.phantom.vessels.tubes import Tubes

GRID = Grid((40, 36, 30), np.diag([0.5, 0.5, 0.6, 1.0]))


def ball(centre=(9.0, 8.0, 9.0), radius=5.0) -> Structure:
    axis = np.arange(0.0, 21.0)
    x, y, z = np.meshgrid(axis, axis, axis, indexing="ij")
    away = np.sqrt((x - centre[0]) ** 2 + (y - centre[1]) ** 2 + (z - centre[2]) ** 2)
    return Structure("ball", 7, (radius - away).astype(np.float32), (0.0, 0.0, 0.0), 1.0)


def test_solid_is_painted_as_the_gradient_echo_paints_it():
    canvas, other = SignalCanvas.blank(GRID, signal=-1.0), Canvas.blank(GRID)
    other.signal[:] = -1.0
    paint_solid(canvas, ball(), 50.0, code=3)
    paint_structure(other, ball(), np.array([0, 0, 50, 0], dtype=np.float32))
    np.testing.assert_array_equal(canvas.signal, other.signal)
    np.testing.assert_array_equal(canvas.code == 3, other.label == 7)


def test_ball_has_its_volume():
    canvas = SignalCanvas.blank(GRID)
    paint_solid(canvas, ball(), 1.0, code=1)
    volume = canvas.signal.sum() * GRID.voxel_volume_mm3
    assert volume == pytest.approx(4.0 / 3.0 * np.pi * 125.0, rel=0.02)


def test_tubes_are_painted_as_the_gradient_echo_paints_them():
    ends = np.array([[3.0, 4.0, 5.0], [15.0, 12.0, 14.0]], dtype=np.float32)
    tubes = Tubes(
        9,
        ends[:1],
        ends[1:],
        np.array([[0.8, 0.4]], dtype=np.float32),
        np.array([0.3], dtype=np.float32),
        np.zeros(1, dtype=np.int32),
    )
    canvas, other = SignalCanvas.blank(GRID), Canvas.blank(GRID)
    paint_signal_tubes(canvas, tubes, 5.0)
    paint_tubes(other, tubes, np.array([0, 0, 5, 0], dtype=np.float32))
    assert canvas.signal.max() > 4.0
    np.testing.assert_array_equal(canvas.signal, other.signal)
    assert not canvas.code.any()


def test_parts_of_a_picture_are_the_picture():
    whole = SignalCanvas.blank(GRID)
    paint_solid(whole, ball(), 2.0, code=4)
    part = SignalCanvas.blank(rows_of(GRID, slice(12, 20)))
    paint_solid(part, ball(), 2.0, code=4)
    np.testing.assert_allclose(part.signal, whole.signal[12:20], atol=1e-5)


def test_division_changes_the_code_of_its_solid_only():
    canvas = SignalCanvas.blank(GRID)
    paint_solid(canvas, ball(), 1.0, code=1)
    before = canvas.code.copy()
    becomes = np.zeros(256, dtype=np.uint8)
    becomes[1] = 9
    half = ball((9.0, 8.0, 0.0), 9.0)
    divide(canvas, Part(half, becomes))
    assert (canvas.code == 9).any()
    np.testing.assert_array_equal(canvas.code > 0, before > 0)
    low = np.argwhere(canvas.code == 9)[:, 2].mean()
    assert low < np.argwhere(canvas.code == 1)[:, 2].mean()


def test_texture_varies_by_its_gain_and_leaves_other_codes(head):
    canvas = SignalCanvas.blank(Grid((60, 60, 60), np.diag([1.0, 1.0, 1.0, 1.0])), signal=100.0)
    canvas.code[30:] = 1
    gains = np.array([[0.0, 0.0, 0.0], [0.03, 0.04, 0.0]], dtype=np.float32)
    vary_signal(canvas, head.texture, gains)
    assert (canvas.signal[:30] == 100.0).all()
    assert canvas.signal[30:].std() == pytest.approx(5.0, rel=0.25)

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from arteriole.grid import Grid
from arteriole.report.mosaic import Outline, Window, colours, encode, mosaic
from arteriole.report.view import AXIAL, Row, choose_rows, choose_view

GRID = Grid.from_voxel_size((24, 30, 12), (2.0, 2.0, 4.0))
EVERYWHERE = np.ones(GRID.shape, dtype=bool)
VIEW = choose_view(GRID, EVERYWHERE)


def draw(volume, **options) -> np.ndarray:
    """Draw the middle axial slice alone, without its letters at the border."""
    row = (Row(AXIAL, (6,), ("",)),)
    size = VIEW.size(AXIAL)[0]
    window = options.pop("window", Window(-1.0, 1.0, "ppm"))
    image = mosaic(volume, view=VIEW, rows=row, window=window, width_px=size, **options)
    return np.asarray(image)


def middle(pixels: np.ndarray) -> list[int]:
    height, width = pixels.shape[:2]
    return pixels[height // 2 + 9, width // 2 + 9].tolist()


@pytest.mark.parametrize(
    ("value", "grey"), [(-5, 0), (-1, 0), (0, 128), (1, 255), (5, 255), (np.nan, 0)]
)
def test_window_decides_grey(value, grey):
    assert middle(draw(np.full(GRID.shape, value, np.float32))) == [grey] * 3


def test_grey_does_not_depend_on_the_rest_of_the_data():
    calm = np.zeros(GRID.shape, np.float32)
    wild = calm.copy()
    wild[0, 0, 0], wild[-1, -1, -1] = -1e6, 1e6
    assert middle(draw(calm)) == middle(draw(wild))


def test_a_unit_scales_the_window():
    window = Window(0.0, 2.0, "× median", one=50.0)
    assert window.scaled(np.array([0.0, 50.0, 100.0])).tolist() == [0, 128, 255]


def test_outside_the_mask_is_black():
    mask = EVERYWHERE.copy()
    mask[: GRID.shape[0] // 2] = False
    pixels = draw(np.ones(GRID.shape, np.float32), mask=mask)
    height, width = pixels.shape[:2]
    assert pixels[height // 3, width // 4].tolist() == [255] * 3
    assert pixels[height // 3, 3 * width // 4].tolist() == [0] * 3


def test_outline_is_drawn_in_its_colour_at_the_border_only():
    mask = np.zeros(GRID.shape, dtype=bool)
    mask[8:16, 10:20] = True
    red = (255, 0, 0)
    pixels = draw(np.zeros(GRID.shape, np.float32), outlines=[Outline(mask, red)])
    drawn = (pixels == red).all(axis=-1)
    assert 50 < drawn.sum() < 0.1 * drawn.size
    assert middle(pixels) == [128] * 3


def test_letters_are_written_on_the_first_picture_of_each_row():
    rows = choose_rows(VIEW, EVERYWHERE)
    dark = Window(0.0, 1.0, "")
    image = mosaic(np.zeros(GRID.shape, np.float32), view=VIEW, rows=rows, window=dark)
    pixels = np.asarray(image)
    first = VIEW.size(AXIAL)
    assert (pixels[: first[1], : first[0] // 6] > 200).any()
    assert image.width == 1288


def test_wrapped_phase_is_not_smoothed():
    phase = np.full(GRID.shape, -np.pi, np.float32)
    phase[GRID.shape[0] // 2 :] = np.pi
    window = Window(-np.pi, np.pi, "rad")
    sharp, soft = (draw(phase, window=window, smooth=smooth) for smooth in (False, True))
    line = sharp.shape[0] // 3
    assert set(sharp[line, :, 0].tolist()) == {0, 255}
    assert len(set(soft[line, :, 0].tolist())) > 2


def test_grey_pictures_are_stored_grey_and_coloured_ones_in_colour():
    flat = np.zeros(GRID.shape, np.float32)
    for colour_map, mode in (("gray", "L"), ("inferno", "RGB")):
        picture = Image.fromarray(draw(flat, colour_map=colour_map))
        assert Image.open(io.BytesIO(encode(picture))).mode == mode


def test_pictures_of_noise_get_small_enough(rng):
    noise = Image.fromarray(rng.integers(0, 256, (400, 600, 3), dtype=np.uint8))
    small, large = encode(noise, most_bytes=80_000), encode(noise, most_bytes=10**7)
    assert len(small) < len(large)


def test_colour_maps_run_from_dark_to_bright():
    for name in ("gray", "magma", "inferno"):
        sums = colours(name).astype(int).sum(axis=1)
        assert sums[0] < 30
        assert sums[-1] > 500

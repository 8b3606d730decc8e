from __future__ import annotations

import numba
import numpy as np
import pytest

from arteriole.grid import Grid
from arteriole.phantom import tissue
from arteriole.phantom.anatomy.lattice import draw_warp
from arteriole.phantom.painting.paint import Canvas
from arteriole.phantom.painting.paint_texture import paint_texture
from arteriole.phantom.texture import Texture, draw_texture, texture_spread
from arteriole.phantom.tissue import TISSUES

GRID = Grid.from_voxel_size((72, 76, 64), (1.0, 1.0, 1.0))
FAR = Grid(GRID.shape, np.array(GRID.affine) + 300.0 * np.eye(4, k=3))


@pytest.fixture(scope="module")
def texture() -> Texture:
    frame = draw_warp(np.random.default_rng(2))
    return draw_texture(np.random.default_rng(3), frame)


def painted(texture: Texture, row: int, grid: Grid = GRID) -> Canvas:
    canvas = Canvas.blank(grid)
    canvas.label[:] = row
    canvas.chi_ppm[:] = TISSUES[row].chi_ppm
    canvas.r2star_hz[:] = TISSUES[row].r2star_hz
    canvas.signal[:] = 1000.0
    paint_texture(canvas, texture, texture_spread(TISSUES))
    return canvas


@pytest.mark.parametrize(
    "row",
    [
        tissue.CAUDATE,
        tissue.PUTAMEN,
        tissue.PALLIDUM,
        tissue.THALAMUS,
        tissue.NIGRA,
        tissue.CAPSULE,
        tissue.BRAINSTEM,
    ],
)
def test_spread_and_correlation_are_those_of_the_row(texture, row):
    one = TISSUES[row]
    canvas = painted(texture, row)
    chi, rate = canvas.chi_ppm - one.chi_ppm, canvas.r2star_hz / one.r2star_hz - 1
    assert chi.std() == pytest.approx(one.chi_texture_ppm, rel=0.15)
    assert rate.std() == pytest.approx(one.texture, rel=0.15)
    assert np.corrcoef(chi.ravel(), rate.ravel())[0, 1] == pytest.approx(one.coupling, abs=0.1)
    assert canvas.signal.std() == pytest.approx(250.0 * one.texture, rel=0.2)


def test_varies_from_the_millimetre_to_the_lobe(texture):
    chi = painted(texture, tissue.PUTAMEN).chi_ppm
    blocks = chi.reshape(9, 8, 19, 4, 8, 8).mean(axis=(1, 3, 5))
    assert 0.3 < blocks.std() / chi.std() < 0.8
    assert np.diff(chi, axis=0).std() > 0.5 * chi.std()


def test_regions_raise_r2star_and_part_grey_from_white(texture):
    grey, white = (painted(texture, row) for row in (tissue.GREY, tissue.WHITE))
    plain = [painted(texture, row, FAR) for row in (tissue.GREY, tissue.WHITE)]
    for one, elsewhere in zip((grey, white), plain, strict=True):
        assert one.r2star_hz.std() > elsewhere.r2star_hz.std()
    source = [np.corrcoef(c.chi_ppm.ravel(), c.r2star_hz.ravel())[0, 1] for c in (grey, white)]
    assert source[0] > 0.4
    assert source[1] < -0.4


def test_air_and_plain_tissue_stay_as_they_are(texture):
    for row in (tissue.AIR, tissue.EYE, tissue.MICROBLEED):
        canvas = painted(texture, row)
        assert (canvas.chi_ppm == np.float32(TISSUES[row].chi_ppm)).all()
        assert (canvas.r2star_hz == np.float32(TISSUES[row].r2star_hz)).all()


def test_is_a_function_of_the_world(texture):
    fine = Grid.from_voxel_size((143, 151, 127), (0.5, 0.5, 0.5))
    coarse = painted(texture, tissue.PUTAMEN).chi_ppm
    np.testing.assert_allclose(
        painted(texture, tissue.PUTAMEN, fine).chi_ppm[::2, ::2, ::2], coarse, atol=1e-5
    )


def test_same_for_any_number_of_threads(texture):
    before = numba.get_num_threads()
    made = []
    for threads in (1, min(2, before)):
        numba.set_num_threads(threads)
        made.append(painted(texture, tissue.WHITE).r2star_hz)
    numba.set_num_threads(before)
    np.testing.assert_array_equal(*made)

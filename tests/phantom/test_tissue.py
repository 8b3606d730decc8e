from __future__ import annotations

from dataclasses import replace

import pytest

from arteriole.phantom import tissue
from arteriole.phantom.painting.scene import tissue_values
from arteriole.phantom.scanner.protocol import TINY
from arteriole.phantom.tissue import TISSUES

FIELDS = (1.5, 3.0, 7.0)


@pytest.mark.parametrize(
    ("row", "t2_ms"),
    [(tissue.GREY, (87, 76, 47)), (tissue.WHITE, (80, 71, 47))],
)
def test_t2_falls_with_the_field_as_measured(row, t2_ms):
    """Cox & Gowland 2010, doi:10.1002/mrm.22411."""
    for b0, expected in zip(FIELDS, t2_ms, strict=True):
        assert 1e3 / TISSUES[row].r2_at(b0) == pytest.approx(expected, rel=0.19)


@pytest.mark.parametrize(
    ("row", "t1_s"),
    [
        (tissue.WHITE, (0.646, 0.838, 1.126)),
        (tissue.GREY, (1.197, 1.607, 1.939)),
        (tissue.PUTAMEN, (1.084, 1.332, 1.644)),
        (tissue.CAUDATE, (1.109, 1.395, 1.684)),
    ],
)
def test_t1_rises_with_the_field_as_measured(row, t1_s):
    """Wright 2008, doi:10.1007/s10334-008-0104-8."""
    for b0, expected in zip(FIELDS, t1_s, strict=True):
        assert TISSUES[row].t1_at(b0) == pytest.approx(expected, rel=0.14)


@pytest.mark.parametrize(
    ("row", "r2", "r2_prime"),
    [(tissue.GREY, 14.4, 3.4), (tissue.WHITE, 18.0, 3.9), (tissue.PALLIDUM, 25.8, 12.0)],
)
def test_split_of_r2star_is_gelmans(row, r2, r2_prime):
    """Gelman 1999, doi:10.1148/radiology.210.3.r99fe41759."""
    one = TISSUES[row]
    assert one.r2_hz == pytest.approx(r2, rel=0.1)
    assert one.r2star_hz - one.r2_hz == pytest.approx(r2_prime, abs=1.2)


def test_cortex_at_7_t_is_that_of_cohen_adad():
    """T2* of 32.2 +- 1.4 ms over the cortex at 7 T, doi:10.1016/j.neuroimage.2012.01.053."""
    assert 1e3 / TISSUES[tissue.GREY].r2star_at(7.0) == pytest.approx(32.2, abs=1.4)


def test_blood_at_7_t_is_that_of_krishnamurthy():
    """T2 of 68 ms in arteries, 20 ms in veins, doi:10.1002/mrm.24868."""
    assert 1e3 / TISSUES[tissue.ARTERY].r2_at(7.0) == pytest.approx(68, rel=0.02)
    assert 1e3 / TISSUES[tissue.VEIN].r2_at(7.0) == pytest.approx(20, rel=0.02)


@pytest.mark.parametrize("one", TISSUES, ids=lambda t: t.name)
def test_every_row_is_possible(one):
    assert 0.0 <= one.r2_hz <= one.r2star_hz
    assert 0.0 <= one.density <= 1.0
    assert -1.0 <= one.coupling <= 1.0
    assert one.r2star_at(3.0) == pytest.approx(one.r2star_hz)
    assert one.t1_at(3.0) == one.t1_s
    rates = [one.r2star_at(b0) for b0 in FIELDS]
    slope = (rates[2] - rates[0]) / 5.5
    assert rates[1] == pytest.approx(rates[0] + 1.5 * slope)
    assert slope >= 0


def test_fluid_and_fat_keep_their_t1():
    for row in (tissue.CSF, tissue.VENTRICLE, tissue.FAT, tissue.EYE, tissue.CAVITY):
        assert TISSUES[row].t1_at(7.0) == TISSUES[row].t1_s


def test_a_scan_takes_the_values_of_its_field():
    high = tissue_values(TISSUES, replace(TINY, b0_tesla=7.0))
    for row, one in enumerate(TISSUES):
        assert high[row, 0] == pytest.approx(one.chi_ppm)
        assert high[row, 1] == pytest.approx(one.r2star_at(7.0), rel=1e-6)
    assert high[tissue.WHITE, 2] == pytest.approx(1000.0)
    low = tissue_values(TISSUES, TINY)
    assert high[tissue.CSF, 2] > low[tissue.CSF, 2]

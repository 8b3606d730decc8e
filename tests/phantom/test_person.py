from __future__ import annotations

import numpy as np
import pytest

from arteriole.phantom import tissue
from arteriole.phantom.person import IRON, person_tissues
from arteriole.phantom.tissue import TISSUES


def mean_person(age_y: float, count: int = 400) -> dict[str, np.ndarray]:
    people = [person_tissues(age_y, np.random.default_rng([7, i])) for i in range(count)]
    return {
        name: np.array([[getattr(row, name) for row in person] for person in people])
        for name in ("chi_ppm", "r2star_hz", "r2_hz", "t1_s")
    }


@pytest.mark.parametrize(
    ("row", "mean", "scatter"),
    [
        (tissue.PALLIDUM, 21.3, 3.5),
        (tissue.PUTAMEN, 13.3, 3.4),
        (tissue.CAUDATE, 9.3, 2.1),
        (tissue.RED_NUCLEUS, 19.5, 6.9),
        (tissue.NIGRA, 18.5, 6.5),
        (tissue.DENTATE, 10.4, 4.9),
        (tissue.THALAMUS, 4.8, 1.2),
        (tissue.WHITE, 4.2, 0.9),
    ],
)
def test_iron_of_adults_is_hallgrens(row, mean, scatter):
    """Means and SD (mg/100 g) of 30 to 100 years, doi:10.1111/j.1471-4159.1958.tb12607.x."""
    ages = np.arange(30, 100, 5)
    assert abs(np.mean([IRON[row].at(float(a)) for a in ages]) - mean) < 0.3 * scatter + 0.2


def test_a_person_of_sixty_is_the_table():
    at = mean_person(60.0)
    for row, one in enumerate(TISSUES):
        assert at["chi_ppm"][:, row].mean() == pytest.approx(one.chi_ppm, abs=0.002)
        assert at["r2star_hz"][:, row].mean() == pytest.approx(one.r2star_hz, abs=0.3)


def test_young_adults_are_gelmans():
    """R2 + R2' of 19 to 42 years at 3 T, doi:10.1148/radiology.210.3.r99fe41759."""
    rate = mean_person(30.0)["r2star_hz"].mean(axis=0)
    assert rate[tissue.PALLIDUM] == pytest.approx(37.8, abs=2.0)
    assert rate[tissue.GREY] == pytest.approx(17.8, abs=1.0)
    assert rate[tissue.WHITE] == pytest.approx(21.9, abs=1.0)


def test_iron_rises_with_age_and_the_thalamus_turns():
    """Treit 2021, doi:10.1002/hbm.25569: rising in three nuclei, falling after 40 in one."""
    chi = {age: mean_person(age)["chi_ppm"].mean(axis=0) for age in (20.0, 40.0, 80.0)}
    for row in (tissue.CAUDATE, tissue.PUTAMEN, tissue.PALLIDUM, tissue.NIGRA):
        assert chi[20.0][row] < chi[40.0][row] < chi[80.0][row]
    assert chi[80.0][tissue.PUTAMEN] - chi[20.0][tissue.PUTAMEN] == pytest.approx(0.05, abs=0.015)
    assert chi[40.0][tissue.THALAMUS] > chi[80.0][tissue.THALAMUS]


def test_old_white_matter_has_less_myelin():
    young, old = mean_person(30.0), mean_person(80.0)
    for row in (tissue.WHITE, tissue.CALLOSUM, tissue.RADIATION):
        assert old["chi_ppm"][:, row].mean() > young["chi_ppm"][:, row].mean() + 0.005
        assert old["r2star_hz"][:, row].mean() < young["r2star_hz"][:, row].mean() - 0.5
        assert old["t1_s"][:, row].mean() > young["t1_s"][:, row].mean()


def test_people_differ_and_chi_and_r2star_go_together():
    at = mean_person(60.0)
    chi, rate = at["chi_ppm"][:, tissue.PUTAMEN], at["r2star_hz"][:, tissue.PUTAMEN]
    assert chi.std() == pytest.approx(0.014, abs=0.002)
    assert np.corrcoef(chi, rate)[0, 1] > 0.99
    white = [at[name][:, tissue.CALLOSUM] for name in ("chi_ppm", "r2star_hz")]
    assert np.corrcoef(white)[0, 1] < -0.99


def test_every_person_is_possible():
    for age in (18.0, 50.0, 100.0):
        at = mean_person(age, 100)
        assert (at["r2_hz"] <= at["r2star_hz"]).all()
        assert (at["t1_s"] > 0.2).all()


def test_same_stream_same_person():
    assert person_tissues(70.0, np.random.default_rng(5)) == person_tissues(
        70.0, np.random.default_rng(5)
    )


@pytest.mark.parametrize("age", [10.0, 120.0, float("nan")])
def test_refuses(age):
    with pytest.raises(ValueError, match="iron is known from 18 to 100 years"):
        person_tissues(age, np.random.default_rng(0))

from __future__ import annotations

import numpy as np
import pytest

from arteriole.phantom.lesions.burden import Burden, draw_burden


def drawn(n=400, **given) -> list[Burden]:
    rng = np.random.default_rng(7)
    return [draw_burden(rng, **given) for _ in range(n)]


def test_microbleeds_are_as_common_as_in_the_population():
    young, old = (np.mean([b.microbleeds > 0 for b in drawn(900, age_y=a)]) for a in (48, 83))
    assert young == pytest.approx(0.065, abs=0.06)
    assert old == pytest.approx(0.357, abs=0.10)


def test_about_half_have_a_single_one():
    counts = np.array([b.microbleeds for b in drawn(900, age_y=80)])
    assert np.mean(counts[counts > 0] == 1) == pytest.approx(0.56, abs=0.08)
    assert np.mean(counts[counts > 0] >= 5) == pytest.approx(0.24, abs=0.08)


def test_findings_go_together():
    people = drawn(900, age_y=70)
    white = np.array([b.hyperintensity for b in people])
    for name in ("microbleeds", "lacunes", "perivascular_basal"):
        found = np.array([getattr(b, name) for b in people], dtype=float)
        assert np.corrcoef(white, np.log1p(found))[0, 1] > 0.2


def test_none_at_severity_nought():
    for one in drawn(50, age_y=80, severity=0.0):
        assert one.microbleeds == one.lacunes == one.haemorrhages == one.hyperintensity == 0


def test_severity_decides():
    mild, severe = (
        np.mean([b.hyperintensity for b in drawn(100, age_y=70, severity=s)]) for s in (0.5, 2.5)
    )
    assert severe - mild > 1.5


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"microbleeds": -1}, "microbleeds counts from zero, not -1"),
        ({"hyperintensity": 3.5}, r"hyperintensity lies in \[0, 3\], not 3.5"),
        ({"pattern": "odd"}, "pattern is one of .*, not 'odd'"),
    ],
)
def test_refuses(change, message):
    with pytest.raises(ValueError, match=message):
        Burden(**change)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"age_y": 5.0}, r"age lies in \[18, 110\] years, not 5.0"),
        ({"age_y": 50.0, "severity": 4.0}, r"severity lies in \[0, 3\], not 4.0"),
    ],
)
def test_draw_refuses(rng, change, message):
    with pytest.raises(ValueError, match=message):
        draw_burden(rng, **change)

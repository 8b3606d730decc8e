from __future__ import annotations

import numpy as np

from arteriole.phantom.vessels.sinuses import sinuses


def test_sinuses_hug_the_brain(anatomy, rng):
    found = sinuses(anatomy, rng)
    names = [s.name for s in found]
    assert names.count("transverse") == 2
    assert set(names) == {"superior sagittal", "straight", "inferior sagittal", "transverse"}
    for sinus in found:
        assert len(sinus.path) == len(sinus.radius_mm)
        assert 0.3 < sinus.radius_mm.min() <= sinus.radius_mm.max() < 4.6
        assert np.linalg.norm(np.diff(sinus.path, axis=0), axis=1).max() < 6.0
        depth = anatomy.brain.depth(sinus.path)
        if sinus.name == "superior sagittal":
            assert np.abs(depth + 0.8).max() < 1.5
            template = anatomy.frame.to_template(*sinus.path.astype(np.float32).T)
            assert np.abs(template[0]).max() < 1.5
        elif sinus.name == "transverse":
            assert np.median(np.abs(depth + 1.2)) < 2.0


def test_they_meet_at_the_torcular(anatomy, rng):
    found = sinuses(anatomy, rng)
    ends = [s.path[-1] for s in found if s.name in ("superior sagittal", "straight")]
    starts = [s.path[0] for s in found if s.name == "transverse"]
    for point in (*ends[1:], *starts):
        np.testing.assert_allclose(point, ends[0], atol=1e-6)

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.spatial import cKDTree

from arteriole.phantom import tissue
from arteriole.phantom.anatomy.anatomy import Anatomy
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


def test_a_label_maps_sinus_leads_the_way(anatomy):
    plain = sinuses(anatomy, np.random.default_rng(4))
    like = anatomy.brain
    points = np.stack(np.broadcast_arrays(*like.points()), axis=-1).reshape(-1, 3)
    away, _ = cKDTree(np.add(plain[0].path, (3.0, 0.0, -1.0))).query(points)
    level = (3.5 - away).reshape(like.level.shape).astype(np.float32)
    marked = replace(like, name="venous sinuses", tissue=tissue.VEIN, level=level)
    head = Anatomy((*anatomy.structures, marked), like, anatomy.trunk, anatomy.frame)
    found = sinuses(head, np.random.default_rng(4))
    assert [s.name for s in found] == [s.name for s in plain]
    before, after = (marked.depth(s[0].path) for s in (plain, found))
    assert (after > 0.5).mean() > max(0.8, (before > 0.5).mean())
    inside = after > 0.5
    assert (found[0].radius_mm <= after + 0.01)[inside].all()
    np.testing.assert_allclose(found[0].path[-1], found[1].path[-1], atol=1e-6)

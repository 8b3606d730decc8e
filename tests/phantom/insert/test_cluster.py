"""Clusters: the volume and moment of one sphere, parts that touch, a shape that is no ball."""

from __future__ import annotations

import numpy as np
import pytest

from arteriole.phantom.insert.cluster import cluster_extent_mm, sphere_cluster
from arteriole.phantom.insert.echo_factor import echo_factor
from arteriole.phantom.insert.source import cluster_source, sphere_source


def test_volume_centre_and_touch():
    """For many draws: the sphere's volume, centred; no overlap, and every part touches another."""
    rng = np.random.default_rng(3)
    for _ in range(200):
        made = sphere_cluster(rng, diameter_mm=3.0)
        assert 2 <= len(made) <= 4
        assert np.sum(made[:, 3] ** 3) == pytest.approx(1.5**3)
        np.testing.assert_allclose(made[:, 3] ** 3 @ made[:, :3], 0, atol=1e-9)
        gap = np.linalg.norm(made[:, None, :3] - made[None, :, :3], axis=-1)
        gap -= made[:, 3] + made[:, None, 3]
        np.fill_diagonal(gap, np.inf)
        np.testing.assert_allclose(gap.min(axis=0), 0, atol=1e-6)


def test_they_are_longer_than_wide():
    rng = np.random.default_rng(3)
    shape = np.array([cluster_extent_mm(sphere_cluster(rng, diameter_mm=2.0)) for _ in range(200)])
    assert (np.diff(shape, axis=1) <= 1e-9).all()
    assert 1.4 < np.median(shape[:, 0] / shape[:, 2]) < 2.5
    assert (shape[:, 0] > 2.0).all()


def test_extent_of_two_spheres():
    """Radii 1 and 2 along a slanted axis: 6 long, 4 wide and high."""
    axis = np.array([0.6, 0.0, 0.8])
    spheres = np.array([[*(axis * -8 / 3), 1.0], [*(axis / 3), 2.0]])
    assert cluster_extent_mm(spheres) == pytest.approx((6.0, 4.0, 4.0))


def test_far_away_it_is_the_sphere():
    """The same moment, the same field 9 mm away; near by they differ."""
    scan = {
        "voxel_size_mm": (1.0, 1.0, 1.0), "b0_direction": (0.0, 0.0, 1.0), "te_s": (0.02,),
        "b0_tesla": 3.0, "point_spread": "box", "smallest_rad": 1e-5,
    }  # fmt: skip
    source = {"contrast_ppm": 1.0, "ratio": (0.3,), "voxel_size_mm": (1.0, 1.0, 1.0)}
    spheres = sphere_cluster(np.random.default_rng(1), diameter_mm=3.0)
    one = echo_factor(cluster_source((12, 12, 12), spheres, **source), (24, 24, 24), **scan)
    ball = sphere_source((12, 12, 12), diameter_mm=3.0, **source)
    other = echo_factor(ball, (24, 24, 24), **scan)
    assert one.cover.sum() == pytest.approx(np.pi / 6 * 27, rel=0.01)
    phase, expected = (np.angle(f.factor[0, 12, 12, 21]) for f in (one, other))
    assert expected == pytest.approx(2 * np.pi * 0.02 * 127.7 * 2 / 3 * (1.5 / 9) ** 3, rel=0.05)
    assert phase == pytest.approx(expected, rel=0.2)
    near = np.s_[0, 10:15, 10:15, 10:15]
    assert np.abs(one.factor[near] - other.factor[near]).max() > 0.1


def test_repeats_and_refuses():
    one, two = (sphere_cluster(np.random.default_rng(5), diameter_mm=2.0) for _ in range(2))
    np.testing.assert_array_equal(one, two)
    with pytest.raises(ValueError, match="two parts or more"):
        sphere_cluster(np.random.default_rng(0), diameter_mm=2.0, most=1)
    with pytest.raises(ValueError, match="has a size"):
        sphere_cluster(np.random.default_rng(0), diameter_mm=0.0)

"""The outer form of the brain, without its folds, in template mm (RAS+, near MNI152)."""

from __future__ import annotations

import numpy as np

from arteriole.phantom.anatomy.shapes import Level, ellipsoid, intersection, tube, union


def cerebrum_hull(x: Level, y: Level, z: Level) -> Level:
    """Return the depth inside the cerebrum's outer form."""
    lobes = union(temporal_lobes(x, y, z), temporal_stem(x, y, z), 6.0)
    return union(_vault(x, y, z), lobes, 5.0)


def _vault(x: Level, y: Level, z: Level) -> Level:
    """Frontal, parietal and occipital lobes over a floor that rises above the tentorium."""
    whole = ellipsoid(x, y, z, (0, -17, 10), (68, 87, 66))
    side = np.abs(x)
    front = -22.0 - 0.03 * np.abs(y - 40.0) + 0.12 * side + 0.6 * np.maximum(4.0 - y, 0.0)
    behind = tent_height(side, y) + 1.2
    mix = np.clip((y + 26.0) / 16.0, 0.0, 1.0)
    floor = mix * front + (1.0 - mix) * behind
    return intersection(whole, (z - floor).astype(np.float32), 5.0)


def tent_height(side: Level, y: Level) -> Level:
    """Height of the tentorium, which falls to both sides and behind."""
    return np.asarray(2.0 - 0.38 * side + 0.24 * np.minimum(y + 45.0, 8.0), dtype=np.float32)


def temporal_lobes(x: Level, y: Level, z: Level) -> Level:
    """Return the depth inside the temporal lobes' outer form, parahippocampal gyrus included."""
    side = np.abs(x)
    drop = -24.0 - 0.20 * (y + 16.0)
    lobe = ellipsoid(side, y, (z - drop).astype(np.float32), (44, -16, 0), (23, 40, 19))
    inner = tube(side, y, z, [(24, 2, -22), (23, -16, -16), (22, -34, -6)], [8.0, 8.5, 7.0])
    return _beside_petrous(union(lobe, inner, 5.0), side, y, z)


def petrous(side: Level, y: Level, z: Level) -> Level:
    """Return the depth inside the ridge of bone between temporal lobe and cerebellum."""
    return tube(side, y, z, [(15, -15, -42), (36, -26, -38), (62, -36, -38)], [5.0, 6.5, 8.0])


def _beside_petrous(lobe: Level, side: Level, y: Level, z: Level) -> Level:
    return intersection(lobe, (-3.5 - petrous(side, y, z)).astype(np.float32), 3.0)


def temporal_stem(x: Level, y: Level, z: Level) -> Level:
    """Return the depth inside what joins the temporal lobes to the basal ganglia."""
    side = np.abs(x)
    return tube(side, y, z, [(30, -2, -2), (34, -8, -16), (34, -24, -10)], [8.0, 8.0, 8.0])


def cerebellum_hull(x: Level, y: Level, z: Level) -> Level:
    """Return the depth inside the cerebellum's outer form, notched behind."""
    side = np.abs(x)
    lobe = ellipsoid(side, y, z, (25, -62, -34), (30, 32, 26))
    vermis = ellipsoid(x, y, z, (0, -57, -25), (15, 26, 29))
    below = (tent_height(side, y) - 1.0 - z).astype(np.float32)
    return _beside_petrous(intersection(union(lobe, vermis, 5.0), below, 4.0), side, y, z)


def brainstem_hull(x: Level, y: Level, z: Level) -> Level:
    """Return the depth inside midbrain, pons, medulla and cord."""
    side = np.abs(x)
    peduncle = tube(side, y, z, [(15, -8, 0), (9, -16, -12), (6, -24, -26)], [8.0, 8.0, 8.0])
    tectum = ellipsoid(x, y, z, (0, -30, -8), (12, 10, 11))
    pons = ellipsoid(x, y, z, (0, -25, -28), (17, 14, 15))
    arms = tube(side, y, z, [(10, -28, -30), (24, -48, -36)], [9.0, 8.0])
    cord = tube(x, y, z, [(0, -30, -36), (0, -38, -56), (0, -42, -240)], [10.0, 7.5, 5.5])
    upper = union(union(peduncle, tectum, 4.0), union(pons, arms, 4.0), 5.0)
    return union(upper, cord, 6.0)


def brain_hull(x: Level, y: Level, z: Level, *, gap_mm: float) -> Level:
    """Return the depth inside a smooth bag ``gap_mm`` around the whole brain: the braincase."""
    top = cerebrum_hull(x, y, z)
    back = cerebellum_hull(x, y, z)
    bag = union(union(top, back, 9.0), brainstem_hull(x, y, z), 8.0) + np.float32(gap_mm)
    return intersection(bag, (-petrous(np.abs(x), y, z)).astype(np.float32), 3.0)


def cisterns(x: Level, y: Level, z: Level) -> Level:
    """Return the depth inside the basal cisterns, which the braincase holds beside the brain.

    Over the sella and along the optic nerves, before midbrain, pons and medulla, about the cord.
    """
    side = np.abs(x)
    sella = ellipsoid(x, y, z, (0, 3, -18), (17, 11, 7))
    stem = tube(side, y, z, [(0, -10, -24), (4, -19, -42), (5, -28, -56)], [7.0, 8.0, 9.0])
    cord = tube(x, y, z, [(0, -31, -54), (0, -42, -76)], [16.0, 11.0])
    return union(union(sella, stem, 4.0), cord, 4.0)

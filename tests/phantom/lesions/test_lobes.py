from __future__ import annotations

import numpy as np
import pytest

from arteriole.phantom.lesions.lobes import LOBES, lobe_at


@pytest.mark.parametrize(
    ("point", "lobe"),
    [
        ((40, -10, 55), "frontal lobe"),
        ((38, -40, 50), "parietal lobe"),
        ((6, 45, 5), "frontal lobe"),
        ((40, 30, -10), "frontal lobe"),
        ((12, -90, 2), "occipital lobe"),
        ((35, -85, 8), "occipital lobe"),
        ((8, -65, 35), "parietal lobe"),
        ((48, -55, 38), "parietal lobe"),
        ((58, -20, -10), "temporal lobe"),
        ((38, 12, -32), "temporal lobe"),
        ((24, -28, -14), "temporal lobe"),
        ((52, 8, 18), "frontal lobe"),
        ((8, -42, 20), "parietal lobe"),
        ((6, 12, -16), "frontal lobe"),
    ],
)
def test_landmarks_of_both_sides(point, lobe):
    x, y, z = (np.float32([c, c]) for c in point)
    x = x * np.float32([1, -1])
    assert [LOBES[c] for c in lobe_at(x, y, z)] == [lobe, lobe]


def test_central_plane_goes_through_its_landmarks():
    for x, y, z in ((5, -33, 72), (38, -22, 52), (58, -7, 18)):
        ahead, behind = (lobe_at(*np.float32([[x], [y + d], [z]])) for d in (2.0, -2.0))
        assert LOBES[int(ahead[0])] == "frontal lobe"
        assert LOBES[int(behind[0])] == "parietal lobe"

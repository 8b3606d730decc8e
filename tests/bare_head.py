"""A head without vessels and lesions, for tests that only need one to be there."""

from __future__ import annotations

import numpy as np

from arteriole.phantom.anatomy.generated import generated_anatomy
from arteriole.phantom.head import Head
from arteriole.phantom.person import person_tissues
from arteriole.phantom.texture import draw_texture
from arteriole.phantom.vessels.oxygenation import Blood


def bare_head() -> Head:
    anatomy = generated_anatomy(seed=2, atrophy=0.3, spacing_mm=3.0)
    texture = draw_texture(np.random.default_rng(1), anatomy.frame)
    tissues = person_tissues(60.0, np.random.default_rng(2))
    return Head(anatomy, (), (), texture, tissues, 60.0, 2, Blood(0.42, 0.6))

"""Sampled k-space and its taper, found in images that were zero-filled or tapered on purpose."""

from __future__ import annotations

import numpy as np
import pytest

from arteriole.phantom.insert.kspace_support import FULL, Support, kspace_support


def head(rng, support=FULL, shape=(80, 72, 40), sigma=4.0):
    """A head with folds of all sizes and noise, through a part of k-space, as integers."""
    x, y, z = np.meshgrid(*[np.linspace(-1, 1, n) for n in shape], indexing="ij")
    k = np.sqrt(sum(f**2 for f in np.meshgrid(*[np.fft.fftfreq(n) for n in shape], indexing="ij")))
    folds = np.fft.ifftn(np.fft.fftn(rng.normal(size=shape)) / np.maximum(k, 0.03) ** 1.5).real
    solid = (x**2 + y**2 + z**2 < 0.7) * (300 + 40 * folds / folds.std())
    image = solid * np.exp(2j * (x - 0.4 * y * z))
    image = image + sigma * (rng.normal(size=shape) + 1j * rng.normal(size=shape))
    space = np.fft.fftn(image)
    for axis, n in enumerate(shape):
        weight = support.weight(np.fft.fftfreq(n), axis)
        space *= weight.reshape([-1 if a == axis else 1 for a in range(3)])
    image = np.fft.ifftn(space)
    turned = np.rint(np.angle(image) / np.pi * 2048) / 2048 * np.pi
    return np.rint(10 * np.abs(image)) * np.exp(1j * turned)


def test_a_full_image_is_found_full(rng):
    image = head(rng)
    for one in (image, np.abs(image)):
        found = kspace_support(one)
        assert found.share == (1.0, 1.0, 1.0)
        assert min(found.edge) > 0.7


@pytest.mark.parametrize("share", [0.5, 0.7, 0.8])
def test_zero_filling_is_found(rng, share):
    """The share to 0.04, along the axes that were filled alone, from complex and magnitude."""
    image = head(rng, Support(share=(share, 1.0, 1.0)))
    for one in (image, np.abs(image)):
        found = kspace_support(one)
        assert found.share[0] == pytest.approx(share, abs=0.04)
        assert found.share[1:] == (1.0, 1.0)


@pytest.mark.parametrize("edge", [0.1, 0.2])
def test_a_taper_is_found(rng, edge):
    found = kspace_support(head(rng, Support(edge=(edge, edge, 1.0))))
    assert found.share == (1.0, 1.0, 1.0)
    assert found.edge[0] == pytest.approx(edge, abs=0.12)
    assert found.edge[1] == pytest.approx(edge, abs=0.12)
    assert found.edge[2] == 1.0


def test_real_data(real_data):
    """A Philips scan with its usual filter; a crop of a 7 T scan that has none."""
    nib = pytest.importorskip("nibabel")
    folder = real_data / "gre_philips_3t_dual_echo_dicom" / "nifti_reference"
    magnitude, phase = (
        nib.load(folder / f"2001_WIP_fcMRI_Field_Mapping_cl_e1{part}.nii.gz").get_fdata()
        for part in ("", "_ph")
    )
    found = kspace_support(magnitude * np.exp(1j * phase))
    assert found.share == (1.0, 1.0, 1.0)
    assert max(found.edge) < 0.4
    folder = real_data / "gre_three_echo_crop"
    magnitude, phase = (
        nib.load(folder / name).get_fdata()[..., 0] for name in ("Mag.nii", "Phase.nii")
    )
    image = magnitude * np.exp(1j * phase / np.abs(phase).max() * np.pi)
    assert kspace_support(image) == FULL


def test_small_axes_and_empty_images():
    assert kspace_support(np.zeros((30, 30, 30))) == FULL
    assert kspace_support(np.ones((8, 9, 5), np.complex64)) == FULL


def test_noise_forgets_itself():
    assert FULL.correlation(1, 0) == pytest.approx(0, abs=1e-12)
    half = Support(share=(0.5, 1.0, 1.0))
    assert half.correlation(1, 0) == pytest.approx(np.sinc(0.5), abs=1e-3)
    assert half.correlation(2, 0) == pytest.approx(0, abs=1e-3)


def test_refuses():
    with pytest.raises(ValueError, match="one volume"):
        kspace_support(np.zeros((2, 3, 4, 5)))
    with pytest.raises(ValueError, match="share and edge"):
        Support(share=(0.0, 1.0, 1.0))
    with pytest.raises(ValueError, match="share and edge"):
        Support(edge=(1.0, 1.0, 1.2))

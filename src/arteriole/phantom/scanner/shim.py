"""Second-order shim: the smooth part of the field that a scanner takes out before it starts."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from arteriole.grid import Grid
from arteriole.numerics.jit import kernel, prange

SCALE_MM = 80.0
"""Length that positions are divided by, so that all terms are of the same size."""

TERMS = 10
"""Monomials up to second order: 1, x, y, z, xy, yz, xz, x^2, y^2, z^2."""

_HARMONICS = np.zeros((9, TERMS))
_HARMONICS[range(7), range(7)] = 1.0
_HARMONICS[7, 7:] = (1.0, -1.0, 0.0)
_HARMONICS[8, 7:] = (-1.0, -1.0, 2.0)


def fit_shim(
    field: NDArray[np.float32], mask: NDArray[np.bool_], grid: Grid, *, order: int = 2
) -> NDArray[np.float64]:
    """Fit solid harmonics up to second order to a field within a mask.

    Parameters
    ----------
    field : ndarray, float32, (x, y, z)
        Field, any unit.
    mask : ndarray, bool, (x, y, z)
        Where to fit.
    grid : Grid
        Where the cells are.
    order : {0, 1, 2}
        0 centres the frequency, 1 adds the gradients.

    Returns
    -------
    ndarray, (10,)
        Coefficients of the monomials of `TERMS`, in the field's unit.
    """
    if not mask.any():
        raise ValueError("nothing to shim on: the mask is empty")
    harmonics = _HARMONICS[: (order + 1) ** 2]
    terms = monomials(np.argwhere(mask), grid)
    # einsum, not BLAS: sums in an order that does not depend on the number of threads.
    basis = np.einsum("nt,ht->nh", terms, harmonics)
    normal = np.einsum("na,nb->ab", basis, basis)
    right = np.einsum("na,n->a", basis, field[mask].astype(np.float64))
    return np.asarray(harmonics.T @ np.linalg.solve(normal, right))


def monomials(cells: NDArray[np.int64], grid: Grid) -> NDArray[np.float64]:
    """Return the ten monomials of the world position at cells (n, 3)."""
    i, j, k = cells.T.astype(np.float64)
    a = grid.affine[:3] / SCALE_MM
    x, y, z = (row[0] * i + row[1] * j + row[2] * k + row[3] for row in a)
    return np.stack([np.ones_like(x), x, y, z, x * y, y * z, x * z, x * x, y * y, z * z], axis=1)


def subtract_polynomial(
    field: NDArray[np.float32], coefficients: NDArray[np.float64], grid: Grid
) -> None:
    """Take a polynomial of the world position from a field, in place."""
    matrix = (np.array(grid.affine[:3]) / SCALE_MM).astype(np.float32)
    _subtract(field, coefficients.astype(np.float32), matrix)


def polynomial(coefficients: NDArray[np.float64], grid: Grid) -> NDArray[np.float32]:
    """Return a polynomial of the world position on a grid."""
    field = np.zeros(grid.shape, dtype=np.float32)
    subtract_polynomial(field, -np.asarray(coefficients), grid)
    return field


@kernel()
def polynomial_at(
    c: NDArray[np.float32],
    m: NDArray[np.float32],
    i: int,
    j: int,
    k: int,
) -> np.float32:
    """Evaluate a polynomial at one cell."""
    x = m[0, 0] * i + m[0, 1] * j + m[0, 2] * k + m[0, 3]
    y = m[1, 0] * i + m[1, 1] * j + m[1, 2] * k + m[1, 3]
    z = m[2, 0] * i + m[2, 1] * j + m[2, 2] * k + m[2, 3]
    return (
        c[0]
        + x * (c[1] + c[4] * y + c[7] * x)
        + y * (c[2] + c[5] * z + c[8] * y)
        + z * (c[3] + c[6] * x + c[9] * z)
    )


@kernel(parallel=True)
def _subtract(
    field: NDArray[np.float32],
    c: NDArray[np.float32],
    m: NDArray[np.float32],
) -> None:
    for i in prange(field.shape[0]):
        for j in range(field.shape[1]):
            for k in range(field.shape[2]):
                field[i, j, k] -= polynomial_at(c, m, i, j, k)

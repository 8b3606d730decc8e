"""Uncombined receive coils from files: the complex echoes of one coil after the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from arteriole.errors import GeometryError, InputError, MetadataError, PhaseError
from arteriole.io.choice import Choice
from arteriole.io.gradient_echo import ScanFiles, read_gradient_echo
from arteriole.io.held import Held
from arteriole.settings import ScanSettings


class CoilFiles:
    """The coils of a scan, each read when its turn comes; it can be gone through again.

    `arteriole.phase.coils.combine_coils` takes it as its channels.

    Parameters
    ----------
    choices : sequence of Choice
        The files of one coil after the other, each as for `read_gradient_echo`.
    settings : ScanSettings, optional
        Sign and period of phase, if not to be found out.
    te_s, b0_tesla, b0_direction : optional
        Echo times (s) and field strength, instead of sidecars; field in voxel axes.

    Raises
    ------
    InputError
        If there is no coil; if a coil's files cannot be read, hold no phase, or differ from the
        first coil's in grid or echo times.
    """

    def __init__(
        self,
        choices: Sequence[Choice],
        *,
        settings: ScanSettings | None = None,
        te_s: Sequence[float] | None = None,
        b0_tesla: float | None = None,
        b0_direction: tuple[float, float, float] | None = None,
    ) -> None:
        if not choices:
            raise InputError("there is no coil", remedy="Give the files of each coil.")
        self._choices = tuple(choices)
        self._settings, self._te_s, self._b0_tesla = settings, te_s, b0_tesla
        self._b0_direction, self._held = b0_direction, Held()
        self.first: ScanFiles = self._read(self._choices[0])
        """The first coil's files, for grid, times and what the record says."""

    def __len__(self) -> int:
        """Return the number of coils."""
        return len(self._choices)

    def __iter__(self) -> Iterator[NDArray[np.complex64]]:
        """Yield complex64 (e, x, y, z) of one coil after the other."""
        for choice in self._choices:
            scan = self._read(choice).scan
            path = choice.files[0].path
            if scan.te_s != self.first.scan.te_s:
                raise MetadataError(
                    f"has echoes at {scan.te_s} s, the first coil at {self.first.scan.te_s} s",
                    file=path,
                    remedy="All coils have the same echoes.",
                )
            if not scan.grid.fits(self.first.scan.grid):
                raise GeometryError(
                    "lies on another grid than the first coil", file=path,
                    remedy="Are these coils of one scan?",
                )  # fmt: skip
            assert scan.phase is not None
            signal = np.empty(scan.phase.shape, dtype=np.complex64)
            signal.real = scan.magnitude * np.cos(scan.phase)
            signal.imag = scan.magnitude * np.sin(scan.phase)
            yield signal

    def _read(self, choice: Choice) -> ScanFiles:
        files = read_gradient_echo(
            choice,
            settings=self._settings,
            te_s=self._te_s,
            b0_tesla=self._b0_tesla,
            b0_direction=self._b0_direction,
            held=self._held,
        )
        if files.scan.phase is None:
            raise PhaseError(
                "this coil has no phase", file=choice.files[0].path,
                remedy="Coils are combined by their phase: export it.",
            )  # fmt: skip
        return files

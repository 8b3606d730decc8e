"""A simulated scan as BIDS files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from arteriole.io.atomic import write_json
from arteriole.io.nifti import write_image
from arteriole.phantom.scanner.protocol import Protocol
from arteriole.phantom.scanner.vendor_swi import sliding_minip, vendor_swi
from arteriole.scan.gradient_echo import GradientEcho
from arteriole.version import __version__

DESCRIPTION = "simulated by arteriole"


def write_scan(folder: Path, name: str, scan: GradientEcho, protocol: Protocol) -> None:
    """Write magnitude and phase of each echo with their sidecars.

    Parameters
    ----------
    folder : Path
        Of the images.
    name : str
        Start of the files' names.
    scan : GradientEcho
        With phase.
    protocol : Protocol
        What the sidecars say.
    """
    if scan.phase is None:
        raise ValueError("the digital scanner always gives phase")
    for e, te_s in enumerate(scan.te_s):
        echo = f"_echo-{e + 1}" if protocol.kind == "MEGRE" else ""
        magnitude = np.clip(np.rint(scan.magnitude[e]), 0, 32767).astype(np.int16)
        pairs: tuple[tuple[str, NDArray[Any], str, float | None], ...] = (
            ("mag", magnitude, "arbitrary", None),
            ("phase", scan.phase[e], "rad", 1e-4),
        )
        for part, voxels, unit, error in pairs:
            stem = f"{name}{echo}_part-{part}_{protocol.kind}"
            write_image(
                folder / f"{stem}.nii.gz",
                voxels,
                scan.grid,
                max_error=error,
                description=DESCRIPTION,
            )
            said = {**_sidecar(protocol, part), "EchoTime": te_s, "Units": unit}
            write_json(folder / f"{stem}.json", said)


def write_scanner_swi(folder: Path, name: str, scan: GradientEcho, protocol: Protocol) -> None:
    """Write the SWI and projection that a scanner makes of its last echo."""
    if scan.phase is None:
        raise ValueError("the digital scanner always gives phase")
    swi = vendor_swi(scan.magnitude[-1], scan.phase[-1])
    for suffix, voxels in (("swi", swi), ("minIP", sliding_minip(swi))):
        whole = np.clip(np.rint(voxels), 0, 32767).astype(np.int16)
        write_image(folder / f"{name}_{suffix}.nii.gz", whole, scan.grid, description=DESCRIPTION)
        said = {**_sidecar(protocol, "swi"), "EchoTime": scan.te_s[-1], "Units": "arbitrary"}
        write_json(folder / f"{name}_{suffix}.json", said)


def _sidecar(protocol: Protocol, part: str) -> dict[str, Any]:
    """Return what a scanner would say of every image of a scan."""
    kind = {"mag": "M", "phase": "P", "swi": "SWI"}[part]
    said: dict[str, Any] = {
        "Manufacturer": "arteriole",
        "ManufacturersModelName": "digital scanner (simulated)",
        "SoftwareVersions": __version__,
        "MagneticFieldStrength": protocol.b0_tesla,
        "PulseSequenceType": "simulated spoiled gradient echo",
        "MRAcquisitionType": "3D" if protocol.slice_mm is None else "2D",
        "NonlinearGradientCorrection": False,
        "SeriesDescription": f"simulated {protocol.name}",
        "ImageType": ["DERIVED", "PRIMARY", "SIMULATED", kind],
        "RepetitionTime": protocol.tr_s,
        "FlipAngle": protocol.flip_deg,
    }
    if protocol.slice_mm is not None:
        said["SliceThickness"] = protocol.slice_mm
    if protocol.bandwidth_hz is not None:
        said["PixelBandwidth"] = protocol.bandwidth_hz
    return said

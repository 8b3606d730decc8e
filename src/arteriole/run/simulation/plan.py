"""What a simulated study will take, told before it starts."""

from __future__ import annotations

from arteriole.errors import CommandError
from arteriole.phantom.scanner.ct_protocol import CtProtocol
from arteriole.phantom.scanner.estimate import estimate_ct_mib, estimate_weighted_mib
from arteriole.phantom.scanner.memory import estimate_memory_mib
from arteriole.phantom.scanner.sequence import Protocol
from arteriole.phantom.scanner.weighted_sequence import WeightedProtocol
from arteriole.run.memory import available_bytes
from arteriole.run.simulation.design import Design


def check_memory(design: Design, *, processes: int, limit_bytes: int | None) -> None:
    """Refuse a study that wants more memory than is allowed, or than the machine can give now.

    Raises
    ------
    CommandError
        With what is needed and what would fit.
    """
    allowed = (limit_bytes or available_bytes()) / 2**20
    for protocol, needed in _needs(design):
        at_once = min(processes, design.subjects * design.sessions)
        if needed * at_once <= allowed:
            continue
        fewer = int(allowed // needed)
        remedy = (
            f"Take --nprocs {fewer}." if fewer else "Take a protocol with fewer or larger voxels."
        )
        raise CommandError(
            f"{protocol.name}: a scan of {'x'.join(map(str, protocol.shape))} voxels wants "
            f"{needed:.0f} MiB, {at_once} at a time {needed * at_once:.0f} MiB; there are "
            f"{allowed:.0f} MiB. {remedy}"
        )


def describe(design: Design, *, processes: int) -> str:
    """Return in words what would be simulated."""
    people = f"{design.subjects} subject(s), {design.sessions} session(s) each"
    source = f"{len(design.label_maps)} label map(s)" if design.label_maps else "generated heads"
    lines = [f"{people}, {source}, seed {design.seed}"]
    for p in design.protocols:
        size = " x ".join(f"{v:g}" for v in p.voxel_size_mm)
        lines.append(
            f"{p.name}: {'x'.join(map(str, p.shape))} voxels of {size} mm, {len(p.te_s)} echo(es), "
            f"{p.b0_tesla:g} T; about {estimate_memory_mib(p, design.cell_mm):.0f} MiB each, "
            f"{processes} at a time"
        )
    for scan, needed in _needs(design)[len(design.protocols) :]:
        size = " x ".join(f"{v:g}" for v in scan.grid.voxel_size_mm)
        lines.append(
            f"{scan.name}: {'x'.join(map(str, scan.shape))} voxels of {size} mm; about "
            f"{needed:.0f} MiB each, {processes} at a time"
        )
    return "\n".join(lines)


def _needs(design: Design) -> list[tuple[Protocol | WeightedProtocol | CtProtocol, float]]:
    """Return the protocols of a study and what a scan by each wants, MiB."""
    mm = design.cell_mm
    return [
        *((p, estimate_memory_mib(p, mm)) for p in design.protocols),
        *((w, estimate_weighted_mib(w, mm)) for w in design.weighted),
        *((c, estimate_ct_mib(c, mm)) for c in design.ct),
    ]

"""``arteriole qsm | swi | r2star``: single images, plain files, no BIDS."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from arteriole.cli.common import (
    add_resources,
    add_settings,
    existing,
    prepare_threads,
    read_settings,
    say,
    threads_of,
)
from arteriole.errors import CommandError
from arteriole.settings import Settings

if TYPE_CHECKING:
    from arteriole.run.job import Source

TARGETS = {
    "qsm": ("chi_ppm",),
    "swi": ("swi", "minip"),
    "r2star": ("r2star_hz", "t2star_s"),
}
"""Values that each tool is for."""


def add_parser(commands: Any) -> None:
    """Add the three tools."""
    qsm = commands.add_parser(
        "qsm",
        help="susceptibility from magnitude and phase, or from a field map",
        description="Map magnetic susceptibility. Echo times and field strength come from JSON "
        "sidecars beside the images unless given.",
    )
    _add_images(qsm)
    start = qsm.add_argument_group("start later")
    field = start.add_mutually_exclusive_group()
    field.add_argument("--total-field", type=existing, metavar="F", help="unwrapped total field")
    field.add_argument("--local-field", type=existing, metavar="F", help="background removed")
    start.add_argument("--field-unit", choices=("ppm", "hz", "rad"),
                       help="of the field map; rad needs one --te")  # fmt: skip
    start.add_argument("--noise", type=existing, metavar="F", help="its noise, in the same unit")
    _add_regions(qsm)
    swi = commands.add_parser(
        "swi",
        help="susceptibility-weighted image and minimum-intensity projection",
        description="Weight magnitude by phase, and project the darkest voxels of a slab.",
    )
    _add_images(swi)
    r2star = commands.add_parser(
        "r2star",
        help="R2* and T2* from magnitude",
        description="Fit the decay of the magnitude over two or more echoes.",
    )
    _add_images(r2star)
    for name, parser in (("qsm", qsm), ("swi", swi), ("r2star", r2star)):
        add_settings(parser)
        add_resources(parser, many=False)
        parser.set_defaults(work=work, tool=name)


def _add_regions(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("regions and sources")
    group.add_argument("--regions", type=existing, metavar="F",
                       help="label map on the scan's grid: chi and R2* by region")  # fmt: skip
    group.add_argument("--region-names", type=existing, metavar="F",
                       help="table with index and name (default: FreeSurfer's)")  # fmt: skip
    group.add_argument("--veins", action="store_true", help="large veins, and chi in them")
    group.add_argument("--r2", type=existing, metavar="F",
                       help="R2 of spin echoes in 1/s, for --set separation.method=closed-form "
                       "(default: one number)")  # fmt: skip


def _add_images(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("images")
    group.add_argument("-m", "--magnitude", nargs="+", type=existing, default=[], metavar="M",
                       help="NIfTI: one file an echo, or one 4-D file")  # fmt: skip
    group.add_argument("-p", "--phase", nargs="+", type=existing, default=[], metavar="P",
                       help="NIfTI, any scaling, in the same order")  # fmt: skip
    group.add_argument("--real", nargs="+", type=existing, default=[], metavar="R",
                       help="real parts, in the place of magnitude and phase")  # fmt: skip
    group.add_argument("--imag", nargs="+", type=existing, default=[], metavar="I",
                       help="imaginary parts, in the same order")  # fmt: skip
    group.add_argument("--coils", type=int, metavar="N",
                       help="receive coils that are not combined, each with its own images: as "
                       "further volumes, or as files echo by echo (scan.coils)")  # fmt: skip
    group.add_argument("--te", nargs="+", type=float, metavar="S", help="echo times in seconds")
    group.add_argument("--b0", type=float, metavar="T", help="field strength in tesla")
    group.add_argument("--b0-direction", nargs=3, type=float, metavar=("X", "Y", "Z"),
                       help="of the field in voxel axes (default: from the affine)")  # fmt: skip
    group.add_argument("--mask", type=existing, metavar="F", help="brain mask (default: found)")
    group.add_argument("-o", "--output", type=Path, required=True, metavar="OUT",
                       help="folder of maps, record and report")  # fmt: skip


def work(args: argparse.Namespace) -> int:
    """Carry the command out."""
    settings = read_settings(args)
    if args.coils is not None:
        settings = settings.changed({"scan": {"coils": args.coils}})
    _need_something(args)
    prepare_threads(threads_of(args))
    from arteriole.run.isolate import guarded
    from arteriole.run.job import Job
    from arteriole.run.plain_source import PlainSource
    from arteriole.run.session import run_session

    source = PlainSource(
        magnitude=tuple(args.magnitude),
        phase=tuple(args.phase),
        real=tuple(args.real),
        imaginary=tuple(args.imag),
        te_s=tuple(args.te) if args.te else None,
        b0_tesla=args.b0,
        b0_direction=tuple(args.b0_direction) if args.b0_direction else None,
        mask=args.mask,
        total_field=getattr(args, "total_field", None),
        local_field=getattr(args, "local_field", None),
        field_unit=getattr(args, "field_unit", None),
        noise=getattr(args, "noise", None),
    )
    out: Path = args.output
    job = Job(
        label=out.name or args.tool,
        source=_beside(source, args),
        folder=out,
        images=out,
        report=out / "report.html",
        log=out / "log.txt",
        settings=settings,
        targets=_targets(args, settings),
        threads=threads_of(args),
    )
    outcome = guarded(run_session, job)
    for warning in outcome.warnings:
        say(f"note: {warning}")
    if outcome.status == "failed":
        print(f"arteriole {args.tool}: {outcome.message}", file=sys.stderr)
        return 1
    done = f"{', '.join(outcome.made)} in {outcome.seconds:.1f} s" if outcome.made else "no change"
    say(f"{done}; report: {job.report}")
    return 0


def _targets(args: argparse.Namespace, settings: Settings) -> tuple[str, ...]:
    """Return the values that were asked for."""
    wanted = list(TARGETS[args.tool])
    if args.tool == "qsm":
        wanted += ["chi_uncertainty_ppm"] if settings.uncertainty.method != "none" else []
        wanted += ["region_measures"] if args.regions else []
        wanted += ["vein_mask"] if args.veins or settings.veins.oxygenation else []
        wanted += ["chi_para_ppm"] if settings.separation.method != "none" else []
    return tuple(wanted)


def _beside(source: Source, args: argparse.Namespace) -> Source:
    """Return the source with the files that lie beside it."""
    from arteriole.run.beside import NamedFiles, WithBeside

    files = NamedFiles(*(getattr(args, name, None) for name in ("regions", "region_names", "r2")))
    return source if files == NamedFiles() else WithBeside(source, files)


def _need_something(args: argparse.Namespace) -> None:
    """Refuse a command that lacks what its tool starts from."""
    if getattr(args, "region_names", None) and not args.regions:
        raise CommandError("--region-names says what the labels of --regions are; give both")
    if args.tool == "qsm" and (args.total_field or args.local_field):
        if args.field_unit is None:
            raise CommandError("a field map needs --field-unit ppm, hz or rad")
        if args.mask is None and not (args.magnitude or args.real):
            raise CommandError("a field map needs --mask, or --magnitude to find the brain in")
        if args.local_field and args.mask is None:
            raise CommandError("a local field needs --mask, the voxels where it is valid")
        return
    if bool(args.real) != bool(args.imag) or (args.real and (args.magnitude or args.phase)):
        raise CommandError("--real and --imag go together, in the place of --magnitude and --phase")
    if args.real:
        return
    if not args.magnitude:
        raise CommandError(f"arteriole {args.tool} needs --magnitude, or --real and --imag")
    if args.tool in ("qsm", "swi") and not args.phase:
        raise CommandError(f"arteriole {args.tool} needs --phase")

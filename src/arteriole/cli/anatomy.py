"""``arteriole anatomy``: parts of the head, registration and regions of plain images, no BIDS."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

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

KINDS = {
    "t1w": "T1-weighted image", "flair": "FLAIR image", "t2w": "T2-weighted image",
    "scanner_swi": "SWI of the scanner", "ct": "CT in Hounsfield units",
}  # fmt: skip
"""Options of the tool, and what they take."""


def add_parser(commands: Any) -> None:
    """Add the tool."""
    parser = commands.add_parser(
        "anatomy",
        help="masks, tissue, ventricles, registration and regions of T1w, T2w, FLAIR, SWI, CT",
        description="Find the parts of the head in images of one session, register them to each "
        "other and to MNI152, and bring the regions of the atlas to each.",
    )
    group = parser.add_argument_group("images of one head, any of them")
    group.add_argument("image", nargs="?", type=existing, metavar="IMAGE",
                       help="NIfTI whose name ends in T1w, T2w, FLAIR, swi or ct")  # fmt: skip
    for name, words in KINDS.items():
        group.add_argument(f"--{name.replace('_', '-')}", type=existing, metavar="F", help=words)
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="OUT",
                        help="folder of label maps, record and report")  # fmt: skip
    add_settings(parser)
    add_resources(parser, many=False)
    parser.set_defaults(work=work)


def work(args: argparse.Namespace) -> int:
    """Carry the command out."""
    settings = read_settings(args)
    paths = _paths(args)
    prepare_threads(threads_of(args))
    from arteriole.run.images import NamedImages, WithImages
    from arteriole.run.isolate import guarded
    from arteriole.run.job import Job
    from arteriole.run.session import run_session

    out: Path = args.output
    job = Job(
        label=out.name or "anatomy",
        source=WithImages(None, NamedImages(paths)),
        folder=out,
        images=out,
        report=out / "report.html",
        log=out / "log.txt",
        settings=settings,
        threads=threads_of(args),
    )
    outcome = guarded(run_session, job)
    for warning in outcome.warnings:
        say(f"note: {warning}")
    if outcome.status in ("failed", "skipped"):
        print(f"arteriole anatomy: {outcome.message}", file=sys.stderr)
        return 1
    done = f"{', '.join(outcome.made)} in {outcome.seconds:.1f} s" if outcome.made else "no change"
    say(f"{done}; report: {job.report}")
    return 0


def _paths(args: argparse.Namespace) -> dict[str, Path]:
    """Return the images by kind.

    Raises
    ------
    CommandError
        If there is none, one is given twice, or the kind of one cannot be told.
    """
    paths = {name: path for name in KINDS if (path := getattr(args, name)) is not None}
    if args.image is not None:
        kind = _kind_of(args.image)
        if kind in paths:
            raise CommandError(f"{args.image} and --{kind}: one image of a kind, please")
        paths[kind] = args.image
    if not paths:
        raise CommandError(
            "arteriole anatomy needs an image: --t1w, --t2w, --flair, --scanner-swi or --ct"
        )
    named = [path.name for path in paths.values()]
    if len(set(named)) < len(named):
        raise CommandError("two of the images have the same file name; rename one of them")
    return paths


def _kind_of(path: Path) -> str:
    """Return the kind of an image by the last word of its name."""
    stem = path.name.removesuffix(".gz").removesuffix(".nii")
    word = stem.rpartition("_")[2].lower()
    word = "scanner_swi" if word == "swi" else word
    if word not in KINDS:
        raise CommandError(
            f"{path}: its name does not tell what it is; "
            "give it as --t1w, --t2w, --flair, --scanner-swi or --ct"
        )
    return word

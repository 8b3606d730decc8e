"""``arteriole insert``: simulated lesions in images of the user's own."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from arteriole.cli.common import add_resources, existing, prepare_threads, say, threads_of
from arteriole.errors import CommandError


def add_parser(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "insert",
        help="put simulated microbleeds and calcifications into real images",
        description="Put lesions of known place, size and susceptibility into gradient-echo "
        "images, consistent over echoes, magnitude, phase and SWI. Echo times and field strength "
        "come from JSON sidecars beside the images unless given.",
    )
    images = parser.add_argument_group("images")
    images.add_argument("magnitude", nargs="+", type=existing, metavar="MAGNITUDE",
                        help="NIfTI: one file an echo, or one 4-D file")  # fmt: skip
    images.add_argument("-p", "--phase", nargs="+", type=existing, default=[], metavar="P",
                        help="NIfTI, any scaling, in the same order")  # fmt: skip
    images.add_argument("--swi", type=existing, metavar="F", help="SWI to change alike")
    images.add_argument("--mask", type=existing, metavar="F",
                        help="where lesions may lie (default: the brain, found)")  # fmt: skip
    images.add_argument("--te", nargs="+", type=float, metavar="S", help="echo times in seconds")
    images.add_argument("--b0", type=float, metavar="T", help="field strength in tesla")
    images.add_argument("--phase-sign", choices=("auto", "keep", "flip"), default="auto",
                        help="which way phase counts (default: by maker)")  # fmt: skip
    images.add_argument("-o", "--out", type=Path, required=True, metavar="DIR",
                        help="new folder of images and truth")  # fmt: skip
    what = parser.add_argument_group("lesions")
    what.add_argument("--microbleeds", type=int, default=0, metavar="N", help="drawn at random")
    what.add_argument("--calcifications", type=int, default=0, metavar="N",
                      help="drawn at random")  # fmt: skip
    what.add_argument("--irregular", type=float, default=0.5, metavar="SHARE",
                      help="of the drawn microbleeds, clusters of spheres in place of balls "
                      "(default 0.5)")  # fmt: skip
    what.add_argument("--at", action="append", default=[], metavar="X,Y,Z,D,CHI",
                      help="one lesion: world mm, diameter in mm, ppm (below zero: calcification); "
                      "--at=-10,... where X is negative; may be given again")  # fmt: skip
    what.add_argument("--seed", type=int, default=0, help="seed (default 0)")
    add_resources(parser, many=False)
    parser.set_defaults(work=work)


def work(args: argparse.Namespace) -> int:
    """Carry the command out."""
    spots = tuple(_spot(text) for text in args.at)
    if args.seed < 0:
        raise CommandError(f"a seed is not negative, unlike {args.seed}")
    prepare_threads(threads_of(args))
    from arteriole.numerics.threads import set_threads
    from arteriole.run.insert import InsertJob, insert_into_files

    set_threads(threads_of(args))
    made = insert_into_files(
        InsertJob(
            magnitude=tuple(args.magnitude),
            phase=tuple(args.phase),
            folder=args.out,
            te_s=tuple(args.te) if args.te else None,
            b0_tesla=args.b0,
            swi=args.swi,
            mask=args.mask,
            spots=spots,
            microbleeds=args.microbleeds,
            calcifications=args.calcifications,
            irregular=args.irregular,
            seed=args.seed,
            sign=args.phase_sign,
        )
    )
    say(f"{len(made)} lesions inserted: {args.out}; truth: {args.out / 'lesions.tsv'}")
    return 0


def _spot(text: str) -> tuple[float, float, float, float, float]:
    """Return place, diameter and susceptibility of one lesion."""
    try:
        x, y, z, diameter, chi = (float(part) for part in text.split(","))
    except ValueError:
        raise CommandError(f"--at takes X,Y,Z,D,CHI, not {text!r}") from None
    return x, y, z, diameter, chi

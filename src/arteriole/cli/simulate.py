"""``arteriole simulate`` and ``arteriole demo``: scans with known truth."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from arteriole.cli import app
from arteriole.cli.common import add_resources, prepare_threads, say, threads_of
from arteriole.errors import CommandError, OutputError


def add_parser(commands: Any) -> None:
    """Add both commands."""
    simulate = commands.add_parser(
        "simulate",
        help="a BIDS data set of simulated heads, with the truth beside it",
        description="Simulate gradient-echo scans of digital heads. The same seed gives the same "
        "bytes.",
    )
    simulate.add_argument("folder", type=Path, help="new folder for the data set")
    simulate.add_argument("--subjects", type=int, default=1, metavar="N", help="heads (default 1)")
    simulate.add_argument("--sessions", type=int, default=1, metavar="N", help="scans of each")
    simulate.add_argument("--protocol", default="demo", metavar="NAME",
                          help="demo, multi-echo-3t, ukb-swi, single-echo-swi, tiny")  # fmt: skip
    simulate.add_argument("--seed", type=int, default=0, help="seed (default 0)")
    simulate.add_argument("--nprocs", type=int, default=1, metavar="N", help="scans at a time")
    add_resources(simulate, many=False)
    simulate.set_defaults(work=simulate_work)
    demo = commands.add_parser(
        "demo",
        help="simulate a small study, run all of it, and say where the reports are",
        description="Simulate two scans, run the whole pipeline on them, and say where to look.",
    )
    demo.add_argument("folder", type=Path, nargs="?", default=Path("demo"), help="default: demo")
    demo.add_argument("--seed", type=int, default=0, help="seed (default 0)")
    add_resources(demo, many=False)
    demo.set_defaults(work=demo_work)


def simulate_work(args: argparse.Namespace) -> int:
    """Carry ``simulate`` out."""
    prepare_threads(threads_of(args))
    from arteriole.numerics.threads import set_threads
    from arteriole.phantom.scanner.protocol import PROTOCOLS
    from arteriole.run.simulation.design import Design
    from arteriole.run.simulation.study import simulate_study

    if args.protocol not in PROTOCOLS:
        raise CommandError(f"no protocol {args.protocol!r}; there are {', '.join(PROTOCOLS)}")
    if min(args.subjects, args.sessions, args.nprocs) < 1:
        raise CommandError("--subjects, --sessions and --nprocs count from one")
    set_threads(threads_of(args))
    simulate_study(
        args.folder,
        Design(
            seed=args.seed,
            subjects=args.subjects,
            sessions=args.sessions,
            protocols=(PROTOCOLS[args.protocol],),
        ),
        processes=args.nprocs,
        progress=lambda name: say(f"{name}: simulated"),
    )
    say(f"data set: {args.folder}; truth: {args.folder / 'truth'}")
    return 0


def demo_work(args: argparse.Namespace) -> int:
    """Carry ``demo`` out; what an earlier demo made is used again."""
    raw, out = args.folder / "bids", args.folder / "derivatives"
    if not raw.exists():
        from arteriole.phantom.scanner.protocol import DEMO
        from arteriole.run.simulation.design import Design
        from arteriole.run.simulation.study import simulate_study

        prepare_threads(threads_of(args))
        say("simulating two heads, about a minute each ...")
        simulate_study(
            raw,
            Design(seed=args.seed, subjects=2, protocols=(DEMO,)),
            progress=lambda n: say(f"  {n}"),
        )
    elif not (raw / "dataset_description.json").exists():
        raise OutputError(
            "is in the way of the demo", file=raw, remedy="Give another folder: arteriole demo X."
        )
    say("running the pipeline ...")
    parser = argparse.ArgumentParser()
    app.add_parser(parser.add_subparsers())
    common = ["run", str(raw), str(out)]
    code = app.work(parser.parse_args([*common, "participant"]))
    code = code or app.work(parser.parse_args([*common, "group"]))
    if code == 0:
        say("\nLook at the reports in a browser (simulated data):")
        for page in sorted(out.glob("sub-*.html")):
            say(f"  {page}")
    return code

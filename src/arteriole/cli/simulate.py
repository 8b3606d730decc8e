"""``arteriole simulate`` and ``arteriole demo``: scans with known truth."""

from __future__ import annotations

import argparse
from dataclasses import fields
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
        description="Simulate gradient-echo, T1w, T2w, FLAIR and CT scans of digital heads "
        "with small vessel disease. "
        "The same options give the same bytes.",
    )
    simulate.add_argument("folder", type=Path, help="new folder for the data set")
    _add_people(simulate.add_argument_group("people"))
    _add_scans(simulate.add_argument_group("scans"))
    simulate.add_argument("--seed", type=int, default=0, help="seed (default 0)")
    simulate.add_argument("--dry-run", action="store_true", help="say what would be done and how "
                          "much memory it takes")  # fmt: skip
    add_resources(simulate, many=True, timeout=False)
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


def _add_people(group: Any) -> None:
    """Add the options that say who is scanned."""
    group.add_argument("--subjects", type=int, default=1, metavar="N", help="heads (default 1)")
    group.add_argument("--age", type=float, nargs="+", default=[50.0, 85.0], metavar="YEARS",
                       help="age, or youngest and oldest (default 50 85)")  # fmt: skip
    group.add_argument("--severity", type=float, metavar="0-3",
                       help="how much disease (default: drawn with age)")  # fmt: skip
    group.add_argument("--lesions", nargs="+", metavar="KIND=N",
                       help="exactly these in every head, e.g. microbleeds=8 lacunes=2 "
                       "hyperintensity=1.5")  # fmt: skip
    group.add_argument("--at", action="append", default=[], metavar="KIND,X,Y,Z,D[,CHI][,REGION]",
                       help="one more microbleed, calcification or flow void in every head: "
                       "template mm, diameter in mm, ppm; may be given again")  # fmt: skip
    group.add_argument("--label-maps", type=Path, nargs="+", default=[], metavar="FILE",
                       help="whole-head segmentations to take the anatomy from (FreeSurfer "
                       "labels); generated heads unless given")  # fmt: skip


def _add_scans(group: Any) -> None:
    """Add the options that say how they are scanned, and what is written."""
    group.add_argument("--sessions", type=int, default=1, metavar="N", help="scans of each")
    group.add_argument("--protocol", nargs="+", default=["demo"], metavar="NAME",
                       help="one or more protocols of the manual, e.g. demo t1w-1mm "
                       "flair-thick ct-5mm (default demo)")  # fmt: skip
    group.add_argument("--dicom", metavar="VENDOR",
                       help="also DICOM as siemens, philips or ge writes it")  # fmt: skip
    group.add_argument("--scanner-swi", action="store_true",
                       help="also the SWI and projection that a scanner makes")  # fmt: skip


def simulate_work(args: argparse.Namespace) -> int:
    """Carry ``simulate`` out."""
    prepare_threads(threads_of(args))
    from arteriole.numerics.threads import set_threads
    from arteriole.run.simulation.plan import check_memory, describe
    from arteriole.run.simulation.study import refuse_existing, simulate_study

    design = _design(args)
    refuse_existing(args.folder)
    check_memory(design, processes=args.nprocs, limit_bytes=args.mem)
    if args.dry_run:
        say(describe(design, processes=args.nprocs))
        return 0
    set_threads(threads_of(args))
    simulate_study(
        args.folder, design, processes=args.nprocs, progress=lambda name: say(f"{name}: simulated")
    )
    say(f"data set: {args.folder}; truth: {args.folder / 'truth'}")
    return 0


def _design(args: argparse.Namespace) -> Any:
    """Return the study that the options describe."""
    from arteriole.phantom.scanner.ct_protocol import CT_PROTOCOLS
    from arteriole.phantom.scanner.protocol import PROTOCOLS
    from arteriole.phantom.scanner.weighted_protocol import WEIGHTED_PROTOCOLS
    from arteriole.run.simulation.design import Design
    from arteriole.run.simulation.placed import parse_placed

    known = (*PROTOCOLS, *WEIGHTED_PROTOCOLS, *CT_PROTOCOLS)
    unknown = [name for name in args.protocol if name not in known]
    if unknown:
        raise CommandError(f"no protocol {unknown[0]!r}; there are {', '.join(known)}")
    if len(args.age) > 2:
        raise CommandError(f"--age takes one or two numbers, not {len(args.age)}")
    try:
        return Design(
            seed=args.seed,
            subjects=args.subjects,
            sessions=args.sessions,
            protocols=tuple(PROTOCOLS[n] for n in args.protocol if n in PROTOCOLS),
            weighted=tuple(WEIGHTED_PROTOCOLS[n] for n in args.protocol if n in WEIGHTED_PROTOCOLS),
            ct=tuple(CT_PROTOCOLS[n] for n in args.protocol if n in CT_PROTOCOLS),
            age_y=(args.age[0], args.age[-1]),
            severity=args.severity,
            burden=_burden(args.lesions),
            placed=tuple(parse_placed(text) for text in args.at),
            label_maps=tuple(args.label_maps),
            dicom=args.dicom,
            scanner_swi=args.scanner_swi,
        )
    except ValueError as error:
        raise CommandError(str(error)) from None


def _burden(pairs: list[str] | None) -> Any:
    """Return the burden that ``KIND=N`` words describe, or None."""
    if pairs is None:
        return None
    from arteriole.phantom.lesions.burden import Burden

    known = {field.name: field.type for field in fields(Burden)}
    given: dict[str, Any] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or name not in known:
            raise CommandError(f"--lesions {pair}: KIND=N with KIND one of {', '.join(known)}")
        if name == "pattern":
            given[name] = value
            continue
        try:
            number = float(value)
        except ValueError:
            raise CommandError(f"--lesions {pair}: {value!r} is no number") from None
        if known[name] == "int" and number != int(number):
            raise CommandError(f"--lesions {pair}: lesions come in whole numbers")
        given[name] = {"int": int, "bool": bool}.get(str(known[name]), float)(number)
    return Burden(**given)


def demo_work(args: argparse.Namespace) -> int:
    """Carry ``demo`` out; what an earlier demo made is used again."""
    raw, out = args.folder / "bids", args.folder / "derivatives"
    if not raw.exists():
        from arteriole.run.simulation.design import Design
        from arteriole.run.simulation.study import simulate_study

        prepare_threads(threads_of(args))
        say("simulating two heads, about a minute each ...")
        design = Design(seed=args.seed, subjects=2)
        simulate_study(raw, design, progress=lambda name: say(f"  {name}"))
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

"""``arteriole BIDS_DIR OUT_DIR {participant,group}``: the BIDS App."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from arteriole.cli.common import (
    add_resources,
    add_settings,
    label,
    prepare_threads,
    read_settings,
    say,
    threads_of,
)
from arteriole.cli.progress import Bar
from arteriole.errors import CommandError

if TYPE_CHECKING:
    from arteriole.run.job import Outcome
    from arteriole.run.study import Study


def add_parser(commands: Any) -> None:
    """Add ``arteriole run``, which is also what a plain ``arteriole BIDS_DIR ...`` means."""
    parser = commands.add_parser(
        "run",
        help="a BIDS data set, all that its scans allow",
        description="Bring the derivatives of a BIDS data set up to date. What is done is not "
        "done again; a run that was killed goes on where it stopped.",
    )
    parser.add_argument("bids_dir", type=Path, help="the raw data set")
    parser.add_argument("output_dir", type=Path, help="where derivatives and reports go")
    parser.add_argument("level", choices=("participant", "group"), help="each session, or tables")
    who = parser.add_argument_group("who")
    who.add_argument("--participant-label", "--participant_label", nargs="+", type=label,
                     metavar="LABEL", help="with or without sub-")  # fmt: skip
    who.add_argument("--session-label", "--session_label", nargs="+", type=label,
                     metavar="LABEL", help="with or without ses-")  # fmt: skip
    who.add_argument("--bids-filter-file", "--bids_filter_file", type=Path, metavar="FILE",
                     help='JSON such as {"megre": {"acquisition": "swi"}, "t1w": {"run": 2}}; '
                     "sections megre, t1w, t2w, flair, ct")  # fmt: skip
    who.add_argument("--derivatives", type=Path, metavar="DIR",
                     help="derivatives with *_dseg.nii.gz of the same sessions, on the scan's "
                     "grid: chi and R2* over their regions")  # fmt: skip
    add_settings(parser)
    add_resources(parser, many=True)
    how = parser.add_argument_group("run")
    how.add_argument("--dry-run", action="store_true", help="say what would be done")
    how.add_argument("--force", action="append", default=[], metavar="STEP",
                     help="do a step again although nothing changed")  # fmt: skip
    how.add_argument("--verify", action="store_true", help="compare inputs by content, not by time")
    how.add_argument("--break-lock", action="store_true", help="take over a session that is locked")
    how.add_argument("--stop-on-first-crash", action="store_true", help="stop at a failed session")
    how.add_argument("--seed", type=int, default=0, help="seed of the run (default 0)")
    how.add_argument("-v", "--verbose", action="store_true", help="warnings and steps, too")
    parser.set_defaults(work=work)


def work(args: argparse.Namespace) -> int:
    """Carry the command out."""
    settings = read_settings(args)
    filters = _filters(args.bids_filter_file)
    _known_steps(args.force)
    prepare_threads(threads_of(args))
    if args.level == "group":
        from arteriole.run.group import gather

        say(gather(args.output_dir))
        return 0
    from arteriole.run.study import Study

    study = Study(
        root=args.bids_dir,
        out=args.output_dir,
        settings=settings,
        participants=tuple(args.participant_label) if args.participant_label else None,
        sessions=tuple(args.session_label) if args.session_label else None,
        filters=filters,
        derivatives=args.derivatives,
        seed=args.seed,
        force=tuple(args.force),
        verify=args.verify,
        break_lock=args.break_lock,
        threads=threads_of(args),
    )
    return _tell_plans(study) if args.dry_run else _run(study, args)


def _run(study: Study, args: argparse.Namespace) -> int:
    from arteriole.run.isolate import Limits
    from arteriole.run.memory import available_bytes
    from arteriole.run.study import run_study

    limits = Limits(
        args.nprocs, args.mem or int(0.9 * available_bytes()), 60.0 * args.session_timeout
    )
    bar = Bar()

    def told(outcome: Outcome, finished: int, total: int) -> None:
        bar.clear()
        _tell(outcome, verbose=args.verbose)
        bar.draw(finished, total)

    try:
        outcomes = run_study(study, limits, stop_on_first_crash=args.stop_on_first_crash, told=told)
    finally:
        bar.clear()
    counts = {s: sum(o.status == s for o in outcomes)
              for s in ("done", "unchanged", "skipped", "failed")}  # fmt: skip
    say(", ".join(f"{count} {status}" for status, count in counts.items() if count))
    say(f"reports: {args.output_dir}/sub-*.html")
    return 1 if counts["failed"] else 0


def _tell(outcome: Outcome, *, verbose: bool) -> None:
    """Write one line a session; on the error stream when it failed."""
    if outcome.status == "unchanged" and not verbose:
        return
    words = [f"{outcome.label}: {outcome.status}"]
    if outcome.made:
        memory = f"{outcome.peak_memory_mib / 1024:.1f} GiB"
        words.append(f"{', '.join(outcome.made)} in {outcome.seconds:.1f} s, {memory}")
    if outcome.message:
        words.append(outcome.message)
    stream = sys.stderr if outcome.status == "failed" else sys.stdout
    print("; ".join(words), file=stream, flush=True)
    for warning in outcome.warnings if verbose else ():
        say(f"  {warning}")


def _tell_plans(study: Study) -> int:
    from arteriole.errors import ArterioleError
    from arteriole.run.fresh import nothing_to_do
    from arteriole.run.session import planned_steps
    from arteriole.run.study import study_jobs

    for job in study_jobs(study):
        if nothing_to_do(job):
            say(f"{job.label}: nothing to do")
            continue
        try:
            planned = planned_steps(job)
        except ArterioleError as error:
            say(f"{job.label}: would fail: {error}")
            continue
        say(f"{job.label}:")
        for item in planned:
            say(f"  {item.action:<5} {item.step.name} ({item.why})")
    return 0


def _known_steps(names: list[str]) -> None:
    if not names:
        return
    from arteriole.flow import STEPS

    known = [step.name for step in STEPS]
    for name in names:
        if name not in known:
            raise CommandError(f"--force {name}: no such step; there are {', '.join(known)}")


def _filters(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    try:
        filters = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CommandError(f"{path}: the filter file cannot be read ({error})") from None
    if not isinstance(filters, dict):
        raise CommandError(f"{path}: a filter file is a JSON object")
    return filters

"""``arteriole status OUT``: how far a run is."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from arteriole.cli.common import say


def add_parser(commands: Any) -> None:
    """Add ``arteriole status``."""
    parser = commands.add_parser(
        "status",
        help="how far an output folder is",
        description="Count the sessions of an output folder by state, and name those that failed.",
    )
    parser.add_argument("output_dir", type=Path, help="folder of derivatives")
    parser.add_argument("-v", "--verbose", action="store_true", help="every session")
    parser.set_defaults(work=work)


def work(args: argparse.Namespace) -> int:
    """Carry the command out."""
    from arteriole.run.status import read_states, summary

    states = read_states(args.output_dir)
    for state in states:
        if args.verbose or state.status in ("failed", "interrupted", "running"):
            why = f": {state.reason}" if state.reason else ""
            say(f"{state.label}  {state.status}{why}")
    say(summary(states))
    return 1 if any(state.status == "failed" for state in states) else 0

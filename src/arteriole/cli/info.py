"""``arteriole info``: versions, steps, settings, and whether the parts work here."""

from __future__ import annotations

import argparse
import json
from typing import Any

from arteriole.cli.common import say


def add_parser(commands: Any) -> None:
    """Add ``arteriole info``."""
    parser = commands.add_parser(
        "info",
        help="versions, steps and settings",
        description="Print versions, the steps of the flow with their versions, and all settings.",
    )
    parser.add_argument("--json", action="store_true", help="as JSON")
    parser.set_defaults(work=work)


def work(args: argparse.Namespace) -> int:
    """Carry the command out."""
    import tomli_w

    from arteriole.flow import STEPS
    from arteriole.numerics.threads import threads
    from arteriole.run.record import environment
    from arteriole.settings import Settings
    from arteriole.version import __version__

    steps = {step.name: step.version for step in STEPS}
    facts = {
        "arteriole": __version__,
        "versions": environment(),
        "threads": threads(),
        "steps": steps,
        "settings": Settings().to_dict(),
    }
    if args.json:
        say(json.dumps(facts, indent=2))
        return 0
    say(f"arteriole {__version__}")
    say("  " + ", ".join(f"{name} {version}" for name, version in environment().items()))
    say(f"  {threads()} threads")
    say("steps")
    say("  " + ", ".join(f"{name} (version {version})" for name, version in steps.items()))
    say("settings (as for --config)\n")
    say(tomli_w.dumps(Settings().to_dict()))
    return 0

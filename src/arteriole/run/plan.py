"""Which steps of a session have to run: what changed, and what that needs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from arteriole.run.record import StepRecord
from arteriole.step import Step

Action = Literal["run", "reuse", "skip"]


@dataclass(frozen=True)
class Planned:
    """What is to be done with a step, and why."""

    step: Step
    action: Action
    why: str


def plan_steps(
    steps: Sequence[Step],
    keys: Mapping[str, str],
    *,
    given: Collection[str],
    absent: Mapping[str, str],
    done: Mapping[str, StepRecord],
    on_disk: Callable[[str], bool],
    wanted_on_disk: Callable[[str], bool],
    force: Collection[str] = (),
) -> list[Planned]:
    """Decide for each step whether it runs, is reused or is skipped.

    Parameters
    ----------
    steps : sequence of Step
        In the order of the flow.
    keys : mapping
        Key of each step now.
    given : collection of str
        Values that are read rather than made.
    absent : mapping of str to str
        Values that are not there, with the reason in words.
    done : mapping of str to StepRecord
        Entries of the earlier record, by step.
    on_disk : callable
        Tells whether a value can be read from the outputs.
    wanted_on_disk : callable
        Tells whether a value ought to be among the outputs at the level asked for.
    force : collection of str
        Steps to run although nothing changed.
    """
    missing = dict(absent)
    there = set(given)
    planned: list[Planned] = []
    for step in steps:
        lacking = step.lacking(there)
        old = done.get(step.name)
        same = old is not None and old.key == keys[step.name]
        if lacking is not None:
            why = missing.get(lacking, f"there is no {lacking}")
            planned.append(Planned(step, "skip", why))
            missing |= dict.fromkeys(step.makes, why)
            continue
        if step.name in force:
            planned.append(Planned(step, "run", "forced"))
        elif old is None or old.status == "failed":
            planned.append(Planned(step, "run", "not done yet"))
        elif not same:
            planned.append(Planned(step, "run", "its input, settings or version changed"))
        elif old.status == "skipped" and not old.refused:
            planned.append(Planned(step, "run", "what it lacked is there now"))
        elif old.status == "skipped":
            planned.append(Planned(step, "skip", old.reason))
            missing |= dict.fromkeys(step.makes, old.reason)
            continue
        elif any(wanted_on_disk(name) and not on_disk(name) for name in step.makes):
            planned.append(Planned(step, "run", "an output is not there"))
        else:
            planned.append(Planned(step, "reuse", "nothing changed"))
        there |= set(step.makes)
    return _with_what_they_need(planned, on_disk)


def _with_what_they_need(
    planned: Sequence[Planned], on_disk: Callable[[str], bool]
) -> list[Planned]:
    """Run reused steps too whose values a running step needs and the disk does not hold."""
    wanted: set[str] = set()
    final: list[Planned] = []
    for item in reversed(planned):
        lost = wanted & {name for name in item.step.makes if not on_disk(name)}
        again = item.action == "reuse" and bool(lost)
        kept = Planned(item.step, "run", "a later step needs what it makes") if again else item
        if kept.action == "run":
            wanted |= {*kept.step.needs, *kept.step.needs_one, *kept.step.may_use}
        final.append(kept)
    return final[::-1]

from __future__ import annotations

from dataclasses import replace

from arteriole.run.plan import plan_steps
from arteriole.run.record import StepRecord
from arteriole.step import Result, Step


def nothing(given, scan, settings):
    return Result({})


A = Step("a", 1, nothing, needs=("raw",), makes=("x",))
B = Step("b", 1, nothing, needs=("x",), makes=("y",))
C = Step("c", 1, nothing, needs=("raw",), may_use=("y",), makes=("z",))
STEPS = (A, B, C)
KEYS = {"a": "1", "b": "2", "c": "3"}


def done(**changes):
    entries = {n: StepRecord(n, 1, KEYS[n], "done") for n in KEYS}
    return entries | changes


def actions(entries, *, disk=("x", "y", "z"), wanted=("x", "y", "z"), given=("raw",), **more):
    planned = plan_steps(
        STEPS,
        KEYS,
        given=given,
        absent=more.pop("absent", {}),
        done=entries,
        on_disk=lambda name: name in disk,
        wanted_on_disk=lambda name: name in wanted,
        **more,
    )
    return {item.step.name: item.action for item in planned}, {
        item.step.name: item.why for item in planned
    }


def test_everything_runs_the_first_time():
    assert set(actions({}, disk=())[0].values()) == {"run"}


def test_nothing_runs_when_nothing_changed():
    assert set(actions(done())[0].values()) == {"reuse"}


def test_a_changed_key_runs_that_step():
    entries = done(b=StepRecord("b", 1, "old", "done"))
    assert actions(entries)[0] == {"a": "reuse", "b": "run", "c": "reuse"}


def test_a_lost_output_is_made_again():
    assert actions(done(), disk=("x", "z"))[0]["b"] == "run"


def test_what_a_running_step_needs_and_the_disk_lacks_is_made_again():
    entries = done(b=StepRecord("b", 1, "old", "done"))
    plan, why = actions(entries, disk=("z",), wanted=("z",))
    assert plan["a"] == "run"
    assert why["a"] == "a later step needs what it makes"


def test_minimal_outputs_do_not_run_anything_again():
    assert set(actions(done(), disk=(), wanted=())[0].values()) == {"reuse"}


def test_a_missing_input_skips_what_needs_it_and_says_why():
    plan, why = actions({}, given=(), absent={"raw": "no phase images"}, disk=())
    assert set(plan.values()) == {"skip"}
    assert why["b"] == "no phase images"


def test_what_is_only_useful_may_be_missing():
    entries = done(b=replace(StepRecord("b", 1, "2", "skipped"), reason="refused", refused=True))
    assert actions(entries)[0] == {"a": "reuse", "b": "skip", "c": "reuse"}


def test_a_step_skipped_for_want_of_an_input_runs_when_the_input_is_there():
    entries = done(b=StepRecord("b", 1, "2", "skipped", "x was missing"))
    assert actions(entries)[0]["b"] == "run"


def test_a_failed_step_is_tried_again():
    assert actions(done(c=StepRecord("c", 1, "3", "failed")))[0]["c"] == "run"


def test_force():
    assert actions(done(), force=("a",))[0] == {"a": "run", "b": "reuse", "c": "reuse"}

"""One session brought up to date: plan, run, write, record, report."""

from __future__ import annotations

import os
import time
import traceback
from collections.abc import Mapping
from typing import Any

from arteriole.errors import EditedError, ImageError, InputError, OutputError, PhaseError
from arteriole.flow import makers, steps_towards
from arteriole.io.atomic import sweep_parts
from arteriole.numerics.threads import set_threads
from arteriole.run.beside import OPTIONAL
from arteriole.run.job import Chosen, Job, Outcome, Raw
from arteriole.run.keys import REPORT_VERSION, SCAN_VERSION, content_key, request_key, step_keys
from arteriole.run.lock import session_lock
from arteriole.run.memory import (
    available_bytes,
    peak_mib,
    reset_peak,
    resident_bytes,
    too_large,
)
from arteriole.run.plan import Planned, plan_steps
from arteriole.run.products import is_written
from arteriole.run.reading import Reading, without_folders
from arteriole.run.record import FileStamp, Record, StepRecord, environment
from arteriole.run.roles import is_part_of
from arteriole.run.store import Store
from arteriole.run.story import tell
from arteriole.run.verdict import verdict, warnings_of
from arteriole.scan.image_kind import IMAGE_KINDS
from arteriole.step import NotApplicableError, Result, Step

NO_IMAGE = "the session has no such image"


def run_session(job: Job) -> Outcome:
    """Bring a session up to date in this process.

    What was done before with the same input, settings and versions is not done again. The record
    is written after every step, so that a run that was killed goes on where it stopped.

    Raises
    ------
    LockedError
        When another run holds the session.
    EditedError
        When an output was changed by hand.
    OutputError
        When something cannot be written.
    """
    start = time.perf_counter()
    set_threads(job.threads)
    with session_lock(job.folder, break_lock=job.break_lock):
        for folder in {job.folder, job.images, job.images_of(IMAGE_KINDS["ct"])}:
            sweep_parts(folder)
        sweep_parts(job.report.parent, job.report.name)
        session = _Session(job)
        try:
            session.bring_up_to_date()
        except (InputError, OutputError) as error:
            session.give_up(error)
        record = session.record
    return Outcome(
        label=job.label,
        status="done" if record.status == "running" else record.status,
        message=record.reason,
        warnings=tuple(record.warnings),
        seconds=time.perf_counter() - start,
        peak_memory_mib=session.peak_mib,
        made=tuple(session.ran),
    )


def planned_steps(job: Job) -> list[Planned]:
    """Tell what a run would do with a session, changing nothing.

    Raises
    ------
    InputError
        When the session has nothing that can be used.
    """
    session = _Session(job)
    return session.plan(session.choose())


class _Session:
    """The state of one job while it is worked on."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.old = Record.load(job.record)
        self.record = Record(job.label, job.subject, job.session, job.seed)
        self.record.request = request_key(job)
        self.record.preset = job.settings.preset_name
        self.record.versions = environment()
        if self.old is not None:
            self.record.scan, self.record.steps = self.old.scan, list(self.old.steps)
        self.ran: list[str] = []
        self.peak_mib = 0.0
        self.missing: dict[str, str] = {}
        self._refuse_edited()

    def bring_up_to_date(self) -> None:
        """Plan the steps, run those that have to, write the report."""
        planned = self.plan(self.choose())
        names = {item.step.name for item in planned} | {"report"}
        self.record.steps = [entry for entry in self.record.steps if entry.name in names]
        for item in planned:
            self._carry_out(item)
        self.record.sort([item.step.name for item in planned])
        self.record.warnings = warnings_of(self.record)
        self._report()
        self.record.status, self.record.reason = verdict(
            self.record,
            self.missing,
            self.job.targets or (),
            refused=self.reading.scan_refused,
        )
        self.record.save(self.job.record)

    def give_up(self, error: InputError | OutputError) -> None:
        """Write, if that is possible, a record that says why the session could not be done."""
        self.record.status, self.record.reason = "failed", self._without_folders(error)
        try:
            self.record.save(self.job.record)
        except OutputError:
            # What is wrong is the disk itself; the outcome of the job carries the message.
            return

    # choosing and planning

    def choose(self) -> Chosen:
        """Choose the input and look at its files."""
        source = self.job.source
        self.record.listed = list(source.list_names())
        chosen = source.choose()
        known = {stamp.file: stamp for stamp in self.old.inputs} if self.old else {}
        self.record.inputs = [
            _stamp(file.path, file.name, file.role, known.get(file.name), self.job.verify)
            for file in chosen.files
        ]
        self.record.ignored = [dict(item) for item in chosen.ignored]
        self.missing = {name: why for name, why in OPTIONAL.items() if name not in chosen.given}
        self.missing |= chosen.absent
        if not chosen.scanned:
            self.missing |= dict.fromkeys(OPTIONAL, chosen.absent.get("magnitude", NO_IMAGE))
        prefix = chosen.prefix if chosen.scanned else self.job.prefix
        self.store = Store(self.job, prefix, chosen.images)
        self._recall_images(chosen)
        self.reading = Reading(self.job, chosen, self.record)
        self.missing |= self.reading.refused
        return chosen

    def _recall_images(self, chosen: Chosen) -> None:
        """Keep what is known of images that have not changed."""
        known = self.old.images if self.old else {}
        self.image_keys = {name: self._raw_key(name) for name in chosen.images}
        self.record.images = {
            name: known[name]
            for name, key in self.image_keys.items()
            if name in known and known[name].get("key") == key
        }

    def plan(self, chosen: Chosen) -> list[Planned]:
        """Decide which steps have to run."""
        possible = []
        for step in steps_towards(makers(), given=chosen.given, settings=self.job.settings):
            if step.is_off(self.job.settings):
                off = dict.fromkeys(step.makes, f"{step.name} is switched off")
                self.missing = off | self.missing
            elif step.image and not chosen.has(step.image):
                self.missing = dict.fromkeys(step.makes, NO_IMAGE) | self.missing
            else:
                possible.append(step)
        self.keys = step_keys(
            possible,
            self.job.settings,
            given={name: self._raw_key(name) for name in chosen.given},
            seed=self.job.seed,
        )
        return plan_steps(
            [step for step in possible if self._counts(step, chosen)],
            self.keys,
            given=chosen.given - self.reading.refused.keys(),
            absent=self.missing,
            done={entry.name: entry for entry in self.old.steps} if self.old else {},
            on_disk=self.store.holds,
            wanted_on_disk=lambda name: is_written(name, self.job.settings.output.level),
            force=self.job.force,
        )

    def _raw_key(self, name: str) -> str:
        """Return the key of a raw value: what lies beside the scan changes only itself."""
        stamps = [
            (stamp.role, stamp.sha256)
            for stamp in self.record.inputs
            if is_part_of(stamp.role, name)
        ]
        settings = self.job.settings.to_dict()["scan"]
        said = self.job.source.parameters()
        raw = content_key("scan", SCAN_VERSION, settings, sorted(stamps), said)
        return content_key(raw, name)

    def _counts(self, step: Step, chosen: Chosen) -> bool:
        """Tell whether a step is asked for, or was done of the same input by an earlier run."""
        settings = self.job.settings
        if step in steps_towards(
            self.job.targets or makers(), given=chosen.given, settings=settings
        ):
            return True
        old = self.old.step(step.name) if self.old else None
        return old is not None and old.key == self.keys[step.name] and bool(old.outputs)

    def _refuse_edited(self) -> None:
        """Stop before anything that somebody changed by hand is overwritten."""
        for entry in self.old.steps if self.old else []:
            for stamp in entry.outputs:
                path = self.job.folder / stamp.file
                if path.exists() and not stamp.untouched(path):
                    raise EditedError(
                        "it was changed since it was written",
                        file=os.path.relpath(path, self.job.report.parent),
                        remedy="Move it away to have it made again; reviewed versions belong in "
                        "files of their own (desc-reviewed).",
                    )

    # carrying out

    def _carry_out(self, item: Planned) -> None:
        lacking = item.step.lacking(_Without(self.missing))
        if lacking is not None:
            self._do_without(item.step, self.missing[lacking])
        elif item.action == "run":
            self._run(item.step)
            self.record.save(self.job.record)
        else:
            entry = self.record.step(item.step.name)
            assert entry is not None
            if item.action == "skip":
                self._skip(item.step, entry.reason, refused=entry.refused)
            else:
                entry.status = "reused"
                self._made(item.step)

    def _do_without(self, step: Step, why: str) -> None:
        """Skip a step; where its scan is refused, keep what was made of it before."""
        entry = self.record.step(step.name)
        if why == self.reading.scan_refused and entry is not None and entry.outputs:
            self.missing |= dict.fromkeys(step.makes, why)
        else:
            self._skip(step, why)

    def _made(self, step: Step) -> None:
        for name in step.makes:
            self.missing.pop(name, None)

    def _skip(self, step: Step, why: str, *, refused: bool = False) -> None:
        self.missing |= dict.fromkeys(step.makes, why)
        self.record.put(
            StepRecord(step.name, step.version, self.keys[step.name], "skipped", why, refused)
        )

    def _run(self, step: Step) -> None:
        if (why := self._too_large(step)) is not None:
            if not self.reading.anything:
                # Nothing is read yet, and the page would have to read it.
                raise ImageError(why, file=self.job.source.locate(self.record.inputs[0].file))
            self._give_up_step(step, why)
            return
        raw = self._read()
        given = self._given(step)
        lacking = step.lacking(given)
        if lacking is not None:
            self._do_without(step, self.missing[lacking])
            return
        self._forget(step)
        reset_peak()
        start = time.perf_counter()
        try:
            result = step.work(given, raw.acquisition if raw else None, self.job.settings)
        except (NotApplicableError, InputError) as error:
            self._skip(step, self._located(error), refused=True)
        except Exception as error:  # noqa: BLE001  (a step that breaks must not cost the others)
            self._break(step, error)
        else:
            outputs = self.store.keep(step, result)
            self._made(step)
            self._enter(step, result, outputs, time.perf_counter() - start)

    def _located(self, error: Exception) -> str:
        """Return the message of a refusal, with the files of the phase or the mask it is about."""
        about = {PhaseError: ("phase", "imaginary"), ImageError: ("brain mask",)}
        kind = type(error)
        if isinstance(error, InputError) and kind in about and error.file is None:
            roles = about[kind]
            stamps = self.record.inputs
            named = [stamp.file for stamp in stamps if stamp.role.startswith(roles)]
            # A mask that was not given was found in the magnitude.
            named = named or [stamp.file for stamp in stamps if stamp.role.startswith("magnitude")]
            error = kind(error.what, file=", ".join(named) or None, remedy=error.remedy)
        return str(error)

    def _without_folders(self, error: InputError | OutputError) -> str:
        if isinstance(error, InputError):
            return without_folders(error, self.job.source.name_of)
        folder = self.job.report.parent
        return without_folders(error, lambda file: os.path.relpath(file, folder))

    def _forget(self, step: Step) -> None:
        """Take the step's old outputs off the record before they are written over.

        A run killed in between would otherwise find files that the record does not know as its
        own, and take them for edited by hand.
        """
        entry = self.record.step(step.name)
        if entry is not None and entry.outputs:
            self.record.steps.remove(entry)
            self.record.save(self.job.record)

    def _break(self, step: Step, error: Exception) -> None:
        """Enter a step that failed; where it failed goes to the session's log."""
        why = f"{step.name} failed: {str(error) or type(error).__name__}"
        self._give_up_step(step, why)
        frames = traceback.extract_tb(error.__traceback__)
        places = [f"  {os.path.basename(f.filename)}:{f.lineno} in {f.name}" for f in frames]
        self.job.log.parent.mkdir(parents=True, exist_ok=True)
        with self.job.log.open("a", encoding="utf-8") as file:
            file.write("\n".join([f"{type(error).__name__}: {why}", *places, ""]))

    def _give_up_step(self, step: Step, why: str) -> None:
        self.missing |= dict.fromkeys(step.makes, why)
        self.record.put(StepRecord(step.name, step.version, self.keys[step.name], "failed", why))

    def _too_large(self, step: Step) -> str | None:
        """Say why a step would not fit into memory; it is tried again by the next run."""
        allowed = self.job.memory_bytes or available_bytes() + resident_bytes(os.getpid())
        chosen = self.reading.chosen
        return too_large(
            step,
            self.job.settings,
            voxels=chosen.voxels,
            echoes=chosen.echoes,
            allowed_bytes=allowed,
            images=chosen.image_voxels,
        )

    def _enter(self, step: Step, result: Result, outputs: list[FileStamp], seconds: float) -> None:
        self.ran.append(step.name)
        peak = peak_mib()
        self.peak_mib = max(self.peak_mib, peak)
        sections = self.job.settings.to_dict()
        used: dict[str, Any] = {}
        for name in step.settings:
            used |= sections[name]
        self.record.put(
            StepRecord(
                step.name,
                step.version,
                self.keys[step.name],
                "done",
                settings=used,
                outputs=outputs,
                facts=dict(result.facts),
                warnings=list(result.warnings),
                seconds=round(seconds, 3),
                peak_memory_mib=round(peak, 1),
            )
        )

    def _read(self) -> Raw | None:
        """Return the gradient echo; None in a session without, or where it cannot be used."""
        raw = self.reading.scan()
        if raw is None:
            if why := self.reading.scan_refused:
                self.missing |= dict.fromkeys(self.reading.chosen.scanned, why)
        elif self.store.acquisition is None:
            self.store.acquisition = raw.acquisition
            self.store.values |= raw.values
        return raw

    def _given(self, step: Step) -> dict[str, Any]:
        """Return the values that a step takes; images are read now, and some are refused."""
        given = {}
        for name in step.inputs(self.job.settings):
            if name in self.reading.chosen.images:
                self._read_image(name)
            if name not in self.missing and (name in step.needs or self.store.holds(name)):
                given[name] = self.store.value(name)
        return given

    def _read_image(self, name: str) -> None:
        if name in self.missing or name in self.store.values:
            return
        volume = self.reading.image(name, key=self.image_keys[name])
        if volume is None:
            self.missing[name] = self.reading.refused[name]
        else:
            self.store.values[name] = volume

    # closing

    def _report(self) -> None:
        """Write the page anew when anything that it shows has changed."""
        steps = [entry for entry in self.record.steps if entry.name != "report"]
        told = [(entry.name, entry.key, entry.status == "skipped") for entry in steps]
        key = content_key(REPORT_VERSION, told, self.record.warnings)
        old = self.record.step("report")
        if old is not None and old.key == key and not self.ran and self.job.report.exists():
            old.status = "reused"
            return
        start = time.perf_counter()
        raw = self._read()
        for name in self.reading.chosen.images:
            self._read_image(name)
        self.record.warnings = warnings_of(self.record)
        values = self.store.made(self.record)
        entry = StepRecord("report", REPORT_VERSION, key, "done")
        grid = raw.acquisition.grid if raw else None
        entry.outputs = tell(self.job, self.record, values, grid, prefix=self.store.prefix)
        entry.seconds = round(time.perf_counter() - start, 3)
        self.record.put(entry)


class _Without:
    """All names but some, as a step asks what it lacks."""

    def __init__(self, missing: Mapping[str, str]) -> None:
        self.missing = missing

    def __contains__(self, name: object) -> bool:
        return name not in self.missing


def _stamp(path: Any, name: str, role: str, known: FileStamp | None, verify: bool) -> FileStamp:
    """Look at an input; its content is read only when size or time differ from what is known."""
    if known is None or not known.untouched(path, verify=verify):
        return FileStamp.of(path, name, role=role)
    about = path.stat()
    return FileStamp(name, about.st_size, about.st_mtime_ns, known.sha256, role)

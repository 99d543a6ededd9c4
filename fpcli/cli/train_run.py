"""One training run as a person watches it: progress, and what came of it."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fpcli.cli import dive_sets
from fpcli.cli.finediving_dives import Split, finediving_dives, is_finediving
from fpcli.cli.interruption import Interruption
from fpcli.cli.options import SizeName
from fpcli.cli.streams import Streams
from fpcli.text import printable

if TYPE_CHECKING:
    import torch
    from rich.progress import Progress, TaskID

    from fpcli.model.config import ModelConfig
    from fpcli.training.loop import Length, StepLog
    from fpcli.training.processes import Processes
    from fpcli.training.recipe import Recipe
    from fpcli.training.run import Dives, RunOutcome
    from fpcli.training.samples import Pool
    from fpcli.training.start_weights import StartWeights
    from fpcli.training.validation import Validation

DEFAULT_STEPS = 400
LINE_EVERY_STEPS = 20
LINE_EVERY_S = 60.0
SHOWN_PARTS = 1000  # of the bar
DIVES_FOLDER = "dives"
HELD_OUT_SHARE = 0.15


@dataclass(frozen=True)
class Run:
    """What a run was asked for.

    folder: of its log, checkpoint and bundle. dives_folder: in which dives and their views are
    made, kept and found. length: the recipe's own if None. start_from: a bundle.
    """

    streams: Streams
    interruption: Interruption
    folder: Path
    dives_folder: Path
    config: "ModelConfig"
    recipe: "Recipe"
    length: "Length | None"
    seed: int
    name: str
    resume: bool
    device: "torch.device"
    processes: "Processes"
    tensorboard: bool
    start_from: Path | None = None

    @property
    def bundle(self) -> Path:
        """Where the weights are written, once the last step is done."""
        return self.folder / f"{self.name}.safetensors"

    def learn(self, dives: "Dives", on_finish: Callable[[], None] = lambda: None) -> "RunOutcome":
        """Train under a progress display, and tell what came of it; see `training.run.train`."""
        from fpcli.training.loop import Length
        from fpcli.training.run import train

        known = len(dives.learn.labels)
        length = self.length or Length(self.recipe.steps(known, otherwise=DEFAULT_STEPS))
        start = self._start_weights()
        with self.streams.progress() as progress:
            task = progress.add_task("training", total=SHOWN_PARTS)
            teller = _Teller(self.streams, task, progress, length)

            def finish() -> None:
                on_finish()
                teller.finish()

            outcome = train(
                self.folder,
                dives,
                self.config,
                self.recipe,
                length,
                self.name,
                seed=self.seed,
                device=self.device,
                resume=self.resume,
                start=start,
                processes=self.processes,
                tensorboard=self.tensorboard,
                stop=lambda: self.interruption.wanted,
                on_step=teller.step,
                on_validation=teller.validation,
                on_finish=finish,
            )
        self._say(outcome, teller.clips_per_s)
        return outcome

    def _start_weights(self) -> "StartWeights":
        """Find what the paper's size starts from, and say what is not there."""
        from fpcli.training.start_weights import FRESH, RESNET, TRUNK, StartWeights
        from fpcli.weights.locate import present_path
        from fpcli.weights.registry import load_registry

        if self.start_from is not None:
            return StartWeights(bundle=self.start_from)
        if self.config.name != SizeName.PAPER:
            return FRESH
        registry = load_registry()
        paths = {name: present_path(registry.get(name)) for name in (RESNET, TRUNK)}
        parts = {RESNET: "the static encoder", TRUNK: "both I3D trunks"}
        for name, path in paths.items():
            if path is None:
                self.streams.warn(
                    f"The weights {name} are not on this machine, so {parts[name]} will start from "
                    f"random ones. Fetch them first: fineparser weights download {name}"
                )
            else:
                self.streams.note(f"{parts[name]} will start from {name}")
        return StartWeights(resnet=paths[RESNET], trunk=paths[TRUNK])

    def _say(self, outcome: "RunOutcome", clips_per_s: float) -> None:
        if clips_per_s:
            from fpcli.training.pace import share_of_matrix_rate

            share = share_of_matrix_rate(self.config, clips_per_s, self.device, self.processes.size)
            self.streams.note(f"{clips_per_s:.2f} clips/s, {share:.1%} of the matrix rate")
        if outcome.bundle is None:
            self.streams.note(
                f"Stopped at step {outcome.step}; --resume goes on in {printable(self.folder)}."
            )
            return
        for measure, value in outcome.metrics.items():
            self.streams.note(f"held out: {measure} {value:.4g}")


def known_dives(run: Run, data: str, dives: int, workers: int | None) -> "Pool":
    """The dives to learn from: made, converted, or as they lie in a folder. Raises Interrupted."""
    folder = run.dives_folder / DIVES_FOLDER
    if data == dive_sets.SIMULATED:
        return dive_sets.simulated_dives(
            folder, dives, run.seed, workers, run.streams, run.interruption
        )
    if is_finediving(data):
        return finediving_dives(
            data,
            Split.TRAIN,
            folder,
            workers,
            run.streams,
            run.interruption,
            published=run.recipe.strategy == "published",
        )
    return dive_sets.stored_dives(data)


def learn(run: Run, pool: "Pool", workers: int | None) -> "RunOutcome":
    """Learn from dives that are all there."""
    from fpcli.training.run import Dives as DivesOfRun
    from fpcli.weights.bundle import sha256_of

    if run.start_from is None or not run.recipe.late:
        return run.learn(DivesOfRun.of_pool(pool, HELD_OUT_SHARE, run.device))
    # Views of other weights, or of another seed, are not these.
    folder = run.dives_folder / f"views-{sha256_of(run.start_from)[:12]}-{run.seed}"
    dive_sets.make_views(
        folder, pool, run.start_from, run.seed, workers, run.streams, run.interruption
    )
    return run.learn(DivesOfRun.of_views(pool, folder, HELD_OUT_SHARE, run.device))


class _Teller:
    """Shows the steps of a run: a moving bar where somebody watches, else a line now and then."""

    def __init__(
        self, streams: Streams, task: "TaskID", progress: "Progress", length: "Length"
    ) -> None:
        self._streams, self._task, self._progress = streams, task, progress
        self._length = length
        self._last_line_s = float("-inf")
        self._clips, self._seconds = 0, 0.0

    @property
    def clips_per_s(self) -> float:
        """Clips learned from in a second, over all the steps of this process."""
        return self._clips / self._seconds if self._seconds else 0.0

    def step(self, log: "StepLog") -> None:
        """Tell one step."""
        self._clips += log.clips
        self._seconds += log.seconds
        losses = (
            f"loss {log.total:.3f} (marks {log.delta:.3f}, steps {log.step_delta:.3f}, "
            f"transitions {log.transition:.3f}, mask {log.mask:.3f}, measures {log.measures:.3f})"
        )
        done = self._length.share(log.step, log.spent_s)
        self._progress.update(self._task, completed=round(done * SHOWN_PARTS), description=losses)
        due = time.monotonic() - self._last_line_s >= LINE_EVERY_S
        if not self._streams.shows_progress and (due or log.step % LINE_EVERY_STEPS == 0):
            self._last_line_s = time.monotonic()
            self._streams.note(
                f"step {log.step} ({done:.0%}): {losses}, {log.dives} dives, "
                f"{self.clips_per_s:.2f} clips/s"
            )

    def validation(self, found: "Validation") -> None:
        """Tell what the held-out dives say of the network so far."""
        self._streams.note(
            f"held out: difference of marks off by {found.mark_error:.3f}, ρ {found.rho:.3f}; "
            f"flight IoU {found.flight_iou:.3f}, mask IoU {found.mask_iou:.3f}"
        )

    def finish(self) -> None:
        """Tell that the steps are done."""
        self._progress.update(self._task, description="encoding exemplars, measuring")
        self._streams.note("All steps are done; encoding exemplars and measuring.")

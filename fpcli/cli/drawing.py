"""What `explain` draws into pictures of the dive: the overlay, another dive beside it, stills."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fpcli.cli.options import OUTPUT
from fpcli.cli.streams import Streams
from fpcli.cli.targets import require_folder, require_writable
from fpcli.errors import UsageError
from fpcli.text import printable

if TYPE_CHECKING:
    from fpcli.analysis.result import DiveAnalysis
    from fpcli.report.overlay import Scene

Overlay = Annotated[
    Path | None,
    typer.Option(
        "--overlay",
        metavar="FILE",
        help="Write the video with the diver, the steps and the score drawn over it (.mp4).",
        rich_help_panel=OUTPUT,
    ),
]
SideBySide = Annotated[
    Path | None,
    typer.Option(
        "--side-by-side",
        metavar="VIDEO",
        help="In the overlay, show this dive beside it; its steps are stretched to begin and end "
        "together.",
        rich_help_panel=OUTPUT,
    ),
]
Slow = Annotated[
    float | None,
    typer.Option(
        "--slow",
        metavar="SPEED",
        help="Play the overlay slower, 0.25 at a quarter of the speed; the sound is left out.",
        rich_help_panel=OUTPUT,
    ),
]
Stills = Annotated[
    Path | None,
    typer.Option(
        "--stills",
        metavar="FOLDER",
        help="Write take-off, mid-flight, the entry's beginning and the entry as PNG.",
        rich_help_panel=OUTPUT,
    ),
]
SLOWEST = 0.01


@dataclass(frozen=True)
class Drawing:
    """What is to be drawn. beside: the video of another dive. slow: speed, of 1."""

    overlay: Path | None
    beside: Path | None
    slow: float | None
    stills: Path | None
    overwrite: bool

    def check(self, video: Path) -> None:
        """Refuse what cannot be drawn before any work is done for it.

        Raises UsageError for options that do not go together, OutputError for targets.
        """
        if self.overlay is None:
            for option, value in (("--side-by-side", self.beside), ("--slow", self.slow)):
                if value is not None:
                    raise UsageError(
                        f"{option} changes the overlay video, and none is asked for.",
                        "Add --overlay out.mp4.",
                    )
        if self.slow is not None and not SLOWEST <= self.slow <= 1:
            raise UsageError(
                f"--slow {self.slow:g} is no slow motion.",
                f"Give a speed from {SLOWEST:g} to 1, such as --slow 0.25.",
            )
        if self.overlay is not None:
            from fpcli.video.write import check_target

            for source in filter(None, (video, self.beside)):
                check_target(self.overlay, source=source, overwrite=self.overwrite)
            require_writable(self.overlay.parent)
        if self.stills is not None:
            from fpcli.report.stills import check_stills

            check_stills(video, self.stills, overwrite=self.overwrite)
            require_folder(self.stills)

    def write(
        self, analysis: "DiveAnalysis", other: "DiveAnalysis | None", streams: Streams
    ) -> None:
        """Write the overlay and the stills. other: the dive beside it, if one is asked for."""
        if self.overlay is not None:
            self._write_overlay(self.overlay, analysis, other, streams)
        if self.stills is not None:
            from fpcli.report.stills import write_stills

            scenes = self._scenes(analysis, other)
            paths = write_stills(analysis, scenes, self.stills, overwrite=self.overwrite)
            streams.note(f"Wrote {len(paths)} stills into {printable(self.stills)}.")

    def _write_overlay(
        self,
        target: Path,
        analysis: "DiveAnalysis",
        other: "DiveAnalysis | None",
        streams: Streams,
    ) -> None:
        """Write the video under a progress display."""
        from fpcli.report.overlay import write_overlay

        with streams.progress() as progress:
            task = progress.add_task(f"{printable(target.name)}: drawing", total=None)

            def show(done: int, frames: int) -> None:
                progress.update(task, completed=done, total=frames)

            write_overlay(
                analysis,
                target,
                scenes=self._scenes(analysis, other),
                speed=self._speed,
                overwrite=self.overwrite,
                progress=show,
            )
        silent = " without sound" if self._speed != 1 else ""
        streams.note(f"Wrote {printable(target)}{silent}.")

    @property
    def _speed(self) -> float:
        return 1.0 if self.slow is None else self.slow

    def _scenes(self, analysis: "DiveAnalysis", other: "DiveAnalysis | None") -> Iterator["Scene"]:
        if other is None:
            from fpcli.report.overlay import overlay_scenes

            return overlay_scenes(analysis, self._speed)
        from fpcli.report.side_by_side import side_by_side_scenes

        return side_by_side_scenes(analysis, other, self._speed)

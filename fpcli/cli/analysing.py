"""What score, explain and batch share: the loaded model, and videos analysed one after another."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from fpcli.cli.errors import describe
from fpcli.cli.options import PrecisionName
from fpcli.cli.streams import Streams
from fpcli.errors import FineParserError
from fpcli.text import printable

if TYPE_CHECKING:
    from fpcli.analysis.analyse import Analyser
    from fpcli.analysis.request import AnalysisRequest
    from fpcli.analysis.result import DiveAnalysis
    from fpcli.report.notices import Failure
    from fpcli.video.read import Video

STAGES = ("reading", "encoding", "comparing", "explaining")  # as an Analyser tells them


def require_video(path: Path) -> None:
    """Refuse what is no video before the weights are loaded, which takes longer.

    Raises VideoError.
    """
    from fpcli.video.read import open_source

    open_source(path)


@contextmanager
def begun_alone(videos: Sequence[Path], request: "AnalysisRequest") -> Iterator["Sequence[Video]"]:
    """Yield the videos; a single one is searched for dives while the weights are loaded.

    Of several, one that cannot be read is reported in its turn. Raises VideoError.
    """
    if len(videos) != 1:
        yield videos
        return
    from fpcli.analysis.begun import search_begun

    with search_begun(videos[0], request.start_s, request.end_s) as video:
        yield [video]


def open_analyser(
    weights: str | None, device: str, precision: PrecisionName, streams: Streams
) -> "Analyser":
    """Load the weights onto the device, and say once on stderr which device it is.

    Raises DeviceError for a device that is not there, WeightsError for weights that are missing or
    cannot score.
    """
    from fpcli.analysis.begun import no_search_for_garbage

    with timed("loading", streams), no_search_for_garbage():
        from fpcli.analysis.analyse import Analyser
        from fpcli.model.device import describe_device, resolve_device
        from fpcli.weights.locate import find_weights

        place = resolve_device(device)
        analyser = Analyser.from_file(
            find_weights(weights), device=place, precision=precision.value
        )
    made_with = analyser.provenance()
    streams.note(f"{made_with.weights_name} on {describe_device(place)} in {made_with.precision}")
    return analyser


def analyse_one(
    analyser: "Analyser",
    video: "Video",
    request: "AnalysisRequest",
    streams: Streams,
    on_stage: Callable[[str], None],
    *,
    every: bool = False,
) -> Iterator["DiveAnalysis"]:
    """Analyse the dive of a video, or every one of its dives.

    Tells the stages as they begin; with --verbose how long each took.
    """
    watch = StageWatch(streams, on_stage)
    if every:
        found = analyser.analyse_all(video, request, watch.begin)
    else:
        found = iter([analyser.analyse(video, request, watch.begin)])
    for analysis in found:
        watch.end()
        source = analysis.source
        streams.detail(
            f"{printable(source.path)}: {source.width_px} x {source.height_px} px, "
            f"{source.frame_count} frames, {source.duration_s:.2f} s, "
            f"masks {analysis.masks.probabilities.shape}"
        )
        yield analysis


def analyse_watched(
    analyser: "Analyser",
    video: "Video",
    request: "AnalysisRequest",
    streams: Streams,
    *,
    every: bool = False,
) -> Iterator["DiveAnalysis"]:
    """Analyse one video under a progress display of its own."""
    from fpcli.video.read import path_of

    path = path_of(video)
    say_who_cannot_vote(analyser, request, streams)
    with streams.progress() as progress:
        task = progress.add_task(printable(path.name), total=len(STAGES))

        def show(stage: str) -> None:
            progress.update(
                task,
                description=f"{printable(path.name)}: {stage}",
                completed=STAGES.index(stage),
            )

        yield from analyse_one(analyser, video, request, streams, show, every=every)


def analyse_each(
    analyser: "Analyser",
    requests: Mapping[Path, "AnalysisRequest"],
    streams: Streams,
) -> Iterator["DiveAnalysis | Failure"]:
    """Analyse videos one after another under one overall progress display.

    A video that cannot be analysed yields a failure, and the next one follows.
    """
    for request in list(requests.values())[:1]:  # all of them ask for the same exemplars
        say_who_cannot_vote(analyser, request, streams)
    with streams.progress() as progress:
        task = progress.add_task("", total=len(requests))
        for path, request in requests.items():

            def show(stage: str, path: Path = path) -> None:
                progress.update(task, description=f"{printable(path.name)}: {stage}")

            yield attempt(analyser, path, request, streams, show)
            progress.advance(task)


def attempt(
    analyser: "Analyser",
    path: Path,
    request: "AnalysisRequest",
    streams: Streams,
    on_stage: Callable[[str], None],
) -> "DiveAnalysis | Failure":
    """Analyse one video of several; what goes wrong with it is returned, to be reported."""
    from fpcli.report.notices import Failure

    try:
        (analysis,) = analyse_one(analyser, path, request, streams, on_stage)
        return analysis
    except FineParserError as error:
        return Failure(path, error)
    except Exception as error:  # noqa: BLE001 - one bad file must not end a batch; it is reported
        message, hint, _ = describe(error)
        return Failure(path, FineParserError(message, hint))


def say_who_cannot_vote(analyser: "Analyser", request: "AnalysisRequest", streams: Streams) -> None:
    """Warn of own exemplars that other weights encoded."""
    from fpcli.analysis.references import ADD_AGAIN

    if others := analyser.references.of_other_weights(request.exemplars_from):
        streams.warn(
            f"{len(others)} of your exemplars cannot vote: other weights encoded them. {ADD_AGAIN}"
        )


class StageWatch:
    """Passes on the stages of an analysis and says how long each took."""

    def __init__(self, streams: Streams, on_stage: Callable[[str], None]) -> None:
        self._streams = streams
        self._on_stage = on_stage
        self._current = ""
        self._since = 0.0

    def begin(self, stage: str) -> None:
        """End the stage before, if any, and begin the next."""
        self.end()
        self._current, self._since = stage, time.perf_counter()
        self._on_stage(stage)

    def end(self) -> None:
        """End the current stage."""
        if self._current:
            seconds = time.perf_counter() - self._since
            self._streams.detail(f"{self._current}: {seconds:.2f} s")
            self._current = ""


@contextmanager
def timed(what: str, streams: Streams) -> Iterator[None]:
    """Say with --verbose how long something took."""
    since = time.perf_counter()
    yield
    streams.detail(f"{what}: {time.perf_counter() - since:.2f} s")

"""Searching a video for dives: at once, or begun while the program is still being loaded."""

import gc
import importlib
from collections.abc import Iterator
from concurrent.futures import CancelledError, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import numpy as np

from fpcli.analysis.finding import bundled_diver_finder
from fpcli.analysis.locate import Search, locate_dives
from fpcli.video.read import Video, open_source
from fpcli.video.source import StoredFrame, VideoSource


def search_dives(video: Video, start_s: float | None, end_s: float | None) -> Search:
    """Find every dive of a video, in the order of time; of one begun early, wait for the end.

    start_s, end_s: look only between them. Raises VideoError where nothing can be read.
    """
    if isinstance(video, BegunVideo) and video.part_s == (start_s, end_s):
        return video.search()
    return locate_dives(video, start_s=start_s, end_s=end_s, finder=bundled_diver_finder())


@contextmanager
def search_begun(
    path: Path, start_s: float | None = None, end_s: float | None = None
) -> Iterator["BegunVideo"]:
    """A video that is searched in a thread while the block makes ready for what is found.

    Torch is loaded meanwhile. Raises VideoError where there is no video.
    """
    video = BegunVideo(open_source(path), (start_s, end_s))
    try:
        with no_search_for_garbage():
            torch = importlib.import_module("torch")
        torch.get_num_threads()  # this thread's share is settled before the search takes its own
        video.torch_is_ready()
        yield video
    finally:
        video.close()


@contextmanager
def no_search_for_garbage() -> Iterator[None]:
    """Leave alone what is imported and loaded: it stays, and Python would look through it often."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


class BegunVideo(VideoSource):
    """A video that is searched in a thread from now on; it is read like any other.

    part_s: start and end of what is searched, seconds, None for the video's own.
    """

    def __init__(self, source: VideoSource, part_s: tuple[float | None, float | None]) -> None:
        self.path = source.path
        self.has_audio = source.has_audio
        self.part_s = part_s
        self._source = source
        self._has_torch = Event()
        self._is_closed = Event()
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="search")
        start_s, end_s = part_s
        finder = bundled_diver_finder(self._wait_for_torch)
        self._found = self._worker.submit(
            locate_dives, self, start_s=start_s, end_s=end_s, finder=finder
        )

    def torch_is_ready(self) -> None:
        """Let the finder's network be loaded."""
        self._has_torch.set()

    def _wait_for_torch(self) -> None:
        self._has_torch.wait()
        self._go_on()

    def _go_on(self) -> None:
        """Raise CancelledError once nobody wants the search any more."""
        if self._is_closed.is_set():
            raise CancelledError

    def search(self) -> Search:
        """What the search came to, once it is over; raises what it raised."""
        self._has_torch.set()
        return self._found.result()

    def close(self) -> None:
        """End the search, if it is not over, and let go of what was kept."""
        self._is_closed.set()
        self._has_torch.set()
        self._worker.shutdown()
        self.forget()

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the upright picture, pixels."""
        return self._source.size

    @property
    def rotation_degrees(self) -> int:
        """Clockwise rotation applied."""
        return self._source.rotation_degrees

    @property
    def corrupt_frames(self) -> int:
        """Frames skipped so far."""
        return self._source.corrupt_frames

    def expected_times(self) -> np.ndarray:
        """The source's."""
        return self._source.expected_times()

    def frames(self, from_s: float = 0.0) -> Iterator[StoredFrame]:
        """The source's frames; raises CancelledError once it is closed."""
        for stored in self._source.frames(from_s):
            self._go_on()
            yield stored

    def forget(self) -> None:
        """Let go of what was kept for another pass."""
        self._source.forget()

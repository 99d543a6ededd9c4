"""Where in a video the dive is: for now the whole clip, or the part the caller names."""

from pathlib import Path

from fpcli.analysis.request import AnalysisRequest
from fpcli.analysis.result import Flag
from fpcli.video.clip import Clip
from fpcli.video.read import read_clip

READING_SIDE_PX = 640  # the network sees 112; reading at more than this only costs memory


def locate_dive(path: Path, request: AnalysisRequest) -> tuple[Clip, tuple[Flag, ...]]:
    """Read the part of a video that holds the dive, 96 frames of it.

    Returns the clip and what its making must be flagged with.
    Raises VideoError if the video cannot be read or is too short to hold a dive.
    """
    clip = read_clip(path, start_s=request.start_s, end_s=request.end_s, max_side=READING_SIDE_PX)
    flags = []
    if request.start_s is None and request.end_s is None:
        flags.append(Flag.WHOLE_CLIP)
    if clip.info.corrupt_frames:
        flags.append(Flag.CORRUPT_FRAMES)
    return clip, tuple(flags)

"""Decoded frames made into pictures: 8-bit RGB, square pixels, upright."""

from fractions import Fraction

import av
import numpy as np
from av.buffer import Buffer
from av.filter import Graph
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter

from fpcli.video.orientation import Box, Orientation

PLAUSIBLE_ASPECT = 4  # a pixel wider or taller than this is a broken header
HD_HEIGHT = 720  # lines; pictures this high use BT.709 colours where the stream says nothing
CONVERTIBLE_COLORSPACES = frozenset({0, 1, 4, 5, 6, 7, 9})  # of ITU-T H.273, as swscale knows them
GRID_PX = 8  # on which parts are cut out: all stored colours lie on it
EXACT = Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT  # else colours are 1-2 levels off


class PictureMaker:
    """Makes pictures of one size of a stream's frames, whatever their stored format.

    The first frame decides: later ones of another size are brought to its size. Pixels that are
    not square are made so by scaling the width. Wide-gamut and HDR colours are not tone-mapped,
    interlaced frames not deinterlaced, transparency is ignored.

    size: (width, height) of the upright picture, pixels. orientation: what was applied.
    """

    def __init__(self, first: av.VideoFrame, pixel_aspect: Fraction | None = None) -> None:
        """pixel_aspect: width of a stored pixel over its height, None where it is not known."""
        self.orientation = _orientation(first)
        aspect = float(pixel_aspect or 1)
        if not 1 / PLAUSIBLE_ASPECT <= aspect <= PLAUSIBLE_ASPECT:
            aspect = 1.0
        self._stored = (max(1, round(first.width * aspect)), first.height)
        self.size = self.orientation.upright_size(*self._stored)
        self._reformatter = VideoReformatter()

    def picture(self, frame: av.VideoFrame, max_side: int | None = None) -> np.ndarray:
        """(H, W, 3) uint8, RGB, upright; the longer side at most `max_side` pixels."""
        size = fitted_size(*self._stored, max_side)
        return self.orientation.apply(self._rgb(frame, size, _colorspace(frame)))

    def part(self, frame: av.VideoFrame, box: Box) -> np.ndarray:
        """(H, W, 3) uint8: what `picture` shows in a box that lies inside it, at less cost."""
        left, top, right, bottom = self.orientation.stored_box(box, *self.size)
        colorspace = _colorspace(frame)
        if (frame.width, frame.height) == self._stored and frame.format.is_planar:
            # Neighbouring colours are mixed, so a border is cut out with the box.
            x, y = (max(edge // GRID_PX - 1, 0) * GRID_PX for edge in (left, top))
            x1, y1 = ((edge // GRID_PX + 2) * GRID_PX for edge in (right, bottom))
            width, height = min(x1, frame.width) - x, min(y1, frame.height) - y
            rgb = self._rgb(_cut(frame, x, y, width, height), (width, height), colorspace)
        else:
            x = y = 0
            rgb = self._rgb(frame, self._stored, colorspace)
        return self.orientation.apply(rgb[top - y : bottom - y, left - x : right - x])

    def _rgb(
        self, frame: av.VideoFrame, size: tuple[int, int], colorspace: Colorspace | None
    ) -> np.ndarray:
        """A stored picture as (H, W, 3), not turned. size: width and height."""
        width, height = size
        shrinks = width < frame.width or height < frame.height
        rgb = self._reformatter.reformat(
            frame,
            width=width,
            height=height,
            format="rgb24",
            src_colorspace=colorspace,
            dst_color_range=ColorRange.JPEG,
            interpolation=EXACT | (Interpolation.AREA if shrinks else Interpolation.BILINEAR),
        )
        return rgb.to_ndarray()


def fitted_size(width: int, height: int, max_side: int | None) -> tuple[int, int]:
    """Width and height with the longer side at most `max_side` pixels, aspect kept."""
    if max_side is None or max(width, height) <= max_side:
        return width, height
    scale = max_side / max(width, height)
    return max(1, round(width * scale)), max(1, round(height * scale))


def _cut(frame: av.VideoFrame, left: int, top: int, width: int, height: int) -> av.VideoFrame:
    """A part of a stored picture, its pixels not copied; left and top lie on the grid."""
    graph = Graph()
    graph.threads = 1  # nothing is computed
    source = graph.add_buffer(
        width=frame.width,
        height=frame.height,
        format=frame.format,
        time_base=frame.time_base or Fraction(1),
    )
    crop = graph.add("crop", f"{width}:{height}:{left}:{top}:exact=1")
    sink = graph.add("buffersink")
    source.link_to(crop)
    crop.link_to(sink)
    graph.configure()
    graph.vpush(frame)
    return graph.vpull()


def _orientation(frame: av.VideoFrame) -> Orientation:
    try:
        matrix = frame.side_data.get("DISPLAYMATRIX")
    except ValueError:
        # PyAV does not know every kind of side data that FFmpeg attaches, such as EXIF, and then
        # gives none at all; the angle alone it reads another way.
        return Orientation.from_angle(frame.rotation)
    return (
        Orientation.from_display_matrix(bytes(matrix))
        if isinstance(matrix, Buffer)
        else Orientation()
    )


def _colorspace(frame: av.VideoFrame) -> Colorspace | None:
    """The colour matrix to assume, None where the frame names one that can be converted."""
    if frame.colorspace in CONVERTIBLE_COLORSPACES:
        return None
    return Colorspace.ITU709 if frame.height >= HD_HEIGHT else Colorspace.ITU601

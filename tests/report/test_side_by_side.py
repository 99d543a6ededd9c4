"""Two dives in one picture, and the pictures that are kept of one."""

import dataclasses

import cv2
import numpy as np
import pytest

from fpcli.errors import OutputError
from fpcli.report.alignment import StepAlignment
from fpcli.report.overlay import Scene, overlay_scenes
from fpcli.report.side_by_side import FollowedFrames, SideBySide, side_by_side_scenes
from fpcli.report.stills import still_frames, write_stills
from fpcli.video.read import Frame


def stretched(analysis, starts_s, end_s):
    """The same dive with its steps at other times."""
    ends = [*starts_s[1:], end_s]
    steps = tuple(
        dataclasses.replace(step, start_s=start, end_s=end)
        for step, start, end in zip(analysis.steps, starts_s, ends, strict=True)
    )
    return dataclasses.replace(analysis, steps=steps)


def test_steps_begin_and_end_together(make_analysis):
    first = stretched(make_analysis(), (1.0, 2.0, 4.0), 5.0)
    second = stretched(make_analysis(), (0.5, 1.0, 4.0), 4.5)
    alignment = StepAlignment(first, second)
    moments = {0.0: -0.5, 1.0: 0.5, 1.5: 0.75, 2.0: 1.0, 3.0: 2.5, 4.0: 4.0, 5.0: 4.5, 6.0: 5.5}
    for ours, theirs in moments.items():
        assert alignment.moment(ours) == pytest.approx(theirs)
    speeds = {0.0: 1.0, 1.5: 0.5, 3.0: 1.5, 4.5: 0.5, 5.5: 1.0}
    for ours, speed in speeds.items():
        assert alignment.speed(ours) == pytest.approx(speed)


def test_a_step_without_length_is_passed_over(make_analysis):
    first = stretched(make_analysis(), (0.0, 0.0, 2.0), 3.0)
    second = stretched(make_analysis(), (0.0, 1.0, 2.0), 3.0)
    alignment = StepAlignment(first, second)
    moments = [alignment.moment(time_s) for time_s in np.linspace(-1, 4, 50)]
    assert moments == sorted(moments)
    assert np.isfinite([alignment.speed(time_s) for time_s in np.linspace(-1, 4, 50)]).all()


def test_frames_are_followed_and_the_last_one_stays():
    frames = [Frame(place, place / 10, np.zeros((1, 1, 3), np.uint8)) for place in range(5)]
    followed = FollowedFrames(iter(frames))
    seen = [followed.at(time_s).index for time_s in (-1.0, 0.05, 0.1, 0.35, 0.35, 9.0)]
    assert seen == [0, 0, 1, 3, 3, 4]


@pytest.mark.parametrize(
    ("first", "second"),
    [((1280, 720), (320, 568)), ((3840, 2160), (3840, 2160)), ((160, 120), (2160, 3840))],
)
def test_pictures_of_any_shapes_fit_beside_each_other(make_analysis, first, second):
    both = [make_analysis({"width": width, "height": height}) for width, height in (first, second)]
    layout = SideBySide(*both)
    assert layout.width <= 3900
    assert layout.height <= 2300
    frames = [
        Frame(40, 1.3, np.full((height, width, 3), 128, np.uint8))
        for width, height in (first, second)
    ]
    drawn = layout.draw((frames[0], frames[1]), (1.0, 0.5))
    assert drawn.shape == (layout.height, layout.width, 3)


def test_the_divers_mark_is_where_the_scaled_diver_is(make_analysis):
    small = make_analysis({"width": 160, "height": 120})
    large = make_analysis({"width": 640, "height": 480})
    layout = SideBySide(small, large)
    bare = [
        dataclasses.replace(
            one, masks=dataclasses.replace(one.masks, probabilities=np.zeros((96, 8, 8), "f4"))
        )
        for one in (small, large)
    ]
    frames = (
        Frame(48, 1.6, np.full((120, 160, 3), 128, np.uint8)),
        Frame(48, 1.6, np.full((480, 640, 3), 128, np.uint8)),
    )
    speeds = (1.0, 1.0)
    seen = layout.draw(frames, speeds) != SideBySide(*bare).draw(frames, speeds)
    columns = np.nonzero(seen.any(axis=(0, 2)))[0]
    left, right = columns[columns < 640], columns[columns >= 640]
    assert left.mean() == pytest.approx(right.mean() - 640, abs=8)
    assert np.ptp(left) == pytest.approx(np.ptp(right), abs=8)


def test_a_video_beside_itself_shows_the_same_frame_twice(make_analysis, make_film):
    film = {"width": 160, "height": 120, "frame_count": 30}
    analysis = make_analysis(film, source={"path": make_film()})
    scenes = list(side_by_side_scenes(analysis, analysis))
    assert [scene.frame for scene in scenes] == list(range(30))
    drawn = scenes[15].draw()
    second = drawn.shape[1] - 160
    assert (drawn[:, :160] == drawn[:, second:]).all()


def test_stills_are_the_frames_they_say(make_analysis, make_film, tmp_path):
    film = {"width": 160, "height": 120, "frame_count": 30}
    analysis = make_analysis(film, source={"path": make_film()})
    folder = tmp_path / "stills"
    paths = write_stills(analysis, overlay_scenes(analysis), folder)
    assert [path.name for path in paths] == sorted(path.name for path in folder.iterdir())
    takeoff, middle, begins, entry = still_frames(analysis)
    assert takeoff <= analysis.transitions[0].frame < middle < begins < entry
    assert begins == analysis.transitions[1].frame
    expected = {scene.frame: scene for scene in overlay_scenes(analysis)}[begins].draw()
    assert (cv2.imread(str(paths[2]))[:, :, ::-1] == expected).all()
    with pytest.raises(OutputError, match="--overwrite"):
        write_stills(analysis, overlay_scenes(analysis), folder)
    write_stills(analysis, overlay_scenes(analysis), folder, overwrite=True)


def test_stills_that_fail_leave_nothing_behind(make_analysis, make_film, tmp_path, monkeypatch):
    film = {"width": 160, "height": 120, "frame_count": 30}
    analysis = make_analysis(film, source={"path": make_film()})
    wanted = still_frames(analysis)

    def fail():
        raise KeyboardInterrupt

    scenes = [
        dataclasses.replace(scene, draw=fail) if scene.frame == wanted[3] else scene
        for scene in overlay_scenes(analysis)
    ]
    assert all(isinstance(scene, Scene) for scene in scenes)
    with pytest.raises(KeyboardInterrupt):
        write_stills(analysis, iter(scenes), tmp_path / "stills")
    assert {path.name for path in tmp_path.iterdir()} == {"dive.mp4"}

import dataclasses

import av
import cv2
import numpy as np
import pytest

from fpcli.analysis.result import Measure, Missing
from fpcli.errors import OutputError, VideoError
from fpcli.report.overlay import DiveAnnotator, write_overlay
from fpcli.video.read import iterate_frames

WIDTH, HEIGHT = 640, 360


def picture(width=WIDTH, height=HEIGHT, grey=128):
    return np.full((height, width, 3), grey, dtype=np.uint8)


def without_diver(analysis):
    return {"probabilities": np.zeros_like(analysis.masks.probabilities)}


def draw_frame(analysis, image, frame, time_s):
    height, width = image.shape[:2]
    return DiveAnnotator(analysis, width, height).annotate(image, frame, time_s)


def unmeasured(analysis):
    nothing = Measure(missing=Missing.IMPRECISE)
    empty = dict.fromkeys(analysis.measures.by_name, nothing)
    measures = dataclasses.replace(analysis.measures, **empty)
    return dataclasses.replace(analysis, measures=measures, observations=())


def changed(before, after):
    return (before != after).any(axis=2)


def analysis_of(make_analysis, path, frames, width, height, rate_hz=30.0, **overrides):
    video = {"width": width, "height": height, "frame_count": frames, "rate_hz": rate_hz}
    return make_analysis(video, source={"path": path}, **overrides)


def test_the_picture_given_is_left_alone(make_analysis):
    analysis = make_analysis({"width": WIDTH, "height": HEIGHT})
    image = picture()
    drawn = draw_frame(analysis, image, 40, 40 / 30)
    assert (image == 128).all()
    assert drawn.shape == image.shape
    assert drawn.dtype == np.uint8
    assert changed(image, drawn).any()


def test_only_the_diver_and_the_plates_change(make_analysis):
    analysis = make_analysis({"width": WIDTH, "height": HEIGHT})
    empty = make_analysis({"width": WIDTH, "height": HEIGHT}, masks=without_diver(analysis))
    image, frame = picture(), 48
    plates = changed(image, draw_frame(empty, image, frame, frame / 30))
    diver = changed(image, draw_frame(analysis, image, frame, frame / 30)) & ~plates

    x0, y0, x1, y1 = analysis.masks.boxes_px[frame]
    ys, xs = np.mgrid[0:HEIGHT, 0:WIDTH]
    distance = np.hypot(xs - (x0 + x1) / 2, ys - (y0 + y1) / 2)
    radius = (x1 - x0) / 2
    assert diver[(distance < 0.8 * radius) & ~plates].all()
    assert not diver[distance > 1.6 * radius].any()


def test_the_diver_is_painted_where_the_window_says(make_analysis):
    """The network's picture may be padded beyond the source, to the left and right here."""
    square = make_analysis({"width": 400, "height": 400})
    windows = np.tile(np.float32([-100, 0, 300, 400]), (96, 1))
    analysis = make_analysis(
        {"width": 200, "height": 400},
        masks={"probabilities": square.masks.probabilities, "windows_px": windows},
    )
    empty = make_analysis({"width": 200, "height": 400}, masks=without_diver(analysis))
    image = picture(200, 400)
    frame = 48
    both = [draw_frame(a, image, frame, frame / 30) for a in (analysis, empty)]
    rows, columns = np.nonzero(changed(*both))
    expected_x = (square.masks.boxes_px[frame, 0] + square.masks.boxes_px[frame, 2]) / 2 - 100
    expected_y = (square.masks.boxes_px[frame, 1] + square.masks.boxes_px[frame, 3]) / 2
    assert np.median(columns) == pytest.approx(expected_x, abs=5)
    assert np.median(rows) == pytest.approx(expected_y, abs=5)


def test_between_two_samples_one_diver_is_seen_on_the_way(make_analysis):
    """200 frames, 96 samples: the frame between two samples shows the diver halfway, once."""
    video = {"width": WIDTH, "height": HEIGHT, "frame_count": 200}
    analysis = make_analysis(video)
    empty = make_analysis(video, masks=without_diver(analysis))
    before = 40
    frame = int(analysis.sample_frames[before]) + 1
    assert frame not in analysis.sample_frames
    image = picture()
    both = [draw_frame(a, image, frame, frame / 30) for a in (analysis, empty)]
    seen = changed(*both).astype(np.uint8)
    pieces, _, facts, centres = cv2.connectedComponentsWithStats(seen)
    assert pieces == 2  # the picture and one diver
    boxes = analysis.masks.boxes_px[before : before + 2]
    middle = [(boxes[:, [0, 2]]).mean(), (boxes[:, [1, 3]]).mean()]
    assert centres[1] == pytest.approx(middle, abs=3)
    assert facts[1, cv2.CC_STAT_WIDTH] == pytest.approx(boxes[0, 2] - boxes[0, 0], rel=0.35)


def test_outside_the_dive_and_without_room_for_plates_the_scene_itself_comes_back(make_analysis):
    analysis = make_analysis({"width": 48, "height": 32})
    scene = picture(48, 32)
    annotator = DiveAnnotator(analysis, 48, 32)
    assert annotator.annotate(scene, 5000, 160.0) is scene
    assert annotator.annotate(scene, 40, 40 / 30) is not scene


@pytest.mark.parametrize(
    ("width", "height"), [(320, 568), (1280, 720), (720, 1280), (320, 240), (160, 120), (112, 112)]
)
def test_plates_lie_inside_pictures_of_any_shape(make_analysis, width, height):
    analysis = make_analysis({"width": width, "height": height})
    empty = make_analysis({"width": width, "height": height}, masks=without_diver(analysis))
    image = picture(width, height)
    plates = changed(image, draw_frame(empty, image, 40, 40 / 30))
    assert plates.any()
    assert plates.mean() < 0.75
    assert not plates[:, [0, -1]].any()
    assert not plates[[0, -1]].any()


@pytest.mark.parametrize("corner", [(0.1, 0.15), (0.1, 0.7), (0.85, 0.15), (0.85, 0.7)])
def test_no_plate_covers_a_diver_who_stays_in_a_corner(make_analysis, corner):
    analysis = make_analysis({"width": WIDTH, "height": HEIGHT})
    x, y = corner[0] * WIDTH, corner[1] * HEIGHT
    boxes = np.tile(np.float32([x - 25, y - 25, x + 25, y + 25]), (96, 1))
    masks = without_diver(analysis) | {"boxes_px": boxes}
    analysis = make_analysis({"width": WIDTH, "height": HEIGHT}, masks=masks)
    image = picture()
    plates = changed(image, draw_frame(analysis, image, 40, 40 / 30))
    assert plates.any()
    assert not plates[int(y - 25) : int(y + 25), int(max(x - 25, 0)) : int(x + 25)].any()


def test_the_cursor_moves_with_time(make_analysis):
    analysis = make_analysis({"width": WIDTH, "height": HEIGHT})
    annotator = DiveAnnotator(analysis, WIDTH, HEIGHT)
    timeline = annotator.timeline
    columns = [timeline.cursor_x(time_s) for time_s in (0.0, 1.0, 2.0, 3.2)]
    assert columns == sorted(set(columns))
    assert columns[0] == timeline.bar.left
    assert columns[-1] == timeline.bar.right - 1
    flight = analysis.steps[1]
    share = flight.start_s / analysis.source.duration_s
    assert timeline.cursor_x(flight.start_s) == pytest.approx(
        timeline.bar.left + share * timeline.bar.width, abs=1
    )


def test_the_step_of_the_moment_is_marked(make_analysis):
    analysis = make_analysis({"width": WIDTH, "height": HEIGHT})
    empty = make_analysis({"width": WIDTH, "height": HEIGHT}, masks=without_diver(analysis))
    annotator = DiveAnnotator(unmeasured(empty), WIDTH, HEIGHT)
    image = picture()
    moment = [annotator.annotate(image, frame, 1.0) for frame in (10, 40, 80, 9999)]
    rows = [np.nonzero(changed(state, moment[3]))[0].mean() for state in moment[:3]]
    assert rows == sorted(rows)


def test_the_video_keeps_size_frames_times_and_sound(make_analysis, make_film, tmp_path):
    times = [0.0]
    for place in range(39):  # a variable frame rate
        times.append(times[-1] + (0.02, 0.04, 0.05)[place % 3])
    source = make_film(160, 120, times, sound=True)
    out = tmp_path / "overlay.mp4"
    analysis = analysis_of(make_analysis, source, len(times), 160, 120)
    seen = []
    write_overlay(analysis, out, progress=lambda done, total: seen.append((done, total)))

    before, after = list(iterate_frames(source)), list(iterate_frames(out))
    assert [frame.time_s for frame in after] == pytest.approx(
        [frame.time_s for frame in before], abs=0.001
    )
    assert after[0].image.shape == before[0].image.shape
    assert changed(before[20].image, after[20].image).mean() > 0.01
    assert seen == [(place + 1, 40) for place in range(40)]
    with av.open(str(out)) as video, av.open(str(source)) as original:
        stream = video.streams.audio[0]
        assert stream.codec.name == original.streams.audio[0].codec.name
        assert float(stream.duration * stream.time_base) == pytest.approx(times[-1], abs=0.2)


def test_odd_sizes_come_out_even(make_analysis, tmp_path):
    folder = tmp_path / "frames"
    folder.mkdir()
    for place in range(20):
        cv2.imwrite(str(folder / f"{place:05d}.png"), picture(121, 91, 100 + place))
    out = tmp_path / "overlay.mp4"
    write_overlay(analysis_of(make_analysis, folder, 20, 121, 91), out)
    frames = list(iterate_frames(out))
    assert len(frames) == 20
    assert frames[0].image.shape == (92, 122, 3)


def test_an_existing_target_or_the_source_itself_is_refused(make_analysis, make_film, tmp_path):
    source = make_film()
    content = source.read_bytes()
    out = tmp_path / "overlay.mp4"
    out.write_text("precious")
    analysis = analysis_of(make_analysis, source, 30, 160, 120)
    with pytest.raises(OutputError):
        write_overlay(analysis, out)
    assert out.read_text() == "precious"
    with pytest.raises(OutputError):
        write_overlay(analysis, source, overwrite=True)
    assert source.read_bytes() == content
    write_overlay(analysis, out, overwrite=True)
    assert len(list(iterate_frames(out))) == 30


def test_nothing_is_left_behind_when_writing_is_interrupted(make_analysis, make_film, tmp_path):
    source = make_film()
    analysis = analysis_of(make_analysis, source, 30, 160, 120)

    def interrupt(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_overlay(analysis, tmp_path / "overlay.mp4", progress=interrupt)
    assert list(tmp_path.iterdir()) == [source]


def test_a_source_that_is_gone_is_named(make_analysis, tmp_path):
    analysis = analysis_of(make_analysis, tmp_path / "gone.mp4", 30, 160, 120)
    with pytest.raises(VideoError, match=r"gone\.mp4"):
        write_overlay(analysis, tmp_path / "overlay.mp4")
    assert list(tmp_path.iterdir()) == []

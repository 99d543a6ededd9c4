"""How good a dive's measures are: `python tests/measures_table.py FOLDER [--first N] [--each N]`.

Over simulated dives of every camera, the same as `locate_table.py` draws (into FOLDER, once). For
each measure: how many dives had it, its bias and spread, and how often its interval held, without
the height of the board and with it. A last table tells the real clips of ../shared/clips.
"""

import argparse
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
from locate_table import CLIPS, SIZES, drawn_seed, real_clips, simulated_clips

from fpcli.analysis.analyse import Analyser
from fpcli.analysis.flight_path import GRAVITY_M_S2, STATURE_M
from fpcli.analysis.request import AnalysisRequest
from fpcli.analysis.result import DiveAnalysis, Flag
from fpcli.errors import FineParserError
from fpcli.report.measure_words import WORDINGS, number
from fpcli.simulation.seeds import stream
from fpcli.simulation.skeleton import JOINT_INDEX
from fpcli.simulation.splash import DRAG_PER_S, random_splash
from fpcli.simulation.take import Take, prepare
from fpcli.simulation.track import body_middle
from fpcli.weights.locate import find_weights

SPIN_WINDOW_S = 0.4  # around the frame that a somersault rate was seen at
TOP_SHARE = 0.9  # of a splash's water lies lower than its height


def true_splash(take: Take) -> float:
    """Height of the flying water at its highest, statures: 9 in 10 parts of it lie lower."""
    motion = take.motions[0]
    joints = motion.at(np.array([motion.entry_s]))[0]
    x, _, z = joints[joints[:, 1].argmin()]
    when = float(motion.entry_s)
    rng = stream(take.scene.seed, f"splash {when:.4f}")
    splash = random_splash(rng, (float(x), float(z), when), float(motion.splash))
    water = (splash.radius_m**2 * splash.opacity).numpy()
    highest = 0.0
    for since_s in np.arange(0.05, 1.0, 0.04):
        age = np.clip(when + since_s - splash.born_s.numpy(), 0, None)
        flown = (1 - np.exp(-DRAG_PER_S * age)) / DRAG_PER_S
        height = splash.velocity[:, 1].numpy() * flown - GRAVITY_M_S2 / 2 * age**2
        flying = np.flatnonzero((age > 0) & (height > 0))
        if len(flying):
            flying = flying[np.argsort(height[flying])]
            lower = np.cumsum(water[flying])
            top = flying[np.searchsorted(lower, TOP_SHARE * lower[-1])]
            highest = max(highest, float(height[top]))
    return highest / STATURE_M


def true_rate(take: Take, time_s: float) -> float:
    """Somersaults a second that the trunk makes around a moment of the clip."""
    middle = take.start_s + float(take.scene.camera.dive_times(np.array([time_s]))[0])
    times = middle + np.linspace(-0.5, 0.5, 40) * SPIN_WINDOW_S
    joints = take.motions[0].at(times)
    shoulders = [JOINT_INDEX[f"{side}_shoulder"] for side in ("left", "right")]
    trunk = joints[:, shoulders].mean(axis=1) - joints[:, JOINT_INDEX["pelvis"]]
    turned = np.unwrap(np.arctan2(trunk[:, 0], trunk[:, 1]))
    return abs(float(np.polyfit(times, turned, 1)[0])) / (2 * np.pi)


def truth_of(take: Take, found: DiveAnalysis) -> dict[str, float]:
    """What the measures should be, by their names."""
    motion, measures = take.motions[0], take.truth.measures
    ends = body_middle(motion, np.array([motion.takeoff_s, motion.entry_s]))
    turning = found.measures.somersaults_per_s.time_s
    return {
        "time_in_air_s": measures.flight_s,
        "rise_m": measures.rise_m,
        "board_m": motion.height_m,
        "distance_m": float(ends[1, 0] - ends[0, 0]),
        "somersaults_per_s": 0.0 if turning is None else true_rate(take, turning),
        "entry_angle_deg": measures.entry_angle_deg,
        "splash_statures": true_splash(take),
    }


Pair = tuple[DiveAnalysis, dict[str, float]]


def pairs(analyser: Analyser, takes: Iterable[tuple[Path, Take]]) -> Iterator[tuple[Pair, Pair]]:
    """Each dive as measured with nothing known, and with its number and height, and the truth."""
    for path, take in takes:
        number, height_m = take.attempt.number.text, take.motions[0].height_m
        try:
            encoded = analyser.encode(path, AnalysisRequest())
            alone = analyser.judge(encoded, AnalysisRequest())
            known = analyser.judge(encoded, AnalysisRequest(dive_number=number, height_m=height_m))
        except FineParserError as error:
            print(error.message)
            continue
        yield (alone, truth_of(take, alone)), (known, truth_of(take, known))


def table(found: Sequence[Pair], title: str) -> None:
    print(f"\n{title}: {len(found)} dives")
    print(
        f"{'measure':32s} {'had':>4s} {'bias':>7s} {'spread':>7s} {'half interval':>14s} {'held'}"
    )
    for name, wording in WORDINGS.items():
        rows = [
            (measure.value, measure.low, np.inf if measure.high is None else measure.high, true)
            for one, truth in found
            for measure, true in [(one.measures.by_name[name], truth[name])]
            if measure.value is not None
        ]
        if not rows:
            print(f"{wording.title:32s}    0")
            continue
        value, low, high, true = np.array(rows, dtype=float).T
        held = int(((low <= true) & (true <= high)).sum())
        half = float(np.median(high - low)) / 2
        print(
            f"{wording.title:32s} {len(rows):4d} {np.mean(value - true):+7.2f} "
            f"{np.std(value - true):7.2f} {half:14.2f} {held} of {len(rows)}"
        )


def real(analyser: Analyser) -> None:
    print(f"\n{'real clip':36s} time in the air: labelled, measured; others")
    for clip in real_clips():
        found = analyser.analyse(clip.path, AnalysisRequest())
        labelled = (clip.entry_frame - clip.takeoff_frame) / clip.frame_rate_hz
        told = [
            f"{name} {number(name, measure.value)}"
            for name, measure in found.measures.by_name.items()
            if measure.value is not None
        ]
        print(f"{clip.path.name:36s} {labelled:.2f}; {', '.join(told)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="where simulated clips are kept")
    parser.add_argument("--each", type=int, default=4, help="simulated dives a camera")
    parser.add_argument("--first", type=int, default=0, help="which of them come first")
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    analyser = Analyser.from_file(find_weights(None))
    cameras = list(SIZES)
    takes = []
    for clip in simulated_clips(asked.folder, asked.first, asked.each):
        camera, _, place = clip.path.stem.partition("-")
        seed = drawn_seed(int(place), cameras.index(camera))
        takes.append((clip.path, prepare(seed, camera=camera, synchro=False)))
    alone, known = zip(*pairs(analyser, takes), strict=True)
    table(alone, "nothing known")
    table(known, "number and height of the board known")
    denied = sum(Flag.HEIGHT_DOUBTED in one.flags for one, _ in known)
    print(f"right heights that the flight is said to deny: {denied} of {len(known)}")
    if CLIPS.is_dir():
        real(analyser)


if __name__ == "__main__":
    main()

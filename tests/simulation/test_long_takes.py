"""Takes that begin long before the dive and end long after it, and the people around it."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from fpcli.simulation.clip import film
from fpcli.simulation.motion import DiveMotion
from fpcli.simulation.people import (
    BLOCK_HEIGHTS_M,
    Bystander,
    bystander_joints,
    jump_into_water,
    random_company,
)
from fpcli.simulation.render import render
from fpcli.simulation.seeds import stream
from fpcli.simulation.skeleton import JOINT_INDEX, JOINTS
from fpcli.simulation.stage import disturbances
from fpcli.simulation.take import Take, prepare
from fpcli.simulation.waiting import accompanied_take, long_take, vacant_take

FASTEST_JOINT_M_S = 9.0  # of somebody who walks, waits or swims
DIVES = {
    "hurdle": ("103B", 3.0),
    "backwards": ("205B", 3.0),
    "platform": ("405C", 10.0),
    "armstand": ("626C", 10.0),
}


@pytest.fixture(scope="module", params=DIVES)
def take(request: pytest.FixtureRequest) -> Take:
    number, height_m = DIVES[request.param]
    return prepare(31, number=number, height_m=height_m, synchro=False)


@pytest.fixture(scope="module")
def long(take: Take) -> Take:
    return long_take(take, 12.0, 7.0)


def company(count: int = 24) -> tuple[Take, tuple[Bystander, ...]]:
    take = prepare(32, number="103B", height_m=3.0, synchro=False)
    rng = stream(1, "company")
    scene = take.scene
    return take, random_company(rng, scene.venue, scene.camera.position_m, count, (0.0, 60.0))


def of_kind(activity: str) -> list[Bystander]:
    return [person for person in company()[1] if person.activity == activity]


def speeds(motion: DiveMotion, times_s: np.ndarray) -> np.ndarray:
    moved = np.diff(motion.at(times_s).astype(float), axis=0)
    return np.linalg.norm(moved, axis=2).max(axis=1) / np.diff(times_s)


def test_the_dive_itself_stays_what_it_was(take: Take, long: Take) -> None:
    before, after = take.motions[0], long.motions[0]
    times_s = np.linspace(before.takeoff_s, before.end_s, 40)
    assert np.allclose(before.at(times_s), after.at(times_s), atol=1e-5)
    assert (before.takeoff_s, before.entry_s) == (after.takeoff_s, after.entry_s)
    assert long.start_s == take.start_s - 12.0
    assert after.times_s[0] <= long.start_s + 0.01
    assert after.end_s >= long.end_s - 0.01


def test_nothing_jumps_where_waiting_and_diving_meet(long: Take) -> None:
    motion = long.motions[0]
    steps = np.diff(motion.times_s)
    assert steps == pytest.approx(steps[0])
    moving = speeds(motion, motion.times_s)
    before, after = motion.takeoff_s - 1.5, motion.entry_s + 0.95
    assert moving[motion.times_s[:-1] < before].max() < FASTEST_JOINT_M_S
    assert moving[motion.times_s[:-1] > after].max() < FASTEST_JOINT_M_S


def test_the_diver_walks_out_and_waits_on_the_board(take: Take, long: Take) -> None:
    motion = long.motions[0]
    times_s = np.arange(long.start_s, take.motions[0].times_s[0], 0.05)
    joints = motion.at(times_s)
    lowest = joints[:, :, 1].min(axis=1)
    assert lowest == pytest.approx(motion.height_m, abs=0.12)
    assert joints[:, 0, 0].min() < joints[-1, 0, 0] - 0.8
    assert np.abs(joints[-1] - take.motions[0].joints[0]).max() < 0.1


def test_the_diver_comes_up_again(long: Take) -> None:
    motion = long.motions[0]
    head = motion.at(np.array([long.end_s]))[0, JOINT_INDEX["head_top"]]
    assert -0.4 < head[1] < 0.4
    under = motion.at(np.array([motion.entry_s + 1.0]))[0, 0]
    assert under[1] < -0.5


def test_a_clip_with_a_lead_takes_off_later() -> None:
    take = prepare(33, camera="phone", number="103B", height_m=3.0, synchro=False)
    plain = film(take, size=(24, 32))
    early = film(accompanied_take(long_take(take, 3.0, 1.0), 2), size=(24, 32))
    rate = plain.camera.frame_rate * plain.camera.slow_motion
    assert early.takeoff_frame - plain.takeoff_frame == pytest.approx(3.0 * rate, abs=2)
    assert len(early.frames) - len(plain.frames) == pytest.approx(4.0 * rate, abs=3)
    after = early.track.centres[early.entry_frame + round(0.6 * rate) :]
    # The track stays where he went in; only the camera may move it.
    assert np.ptp(after, axis=0).max() < 3


def test_walkers_stay_on_land_and_swimmers_in_the_pool() -> None:
    take, people = company()
    low_x, high_x, low_z, high_z = take.scene.venue.pool
    times = torch.arange(0, 60, 0.25)
    assert {person.activity for person in people} == {"walk", "swim", "jump"}
    for person in people:
        x, y, z = bystander_joints(person, times)[:, 0].unbind(-1)
        wet = (x > low_x) & (x < high_x) & (z > low_z) & (z < high_z)
        if person.activity == "walk":
            assert not wet.any()
            assert (y > 0.5).all()
            assert float((x - x[0]).abs().max() + (z - z[0]).abs().max()) > 1
        elif person.activity == "swim":
            assert wet.all()


def test_those_who_go_to_and_fro_turn_round_without_a_jump() -> None:
    times = torch.arange(0, 40, 1 / 60)
    for person in [*of_kind("walk")[:3], *of_kind("swim")[:3]]:
        joints = bystander_joints(person, times)
        assert float((joints[1:] - joints[:-1]).norm(dim=-1).max()) * 60 < 12


def test_a_jump_is_a_fall_feet_first_into_the_water() -> None:
    jumpers = of_kind("jump")
    assert jumpers
    for person in jumpers:
        entry = jump_into_water(person)
        assert entry is not None
        landed_s, size = entry[2:]
        assert person.place[1] in BLOCK_HEIGHTS_M
        assert 0 < size < 1
        aloft = torch.linspace(person.moment_s + 0.32, landed_s - 0.01, 9)
        joints = bystander_joints(person, aloft)
        feet = joints[:, [JOINTS.index("left_toe"), JOINTS.index("right_toe")]].amin(1)
        step = float(aloft[1] - aloft[0])
        fall = (feet[2:, 1] - 2 * feet[1:-1, 1] + feet[:-2, 1]) / step**2
        assert fall.numpy() == pytest.approx(-9.81, abs=0.3)
        assert (joints[:, JOINTS.index("head_top"), 1] > feet[:, 1]).all()
        assert abs(float(feet[-1, 1])) < 0.15
        later = bystander_joints(person, torch.tensor([landed_s + 1.0, landed_s + 3.0]))
        assert float(later[0, :, 1].max()) < 0.5
        assert abs(float(later[1, 0, 1])) < 0.3


def test_nobody_disturbs_the_water_of_a_vacant_take() -> None:
    take = prepare(34, number="103B", height_m=3.0, synchro=False)
    vacant = vacant_take(take)
    jumps = [one for one in take.scene.bystanders if one.activity == "jump"]
    assert len(disturbances(vacant.motions, vacant.scene, 100.0)) == len(jumps)
    assert len(disturbances(take.motions, take.scene, 100.0)) == 1 + len(jumps)


def test_a_jumper_splashes() -> None:
    take, people = company()
    jumper = next(person for person in people if person.activity == "jump")
    entry = jump_into_water(jumper)
    assert entry is not None
    scene = replace(take.scene, bystanders=(jumper,))
    events = disturbances((), scene, entry[2] + 0.1)
    assert [(event.x_m, event.time_s) for event in events] == [(entry[0], entry[2])]
    assert not disturbances((), scene, entry[2] - 0.1)


def test_company_is_added_to_who_is_there() -> None:
    take = prepare(35, number="103B", height_m=3.0, synchro=False)
    more = accompanied_take(take, 3)
    assert more.scene.bystanders[:-3] == take.scene.bystanders
    span = (take.start_s, take.end_s)
    assert all(span[0] <= one.moment_s <= span[1] for one in more.scene.bystanders[-3:])


def test_nobody_is_masked_in_a_vacant_take() -> None:
    take = vacant_take(prepare(36, camera="phone"))
    times_s = np.array([take.start_s, take.start_s + 1.5])
    drawn = render(take.motions, take.scene, size=(36, 64), times_s=times_s, divers=False)
    assert not drawn.masks.any()

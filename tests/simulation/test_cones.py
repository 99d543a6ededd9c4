import math

import pytest
import torch

from fpcli.simulation.cones import Cones, cast
from fpcli.simulation.view import View, look_at

LIGHT = torch.tensor((0.0, 1.0, 0.0))


def view_from(
    distance_m: float, focal_px: float = 400.0, size: tuple[int, int] = (80, 120)
) -> View:
    position = torch.tensor([[0.0, 0.0, distance_m]])
    rotation = look_at(position, torch.zeros(1, 3), torch.zeros(1))
    middle = torch.tensor([[size[1] / 2, size[0] / 2]])
    return View(position, rotation, torch.tensor([focal_px]), middle, *size)


def cones(start: tuple[float, ...], end: tuple[float, ...], radii: tuple[float, float]) -> Cones:
    return Cones(
        start=torch.tensor([[start]]),
        end=torch.tensor([[end]]),
        start_radius=torch.tensor([radii[0]]),
        end_radius=torch.tensor([radii[1]]),
        albedo=torch.ones(1, 2, 3),
        split=torch.tensor([2.0]),
        face=torch.tensor([[1.0, 0.0, 0.0]]),
    )


def area_px(body: Cones, view: View) -> float:
    return float(sum(patch.alpha.sum() for patch in cast(body, view, LIGHT, 0.5)))


def test_a_sphere_covers_the_area_of_its_circle() -> None:
    view = view_from(10.0)
    radius_px = 0.5 * 400 / 10
    sphere = cones((0, 0, 0), (0, 0, 0.001), (0.5, 0.5))
    assert area_px(sphere, view) == pytest.approx(math.pi * radius_px**2, rel=0.01)


def test_a_cone_across_the_view_covers_its_hull() -> None:
    view = view_from(10.0)
    capsule = cones((-0.5, 0, 0), (0.5, 0, 0), (0.2, 0.2))
    scale = 400 / 10
    hull = (1.0 * 0.4 + math.pi * 0.04) * scale**2
    assert area_px(capsule, view) == pytest.approx(hull, rel=0.02)


def test_a_cone_towards_the_camera_shows_its_nearest_end() -> None:
    view = view_from(10.0)
    towards = cones((0, 0, -0.5), (0, 0, 0.5), (0.2, 0.1))
    (patch,) = cast(towards, view, LIGHT, 0.5)
    middle = patch.depth_m[patch.alpha > 0.9].min()
    assert float(middle) == pytest.approx(10 - 0.5 - 0.1, abs=0.02)


def test_nothing_is_drawn_of_a_body_out_of_view_or_behind() -> None:
    view = view_from(10.0)
    assert cast(cones((50, 0, 0), (51, 0, 0), (0.2, 0.2)), view, LIGHT, 0.5) == []
    assert cast(cones((0, 0, 20), (0, 0.5, 20), (0.2, 0.2)), view, LIGHT, 0.5) == []


def test_light_from_above_shades_the_underside() -> None:
    view = view_from(10.0)
    (patch,) = cast(cones((0, 0, 0), (0, 0, 0.001), (0.5, 0.5)), view, LIGHT, 0.2)
    rows = patch.colour[0].mean(-1)
    height = rows.shape[0]
    assert rows[height // 4].max() > 1.5 * rows[3 * height // 4].max()


def test_the_split_changes_the_colour_along_the_cone() -> None:
    view = view_from(10.0)
    body = cones((-0.5, 0, 0), (0.5, 0, 0), (0.2, 0.2))
    two = Cones(
        **{
            **body.__dict__,
            "albedo": torch.tensor([[(1.0, 0.0, 0.0), (0.0, 0.0, 1.0)]]),
            "split": torch.tensor([0.5]),
        }
    )
    (patch,) = cast(two, view, LIGHT, 1.0)
    middle = patch.colour[0, patch.colour.shape[1] // 2]
    width = middle.shape[0]
    assert middle[width // 4, 0] > middle[width // 4, 2]
    assert middle[3 * width // 4, 2] > middle[3 * width // 4, 0]


def test_thin_cones_are_no_brighter_than_thick_ones() -> None:
    view = view_from(60.0)
    (patch,) = cast(cones((-1.0, 0, 0), (1.0, 0.3, 0), (0.03, 0.01)), view, LIGHT, 0.2)
    assert patch.alpha.max() > 0.3
    assert patch.colour[patch.alpha > 0].max() <= 1.2

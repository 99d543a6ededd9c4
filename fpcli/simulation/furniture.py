"""Boards, platforms, towers and rails."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import normalize

from fpcli.simulation.canvas import Quads
from fpcli.simulation.paint import colour
from fpcli.simulation.venue import Venue

BOARD_LENGTH_M, BOARD_WIDTH_M, BOARD_THICK_M = 4.88, 0.5, 0.06
FULCRUM_M = 1.9  # from the hinged end
BOARD_PIECES = 4
RAIL_M, RAIL_RADIUS_M = 1.05, 0.025

Point = tuple[float, float, float]

# Corners of a box as bits (x, y, z of low or high), around each face, and the outward normals.
_AROUND = ((0, 1, 3, 2), (4, 5, 7, 6), (0, 1, 5, 4), (2, 3, 7, 6), (0, 2, 6, 4), (1, 3, 7, 5))
_CORNERS = torch.tensor(_AROUND)
_ENDS = torch.stack((_CORNERS >> 2 & 1, _CORNERS >> 1 & 1, _CORNERS & 1), dim=-1)  # (6, 4, 3)
_NORMALS = torch.tensor(
    ((-1, 0, 0), (1, 0, 0), (0, -1, 0), (0, 1, 0), (0, 0, -1), (0, 0, 1)), dtype=torch.float32
)


@dataclass(frozen=True)
class Box:
    """An upright box between two corners, metres, of one colour."""

    low: Point
    high: Point
    albedo: Point


@dataclass(frozen=True)
class Rod:
    """A round bar between two points, metres."""

    start: Point
    end: Point
    radius_m: float
    albedo: Point


@dataclass(frozen=True)
class Furniture:
    """What stands about: boxes, rods, and how the dive's own board looks."""

    boxes: tuple[Box, ...]
    rods: tuple[Rod, ...]
    board_albedo: Point


def random_furniture(
    rng: np.random.Generator,
    eye: Point,
    height_m: float,
    springboard: bool,
    places_m: tuple[float, ...] = (0.0,),
) -> Furniture:
    """The tower or stand of the dive's own board, and its neighbours.

    places_m: z where the divers stand, one springboard each or one platform for all.
    Neighbouring towers stand beyond the board as seen from eye, for no camera is put behind one.
    """
    boxes: list[Box] = []
    rods: list[Rod] = []
    paint = _point(colour(rng, 0.3, 0.95, 0.8))
    steel = _point(colour(rng, 0.4, 0.9, 0.95))
    if springboard:
        for z in places_m:
            _stand(boxes, rods, z, height_m, paint, steel)
    else:
        width = rng.uniform(2.0, 3.0) + max(places_m) - min(places_m)
        _platform(rng, boxes, rods, (0.0, height_m), width, paint, steel)
    place = max(places_m)
    for _ in range(int(rng.integers(0, 4))):
        place += rng.uniform(2.2, 4.0)
        side = place * rng.choice([-1.0, 1.0])
        tall = float(rng.choice([1.0, 3.0, 5.0, 7.5]))
        if tall in (1.0, 3.0):
            _stand(boxes, rods, side, tall, paint, steel)
            tip = (-BOARD_LENGTH_M, tall - BOARD_THICK_M, side - BOARD_WIDTH_M / 2)
            end = (float(rng.uniform(-0.3, 0.3)), tall, side + BOARD_WIDTH_M / 2)
            boxes.append(Box(tip, end, paint))
        elif not springboard or height_m < tall:
            beyond = -math.copysign(abs(side), eye[2])
            _platform(rng, boxes, rods, (beyond, tall), 1.6, paint, steel)
    return Furniture(tuple(boxes), tuple(rods), _point(colour(rng, 0.5, 0.95, 0.6)))


def _point(tint: np.ndarray) -> Point:
    return (float(tint[0]), float(tint[1]), float(tint[2]))


def _rail(rods: list[Rod], start: Point, end: Point, steel: Point) -> None:
    posts = 4
    for step in range(posts):
        share = step / (posts - 1)
        x, y, z = (a + share * (b - a) for a, b in zip(start, end, strict=True))
        rods.append(Rod((x, y, z), (x, y + RAIL_M, z), RAIL_RADIUS_M, steel))
    for up in (RAIL_M / 2, RAIL_M):
        raised = [(x, y + up, z) for x, y, z in (start, end)]
        rods.append(Rod(raised[0], raised[1], RAIL_RADIUS_M, steel))


def _stand(
    boxes: list[Box], rods: list[Rod], z: float, height_m: float, paint: Point, steel: Point
) -> None:
    top = height_m - BOARD_THICK_M
    back, fulcrum = -BOARD_LENGTH_M, -BOARD_LENGTH_M + FULCRUM_M
    if height_m > 1.5:
        deck = top - 0.12
        boxes.append(Box((back - 1.2, deck - 0.15, z - 0.5), (fulcrum + 0.2, deck, z + 0.5), paint))
        for x in (back - 1.0, fulcrum - 0.1):
            boxes.append(Box((x, 0, z - 0.35), (x + 0.3, deck - 0.15, z + 0.35), paint))
    else:
        boxes.append(Box((back - 0.3, 0, z - 0.35), (back + 0.5, top, z + 0.35), paint))
        boxes.append(
            Box((fulcrum - 0.2, 0, z - 0.35), (fulcrum + 0.3, top - 0.03, z + 0.35), paint)
        )
    for side in (-0.5, 0.5):
        _rail(
            rods,
            (back - 1.0, top, z + side),
            (fulcrum + 0.4, top, z + side),
            steel,
        )


def _platform(
    rng: np.random.Generator,
    boxes: list[Box],
    rods: list[Rod],
    place: tuple[float, float],
    width: float,
    paint: Point,
    steel: Point,
) -> None:
    z, height_m = place
    length, thick = rng.uniform(5, 7), rng.uniform(0.2, 0.45)
    half = width / 2
    boxes.append(Box((-length, height_m - thick, z - half), (0, height_m, z + half), paint))
    pillar = rng.uniform(0.3, min(1.2, half))
    concrete = _point(colour(rng, 0.25, 0.9, 0.85))
    back = -rng.uniform(2.2, 4.0)
    boxes.append(Box((back - 1.0, 0, z - pillar), (back, height_m - thick, z + pillar), concrete))
    if rng.random() < 0.5:
        boxes.append(
            Box((-length - 2, 0, z - half), (-length, height_m - thick, z + half), concrete)
        )
    for side in (-half + 0.05, half - 0.05):
        _rail(rods, (-length, height_m, z + side), (-1.0, height_m, z + side), steel)


def _lit(normals: Tensor, venue: Venue, albedo: Tensor) -> Tensor:
    """Colours (..., 3) of faces with normals (..., 3)."""
    toward = (normals * venue.light).sum(-1, keepdim=True).clamp(min=0)
    return albedo * (venue.ambient + (1 - venue.ambient) * (0.25 + 0.75 * toward))


def _rows(values: list[Any], *shape: int) -> Tensor:
    return torch.tensor(values, dtype=torch.float32).reshape(shape)


def box_quads(boxes: tuple[Box, ...], venue: Venue, eye: Point) -> Quads:
    """The faces of boxes that turn to the eye, lit."""
    ends = _rows([(box.low, box.high) for box in boxes], -1, 2, 3)
    albedo = _rows([box.albedo for box in boxes], -1, 1, 3)
    corners = ends[:, _ENDS, torch.arange(3)]  # (B, 6, 4, 3)
    lit = _lit(_NORMALS, venue, albedo)
    turned = ((_rows([*eye], 3) - corners[:, :, 0]) * _NORMALS).sum(-1) > 0
    return Quads(corners[turned][:, None], lit[turned])


def board_quads(furniture: Furniture, venue: Venue, tip: Tensor, height_m: float) -> Quads:
    """The dive's own springboard as it bends; tip: (T, 3) metres."""
    share = torch.linspace(0, 1, BOARD_PIECES + 1)
    rest = -BOARD_LENGTH_M + FULCRUM_M
    hinge = tip.new_tensor((-BOARD_LENGTH_M, height_m)).expand(len(tip), 1, 2)
    bent = torch.stack(
        (rest + share * (tip[:, :1] - rest), height_m + share**2 * (tip[:, 1:2] - height_m)), dim=-1
    )
    spine = torch.cat((hinge, bent), dim=1)  # (T, pieces + 2, 2) x and y along the board
    across = tip[:, None, 2:].expand(-1, spine.shape[1], -1)
    half, below = BOARD_WIDTH_M / 2, -BOARD_THICK_M
    faces: tuple[tuple[Point, tuple[float, float], tuple[float, float]], ...] = (
        ((0, 1, 0), (0, -half), (0, half)),
        ((0, -1, 0), (below, -half), (below, half)),
        ((0, 0, -1), (0, -half), (below, -half)),
        ((0, 0, 1), (0, half), (below, half)),
    )
    albedo = torch.tensor(furniture.board_albedo, dtype=torch.float32)
    corners, colours = [], []
    for normal, left, right in faces:
        lit = _lit(torch.tensor(normal, dtype=torch.float32), venue, albedo)
        edges = [
            torch.cat((spine + tip.new_tensor((0, up)), across + z), dim=-1)
            for up, z in (left, right)
        ]
        for piece in range(spine.shape[1] - 1):
            near, far = (edge[:, piece : piece + 2].unbind(1) for edge in edges)
            corners.append(torch.stack((near[0], far[0], far[1], near[1]), dim=1))
            colours.append(lit)
    return Quads(torch.stack(corners), torch.stack(colours))


def rod_quads(rods: tuple[Rod, ...], venue: Venue, eye: Point) -> Quads:
    """Rods as strips that face the eye."""
    start = _rows([rod.start for rod in rods], -1, 3)
    end = _rows([rod.end for rod in rods], -1, 3)
    radius = _rows([rod.radius_m for rod in rods], -1, 1)
    side = (
        normalize(
            torch.linalg.cross(end - start, torch.tensor(eye, dtype=torch.float32) - start), dim=-1
        )
        * radius
    )
    corners = torch.stack((start - side, start + side, end + side, end - side), dim=1)
    albedo = _rows([rod.albedo for rod in rods], -1, 3)
    return Quads(corners[:, None], albedo * (0.6 + 0.4 * venue.ambient))

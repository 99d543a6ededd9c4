"""Moments for tests of the finder, made in no time."""

import torch

from fpcli.training.finder_samples import FLIGHT, SceneLabel, SceneMoments


def moving_squares(key: str, count: int = 8) -> SceneMoments:
    """Squares that come from one side and go to the other, on noise: the simplest of divers."""
    chance = torch.Generator().manual_seed(len(key))
    pictures = torch.randint(60, 90, (count, 5, 64, 96), generator=chance).byte()
    centres = torch.zeros(count, 1, 2)
    for place in range(count):
        x, y = 20 + 7 * place, 16 + 4 * place
        centres[place, 0] = torch.tensor((x, y))
        for channel, shift in ((slice(0, 3), 0), (3, -8), (4, 8)):
            pictures[place, channel, y - 5 : y + 5, x + shift - 5 : x + shift + 5] = 230
    return SceneMoments(
        SceneLabel(key, "phone", "103B", 3.0, 1.0),
        pictures,
        torch.eye(3).repeat(count, 2, 1, 1),
        centres,
        torch.full((count, 1), 20.0),
        torch.full((count, 1), FLIGHT),
    )

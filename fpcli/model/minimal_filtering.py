"""Winograd's minimal filtering: 3-wide convolutions with a fraction of the multiplications.

Four neighbouring outputs of a 3-wide filter need twelve products, or six after a change of basis,
F(4, 3) (S. Winograd, "Arithmetic Complexity of Computations", 1980). Along height and width that is
4 times fewer, along time too 8 times; the changes of basis are small matrix products. In float32 a
result keeps about 1e-5 of its size; with less precision the method is of no use.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

TILE = 4  # outputs of one tile along an axis
TAPS = 3  # of the filter
POINTS = TILE + TAPS - 1  # products of one tile: at 0, 1, -1, 2, -2 and infinity

INPUT_BASIS = (
    (4.0, 0.0, -5.0, 0.0, 1.0, 0.0),
    (0.0, -4.0, -4.0, 1.0, 1.0, 0.0),
    (0.0, 4.0, -4.0, -1.0, 1.0, 0.0),
    (0.0, -2.0, -1.0, 2.0, 1.0, 0.0),
    (0.0, 2.0, -1.0, -2.0, 1.0, 0.0),
    (0.0, 4.0, 0.0, -5.0, 0.0, 1.0),
)
FILTER_BASIS = (
    (1 / 4, 0.0, 0.0),
    (-1 / 6, -1 / 6, -1 / 6),
    (-1 / 6, 1 / 6, -1 / 6),
    (1 / 24, 1 / 12, 1 / 6),
    (1 / 24, -1 / 12, 1 / 6),
    (0.0, 0.0, 1.0),
)
OUTPUT_BASIS = (
    (1.0, 1.0, 1.0, 1.0, 1.0, 0.0),
    (0.0, 1.0, -1.0, 2.0, -2.0, 0.0),
    (0.0, 1.0, 1.0, 4.0, 4.0, 0.0),
    (0.0, 1.0, -1.0, 8.0, -8.0, 1.0),
)


def filter_points(weight: Tensor) -> Tensor:
    """Return a filter in the products' basis, (POINTS ^ axes, inputs, outputs).

    weight: (outputs, inputs, 3, 3) or (outputs, inputs, 3, 3, 3). The order of the points is
    height, width, time.
    """
    basis = torch.tensor(FILTER_BASIS)
    if weight.ndim == 4:
        points = torch.einsum("oihw,ah,bw->abio", weight, basis, basis)
    else:
        points = torch.einsum("oithw,ah,bw,ct->abcio", weight, basis, basis, basis)
    return points.reshape(-1, weight.shape[1], weight.shape[0]).contiguous()


def time_bases(length: int) -> tuple[Tensor, Tensor]:
    """Return the changes of basis along a whole axis, zeros around it included.

    To the products, (POINTS · tiles, length), and back, (length, POINTS · tiles).
    """
    tiles = -(-length // TILE)
    forth = torch.zeros(POINTS, tiles, tiles * TILE + TAPS - 1)
    back = torch.zeros(tiles * TILE, POINTS, tiles)
    for tile in range(tiles):
        start = tile * TILE
        forth[:, tile, start : start + POINTS] = torch.tensor(INPUT_BASIS)
        back[start : start + TILE, :, tile] = torch.tensor(OUTPUT_BASIS)
    return forth.flatten(0, 1)[:, 1 : length + 1].contiguous(), back[:length].flatten(1)


class TiledConv(nn.Module):
    """A convolution of kernel 3, stride 1, padding 1 with bias, in tiles of four outputs."""

    points: Tensor
    bias: Tensor
    to_products: Tensor
    from_products: Tensor

    def __init__(self, weight: Tensor, bias: Tensor, *, relu: bool) -> None:
        """Keep a filter (outputs, inputs, 3, 3[, 3]) in the products' basis."""
        super().__init__()
        self.through_time = weight.ndim == 5
        self.relu = relu
        into, out_of = torch.tensor(INPUT_BASIS), torch.tensor(OUTPUT_BASIS)
        self.register_buffer("points", filter_points(weight))
        self.register_buffer("bias", bias)
        self.register_buffer("to_products", torch.kron(into, into))
        self.register_buffer("from_products", torch.kron(out_of, out_of))

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, inputs, ...) to (N, outputs, ...), both channels-last."""
        pictures = x.movedim(1, -1)
        # Pictures that share no filter along time are one stack; a snippet is a stack of its own.
        stacks = pictures if self.through_time else pictures[None]
        result = pictures.new_empty(*stacks.shape[:-1], len(self.bias))
        for stack, target in zip(stacks, result, strict=True):
            target.copy_(self._filter(stack))
        result += self.bias
        if self.relu:
            result.relu_()
        return (result if self.through_time else result[0]).movedim(-1, 1)

    def _filter(self, pictures: Tensor) -> Tensor:
        """Map a stack (T, H, W, inputs) to (T, H, W, outputs), before the bias."""
        count, height, width, inputs = pictures.shape
        rows, columns = -(-height // TILE), -(-width // TILE)
        tiles, outputs = rows * columns, len(self.bias)
        around = (0, 0, 1, 1 + columns * TILE - width, 1, 1 + rows * TILE - height)
        windows = F.pad(pictures, around).unfold(1, POINTS, TILE).unfold(2, POINTS, TILE)
        values = windows.permute(4, 5, 0, 1, 2, 3).reshape(POINTS**2, -1)
        values = (self.to_products @ values).view(POINTS**2, count, tiles * inputs)
        if self.through_time:
            forth, back = time_bases(count)
            values = forth.expand(POINTS**2, -1, -1) @ values
        products = values.view(len(self.points), -1, inputs) @ self.points
        if self.through_time:
            products = back.expand(POINTS**2, -1, -1) @ products.view(
                POINTS**2, -1, tiles * outputs
            )
        pixels = self.from_products @ products.view(POINTS**2, -1)
        pixels = pixels.view(TILE, TILE, count, rows, columns, outputs).permute(2, 3, 0, 4, 1, 5)
        whole = pixels.reshape(count, rows * TILE, columns * TILE, outputs)
        return whole[:, :height, :width]

"""Painting the inside of a pool hall: walls with stands and crowd, windows, tiles, advertising."""

import numpy as np

PIXELS_HIGH, PIXELS_WIDE = 320, 960

Colour = np.ndarray


def colour(rng: np.random.Generator, low: float, high: float, grey: float = 0.5) -> Colour:
    """(3,) random colour in 0-1; grey 1 leaves no hue, 0 the full one."""
    value = rng.uniform(low, high)
    tint: Colour = value * (grey + (1 - grey) * rng.uniform(0.2, 1.2, 3))
    return tint.clip(0, 1).astype(np.float32)


class Wall:
    """One wall under the brush: (PIXELS_HIGH, PIXELS_WIDE, 3) in 0-1, the first row on top.

    pixels: what is painted on.
    """

    def __init__(self, pixels: np.ndarray, width_m: float, height_m: float, base: Colour) -> None:
        self.pixels, self.width_m, self.height_m = pixels, width_m, height_m
        self.pixels[0] = base
        self.pixels[1:] = self.pixels[0]  # whole rows are copied far quicker than colours

    def rows(self, low_m: float, high_m: float) -> slice:
        """The rows of pixels between two heights above the floor."""
        top = round((1 - high_m / self.height_m) * PIXELS_HIGH)
        bottom = round((1 - low_m / self.height_m) * PIXELS_HIGH)
        return slice(max(top, 0), min(max(bottom, 0), PIXELS_HIGH))

    def columns(self, low_m: float, high_m: float) -> slice:
        """The columns of pixels between two places along the wall."""
        scale = PIXELS_WIDE / self.width_m
        return slice(max(round(low_m * scale), 0), max(round(high_m * scale), 0))

    def box(self, left_m: float, low_m: float, right_m: float, high_m: float, tint: Colour) -> None:
        """Fill a rectangle."""
        self.pixels[self.rows(low_m, high_m), self.columns(left_m, right_m)] = tint

    def tiles(self, rng: np.random.Generator, side_m: float, low_m: float, high_m: float) -> None:
        """Lay tiles whose tones differ a little, with joints between them."""
        rows, across = self.rows(low_m, high_m), max(int(self.width_m / side_m), 1)
        up = max(int((high_m - low_m) / side_m), 1)
        tones = 1 + rng.normal(0, 0.025, (up, across)).astype(np.float32)
        height = rows.stop - rows.start
        if height <= 0:
            return
        y = (np.arange(height) / height * up) % up
        x = np.arange(PIXELS_WIDE) / PIXELS_WIDE * across
        joint = ((y % 1) < 0.1)[:, None] | ((x % 1) < 0.08)[None, :]
        shade = tones[y.astype(int)][:, x.astype(int)] * np.where(joint, 0.88, 1).astype(np.float32)
        self.pixels[rows] *= shade[..., None]

    def stands(self, rng: np.random.Generator, low_m: float, high_m: float) -> None:
        """Rows of seats, some of them taken."""
        rows = self.rows(low_m, high_m)
        height = rows.stop - rows.start
        count = int((high_m - low_m) / rng.uniform(0.6, 0.9))
        if height < 4 or count < 1:
            return
        seats = int(self.width_m / rng.uniform(0.5, 0.65))
        seat_height, seat_width = 12, 8
        step, seat = colour(rng, 0.1, 0.6, 0.8), colour(rng, 0.05, 0.8, 0.4)
        grid = np.empty((count, seats, seat_height, seat_width, 3), np.float32)
        grid[:] = step
        grid[:, :, 5:11, 1:7] = seat
        taken = rng.random((count, seats)) < rng.choice([0.05, 0.4, 0.85, 0.97])
        shirts = rng.uniform(0.02, 0.95, (count, seats, 1)) * rng.uniform(
            rng.uniform(0.2, 0.9), 1, (count, seats, 3)
        )
        skins = rng.uniform(0.3, 0.9, (count, seats, 1)) * np.array([1, 0.78, 0.66])
        hair = rng.uniform(0.03, 0.5, (count, seats, 1)) * np.array([1, 0.85, 0.7])
        for down, across, tints in (
            (slice(5, 12), slice(1, 7), shirts),
            (slice(1, 5), slice(3, 5), skins),
            (slice(0, 2), slice(3, 5), hair),
        ):
            grid[taken, down, across] = tints[taken][:, None, None].astype(np.float32)
        for aisle in rng.integers(0, seats, max(seats // 18, 1)):
            grid[:, aisle : aisle + 2] = step * 1.1
        flat = grid.transpose(0, 2, 1, 3, 4).reshape(count * seat_height, seats * seat_width, 3)
        y = np.arange(height) * flat.shape[0] // height
        x = np.arange(PIXELS_WIDE) * flat.shape[1] // PIXELS_WIDE
        shade = np.linspace(rng.uniform(0.4, 1), 1, height, dtype=np.float32)[:, None, None]
        brightness = np.float32(rng.uniform(0.35, 1))
        self.pixels[rows] = np.take(flat[y] * (shade * brightness), x, axis=1)

    def advertising(self, rng: np.random.Generator, low_m: float, high_m: float) -> None:
        """A row of boards with a few strokes on each, like lettering seen from afar."""
        left, common = 0.0, colour(rng, 0.05, 0.9, 0.2)
        uniform = rng.random() < 0.5
        tall = high_m - low_m
        while left < self.width_m:
            right = left + rng.uniform(3, 8)
            ground = common if uniform else colour(rng, 0.05, 0.95, 0.2)
            ink = np.ones(3, np.float32) if ground.mean() < 0.5 else colour(rng, 0.02, 0.3)
            self.box(left, low_m, right - 0.05, high_m, ground)
            at = left + rng.uniform(0.3, 1)
            while at < right - 0.8:
                wide = rng.uniform(0.08, 0.4) * tall
                bottom = low_m + tall * rng.uniform(0.2, 0.4)
                self.box(at, bottom, at + wide, high_m - tall * rng.uniform(0.2, 0.4), ink)
                at += wide + rng.uniform(0.1, 0.3) * tall
            left = right

    def windows(self, rng: np.random.Generator, low_m: float, high_m: float) -> None:
        """Tall bright panes, over-exposed as a camera sees them."""
        wide, gap = rng.uniform(1.5, 5), rng.uniform(0.3, 3)
        pane = colour(rng, 0.85, 1.3, 0.9) * rng.uniform(1, 1.5)
        frame = colour(rng, 0.1, 0.6, 0.9)
        start = rng.uniform(0, self.width_m * 0.5)
        stop = start + rng.uniform(0.2, 1) * (self.width_m - start)
        while start < stop:
            self.box(start, low_m, start + wide, high_m, pane)
            for bar in np.arange(start, start + wide, rng.uniform(0.8, 1.6)):
                self.box(bar, low_m, bar + 0.08, high_m, frame)
            for bar in np.arange(low_m, high_m, rng.uniform(1, 2)):
                self.box(start, bar, start + wide, bar + 0.08, frame)
            start += wide + gap

    def clutter(self, rng: np.random.Generator, low_m: float, high_m: float, count: int) -> None:
        """Posters, doors, clocks, speakers: rectangles of any colour."""
        for _ in range(count):
            left = rng.uniform(0, self.width_m)
            low = rng.uniform(low_m, high_m)
            wide, tall = rng.uniform(0.3, 2.5), rng.uniform(0.3, 2)
            self.box(left, low, left + wide, min(low + tall, high_m), colour(rng, 0.03, 1, 0.3))


def paint_wall(
    rng: np.random.Generator, pixels: np.ndarray, width_m: float, height_m: float
) -> None:
    """Paint a wall of a hall on pixels (PIXELS_HIGH, PIXELS_WIDE, 3): 0-1, more where it glares."""
    wall = Wall(pixels, width_m, height_m, colour(rng, 0.15, 0.85, rng.uniform(0.6, 1)))
    kind = rng.choice(["stands", "windows", "tiles", "plain"], p=[0.4, 0.2, 0.25, 0.15])
    line = rng.uniform(0.8, 1.6)
    if kind == "stands":
        start = line + rng.uniform(0, 2)
        wall.stands(rng, start, min(height_m * rng.uniform(0.5, 1), height_m - 1))
    elif kind == "windows":
        wall.windows(rng, rng.uniform(1, 4), height_m * rng.uniform(0.6, 0.95))
    elif kind == "tiles":
        wall.tiles(rng, rng.uniform(0.3, 1), 0, height_m)
        low = rng.uniform(1, height_m * 0.6)
        wall.box(0, low, width_m, low + rng.uniform(0.3, 3), colour(rng, 0.05, 0.8, 0.2))
    wall.clutter(rng, 0, height_m * 0.7, int(rng.integers(2, 25)))
    if rng.random() < 0.7:
        wall.advertising(rng, 0.1, line)
    for post in np.arange(rng.uniform(0, 6), width_m, rng.uniform(4, 12)):
        if rng.random() < 0.6:
            wall.box(post, 0, post + rng.uniform(0.15, 0.6), height_m, colour(rng, 0.1, 0.7, 0.9))
    falling = np.linspace(rng.uniform(0.6, 1.1), 1, PIXELS_HIGH, dtype=np.float32)
    wall.pixels *= falling[:, None, None]


def paint_ceiling(rng: np.random.Generator, pixels: np.ndarray) -> None:
    """Paint a ceiling with beams and lamps, the same shape as a wall."""
    ceiling = Wall(pixels, 40.0, 25.0, colour(rng, 0.05, 0.8, 0.95))
    for beam in np.arange(0, 40, rng.uniform(2, 6)):
        ceiling.box(beam, 0, beam + 0.4, 25, colour(rng, 0.1, 0.6, 0.9))
    lamp, every = colour(rng, 0.9, 1.5, 0.9) + 0.4, rng.uniform(2, 5)
    for x in np.arange(1, 40, every):
        for y in np.arange(1, 25, every):
            ceiling.box(x, y, x + 0.8, y + 0.4, lamp)


def paint_sky(rng: np.random.Generator, pixels: np.ndarray, sky: np.ndarray, line: float) -> None:
    """Open a painted wall: sky above a fraction of its height, trees or buildings between."""
    rows = round(PIXELS_HIGH * (1 - line))
    steps = np.abs(np.cumsum(rng.normal(0, 1.2, PIXELS_WIDE)))
    skyline = rows - steps % (PIXELS_HIGH * 0.2)
    trees = np.array([0.15, 0.28, 0.12], np.float32) * np.float32(rng.uniform(0.5, 1.5))
    top = max(int(skyline.min()), 0)
    grain = 0.6 + 0.6 * rng.random((rows - top, PIXELS_WIDE, 1), np.float32)
    pixels[top:rows] = trees * grain
    row = np.arange(rows)[:, None]
    haze = sky * (1 + 0.15 * row / PIXELS_HIGH)  # (rows, 3)
    pixels[:top] = haze[:top, None]
    above = row[top:] < skyline
    pixels[top:rows][above] = np.broadcast_to(haze[top:, None], (*above.shape, 3))[above]


def sky_colour(rng: np.random.Generator) -> np.ndarray:
    """(3,) from a clear to an overcast sky."""
    blue = np.array([0.35, 0.6, 0.95]) * rng.uniform(0.7, 1.1)
    cloud = rng.uniform(0, 1)
    return blue * (1 - cloud) + cloud * np.full(3, rng.uniform(0.7, 1.1))

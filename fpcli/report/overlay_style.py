"""How the overlay looks: colours, opacities, and sizes as shares of the picture's."""

from dataclasses import dataclass

Colour = tuple[int, int, int]  # RGB, 0 to 255


@dataclass(frozen=True)
class OverlayStyle:
    """The overlay's looks.

    step_colours: of take-off, flight and entry, wherever a step shows; told apart by lightness too.
    Opacities are shares of 1. text_share_of_height, text_share_of_width: the text's size is the
    smaller of the two shares of the picture, at least least_text_px; at least tiny_text_px where
    the picture's shorter side is below tiny_below_px. outline_share: of the shorter side. Other
    sizes are in text sizes.
    """

    step_colours: tuple[Colour, Colour, Colour] = ((255, 196, 61), (255, 122, 162), (92, 219, 200))
    plate: Colour = (13, 18, 26)
    plate_opacity: float = 0.82
    ink: Colour = (255, 255, 255)
    notice_ink: Colour = (255, 206, 92)
    quiet_ink: Colour = (198, 206, 216)
    tint_opacity: float = 0.34
    text_share_of_height: float = 0.027
    text_share_of_width: float = 0.038
    least_text_px: int = 10
    tiny_text_px: int = 7
    tiny_below_px: int = 200
    small_text: float = 0.78
    score_text: float = 2.5
    margin: float = 0.7
    padding: float = 0.65
    line: float = 1.45
    outline_share: float = 0.003

    def outline_px(self, width: int, height: int) -> float:
        """Return the width of the diver's outline for a picture, pixels."""
        return max(1.0, self.outline_share * min(width, height))

    def text_px(self, width: int, height: int) -> int:
        """Return the text's size for a picture, pixels."""
        share = min(self.text_share_of_height * height, self.text_share_of_width * width)
        tiny = min(width, height) < self.tiny_below_px
        return max(self.tiny_text_px if tiny else self.least_text_px, round(share))

    def small_px(self, text_px: int) -> int:
        """Return the size of small text beside text of the given size, pixels."""
        return max(min(self.least_text_px - 1, text_px), round(text_px * self.small_text))

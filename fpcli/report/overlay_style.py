"""How the overlay looks: colours, opacities, and sizes as shares of the picture's."""

from dataclasses import dataclass

Colour = tuple[int, int, int]  # RGB, 0 to 255


@dataclass(frozen=True)
class OverlayStyle:
    """The overlay's looks.

    step_colours: of take-off, flight and entry, wherever a step shows; told apart by lightness too.
    Opacities are shares of 1. text_share_of_height, text_share_of_width: the text's size is the
    smaller of the two shares of the picture, at least least_text_px. Other sizes are in text sizes.
    """

    step_colours: tuple[Colour, Colour, Colour] = ((255, 196, 61), (255, 122, 162), (92, 219, 200))
    plate: Colour = (13, 18, 26)
    plate_opacity: float = 0.74
    ink: Colour = (255, 255, 255)
    quiet_ink: Colour = (198, 206, 216)
    tint_opacity: float = 0.34
    text_share_of_height: float = 0.027
    text_share_of_width: float = 0.042
    least_text_px: int = 10
    small_text: float = 0.78
    score_text: float = 2.5
    margin: float = 0.7
    padding: float = 0.65
    line: float = 1.45

    def text_px(self, width: int, height: int) -> int:
        """Return the text's size for a picture, pixels."""
        share = min(self.text_share_of_height * height, self.text_share_of_width * width)
        return max(self.least_text_px, round(share))

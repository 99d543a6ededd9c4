"""What others have published of FineDiving's test split, to stand beside what is measured on it.

Source: the papers' own tables, collected in those of FineParser (CVPR 2024) and Uni-FineParser
(TPAMI 2025); the dive number was told.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class PublishedResult:
    """A method's Spearman ρ of scores, and its R-ℓ2 x 100."""

    method: str
    rho: float
    r_l2_x100: float


PUBLISHED_RESULTS = (
    PublishedResult("USDL", 0.8913, 0.3822),
    PublishedResult("MUSDL", 0.8978, 0.3704),
    PublishedResult("CoRe", 0.9061, 0.3615),
    PublishedResult("TSA", 0.9203, 0.3420),
    PublishedResult("TPT", 0.9333, 0.2877),
    PublishedResult("HP-MCoRe", 0.9383, 0.2690),
    PublishedResult("STSA", 0.9397, 0.2707),
    PublishedResult("RICA²", 0.9421, 0.2600),
    PublishedResult("FineParser", 0.9435, 0.2602),
    PublishedResult("FineCausal", 0.9447, 0.2338),
    PublishedResult("Uni-FineParser", 0.9501, 0.2294),
)

"""The parts of a recipe and of a network, by name.

Plain Python only, as commands are declared with them.
"""

from enum import StrEnum


class Part(StrEnum):
    """What a run can do without.

    MASKS: learning where the diver is. STEPS: each step's own difference. MEASURES: what can be
    measured of a dive. STATIC, DYNAMIC: a stream of the comparing head. PAIRS: all pairs of a
    batch; about one a dive is left, of one dive number. MIXING: predicted transitions in training.
    AVERAGE: the average of the weights. REFINER: masks drawn again beside the picture. DURATION:
    how long the dive lasts. SILHOUETTE: the outline of the diver. MARKS: differences in execution
    marks; without them the network tells differences in points of the score, as published.
    """

    MASKS = "masks"
    STEPS = "steps"
    MEASURES = "measures"
    STATIC = "static"
    DYNAMIC = "dynamic"
    PAIRS = "pairs"
    MIXING = "mixing"
    AVERAGE = "average"
    REFINER = "refiner"
    DURATION = "duration"
    SILHOUETTE = "silhouette"
    MARKS = "marks"

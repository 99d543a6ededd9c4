"""One dive against its exemplars: the only place where the network sees a pair."""

import numpy as np
import torch

from fpcli.model.features import DiveFeatures
from fpcli.model.inference import InferenceNetwork


def contributions_against(
    network: InferenceNetwork, query: DiveFeatures, exemplars: DiveFeatures
) -> np.ndarray:
    """Compare one dive with N exemplars, all in one batch and in both directions.

    query: of one dive. exemplars: of N dives. Returns (N, 3, 2) float64: by step and stream
    (dynamic, static), both directions averaged, in the unit of the model's target; they sum to the
    predicted difference of the dive from each exemplar.
    """
    with torch.inference_mode():
        deltas = network.compare(query, exemplars)
        return deltas.contributions().to("cpu", torch.float64).numpy()

"""Which dives become exemplars."""

from dataclasses import replace

import numpy as np
import torch
from made_dives import label

from fpcli.model.features import DiveFeatures
from fpcli.training.bank import choose_for_bank, make_bank

RNG = np.random.default_rng(5)
NUMBERS = ["107B"] * 20 + ["205B"] * 8 + ["5253B"] * 2
LABELS = [
    replace(label(place, number=number, mark=float(RNG.uniform(2, 10))),
            height_m=10.0 if place % 2 else 3.0)
    for place, number in enumerate(NUMBERS)
]  # fmt: skip


def test_every_number_and_height_is_in_the_bank() -> None:
    chosen = choose_for_bank(LABELS, 6)
    groups = {(LABELS[place].dive_number, LABELS[place].height_m) for place in chosen}
    assert groups == {(known.dive_number, known.height_m) for known in LABELS}


def test_a_group_is_spread_over_its_marks() -> None:
    chosen = choose_for_bank(LABELS, 14)
    marks = [known.mark for known in LABELS if known.dive_number == "107B" and known.height_m == 3]
    kept = [
        LABELS[place].mark
        for place in chosen
        if LABELS[place].dive_number == "107B" and LABELS[place].height_m == 3
    ]
    assert len(kept) < len(marks)
    assert max(kept) == max(marks)
    assert min(kept) == min(marks)


def test_the_choice_is_the_same_whatever_the_order_and_never_above_the_cap() -> None:
    keys = {LABELS[place].key for place in choose_for_bank(LABELS, 11)}
    turned = LABELS[::-1]
    assert {turned[place].key for place in choose_for_bank(turned, 11)} == keys
    assert len(keys) == 11
    assert choose_for_bank(LABELS, 99) == list(range(len(LABELS)))


def test_a_bank_tells_of_each_dive_what_its_label_says() -> None:
    features = DiveFeatures(torch.rand(2, 9, 4), torch.rand(2, 3, 4, 8), torch.rand(2, 96, 2))
    bank = make_bank(LABELS[:2], features)
    assert bank.keys == (LABELS[0].key, LABELS[1].key)
    assert bank.marks.tolist() == [np.float32(known.mark) for known in LABELS[:2]]
    assert bank.heights_m.tolist() == [3.0, 10.0]

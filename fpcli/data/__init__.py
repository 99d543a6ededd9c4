"""Data sets of real dives on disk: their layout, their annotations' noise, their pictures."""

"""The sport's rules in plain Python: dive numbers, difficulty, panels, mark bands."""

"""Pixels in, pixels out: read, sample, transform, write."""

"""Dives made from physics, rendered with exact masks, steps and marks."""

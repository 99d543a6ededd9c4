"""Bundles of weights: format, registry, download, verification."""

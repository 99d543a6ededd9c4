"""The FineParser network, one part a file (Xu et al., CVPR 2024)."""

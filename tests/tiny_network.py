"""A network small enough to train in a test."""

from fpcli.model.config import ModelConfig

TINY = ModelConfig(
    name="tiny",
    target="mark",
    trunk_width=0.01,
    shared_trunk=True,
    side_channels=1,
    mask_stride=2,
    static_widths=(4, 8, 16, 64),
    static_blocks=(1, 1, 1, 1),
    static_frame_stride=8,
    token_width=8,
    refiner_width=4,
    reads_duration=True,
    reads_silhouette=True,
)

"""Weights of other tasks that the paper's size starts from: ImageNet's ResNet-34, Kinetics' I3D."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from torch import Tensor, nn

from fpcli.errors import WeightsError
from fpcli.model.fineparser import FineParser
from fpcli.model.i3d import I3D
from fpcli.model.published import COUNTER, load_plain, published_name
from fpcli.weights.bundle import Bundle, load_bundle, sha256_of

RESNET, TRUNK = "resnet34-imagenet", "kinetics-i3d-rgb"  # names in the registry
EARLIER = "earlier exemplars"  # in a card: dives that the weights started from had learned
LATER_PARTS = ("refiner.", "duration.", "silhouette.")  # that older bundles of ours lack
TRUNK_PREFIX = "base_model.backbone."  # the published name of a trunk's tensors, and theirs alone


@dataclass(frozen=True)
class StartWeights:
    """Files that a new network starts from; None where it starts from chance.

    resnet: torchvision's ResNet-34. trunk: I3D, of which both trunks get a copy. bundle: our own
    weights of the same size, to learn on from; parts that they lack start from chance.
    """

    resnet: Path | None = None
    trunk: Path | None = None
    bundle: Path | None = None

    @property
    def words(self) -> str:
        """What the network starts from."""
        names = [RESNET] if self.resnet else []
        names += [TRUNK] if self.trunk else []
        if self.bundle:
            names.append(f"{self.bundle.stem} (SHA-256 {sha256_of(self.bundle)[:12]})")
        return " and ".join(names) or "random weights"

    @cached_property
    def _taught(self) -> Bundle | None:
        return load_bundle(self.bundle) if self.bundle else None

    @property
    def dives(self) -> tuple[str, ...]:
        """Keys of dives known to have been learned from by the bundle: exemplars, its and before.

        Raises WeightsError where the bundle is damaged.
        """
        if self._taught is None:
            return ()
        bank = () if self._taught.bank is None else self._taught.bank.keys
        return tuple(sorted({*bank, *self._taught.card.metrics.get(EARLIER, ())}))

    @property
    def reads_duration(self) -> bool:
        """Whether the bundle has learned what the duration of a dive tells."""
        return self._taught is not None and self._taught.config.reads_duration

    @property
    def training_data(self) -> str:
        """What the bundle had learned from, in words; nothing without one."""
        return "" if self._taught is None else self._taught.card.training_data

    def load_into(self, network: FineParser) -> None:
        """Fill the parts that there are files for; classifiers are left out.

        Raises WeightsError where a file is damaged or does not fit the network's size.
        """
        if self.bundle and self._taught:
            theirs = self._taught.state
            fresh = {
                name: value
                for name, value in network.state_dict().items()
                if name.startswith(LATER_PARTS) and name not in theirs
            }
            _fill(network, fresh | dict(theirs), self.bundle)
        if self.resnet:
            _fill(network.static_encoder.backbone, load_plain(self.resnet), self.resnet)
        if self.trunk:
            theirs = load_plain(self.trunk)
            for trunk in (network.spatial_trunk, network.dynamic_trunk):
                if trunk is not None:
                    _fill(trunk, _by_our_names(trunk, theirs), self.trunk)


FRESH = StartWeights()


def _by_our_names(trunk: I3D, theirs: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors of an I3D checkpoint, which are called as in the published network."""
    ours = {}
    for name in trunk.state_dict():
        called = published_name(f"dynamic_trunk.{name}").removeprefix(TRUNK_PREFIX)
        if called in theirs:
            ours[name] = theirs[called]
    return ours


def _fill(part: nn.Module, found: Mapping[str, Tensor], path: Path) -> None:
    """Load every tensor of a part but the norms' counters, which may be absent."""
    wanted = part.state_dict()
    for name, value in wanted.items():
        if name.endswith(COUNTER) and name not in found:
            continue
        shape = tuple(found[name].shape) if name in found else None
        if shape != tuple(value.shape):
            raise WeightsError(
                f"{path.name} does not fit the network: {name} has shape {shape}, not "
                f"{tuple(value.shape)}.",
                "Start from weights of the same size.",
            )
    part.load_state_dict({name: found[name] for name in wanted if name in found}, strict=False)

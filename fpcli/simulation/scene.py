"""Everything in the picture but the dive: camera, place, boards, people, the divers' looks."""

from dataclasses import dataclass, replace

from fpcli.simulation.camera import Camera
from fpcli.simulation.degrade import Development, random_development
from fpcli.simulation.figure import MEN_WEAR, WOMEN_WEAR, Appearance, random_appearance
from fpcli.simulation.furniture import Furniture, random_furniture
from fpcli.simulation.graphics import Graphics, random_graphics
from fpcli.simulation.people import Bystander, random_bystanders
from fpcli.simulation.seeds import stream
from fpcli.simulation.venue import Venue, random_venue


@dataclass(frozen=True, eq=False)
class Scene:
    """One film set. Nothing in it knows how good the dive is.

    looks: the divers' appearances, the first diver's first. seed: of the droplets' places.
    """

    camera: Camera
    venue: Venue
    furniture: Furniture
    bystanders: tuple[Bystander, ...]
    looks: tuple[Appearance, Appearance]
    development: Development
    graphics: Graphics
    seed: int

    @staticmethod
    def random(
        seed: int,
        *,
        height_m: float,
        springboard: bool,
        camera: str | None = None,
        event_seed: int | None = None,
        woman: bool = False,
        places_m: tuple[float, ...] = (0.0,),
    ) -> "Scene":
        """A set for dives from a board of height_m.

        camera: a kind of `camera.KINDS`, or None for any. event_seed: dives that share it share
        the camera, the place and the boards. woman: what the divers wear. places_m: z of each
        diver's board. How they dive is no argument.
        """
        event = seed if event_seed is None else event_seed
        chosen = Camera.random(
            stream(event, "camera"),
            height_m,
            springboard,
            camera,
            apart_m=max(places_m) - min(places_m),
        )
        chosen = chosen.slowed(stream(seed, "slow motion"))
        eye = chosen.position_m
        venue = random_venue(stream(event, "venue"), chosen, height_m)
        looks = stream(seed, "looks")
        wear = WOMEN_WEAR if woman else MEN_WEAR
        first, second = random_appearance(looks, wear), random_appearance(looks, wear)
        return Scene(
            camera=chosen,
            venue=venue,
            furniture=random_furniture(
                stream(event, "furniture"), eye, height_m, springboard, places_m
            ),
            bystanders=random_bystanders(stream(seed, "people"), venue, eye, height_m),
            # Partners of a synchronised dive wear the same suit.
            looks=(first, replace(first, skin=second.skin, hair=second.hair)),
            development=random_development(stream(event, "development"), chosen.kind),
            graphics=random_graphics(stream(seed, "graphics"), chosen.kind),
            seed=seed,
        )

"""The process that a console is in, as its screen sees it: whether it delivers, and how it would."""

from typing import Protocol

from hookconsole.errors import RefusedError


class Host(Protocol):
    """The process that the console is in."""

    @property
    def delivers(self) -> bool:
        """Whether it is the sender."""

    def take_over(self) -> None:
        """Become the sender; a HookconsoleError says why not. Takes its time."""


class Onlooker:
    """A process that never delivers."""

    delivers = False

    def take_over(self) -> None:
        """Refused."""
        raise RefusedError("this console only looks on; start one with hookconsole --daemon")

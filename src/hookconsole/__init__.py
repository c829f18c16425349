"""hookconsole sends a company's outbound webhooks from one small machine.

From Python: `hookconsole.emit("invoice.paid", {"amount": 5})` accepts one event, `hookconsole.Emitter` many.
"""

from typing import TYPE_CHECKING

from hookconsole.version import __version__

if TYPE_CHECKING:
    from hookconsole.emitter import Emitter, emit

__all__ = ["Emitter", "__version__", "emit"]


def __getattr__(name: str) -> object:
    # Late, so that a command which accepts nothing doesn't pay for it.
    if name in ("Emitter", "emit"):
        import hookconsole.emitter

        return getattr(hookconsole.emitter, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

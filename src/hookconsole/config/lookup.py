"""Finding an endpoint by its name, with the nearest name for who mistyped it."""

from hookconsole.config.model import Config, Endpoint
from hookconsole.errors import InputError
from hookconsole.events.catalogue import nearest
from hookconsole.text import safe


def endpoint_of(config: Config, name: str) -> Endpoint:
    """The endpoint of that name; InputError if the registry has none."""
    endpoint = config.endpoints.get(name)
    if endpoint is None:
        near = nearest(name, config.endpoints)
        hint = f"did you mean {near}?" if near else "it has none yet: hookconsole endpoints add"
        raise InputError(f"no endpoint '{safe(name, 64)}' in the registry; {hint}")
    return endpoint

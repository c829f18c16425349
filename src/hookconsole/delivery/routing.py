"""Who gets an event: by the config that is in force when the sender takes it in."""

from hookconsole.config.model import Config


class Router:
    """The subscriptions of one config; the answer for a type is worked out once."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._routes: dict[str, tuple[list[str], list[str]]] = {}

    def route(self, event_type: str) -> tuple[list[str], list[str]]:
        """The endpoints that get events of a type, and those that would if they were active."""
        route = self._routes.get(event_type)
        if route is None:
            subscribed = [e for e in self._config.endpoints.values() if e.subscribes(event_type)]
            route = self._routes[event_type] = (
                [e.name for e in subscribed if e.active],
                [e.name for e in subscribed if not e.active],
            )
        return route

    def is_inactive(self, name: str) -> bool:
        """Whether an endpoint is in the registry, switched off."""
        endpoint = self._config.endpoints.get(name)
        return endpoint is not None and not endpoint.active

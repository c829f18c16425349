"""An endpoint as scripts and screens may see it: no secret, no header's value, no URL's query."""

from typing import Any

from hookconsole.clock import rfc3339_seconds
from hookconsole.config.model import Endpoint
from hookconsole.network.url import mask_url

MASK = "***"


def endpoint_view(endpoint: Endpoint) -> dict[str, Any]:
    """The registry's keys for JSON; of its secret only where it comes from, if from elsewhere."""
    view: dict[str, Any] = {
        "name": endpoint.name,
        "url": mask_url(endpoint.url),
        "events": list(endpoint.events),
        "active": endpoint.active,
        "description": endpoint.description,
        "timeout_seconds": endpoint.policy.timeout_seconds,
        "retry_schedule": list(endpoint.policy.retry_schedule),
        "endpoint_concurrency": endpoint.policy.endpoint_concurrency,
        "headers": {name: MASK for name, _ in endpoint.headers},
        "ca_file": endpoint.ca_file,
    }
    if endpoint.secret.kind == "file":
        view["secret_file"] = endpoint.secret.value
    elif endpoint.secret.kind == "env":
        view["secret_env"] = endpoint.secret.value
    if endpoint.previous_secret_until is not None:
        view["previous_secret_until"] = rfc3339_seconds(endpoint.previous_secret_until)
    return view

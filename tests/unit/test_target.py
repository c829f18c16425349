"""The headers that every request to an endpoint has: ours, and the endpoint's own, each once."""

import pytest

from hookconsole.config.model import Config, Endpoint
from hookconsole.config.secrets import SecretSource
from hookconsole.delivery.target import Target


@pytest.mark.parametrize("own", [(), (("X-Tenant", "42"),), (("accept", "application/json"),)])
def test_no_header_stands_twice(own: tuple[tuple[str, str], ...]) -> None:
    endpoint = Endpoint("acme", "https://acme.example/", ("*",), SecretSource("inline", "key"), headers=own)
    raw_headers = Target(endpoint, Config()).head.raw_headers
    names = [name.lower() for name, _ in raw_headers]
    assert sorted(names) == sorted(
        {b"host", b"content-type", b"user-agent", b"accept", *(name.lower().encode() for name, _ in own)}
    )
    assert {(name.encode(), value.encode()) for name, value in own} <= set(raw_headers)

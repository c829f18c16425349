"""The test event: what an endpoint is sent when its URL is new, or when an operator asks for it."""

import time

from msgspec import Raw

from hookconsole.clock import rfc3339, rfc3339_seconds
from hookconsole.config.model import Endpoint
from hookconsole.delivery.adoption import fingerprint
from hookconsole.events.catalogue import TEST_TYPE
from hookconsole.events.samples import sample_json
from hookconsole.ids import new_event_id
from hookconsole.journal.records import Event


def test_event(endpoint: Endpoint, user: str) -> Event:
    """A new `webhook.test` for one endpoint; from its record on, the endpoint's URL counts as tested."""
    now = time.time()
    return Event(
        rfc3339(now),
        event=new_event_id(),
        type=TEST_TYPE,
        created_at=rfc3339_seconds(now),
        data=Raw(sample_json(TEST_TYPE)),
        source="test",
        endpoint=endpoint.name,
        url=fingerprint(endpoint.url),
        user=user,
    )

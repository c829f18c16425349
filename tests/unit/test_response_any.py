"""The response reader and whatever comes: nothing is raised, and how it is cut changes nothing."""

from hypothesis import given, settings
from messages import check, cuttings, messages


@settings(max_examples=200)
@given(messages, cuttings)
def test_no_response_does_harm(message: bytes, cuts: list[int]) -> None:
    check(message, cuts)

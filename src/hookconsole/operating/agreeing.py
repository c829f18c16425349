"""What an operator agrees to is counted, and a large count is typed: a key pressed in a hurry is no answer.

Invariant: commands and console ask by the same measure.
"""

TYPED_OVER = 100
"""More than so many of anything are agreed to by typing their number."""


def number_to_type(count: int) -> int | None:
    """What must be typed to agree to so many; None where a yes is enough."""
    return count if count > TYPED_OVER else None

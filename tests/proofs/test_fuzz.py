"""What the ordinary suite tries a hundred times with any input, tried thousands of times.

Parsers and readers of what comes from outside: config and its edits, events, batches, the journal, the
filter, times, `Retry-After`. Where one fails, the smallest input that does it becomes a case of its own.
"""

from collections.abc import Callable
from typing import Any

import pytest
import test_accept
import test_clock
import test_config_any
import test_config_headers
import test_config_load
import test_config_splice_any
import test_emitter
import test_filter
import test_line
import test_records_any
import test_retry
from hypothesis import settings

PROPERTIES: list[tuple[Callable[..., None], int]] = [
    (test_config_any.test_whatever_tomls_grammar_gives_is_a_config_or_lines, 2000),
    (test_config_any.test_the_sample_with_parts_cut_or_replaced_is_a_config_or_lines, 2000),
    (test_config_any.test_the_sample_without_a_piece_is_a_config_or_lines, 1500),
    (test_config_load.test_any_bytes_give_a_config_or_lines, 3000),
    (test_config_splice_any.test_no_other_line_is_ever_changed, 500),
    (test_config_splice_any.test_a_removal_leaves_every_line_of_others, 500),
    (test_config_headers.test_what_is_accepted_h11_accepts, 3000),
    (test_accept.test_json_with_some_bytes_changed_is_taken_as_it_is_or_refused, 2000),
    (test_accept.test_what_is_accepted_is_what_a_strict_parser_reads, 4000),
    (test_accept.test_text_that_is_not_utf_8_is_refused, 3000),
    (test_emitter.test_any_data_is_one_sound_line_with_the_same_meaning, 200),
    (test_records_any.test_records_of_any_values_break_no_reader, 1000),
    (test_records_any.test_changed_bytes_break_no_reader_and_no_event_is_another_than_was_written, 1000),
    (test_records_any.test_bytes_of_any_kind_are_no_more_than_damage, 1500),
    (test_line.test_a_line_with_any_other_byte_is_not_sound, 3000),
    (test_filter.test_any_text_is_understood_or_refused_in_one_line, 2000),
    (test_clock.test_a_time_of_the_journals_form_is_read_as_any_other, 3000),
    (test_retry.test_no_value_does_harm, 2000),
]


@pytest.mark.parametrize(("holds", "examples"), PROPERTIES, ids=[holds.__name__ for holds, _ in PROPERTIES])
def test_it_holds_for_thousands(
    holds: Any,
    examples: int,
    record_property: Callable[[str, object], None],
) -> None:
    executions = 0
    inner = holds.hypothesis.inner_test

    def counted(*arguments: Any, **values: Any) -> None:
        nonlocal executions
        executions += 1
        inner(*arguments, **values)

    holds.hypothesis.inner_test = counted
    settings(max_examples=examples)(holds)()
    record_property("figure", f"{executions:,} executions")
    assert executions > 0

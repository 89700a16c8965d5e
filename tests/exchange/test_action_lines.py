"""Lines of customer actions: what is read, and what is refused with its number."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from milestone_cli.domain.facts import Evidence
from milestone_cli.errors import InvalidValue, MsError
from milestone_cli.exchange.action_lines import LINE_LIMIT, SIZE_LIMIT, read_line, read_lines
from milestone_cli.exchange.reader import BadLines


@pytest.mark.parametrize(
    ("line", "words", "evidence", "text"),
    [
        ("acme 3", ("acme", "3", ""), None, ""),
        ("acme 3 yesterday", ("acme", "3", "yesterday"), None, ""),
        ("acme 3 Nov 20, 2026", ("acme", "3", "Nov 20, 2026"), None, ""),
        ("'acme' \"offer\" '20. 11. 2026'", ("acme", "offer", "20. 11. 2026"), None, ""),
        ("acme 3 said: That's it", ("acme", "3", ""), Evidence.SAID, "That's it"),
        ("acme 3 -3d wrote:see order #4711", ("acme", "3", "-3d"), Evidence.WROTE, "see order #4711"),
        ("acme 3 D: came by", ("acme", "3", ""), Evidence.DID, "came by"),
        ('acme 3 said: "Yes, please"', ("acme", "3", ""), Evidence.SAID, "Yes, please"),
        ('acme 3 said: "Yes" and "no"', ("acme", "3", ""), Evidence.SAID, '"Yes" and "no"'),
        ('acme 3 "wrote: Send it"', ("acme", "3", ""), Evidence.WROTE, "Send it"),
        ("acme 3 said: he wrote: no", ("acme", "3", ""), Evidence.SAID, "he wrote: no"),
        ("acme 3 today # said: only a remark", ("acme", "3", "today"), None, ""),
        ("müller-söhne 1\ttoday", ("müller-söhne", "1", "today"), None, ""),
    ],
)
def test_a_line_is_read_as_a_shell_would_and_the_words_of_the_customer_as_they_stand(line, words, evidence, text):
    found = read_line(7, line)
    assert found is not None
    assert (found.opportunity, found.milestone, found.date) == words
    assert (found.number, found.evidence, found.text) == (7, evidence, text)


@pytest.mark.parametrize("line", ["", "#", "# acme 3 said: no"])
def test_an_empty_line_and_a_comment_say_nothing(line):
    assert read_line(1, line) is None


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("acme", "names no milestone"),
        ("acme said: yes", "names no milestone"),
        ("'acme 3", "not closed"),
        ("acme 3 said:", "Nothing follows"),
        ("acme 3 said: ''", "Nothing follows"),
        ("a" * (LINE_LIMIT + 1), "characters"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_reason(line, why):
    with pytest.raises(InvalidValue, match=why):
        read_line(1, line)


def test_bytes_that_are_no_text_and_every_kind_of_line_end_are_taken_line_by_line():
    bad = BadLines("standard input")
    content = b"\xef\xbb\xbfacme 1\r\n\xff\xfe 2\n\nben\x0b 2\xe2\x80\xa8\ncarl 3"
    found = list(read_lines(io.BytesIO(content), bad))
    assert [(line.number, line.opportunity) for line in found] == [(1, "acme"), (4, "ben\x0b"), (5, "carl")]
    assert bad.first == [(2, "it is not valid UTF-8")]


def test_more_than_anybody_types_is_refused():
    with pytest.raises(MsError, match="bytes"):
        list(read_lines(io.BytesIO(b"#" * (SIZE_LIMIT + 1)), BadLines("standard input")))


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reading(content):
    bad = BadLines("standard input")
    for line in read_lines(io.BytesIO(content), bad):
        assert line.opportunity != "" or line.milestone is not None
    assert bad.count <= content.count(b"\n") + 1

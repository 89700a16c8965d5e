"""The words of a customer, from the options of a command or from an answer to the one question about them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from milestone_cli.errors import UsageError

if TYPE_CHECKING:
    from milestone_cli.domain.changes import Words

QUESTION = "What did the customer do, say or write? (Enter skips; begin with did: or wrote: where they said nothing)"


def words_of(
    did: str | None, said: str | None, wrote: str | None, *, by: str | None = None, ref: str | None = None
) -> Words:
    """Return what the customer did, said or wrote.

    Raises:
        UsageError: more than one of the three.
        InvalidValue: a text that cannot be stored.
    """
    from milestone_cli.commands.recorded import free_text
    from milestone_cli.domain.changes import Words
    from milestone_cli.domain.facts import Evidence

    ways = ((Evidence.DID, did), (Evidence.SAID, said), (Evidence.WROTE, wrote))
    given = [(evidence, text) for evidence, text in ways if text is not None]
    if len(given) > 1:
        flags = " and ".join(f"--{evidence.value}" for evidence, _ in given)
        raise UsageError(f"{flags} cannot go together.", "Say the one thing that counts most.")
    evidence, text = given[0] if given else (None, None)
    return Words(
        evidence=evidence,
        text=free_text(text, "text"),
        by=free_text(by, "person"),
        ref=free_text(ref, "reference"),
    )


def answered(words: Words, answer: str) -> Words:
    """Return `words` with what an answer to the question adds; as they were where it adds nothing.

    Raises:
        InvalidValue: a text that cannot be stored.
    """
    from dataclasses import replace

    from milestone_cli.commands.recorded import free_text
    from milestone_cli.domain.evidence import evidence_in

    evidence, text = evidence_in(answer)
    return replace(words, evidence=evidence, text=free_text(text, "text")) if text else words

"""Imports of anything: taken whole or refused in a sentence, and the file stays whole."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from tests.hostile.any_import import Attempt, Place, attempts


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    with pytest.MonkeyPatch.context() as there:
        for name in ("MS_TODAY", "MS_ZONE", "MS_CONFIG"):
            there.setenv(name, "")
        return Place(Path(tmp_path_factory.mktemp("any")))


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(attempts())
def test_an_import_of_anything_is_taken_whole_or_refused(place: Place, tried: Attempt) -> None:
    assert place.attempt(tried)

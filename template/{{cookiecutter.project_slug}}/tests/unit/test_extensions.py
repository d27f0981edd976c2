"""Extensions and the resources that all processes share."""

import pytest

from app.core import extensions as module
from app.core.extensions import chosen, extending, extensions, load
from app.core.resources import open_shared_resources


def test_every_extension_is_there() -> None:
    for _, target in extensions():
        assert load(target) is not None


def test_a_point_has_those_that_extend_it(monkeypatch: pytest.MonkeyPatch) -> None:
    listed = [("maths", "math:sin"), ("other", "math:pi"), ("maths", "math:cos")]
    monkeypatch.setattr(module, "extensions", lambda: listed)
    import math

    assert extending("maths") == [math.sin, math.cos]
    assert extending("nothing") == []
    assert chosen("maths", "math:tan") is math.cos
    assert chosen("nothing", "math:tan") is math.tan


async def test_shared_resources_can_be_opened_again_and_again() -> None:
    for _ in range(2):
        async with open_shared_resources():
            pass

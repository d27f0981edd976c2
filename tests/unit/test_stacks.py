"""The stacks that the tests of generated projects go through, and shares of them."""

from __future__ import annotations

import pytest

from tests.support.stacks import catalog_of_checkout, every_stack, share_of


def test_shares_are_the_same_each_time_and_all_stacks_together() -> None:
    """Whoever goes through them one by one has gone through every stack, and through none twice."""
    stacks = every_stack(catalog_of_checkout())
    shares = [share_of(stacks, number, 8) for number in range(1, 9)]
    assert shares == [share_of(stacks, number, 8) for number in range(1, 9)]
    found = [stack for share in shares for stack in share]
    assert sorted(found) == sorted(stacks)
    assert len(set(found)) == len(found)


def test_each_share_has_small_and_large_stacks() -> None:
    """All take about as long."""
    stacks = every_stack(catalog_of_checkout())
    shares = [share_of(stacks, number, 8) for number in range(1, 9)]
    sizes = [sum(map(len, share)) for share in shares]
    assert max(sizes) - min(sizes) < len(stacks[-1])


@pytest.mark.parametrize(("number", "count"), [(0, 8), (9, 8), (1, 0), (-1, -1), (1, 1000)])
def test_a_share_that_there_is_not_is_refused(number: int, count: int) -> None:
    """Going through nothing must not look like success."""
    with pytest.raises(ValueError, match=f"{number}/{count}"):
        share_of(every_stack(catalog_of_checkout()), number, count)

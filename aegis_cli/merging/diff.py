"""Line differences: which runs of one sequence became which runs of another.

Lines that occur once on each side anchor the comparison (they are what a reader would line up),
Myers' shortest edit script fills in between the anchors. A run that could stand at several places
(an inserted function between blank lines) is moved down as far as it goes, or to where it meets a
run of the other side: the same choice that git makes, so that the changes of two sides that git
sees apart are apart here too.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, deque
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

# Beyond this many differing lines between two anchors, a minimal script costs more than it is
# worth: the stretch counts as changed as a whole, which can only turn a clean merge into a
# conflict.
_LONGEST_SCRIPT = 1000


@dataclass(frozen=True, slots=True)
class Edit:
    """`old[start:end]` became `new[new_start:new_end]`; at least one of them is not empty."""

    start: int
    end: int
    new_start: int
    new_end: int


def diff(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[Edit]:
    """Compare two sequences of lines.

    Args:
        old: The lines before.
        new: The lines after.

    Returns:
        The edits that turn `old` into `new`, in order. Between two edits stands at least one
        unchanged line.
    """
    numbers: dict[Hashable, int] = {}
    a = [numbers.setdefault(line, len(numbers)) for line in old]
    b = [numbers.setdefault(line, len(numbers)) for line in new]
    gone = [True] * len(a)
    come = [True] * len(b)
    for i, j in _matches(a, b):
        gone[i] = come[j] = False
    old_runs = _runs(gone)
    new_runs = _runs(come)
    old_runs = _slide(a, old_runs, _gaps(new_runs))
    new_runs = _slide(b, new_runs, _gaps(old_runs))
    return _edits(old_runs, new_runs)


def _matches(a: list[int], b: list[int]) -> Iterable[tuple[int, int]]:
    """Pair equal lines, in order: anchors first, then the common ends and Myers between them."""
    pending = [(0, len(a), 0, len(b))]
    while pending:
        a0, a1, b0, b1 = pending.pop()
        anchors = _anchors(a, a0, a1, b, b0, b1)
        if not anchors:
            yield from _between(a, a0, a1, b, b0, b1)
            continue
        yield from anchors
        for i, j in [*anchors, (a1, b1)]:
            if a0 < i and b0 < j:
                pending.append((a0, i, b0, j))
            a0, b0 = i + 1, j + 1


def _between(
    a: list[int], a0: int, a1: int, b: list[int], b0: int, b1: int
) -> Iterable[tuple[int, int]]:
    """Pair the lines of a stretch that has no anchor."""
    while a0 < a1 and b0 < b1 and a[a0] == b[b0]:
        yield a0, b0
        a0, b0 = a0 + 1, b0 + 1
    while a0 < a1 and b0 < b1 and a[a1 - 1] == b[b1 - 1]:
        a1, b1 = a1 - 1, b1 - 1
        yield a1, b1
    if a0 < a1 and b0 < b1:
        yield from _myers(a, a0, a1, b, b0, b1)


def _anchors(
    a: list[int], a0: int, a1: int, b: list[int], b0: int, b1: int
) -> list[tuple[int, int]]:
    """The longest chain of pairs, in order, of lines that each side holds exactly once."""
    count_a, count_b = Counter(a[a0:a1]), Counter(b[b0:b1])
    where = {b[j]: j for j in range(b0, b1) if count_b[b[j]] == 1}
    pairs = [(i, where[a[i]]) for i in range(a0, a1) if count_a[a[i]] == 1 and a[i] in where]
    tops: list[int] = []
    at: list[int] = []
    before: list[int] = []
    for number, (_, j) in enumerate(pairs):
        pile = bisect_left(tops, j)
        before.append(at[pile - 1] if pile else -1)
        tops[pile : pile + 1] = [j]
        at[pile : pile + 1] = [number]
    chain = []
    number = at[-1] if at else -1
    while number >= 0:
        chain.append(pairs[number])
        number = before[number]
    return chain[::-1]


def _myers(a: list[int], a0: int, a1: int, b: list[int], b0: int, b1: int) -> list[tuple[int, int]]:
    """Pair a longest common subsequence; nothing when the stretches differ too much."""
    common = set(a[a0:a1]) & set(b[b0:b1])
    left = [i for i in range(a0, a1) if a[i] in common]
    right = [j for j in range(b0, b1) if b[j] in common]
    n, m = len(left), len(right)
    reach = {1: 0}
    trail: list[dict[int, int]] = []
    for cost in range(min(n + m, _LONGEST_SCRIPT) + 1):
        trail.append(reach)
        reach = dict(reach)
        for k in range(-cost, cost + 1, 2):
            down = k == -cost or (k != cost and reach[k - 1] < reach[k + 1])
            x = reach[k + 1] if down else reach[k - 1] + 1
            while x < n and 0 <= x - k < m and a[left[x]] == b[right[x - k]]:
                x += 1
            reach[k] = x
            if x >= n and x - k >= m:
                return [(left[i], right[j]) for i, j in _walk_back(trail, n, m)]
    return []


def _walk_back(trail: list[dict[int, int]], x: int, y: int) -> list[tuple[int, int]]:
    """Read the matched pairs off the furthest points that each cost had reached."""
    pairs = []
    for cost in range(len(trail) - 1, -1, -1):
        reach, k = trail[cost], x - y
        down = k == -cost or (k != cost and reach[k - 1] < reach[k + 1])
        from_k = k + 1 if down else k - 1
        from_x = reach[from_k] if cost else 0
        from_y = from_x - from_k if cost else 0
        while x > from_x and y > from_y:
            x, y = x - 1, y - 1
            pairs.append((x, y))
        x, y = from_x, from_y
    return pairs


Run = tuple[int, int]


def _runs(changed: list[bool]) -> list[Run]:
    """The maximal runs of changed lines."""
    runs = []
    start = None
    for position, is_changed in enumerate([*changed, False]):
        if is_changed and start is None:
            start = position
        elif not is_changed and start is not None:
            runs.append((start, position))
            start = None
    return runs


def _gaps(runs: list[Run]) -> set[int]:
    """Where the runs stand, counted in unchanged lines: the measure that both sides share."""
    gaps = set()
    changed = 0
    for start, end in runs:
        gaps.add(start - changed)
        changed += end - start
    return gaps


def _slide(lines: list[int], runs: list[Run], other: set[int]) -> list[Run]:
    """Move each run that can move: to the other side's lowest run in reach, or else down."""
    done: list[Run] = []
    waiting = deque(runs)
    changed = 0
    while waiting:
        start, end = waiting.popleft()
        size = -1
        meets = False
        while size != end - start:
            size = end - start
            while start and lines[start - 1] == lines[end - 1]:
                start, end = start - 1, end - 1
                if done and done[-1][1] == start:
                    changed -= done[-1][1] - done[-1][0]
                    start = done.pop()[0]
            meets = start - changed in other
            while end < len(lines) and lines[start] == lines[end]:
                start, end = start + 1, end + 1
                if waiting and waiting[0][0] == end:
                    end = waiting.popleft()[1]
                meets = meets or start - changed in other
        while meets and start - changed not in other:
            start, end = start - 1, end - 1
        done.append((start, end))
        changed += end - start
    return done


def _edits(old_runs: list[Run], new_runs: list[Run]) -> list[Edit]:
    """Join the runs of both sides that stand at the same gap."""
    edits = []
    gone, come = deque(old_runs), deque(new_runs)
    lost = won = 0
    while gone or come:
        old_gap = gone[0][0] - lost if gone else None
        new_gap = come[0][0] - won if come else None
        gap = min(g for g in (old_gap, new_gap) if g is not None)
        start, end = gone.popleft() if old_gap == gap else (gap + lost, gap + lost)
        new_start, new_end = come.popleft() if new_gap == gap else (gap + won, gap + won)
        edits.append(Edit(start, end, new_start, new_end))
        lost += end - start
        won += new_end - new_start
    return edits

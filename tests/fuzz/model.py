"""Documents as trees whose nodes are known by number: labelled edits, and what two sides' edits come to.

A merge of lines does not know what a line is; here it is known. Every node keeps its number through all edits, so what
a merge has to come to can be said without looking at a line: the ground truth of the fuzzer.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import pairwise


@dataclass
class Node:
    """A piece of a document.

    Attributes:
        number: What it is, in every version.
        kind: Which of its format's pieces it is.
        name: By what it is known in its container.
        value: What it says.
        remark: A comment line right above it; empty for none.
        kids: What it holds, in order.
    """

    number: int
    kind: str
    name: str
    value: str = ""
    remark: str = ""
    kids: list[Node] = field(default_factory=list)

    def copy(self) -> Node:
        return Node(
            self.number, self.kind, self.name, self.value, self.remark,
            [kid.copy() for kid in self.kids],
        )  # fmt: skip

    def walk(self) -> list[tuple[Node, Node]]:
        """All nodes below, each with its container."""
        found: list[tuple[Node, Node]] = []
        self._walk_into(found)
        return found

    def _walk_into(self, found: list[tuple[Node, Node]]) -> None:
        for kid in self.kids:
            found.append((kid, self))
            kid._walk_into(found)

    def find(self, number: int) -> tuple[Node, Node] | None:
        for kid in self.kids:
            if kid.number == number:
                return kid, self
            if kid.kids and (found := kid.find(number)):
                return found
        return None


@dataclass(frozen=True)
class Grammar:
    """What documents of a format are made of.

    Attributes:
        kinds: Which kinds a container holds, by its kind (`root` is the document).
        leaves: Kinds that hold nothing.
        ordered: Kinds of containers whose order is meaning.
        optional: Kinds that a new container holds once at most.
        remarks: Whether nodes may have a comment.
        names_count: Whether a container can hold only one node of such a name.
        is_bound: Whether a node in an ordered container has a meaning only behind those in front of it.
    """

    kinds: dict[str, tuple[str, ...]]
    leaves: frozenset[str]
    ordered: frozenset[str] = frozenset()
    optional: frozenset[str] = frozenset()
    remarks: bool = True
    names_count: Callable[[Node], bool] = lambda _: True
    is_bound: Callable[[Node], bool] = lambda _: True


class Maker:
    """Makes documents and edits, from one source of randomness."""

    def __init__(self, grammar: Grammar, chance: random.Random, *, pooled: bool) -> None:
        self.grammar, self.chance, self.pooled = grammar, chance, pooled
        self._count = 0
        self._editing = False
        self._known: set[int] = set()
        self._taken: dict[int, set[str]] = {}
        self._were: dict[int, int] = {}
        self._marks: tuple[frozenset[int], frozenset[int]] = frozenset(), frozenset()
        self._renamed: set[int] = set()
        self._moved: set[int] = set()

    def document(self) -> Node:
        root = Node(0, "root", "")
        for kind in self.grammar.kinds["root"]:
            many = self.chance.randint(2, 5 if kind in self.grammar.leaves else 4)
            for _ in range(many):
                root.kids.append(self.node(kind, root))
        return root

    def node(self, kind: str, container: Node, depth: int = 0) -> Node:
        """A new node, of a name that its container does not hold."""
        self._count += 1
        number = self._count
        here = {kid.name for kid in container.kids}
        taken = here | self._taken.get(container.number, set())  # what was there and is gone
        name = f"{self._word()}{number}"
        if self.pooled and self.chance.random() < 0.7:
            pool = [
                word
                for word in WORDS[:6]
                if word not in taken or (word in here and self._may_repeat(kind, word, container))
            ]
            name = self.chance.choice(pool) if pool else name
        value = self._value()
        while any((kid.name, kid.value) == (name, value) for kid in container.kids):
            value = self._value() + "1"
        remark = ""
        if self.grammar.remarks and self.chance.random() < 0.1:
            remark = f"about {name} {number}"
        made = Node(number, kind, name, value, remark)
        for below in self.grammar.kinds.get(kind, ()):
            few = below in self.grammar.optional
            for _ in range(self.chance.choice((0, 0, 1)) if few else self.chance.randint(1, 3)):
                made.kids.append(self.node(below, made, depth + 1))
        return made

    def _may_repeat(self, kind: str, name: str, container: Node) -> bool:
        if any(kid.name == name and kid.number in self._renamed for kid in container.kids):
            return False  # of two that go by one name, nothing would say which is the one that was edited
        node = Node(0, kind, name)
        is_step = kind in ("line", "statement") and not self.grammar.names_count(node)
        return is_step and (kind == "line" or not self.grammar.is_bound(node))

    def _word(self) -> str:
        return self.chance.choice(WORDS)

    def _value(self) -> str:
        pooled = self.pooled and not self._editing
        return str(self.chance.choice((1, 2, 3, 7, 8)) if pooled else self.chance.randint(1, 9999))

    def edited(
        self, base: Node, focus: list[int], edits: tuple[str, ...] = (), *, goes_on: bool = False
    ) -> Node:
        """A version of a document, edited mostly around some of its nodes.

        Args:
            base: The document.
            focus: The numbers of these nodes.
            edits: Which edits; all by default.
            goes_on: More edits are made on top of these.
        """
        self._editing = True
        self._known = self._known or {node.number for node, _ in base.walk()}
        self._renamed, self._moved = map(set, self._marks)
        for node, container in base.walk():
            self._taken.setdefault(container.number, set()).add(node.name)
        version = base.copy()
        for _ in range(self.chance.choice((1, 1, 2, 2, 3, 4))):
            nodes = list(version.walk())
            if not nodes:
                break
            near = [pair for pair in nodes if pair[0].number in focus]
            node, container = self.chance.choice(
                near if near and self.chance.random() < 0.7 else nodes
            )
            edit = self.chance.choice(edits or EDITS)
            getattr(self, f"_{edit}")(version, node, container)
        _as_written(version)
        self.put_past(base, version)
        self._known_by_place(base, version)
        if goes_on:
            self._marks = frozenset(self._renamed), frozenset(self._moved)
        return version

    def around(self, base: Node) -> list[int]:
        """The numbers of some nodes that stand next to each other."""
        numbers = [node.number for node, _ in base.walk()]
        at = self.chance.randrange(len(numbers))
        return numbers[max(at - 1, 0) : at + 3]

    def _set(self, _: Node, node: Node, container: Node) -> None:
        if node.kind in self.grammar.leaves:
            if self._has_namesake(node, container):
                return
            if not self.grammar.names_count(node):  # nothing else says that it is the same
                self._renamed.add(node.number)
                self._changed_twice(node)
                self._brought_by_both(node)
            node.value = self._value() + self.chance.choice(("0", "5"))
        else:
            self._insert(_, node, container)

    def _rename(self, _: Node, node: Node, container: Node) -> None:
        self._renamed.add(node.number)
        self._changed_twice(node)
        self._brought_by_both(node)
        taken = {kid.name for kid in container.kids}
        while (name := f"{self._word()}{self.chance.randint(500, 900)}") in taken:
            pass  # two of one name are no document of most formats
        node.name = name

    def _brought_by_both(self, node: Node) -> None:
        """What both brought and one changed is another thing from then on."""
        if node.number not in self._known:
            is_old = node.number in self._were  # moved before, and known until now
            for piece in (node, *(below for below, _ in node.walk())):
                self._count += 1
                if is_old or piece.number in self._were or piece.number in self._known:
                    self._were[self._count] = self._were.get(piece.number, piece.number)
                piece.number = self._count

    def _changed_twice(self, node: Node) -> None:
        """Under another name and at another place, it is another thing."""
        if node.number in self._renamed & self._moved:
            self._count += 1
            self._were[self._count] = node.number
            node.number = self._count

    def put_past(self, base: Node, version: Node) -> None:
        """Number what was put past others, and is another thing now."""

        def another(node: Node) -> int:
            self._count += 1
            self._were[self._count] = node.number
            return self._count

        put_past(base, version, self.grammar, another)

    def _known_by_place(self, base: Node, version: Node) -> None:
        """What came back to where it was is the same thing after all."""
        known = {node.number for node, _ in base.walk()}
        for old in (base, *(node for node, _ in base.walk())):
            found = (None, version) if old.number == 0 else version.find(old.number)
            for new in (found[0] or version,) if found else ():
                was = {kid.number for kid in new.kids}
                here = {kid.number for kid in old.kids}
                numbers = [
                    self._were[kid.number]
                    if kid.number not in known and self._were.get(kid.number) in here
                    else kid.number
                    for kid in new.kids
                ]
                order = [kid.number for kid in old.kids if kid.number in numbers]
                if [number for number in numbers if number in order] == order:
                    for kid, number in zip(new.kids, numbers, strict=True):
                        kid.number = number if number not in was else kid.number

    def _delete(self, _: Node, node: Node, container: Node) -> None:
        if len(container.kids) > 1 and not self._has_namesake(node, container):
            container.kids.remove(node)

    def _has_namesake(self, node: Node, container: Node) -> bool:
        """Whether something of its name came beside it: nothing would say which of them is the old one."""
        return any(
            kid.name == node.name and kid.number not in self._known
            for kid in container.kids
            if kid is not node
        )

    def _insert(self, _: Node, node: Node, container: Node) -> None:
        if node.kids and self.chance.random() < 0.5:
            node, container = self.chance.choice(node.kids), node
        at = container.kids.index(node)
        same = [i for i, kid in enumerate(container.kids) if kid.kind == node.kind]
        place = self.chance.choice((at, at + 1, max(same) + 1))
        container.kids.insert(place, self.node(node.kind, container))

    def _remark(self, _: Node, node: Node, __: Node) -> None:
        """A comment comes, or goes, or says something else."""
        if not self.grammar.remarks:
            return
        about = f"about {node.name} {self.chance.randint(1, 999)}"
        node.remark = "" if node.remark and self.chance.random() < 0.5 else about

    def _wrap(self, _: Node, node: Node, container: Node) -> None:
        """Something comes to stand in a container of its own."""
        around = [
            kind
            for kind in self.grammar.kinds.get(container.kind, ())
            if node.kind in self.grammar.kinds.get(kind, ())
        ]
        if not around:
            return
        self._moved.add(node.number)
        self._changed_twice(node)
        made = self.node(self.chance.choice(around), container)
        made.kids = [node]
        container.kids[container.kids.index(node)] = made

    def twins(self, ours: Node, theirs: Node) -> None:
        """Both bring a thing of one name, in one version or in two, where each thinks it fit."""
        homes = [(home, node.kind) for node, home in ours.walk()]
        home, kind = self.chance.choice(homes)
        found = (theirs, ours) if home.number == 0 else theirs.find(home.number)
        if not found:
            return
        mine = self.node(kind, home)
        yours = mine.copy()
        if self.chance.random() < 0.5:  # another version: another thing of the same name
            yours = self.node(kind, found[0])
            yours.name = mine.name
        for container, made in ((home, mine), (found[0], yours)):
            if any(kid.name == made.name for kid in container.kids):
                continue
            same = [i for i, kid in enumerate(container.kids) if kid.kind == kind] or [0]
            container.kids.insert(self.chance.choice([*same, max(same) + 1]), made)
        _as_written(ours)
        _as_written(theirs)

    def _move(self, root: Node, node: Node, container: Node) -> None:
        if len(container.kids) < 2:
            return
        was = container.kids.index(node)
        container.kids.remove(node)
        homes = [n for n, _ in root.walk() if n.kind == container.kind and n is not node]
        home = self.chance.choice(homes) if homes and self.chance.random() < 0.2 else container
        if any(kid.name == node.name for kid in home.kids):
            home = container
        same = [i for i, kid in enumerate(home.kids) if kid.kind == node.kind] or [0]
        place = self.chance.choice([*same, max(same) + 1])
        home.kids.insert(place, node)
        if home is not container or place != was:
            self._moved.add(node.number)
            self._changed_twice(node)


WORDS = (
    "image", "port", "level", "debug", "host", "cache", "mail",
    "queue", "theme", "token", "bucket", "region", "worker", "store",
)  # fmt: skip
EDITS = (
    ("set",) * 5 + ("insert",) * 6 + ("delete",) * 3 + ("move",) * 2 + ("rename", "remark", "wrap")
)


BEHIND = frozenset(("subtable", "target"))
"""Kinds that are written behind all others of their container, wherever they were put."""


def _as_written(root: Node) -> None:
    for container in (root, *(node for node, _ in root.walk())):
        container.kids.sort(key=lambda kid: kid.kind in BEHIND)


Place = tuple[int, int]
"""The number of a container, and how many of the kids that stay where they were stand in front."""


class NoAnswer(Exception):
    """The two sides' edits have no common answer."""


@dataclass(frozen=True)
class Reading:
    """What a file does not tell, and can be read either way.

    Attributes:
        turned: Where what theirs put comes first, of the places that both put something to.
        late: Of two that changed places, the other one was moved.
        met: All such places, as a merge has found them.
    """

    turned: frozenset[Place] = frozenset()
    late: bool = False
    met: set[Place] = field(default_factory=set, compare=False)


def merged(
    base: Node, ours: Node, theirs: Node, grammar: Grammar, reading: Reading | None = None
) -> Node:
    """Merge two edited documents by the numbers of their nodes.

    Raises:
        NoAnswer: Both edited one thing, one deleted what the other edited, both brought one name, or the order of what
            they brought would decide.
    """
    versions = tuple(_facts(root) for root in (base, ours, theirs))
    before, mine, yours = versions
    _check_deletions(before, mine, yours)
    _check_deletions(before, yours, mine)
    below: dict[int, list[int]] = {}
    for kid, home in _homes(before, mine, yours).items():
        below.setdefault(home, []).append(kid)
    return _merged(0, versions, below, grammar, reading or Reading())


def as_read(base: Node, side: Node) -> None:
    """Number the nodes of a side as a reader would: what goes while another comes with all that it held was renamed.

    So it was, if half of that stayed as it was at least: when it has changed places with another, either was moved.
    """
    there = {node.number for node, _ in side.walk()}
    known = {node.number for node, _ in base.walk()}
    gone = [node for node, _ in base.walk() if node.kids and node.number not in there]
    for node, _ in side.walk():
        if node.number in known or not node.kids:
            continue
        for was in gone:
            old = [kid.number for kid, _ in was.walk()]
            is_copy = _content(was) == _content(node) and there.isdisjoint(old)
            if is_copy or _mostly_stays(was, node):
                gone.remove(was)
                for number, (kid, _) in zip(old, node.walk() if is_copy else (), strict=is_copy):
                    kid.number = number
                node.number = was.number
                break


def put_past(base: Node, version: Node, grammar: Grammar, another: Callable[[Node], int]) -> None:
    """Of two that changed places, one with another name and another value is another thing, whichever moved.

    So is one with another name that is written as another kind of statement: nobody reads a call for a guard.

    Args:
        base: What it was put past others in.
        version: The nodes that are renumbered.
        grammar: Tells the kinds of statements.
        another: The number that a node gets.
    """

    def form(node: Node) -> tuple[bool, bool]:
        return grammar.names_count(node), grammar.is_bound(node)

    for old, home in base.walk():
        pair = version.find(old.number)
        if old.kind not in grammar.leaves or not pair or pair[1].number != home.number:
            continue
        new, now = pair
        if new.name == old.name or (new.value == old.value and form(new) == form(old)):
            continue
        there = [kid.number for kid in now.kids]
        at, was = there.index(old.number), home.kids.index(old)
        if any(
            (there.index(kid.number) < at) != (i < was)
            for i, kid in enumerate(home.kids)
            if kid is not old and kid.number in there
        ):
            new.number = another(new)


def moves_as_read(base: Node, side: Node) -> None:
    """Number what comes by the name of what goes, with its contents, as a reader would: it was moved."""
    there = {node.number for node, _ in side.walk()}
    known = {node.number for node, _ in base.walk()}
    gone = [node for node, _ in base.walk() if node.number not in there]
    for node, _ in side.walk():
        kids = {kid.number for kid in node.kids}
        for was in gone if node.number not in known else ():
            is_one = (was.kind, was.name, was.value) == (node.kind, node.name, node.value)
            if is_one and (not was.kids or any(kid.number in kids for kid in was.kids)):
                gone.remove(was)
                node.number = was.number
                break


def steps_as_read(base: Node, side: Node, grammar: Grammar) -> None:
    """Number steps as a reader would: what comes in the place of one that goes, with its name, is that one.

    So it is where that one goes by another name, beside it.
    """
    there = {node.number for node, _ in side.walk()} | {0}
    known = {node.number for node, _ in base.walk()}
    homes = {node.number: node for node, _ in side.walk()} | {0: side}
    for was in (base, *(node for node, _ in base.walk())):
        if was.number not in there or was.kind not in grammar.ordered:
            continue
        now = homes[was.number]
        for old in was.kids:
            if old.number in there or old.kind not in grammar.leaves:
                continue
            for kid in now.kids:
                is_new = kid.number not in known and (kid.kind, kid.name) == (old.kind, old.name)
                if is_new and _stand_alike(was, old, now, kid):
                    kid.number = old.number
                    break
        for one, other in pairwise(now.kids):
            for new, renamed in ((one, other), (other, one)):
                old = next((kid for kid in was.kids if kid.number == renamed.number), renamed)
                is_old = (new.kind, new.name) == (old.kind, old.name) and old.name != renamed.name
                if new.number not in known and is_old and old.kind in grammar.leaves:
                    new.number, renamed.number = renamed.number, new.number


def _stand_alike(was: Node, old: Node, now: Node, new: Node) -> bool:
    """Whether two stand between the same ones of those that were not moved, however that is read."""
    for late in (False, True):
        moved = _moved_in(was, now, Reading(late=late))
        sides = [[kid.number for kid in side.kids] for side in (was, now)]
        fixed = [number for number in sides[0] if number in sides[1] and number not in moved]
        if _gap(sides[0], old.number, fixed) == _gap(sides[1], new.number, fixed):
            return True
    return False


def _gap(kids: list[int], one: int, others: list[int]) -> tuple[int, int]:
    """Between which two of some others something stands."""
    at = kids.index(one)
    before = [kid for kid in kids[:at] if kid in others]
    behind = [kid for kid in kids[at + 1 :] if kid in others]
    return before[-1] if before else -1, behind[0] if behind else -1


def as_one(base: Node, ours: Node, theirs: Node) -> None:
    """Give one number to what both sides made alike at one place: no text tells two of it from one."""
    known = {node.number for node, _ in base.walk()}
    made = {_made(node, home): node for node, home in theirs.walk() if node.number not in known}
    for node, home in ours.walk():
        twin = None if node.number in known else made.get(_made(node, home))
        if twin and known.issuperset(kid.number for kid in node.kids):
            node.number, node.value = twin.number, twin.value


def _made(node: Node, home: Node) -> tuple[object, ...]:
    """What a new node is known by: what it holds; where it holds nothing, what it says and what is in front of it."""
    if node.kids:
        told: tuple[object, ...] = tuple(kid.number for kid in node.kids)
    else:
        at = home.kids.index(node)
        told = node.value, home.kids[at - 1].number if at else None
    return home.number, node.kind, node.name, node.remark, told


def _mostly_stays(was: Node, now: Node) -> bool:
    """Whether a container holds all that another one held, in that order, and half of it as it was."""
    old = {kid.number: (kid.kind, kid.name, kid.value) for kid, _ in was.walk()}
    new = {
        kid.number: (kid.kind, kid.name, kid.value) for kid, _ in now.walk() if kid.number in old
    }
    stays = sum(old[number] == said for number, said in new.items())
    return list(old) == list(new) and 2 * stays >= len(old)


def _content(node: Node) -> list[tuple[str, str, str]]:
    return [(kid.kind, kid.name, kid.value) for kid, _ in node.walk()]


Facts = dict[int, tuple[int, Node]]
"""For each number, the number of the container, and the node."""


def _facts(root: Node) -> Facts:
    return {0: (-1, root)} | {node.number: (home.number, node) for node, home in root.walk()}


def _check_deletions(before: Facts, mine: Facts, yours: Facts) -> None:
    """What one side deleted, the other has at most moved: then it is gone."""
    for number, (_, node) in before.items():
        if number in mine or number not in yours:
            continue
        there = yours[number][1]
        if (there.name, there.value) != (node.name, node.value) or (
            there.remark and there.remark != node.remark
        ):
            raise NoAnswer(f"{node.name} deleted and edited")
        if any(kid.number not in before or before[kid.number][0] != number for kid in there.kids):
            raise NoAnswer(f"{node.name} deleted and filled")


def _said(node: Node) -> tuple[str, str, str]:
    return node.name, node.value, node.remark


def _moved_in(was: Node, now: Node, reading: Reading) -> set[int]:
    """The kids outside of a longest run of kids in the old order, by a `reading` where there are several."""
    there = [kid.number for kid in now.kids]
    old = [kid.number for kid in was.kids if kid.number in there]
    new = [number for number in there if number in old]
    if old == new:
        return set()
    if reading.late:
        old, new = old[::-1], new[::-1]
    best: list[list[int]] = []
    for number in new:
        before = [run for run in best if old.index(run[-1]) < old.index(number)]
        best.append([*max(before, key=len, default=[]), number])
    return set(new) - set(max(best, key=len))


def _one(what: str, base: object, ours: object, theirs: object) -> object:
    if ours == theirs or theirs == base:
        return ours
    if ours == base:
        return theirs
    raise NoAnswer(f"two {what}")


def _remarks(base: str, ours: str, theirs: str) -> str:
    """What is said about a thing: both may say something of what nothing was said about."""
    if base or not ours or not theirs or ours == theirs:
        return str(_one("remarks", base, ours, theirs))
    return ", ".join(sorted({*ours.split(", "), *theirs.split(", ")}))


def _homes(before: Facts, mine: Facts, yours: Facts) -> dict[int, int]:
    """In which container each node is to stand."""
    homes: dict[int, int] = {}
    for kid in {*before, *mine, *yours} - {0}:
        if (kid in before) and (kid not in mine or kid not in yours):
            continue
        found = [facts[kid][0] for facts in (before, mine, yours) if kid in facts]
        if len(found) == 2 and found[0] != found[1]:
            raise NoAnswer("two homes")
        homes[kid] = int(str(_one("homes", *found))) if len(found) == 3 else found[-1]
    return homes


def _merged(
    number: int,
    versions: tuple[Facts, ...],
    below: dict[int, list[int]],
    grammar: Grammar,
    reading: Reading,
) -> Node:
    before, mine, yours = versions
    node = before[number][1] if number in before else (mine.get(number) or yours[number])[1]
    sides = [facts[number][1] if number in facts else None for facts in versions]
    if all(side is not None for side in sides):
        was, here, there = sides
        assert was is not None
        assert here is not None
        assert there is not None
        names, values, remarks = zip(*map(_said, (was, here, there)), strict=True)
        said = [_one(f"answers to {was.name}", *v) for v in (names, values)]
        made = Node(number, was.kind, *map(str, said), _remarks(*remarks))
    else:
        made = Node(number, node.kind, *_said(node))
        if sides[1] and sides[2]:
            if _said(sides[1])[:2] != _said(sides[2])[:2]:
                raise NoAnswer(f"two versions of {node.name}")
            made.remark = _remarks("", sides[1].remark, sides[2].remark)
    sides = _wrapped(number, sides, before, below, yours | mine)
    order = _ordered(below.get(number, []), sides, made, grammar, reading)
    made.kids = [_merged(kid, versions, below, grammar, reading) for kid in order]
    _check_names(made, sides, grammar)
    return made


def _wrapped(
    number: int,
    sides: list[Node | None],
    before: Facts,
    below: dict[int, list[int]],
    after: Facts,
) -> list[Node | None]:
    """The versions of a container, with what a side wrapped something in at the place of that in all of them."""
    around: dict[int, Node] = {}
    for made in below.get(number, ()):
        held = [kid for kid in below.get(made, ()) if kid in before and before[kid][0] == number]
        if made not in before and len(held) == 1:
            around[held[0]] = after[made][1]
    if not around:
        return sides
    return [
        side and replace(side, kids=[around.get(kid.number, kid) for kid in side.kids])
        for side in sides
    ]


def _written(node: Node) -> str:
    """A name, in the letters that Python writes it in."""
    return {"constant": node.name.upper(), "class": node.name.title()}.get(node.kind, node.name)


def _check_names(made: Node, sides: list[Node | None], grammar: Grammar) -> None:
    counted = Counter(_written(kid) for kid in made.kids if grammar.names_count(kid))
    known = [Counter(_written(kid) for kid in side.kids) for side in sides[1:] if side]
    for name, many in counted.items():
        if many > max((count[name] for count in known), default=0):
            raise NoAnswer(f"{name} twice")


def _ordered(
    kids: list[int], sides: list[Node | None], made: Node, grammar: Grammar, reading: Reading
) -> list[int]:
    """The kids in an order that both sides' edits agree on; what both put at one place, by a `reading`."""
    is_ordered = made.kind in grammar.ordered
    was, moves = _before(sides, reading, is_ordered=is_ordered)
    fixed = [kid for kid in was if kid in kids and kid not in moves[0] | moves[1]]
    nodes = {kid.number: kid for side in sides if side for kid in side.kids}
    gaps: list[tuple[list[int], list[int]]] = [([], []) for _ in range(len(fixed) + 1)]
    for which in (0, 1):
        side = sides[which + 1]
        at = 0
        for kid in (node.number for node in side.kids) if side else ():
            if kid in fixed:
                at = fixed.index(kid) + 1
            elif kid in kids and (kid not in was or kid in moves[which]):
                gaps[at][which].append(kid)
    result: list[int] = []
    for at, (mine, yours) in enumerate(gaps):
        if (
            mine
            and yours
            and is_ordered
            and any(grammar.is_bound(nodes[k]) for k in (*mine, *yours))
        ):
            raise NoAnswer("order")
        place = made.number, at
        if mine and yours and is_ordered:
            reading.met.add(place)
        put = (*yours, *mine) if place in reading.turned else (*mine, *yours)
        result += [k for k in put if k not in result]
        result += fixed[at : at + 1]
    return result


def _before(
    sides: list[Node | None], reading: Reading, *, is_ordered: bool
) -> tuple[list[int], tuple[set[int], set[int]]]:
    """The kids that both sides started from, and which of them each side has moved."""
    base, ours, theirs = sides
    was, here, there = ([kid.number for kid in side.kids] if side else [] for side in sides)
    common = [[kid for kid in own if kid in here and kid in there] for own in (here, there)]
    moves: tuple[set[int], set[int]] = set(), set()
    if base and ours and theirs:
        moves = _moved_in(base, ours, reading), _moved_in(base, theirs, reading)
        agreed = _agreed([[kid for kid in x if kid in common[0]] for x in (was, here, there)])
        if agreed and moves[0] and moves[1] and common[0] != common[1]:
            return agreed, (set(), set())
        if moves[0] & moves[1]:
            if common[0] != common[1]:
                raise NoAnswer("both moved one")
            return common[0], (set(), set())
        if moves[0] and moves[1] and is_ordered:
            raise NoAnswer("both moved")
    if any(kid not in was for kid in common[0]):  # brought by both
        return common[0], moves
    return was, moves


def _agreed(orders: list[list[int]]) -> list[int] | None:
    """The one order in which each two stand as the side has them that changed their order; None where there is none."""
    base, ours, theirs = ({kid: at for at, kid in enumerate(order)} for order in orders)
    if not base.keys() == ours.keys() == theirs.keys():
        return None

    def is_first(one: int, other: int) -> bool:
        was, mine, yours = (x[one] < x[other] for x in (base, ours, theirs))
        return yours if mine == was else mine

    before = {
        kid: {other for other in base if other != kid and is_first(other, kid)} for kid in base
    }
    order = sorted(before, key=lambda kid: len(before[kid]))
    is_right = all(before[kid] == set(order[:at]) for at, kid in enumerate(order))
    return order if is_right else None


Shown = tuple[str, str, str, str, tuple["Shown", ...]]
"""Kind, name, value, remark, and what is below."""


def shown(node: Node, ordered: frozenset[str], values: Callable[[Node], str]) -> tuple[Shown, ...]:
    """What a document says, for comparison with what a file says."""
    kids = [
        (kid.kind, kid.name, values(kid), kid.remark, shown(kid, ordered, values))
        for kid in node.kids
    ]
    return tuple(kids if node.kind in ordered else sorted(kids))

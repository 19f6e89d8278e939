"""Which groups a report hides, so that nobody learns what a few people answered: neither directly nor by subtraction.

A group below the minimum is hidden, and with it as many others as it takes that whatever can be worked out from what is
shown, by adding and subtracting, still speaks of the minimum or more: complementary cell suppression (L. Willenborg &
T. de Waal, Elements of Statistical Disclosure Control, Springer 2001, chapters 6-8). Only counts decide, never ratings.
A hidden group shows no count either: its name alone says that there were some.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from hearback.domain.scoring.digest import Counts

Pair = tuple[str, str]
Cell = tuple[str, str]
Sizes = Mapping[str, int]

_HIDDEN, _LACKING = "\0hidden", "\0lacking"
"""In a table of two facts: all hidden values of one in one line, and the answers that lack that fact. No fact holds a NUL."""

_Edges = dict[tuple[str, str], int]


@dataclass(slots=True)
class Hidden:
    """`values` are (fact, value), `cells` are values of two facts. `facts` and `pairs` show nothing at all: no group of
    them could be shown. Of the facts in `undivided` a group is shown without the others that it would be compared with.
    """

    values: set[tuple[str, str]] = field(default_factory=set)
    facts: set[str] = field(default_factory=set)
    undivided: set[str] = field(default_factory=set)
    cells: dict[Pair, set[Cell]] = field(default_factory=dict)
    pairs: set[Pair] = field(default_factory=set)

    def shows(self, fact: str, value: str) -> bool:
        return fact not in self.facts and (fact, value) not in self.values


def hide(counts: Counts, facts: Collection[str], pairs: Iterable[Pair], minimum: int) -> Hidden:
    """What to hide when the report shows the values of these facts and the cells of these pairs (names in sorted order)."""
    tables = {fact: _Table.of(counts, fact, minimum) for fact in facts if counts.segments.get(fact)}
    known = {pair: _sizes(cells) for pair, cells in sorted(counts.pairs.items()) if pair[0] in tables and pair[1] in tables}
    while _hide_more(tables, known, minimum):
        pass
    hidden = Hidden(
        values={(fact, value) for fact, table in tables.items() for value in table.hidden},
        facts={fact for fact, table in tables.items() if table.untellable(minimum) or len(table.hidden) == len(table.sizes)},
        undivided={fact for fact, table in tables.items() if table.undivided},
    )
    for pair in pairs:
        cells = known.get(pair)
        if cells is not None:
            found = _hidden_cells(cells, tables[pair[0]], tables[pair[1]], minimum)
            if found is None or not hidden.facts.isdisjoint(pair):
                hidden.pairs.add(pair)
            else:
                hidden.cells[pair] = found
    return hidden


def hidden_rows(sizes: Sizes, minimum: int) -> set[str] | None:
    """Of one table whose rows exclude each other and whose total is known; None when nothing of it can be told."""
    table = _Table(dict(sizes), sum(sizes.values()), 0)
    table.hide_small(minimum)
    table.complete(minimum)
    return None if table.untellable(minimum) else table.hidden


@dataclass(slots=True)
class _Table:
    """The values of one fact. `having` answers have it, `lacking` do not, `several`: some have more than one value."""

    sizes: dict[str, int]
    having: int
    lacking: int
    hidden: set[str] = field(default_factory=set)
    undivided: bool = False

    @staticmethod
    def of(counts: Counts, fact: str, minimum: int) -> _Table:
        sizes = {value: histogram.total() for value, histogram in sorted(counts.segments[fact].items())}
        having = counts.having[fact].total() if fact in counts.having else sum(sizes.values())
        table = _Table(sizes, having, counts.n - having, undivided=0 < counts.n - having < minimum)
        table.hide_small(minimum)
        return table

    @property
    def several(self) -> bool:
        return sum(self.sizes.values()) > self.having

    def hide_small(self, minimum: int) -> None:
        """Groups that are too small, and those that leave too few others."""
        for value, n in self.sizes.items():
            if n < minimum or 0 < self.having - n < minimum:
                self.hidden.add(value)

    def complete(self, minimum: int) -> bool:
        """Hide the smallest groups until the hidden ones, all together, are enough; False when they were."""
        before = len(self.hidden)
        while self.untellable(minimum) and len(self.hidden) < len(self.sizes):
            self.hide_smallest(self.sizes)
        return len(self.hidden) > before

    def hide_smallest(self, among: Iterable[str]) -> bool:
        shown = [value for value in among if value not in self.hidden and value in self.sizes]
        if shown:
            self.hidden.add(min(shown, key=lambda value: (self.sizes[value], value)))
        return bool(shown)

    def untellable(self, minimum: int) -> bool:
        """The total less all shown groups would be too few: those hidden, and those who lack the fact unless it is told how the
        others rate.
        """
        unknown = sum(self.sizes[value] for value in self.hidden) + (self.lacking if self.undivided else 0)
        return 0 < unknown < minimum

    def line(self, value: str) -> str:
        return _HIDDEN if value in self.hidden else value

    @property
    def lacking_line(self) -> str:
        """Who lacks a fact is known as a group of their own by what the others are compared with."""
        return _HIDDEN if self.undivided else _LACKING

    def stop_dividing(self) -> bool:
        """Compare no group with the others that have the fact, so that the hidden ones cannot be told from who lacks it."""
        changed = self.lacking > 0 and not self.undivided
        self.undivided = self.undivided or changed
        return changed


def _hide_more(tables: Mapping[str, _Table], known: Mapping[Pair, Mapping[Cell, int]], minimum: int) -> bool:
    """One more group hidden where that is needed; whoever knows which agents are in a team subtracts across both tables."""
    for pair, cells in known.items():
        first, second = tables[pair[0]], tables[pair[1]]
        if not first.several and not second.several and (first.hidden or second.hidden):
            edges = _edges(cells, first, second, set(cells))
            if any(_cover(told, cells, first, second) for told in _told(edges, minimum, hidden_only=True)):
                return True
    return any(table.complete(minimum) for table in tables.values())


def _cover(told: tuple[str, str], cells: Mapping[Cell, int], first: _Table, second: _Table) -> bool:
    """Hide a neighbour of hidden groups that could be told apart: a group with answers in the same line, else the line, else
    the smallest that is left.
    """
    row, column = told
    return (
        (row == _HIDDEN and first.hide_smallest(x for x, y in cells if second.line(y) == column))
        or (column == _HIDDEN and second.hide_smallest(y for x, y in cells if first.line(x) == row))
        or first.stop_dividing()
        or second.stop_dividing()
        or second.hide_smallest([column])
        or first.hide_smallest([row])
        or second.hide_smallest(second.sizes)
        or first.hide_smallest(first.sizes)
    )


def _hidden_cells(cells: Mapping[Cell, int], first: _Table, second: _Table, minimum: int) -> set[Cell] | None:
    """The cells of two facts' table that stay hidden beside both facts' own tables; None when no choice is safe."""
    hidden = {cell for cell, n in cells.items() if n < minimum or cell[0] in first.hidden or cell[1] in second.hidden}
    for cell, n in cells.items():
        if 0 < first.sizes[cell[0]] - n < minimum or 0 < second.sizes[cell[1]] - n < minimum:
            hidden.add(cell)
    while True:
        edges = _edges(cells, first, second, hidden)
        told = next(_told(edges, minimum), None)
        if told is None:
            return hidden
        cover = _covering(told, edges, {cell: (first.line(cell[0]), second.line(cell[1])) for cell in cells if cell not in hidden})
        if not cover:
            return None
        hidden.add(min(cover, key=lambda cell: (cells[cell], cell)))


def _covering(told: tuple[str, str], edges: _Edges, shown: Mapping[Cell, tuple[str, str]]) -> list[Cell]:
    """Shown cells one of which is to be hidden too: in the same line; else such as close a circle of unknown cells through
    which sums can go either way; else any that widens it.
    """
    rows, columns = {told[0]}, {told[1]}
    while True:
        linked = {edge for edge in edges if edge[0] in rows or edge[1] in columns}
        if rows == {x for x, _ in linked} and columns == {y for _, y in linked}:
            break
        rows, columns = {x for x, _ in linked}, {y for _, y in linked}
    return (
        [cell for cell, (x, y) in shown.items() if x == told[0] or y == told[1]]
        or [cell for cell, (x, y) in shown.items() if x in rows and y in columns]
        or [cell for cell, (x, y) in shown.items() if x in rows or y in columns]
    )


def _edges(cells: Mapping[Cell, int], first: _Table, second: _Table, unknown: Collection[Cell]) -> _Edges:
    """The unknown cells as edges between both facts' lines, with those who lack one of the facts."""
    edges: _Edges = {}
    left_first, left_second = dict(first.sizes), dict(second.sizes)
    neither = first.lacking + sum(cells.values()) - second.having
    if neither > 0:
        edges[first.lacking_line, second.lacking_line] = neither
    for (x, y), n in cells.items():
        left_first[x] -= n
        left_second[y] -= n
        if (x, y) in unknown:
            edge = first.line(x), second.line(y)
            edges[edge] = edges.get(edge, 0) + n
    for left, table, other, place in ((left_first, first, second, 0), (left_second, second, first, 1)):
        for value, n in left.items():
            if n > 0:
                ends = table.line(value), other.lacking_line
                edge = ends if place == 0 else ends[::-1]
                edges[edge] = edges.get(edge, 0) + n
    return edges


def _told(edges: _Edges, minimum: int, *, hidden_only: bool = False) -> Iterator[tuple[str, str]]:
    """The edges with too few answers that the lines' totals give away, alone or with so few others; of all, or of those of
    hidden groups.

    A sum of unknown cells is known when it is some lines' totals less some other lines', that is when it is a cut that is
    crossed one way only. So the least such cut through an edge, as a flow, is the least that can be told about it.
    """
    rows: dict[str, dict[str, int]] = {}
    columns: dict[str, list[str]] = {}
    for (x, y), n in sorted(edges.items()):
        rows.setdefault(x, {})[y] = n
        columns.setdefault(y, []).append(x)
    for edge, n in sorted(edges.items()):
        if n < minimum and (not hidden_only or _HIDDEN in edge) and not _enough_around(edge, rows, columns, minimum):
            yield edge


def _enough_around(edge: tuple[str, str], rows: Mapping[str, Mapping[str, int]], columns: Mapping[str, list[str]], minimum: int) -> bool:
    """Whether a flow of `minimum` leads from the edge's line to its column: forward by an edge as much as it holds, back by it
    without limit (J. Picard & M. Queyranne's closures, as a maximum flow by L. Ford & D. Fulkerson).
    """
    start, end = edge
    used: _Edges = {}
    flow = 0
    while flow < minimum:
        path = _path(start, end, rows, columns, used)
        if path is None:
            return False
        room = min((rows[x][y] - used.get((x, y), 0) for x, y in path), default=0)
        for x, y in path:
            used[x, y] = used.get((x, y), 0) + min(room, minimum)
        flow += room
    return True


def _path(
    start: str, end: str, rows: Mapping[str, Mapping[str, int]], columns: Mapping[str, list[str]], used: _Edges
) -> list[tuple[str, str]] | None:
    """The forward edges of a shortest way with room in each."""
    came: dict[str, tuple[str, str] | None] = {start: None}
    if used.get((start, end), 0) < rows[start].get(end, 0):
        return [(start, end)]
    queue = deque([start])
    reached = {end}
    while queue:
        x = queue.popleft()
        for y, n in rows[x].items():
            if y in reached or used.get((x, y), 0) >= n:
                continue
            reached.add(y)
            for back in columns[y]:
                if back not in came:
                    came[back] = (x, y)
                    if used.get((back, end), 0) < rows[back].get(end, 0):
                        return _way(back, end, came)
                    queue.append(back)
    return None


def _way(x: str, y: str, came: Mapping[str, tuple[str, str] | None]) -> list[tuple[str, str]]:
    path = [(x, y)]
    step = came[x]
    while step is not None:
        path.append(step)
        step = came[step[0]]
    return path


def _sizes(cells: Mapping[Cell, Mapping[int, int]]) -> dict[Cell, int]:
    return {cell: sum(cells[cell].values()) for cell in sorted(cells)}

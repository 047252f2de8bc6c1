"""Operator order: in which order a graph's operators keep the least alive at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from dmo.checks import at_least
from problems.deployment.memory.dataflow import Dataflow


@dataclass(frozen=True)
class Order:
    """An order of operators, and whether no other has a smaller peak."""

    operators: tuple[int, ...]
    optimal: bool


class _State(NamedTuple):
    """What has run: its peak and what is alive after it, in bytes; and how it was reached."""

    peak: int
    live: int
    last: int
    before: _State | None


def best_order(dataflow: Dataflow, width: int = 256) -> Order:
    """An order of which the peak of live bytes is least.

    Dynamic programming over the sets of operators that have run, one operator more at a time;
    what a set keeps alive does not depend on the order within it. At most `width` sets are kept of
    each size, those of the smallest peaks: the order is optimal when none had to be dropped.
    Orders that do not beat the file's own are not followed; it is returned when none does.
    Source: Ahn et al. (2020), "Ordering chaos: memory-aware scheduling of irregularly wired neural
    networks for edge devices", section 3.1. Deviation: a beam in place of divide and conquer.
    """
    at_least("width", width, 1)
    n = len(dataflow.operators)
    own = tuple(range(n))
    limit = dataflow.buffers(own, align=1).lower_bound
    waits = _waits(dataflow)
    readers = dataflow.readers
    size = dataflow.size.tolist()
    start = sum(size[t] for t in dataflow.inputs)
    layer = {0: _State(start, start, -1, None)}
    complete = True
    for _ in range(n):
        following: dict[int, _State] = {}
        for done, state in layer.items():
            for k in range(n):
                if done >> k & 1 or waits[k] & ~done:
                    continue
                after = done | 1 << k
                dying = sum(size[t] for t in dataflow.reads[k] if not readers[t] & ~after)
                made = sum(size[t] for t in dataflow.makes[k])
                unread = sum(size[t] for t in dataflow.makes[k] if not readers[t])
                needs = state.live + (made if dataflow.overwritten(k, done) is None else 0)
                peak = max(state.peak, needs)
                if peak >= limit:
                    continue
                known = following.get(after)
                if known is None or peak < known.peak:
                    following[after] = _State(peak, state.live + made - dying - unread, k, state)
        if len(following) > width:
            complete = False
            kept = sorted(following.items(), key=lambda item: (item[1].peak, item[1].live))[:width]
            following = dict(kept)
        layer = following
        if not layer:
            return Order(own, complete)
    found: list[int] = []
    step: _State | None = layer[(1 << n) - 1]
    while step is not None and step.before is not None:
        found.append(step.last)
        step = step.before
    return Order(tuple(reversed(found)), complete)


def _waits(dataflow: Dataflow) -> list[int]:
    """For each operator, the set of those it reads from."""
    maker = {t: k for k, made in enumerate(dataflow.makes) for t in made}
    return [sum({1 << maker[t] for t in read if t in maker}) for read in dataflow.reads]

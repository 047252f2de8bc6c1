"""GraphNetwork: messages along the edges of the network's own graph, and a sum of what each node costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from dmo.checks import at_least
from dmo.errors import ArgumentError
from dmo.types import Array, IntArray
from surrogates.graphs import Graphs
from surrogates.scaling import Scaling, log_flags, scaled_rows
from surrogates.threads import one_thread

BATCH = 64


@dataclass(frozen=True)
class GraphNetwork:
    """A graph network over the ONNX graph: operators as nodes, tensors as edges, both directions.

    hidden: numbers a node holds; rounds: of messages; members: networks, each of which holds out its
    share of the rows; epochs: passes over the rows; lr: peak of a cosine schedule; weight_decay: of all
    weights; log: which targets are logarithmic, one flag each or one for all; graphs: of the
    subnets, given by `on`.

    Every node sees its operator, shapes and the row's features (graph and memory knobs, device
    state). A target is the logarithm of the sum of the nodes' contributions, as latency is a sum
    over operators, and a linear path from the features.
    Source: Gilmer et al., Neural message passing for quantum chemistry (2017), eqs. 1-3; for latency
    Dudziak et al., BRP-NAS (2020), section 3.1. Deviation: sums instead of a global node.
    Raises ArgumentError when a setting is out of range, or at fitting when there are no graphs.
    """

    hidden: int = 24
    rounds: int = 2
    members: int = 2
    epochs: int = 80
    lr: float = 0.01
    weight_decay: float = 0.1
    log: bool | tuple[bool, ...] = True
    graphs: Graphs | None = None

    def __post_init__(self) -> None:
        for name in ("hidden", "members", "epochs"):
            at_least(name, getattr(self, name), 1)
        at_least("members", self.members, 2)
        at_least("rounds", self.rounds, 0)
        at_least("lr", self.lr, 1e-6)
        at_least("weight_decay", self.weight_decay, 0.0)
        object.__setattr__(self, "log", log_flags(self.log))

    def on(self, graphs: Graphs) -> GraphNetwork:
        """This surrogate for rows that these graphs belong to."""
        return replace(self, graphs=graphs)

    def fit(self, x: Array, y: Array, rng: Generator) -> FittedGraphNetwork:
        """Learn the targets y, (n, k), of the features x, (n, q), n >= 2, and the graphs they choose.

        Raises ArgumentError when the rows cannot be used (see scaled_rows).
        """
        if self.graphs is None:
            raise ArgumentError("graphs", "the graphs of all subnets", "None", "call on(graphs) first")
        scaling, z, t = scaled_rows(x, y, self.log)
        subnet = self.graphs.of(np.asarray(x, dtype=float))
        owner = rng.permutation(np.arange(len(z)) % max(2, min(self.members, len(z)), 5))
        members = []
        with one_thread():
            for m in range(self.members):
                members.append(_trained(self, self.graphs, z, t, subnet, owner != m, rng))
        silent = FittedGraphNetwork(scaling, self.graphs, tuple(members), np.zeros(t.shape[1]))
        said = silent.members(z, subnet)
        error = np.concatenate([(said[m] - t)[owner == m] for m in range(self.members)])
        noise = (error**2).mean(axis=0) if len(error) else np.ones(t.shape[1])
        return replace(silent, noise=noise)


@dataclass(frozen=True, eq=False)
class FittedGraphNetwork:
    """weights: of each member, by name (see _forward); noise: (k,) variance of held-out rows."""

    scaling: Scaling
    graphs: Graphs
    weights: tuple[Mapping[str, NDArray[Any]], ...]
    noise: Array

    def predict(self, x: Array) -> tuple[Array, Array]:
        """Mean and standard deviation of the targets of x, (n, q): each (n, k), in the targets' units.

        Raises ArgumentError when x has another number of features or a value that is not finite.
        """
        z = self.scaling.features(x)
        said = self.members(z, self.graphs.of(np.asarray(x, dtype=float)))
        return self.scaling.unscaled(said.mean(axis=0), said.var(axis=0) + self.noise)

    def members(self, z: Array, subnet: IntArray) -> Array:
        """What each member says of scaled features z, (n, q), and their graphs: (m, n, k)."""
        out = np.empty((len(self.weights), len(z), self.scaling.n_targets))
        for start in range(0, len(z), BATCH):
            # Always as many rows, so that a row's result does not depend on its company.
            index = np.arange(start, start + BATCH).clip(max=len(z) - 1)
            nodes, edges = _batch(self.graphs, subnet[index])
            for m, weights in enumerate(self.weights):
                found = _forward(np, weights, z[index], nodes, edges)
                out[m, start : start + BATCH] = found[: len(z) - start]
        return out

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All it consists of, by name."""
        named = {f"{m}.{name}": a for m, weights in enumerate(self.weights) for name, a in weights.items()}
        return {**self.scaling.arrays(), **self.graphs.arrays(), **named, "noise": self.noise}

    @classmethod
    def restore(cls, arrays: Mapping[str, Any]) -> FittedGraphNetwork:
        """The same predictor from its arrays(); KeyError or ValueError when they do not fit together."""
        members: dict[str, dict[str, Any]] = {}
        for key, a in arrays.items():
            number, dot, name = key.partition(".")
            if dot:
                members.setdefault(number, {})[name] = a
        weights = tuple(members[str(m)] for m in range(len(members)))
        fitted = cls(Scaling.restore(arrays), Graphs.restore(arrays), weights, arrays["noise"])
        if not weights or fitted.noise.shape != (fitted.scaling.n_targets,):
            raise ValueError("a graph network without weights, or of other targets")
        fitted.predict(np.zeros((1, fitted.scaling.n_features)))  # ValueError where shapes do not chain
        return fitted


def _batch(graphs: Graphs, subnet: IntArray) -> tuple[Array, Array]:
    """Nodes (n, N, F) and edges (n, N, N), in double precision, of some subnets."""
    return graphs.nodes[subnet].astype(float), graphs.edges[graphs.shape[subnet]].astype(float)


def _forward(lib: Any, w: Mapping[str, Any], z: Any, nodes: Any, edges: Any) -> Any:
    """(n, k) scaled targets, computed by numpy or torch alike.

    z: (n, q); nodes: (n, N, F), those that are all 0 are not there; edges: (n, N, N).
    """
    there = nodes.any(2) if lib is np else nodes.ne(0).any(2)
    back = edges.swapaxes(1, 2)
    h = nodes @ w["in"] + (z @ w["knobs"] + w["bias"])[:, None]
    h = h * (h > 0)
    for i in range(sum(name.startswith("self_") for name in w)):
        h = h @ w[f"self_{i}"] + edges @ h @ w[f"to_{i}"] + back @ h @ w[f"from_{i}"] + w[f"bias_{i}"]
        h = h * (h > 0)
    cost = h @ w["out"] + w["out_bias"]
    top = cost.max(1, keepdims=True) if lib is np else cost.amax(1, keepdim=True).detach()
    total = (lib.exp(cost - top) * there[:, :, None]).sum(1)
    return lib.log(total + 1e-12) + top[:, 0] + z @ w["linear"]


def _trained(
    settings: GraphNetwork,
    graphs: Graphs,
    z: Array,
    t: Array,
    subnet: IntArray,
    learnt: NDArray[np.bool_],
    rng: Generator,
) -> dict[str, NDArray[Any]]:
    """The weights at the epoch at which held-out rows are predicted best."""
    import torch

    q, k, f, u = z.shape[1], t.shape[1], graphs.nodes.shape[2], settings.hidden
    scale = np.abs(graphs.nodes).max(axis=(0, 1)) + 1e-9
    start = {
        "in": rng.standard_normal((f, u)) * np.sqrt(2.0 / f) / scale[:, None],
        "knobs": rng.standard_normal((q, u)) * np.sqrt(1.0 / q),
        "bias": np.zeros(u),
        "out": rng.standard_normal((u, k)) * 0.1,
        "out_bias": np.full(k, -np.log(graphs.nodes.shape[1])),
        "linear": np.zeros((q, k)),
    }
    for i in range(settings.rounds):
        for name in ("self", "to", "from"):
            start[f"{name}_{i}"] = rng.standard_normal((u, u)) * np.sqrt(2.0 / (3.0 * u))
        start[f"bias_{i}"] = np.zeros(u)
    weights = {n: torch.tensor(a, dtype=torch.float32, requires_grad=True) for n, a in start.items()}
    optimiser = torch.optim.AdamW(weights.values(), lr=settings.lr, weight_decay=settings.weight_decay)
    rows = np.flatnonzero(learnt)
    batches = -(-len(rows) // BATCH)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, settings.epochs * batches)
    inputs, wanted = (torch.tensor(a, dtype=torch.float32) for a in (z, t))
    nodes, edges = torch.from_numpy(graphs.nodes), torch.from_numpy(graphs.edges)

    def error(index: NDArray[np.intp]) -> torch.Tensor:
        which = torch.from_numpy(subnet[index])
        shape = torch.from_numpy(graphs.shape[subnet[index]])
        said = _forward(torch, weights, inputs[index], nodes[which], edges[shape])
        loss: torch.Tensor = ((said - wanted[index]) ** 2).mean()
        return loss

    unseen = np.flatnonzero(~learnt)
    best, kept = float("inf"), {n: p.detach().clone() for n, p in weights.items()}
    for _ in range(settings.epochs):
        for part in np.array_split(rng.permutation(rows), batches):
            optimiser.zero_grad()
            torch.autograd.backward(error(part))
            optimiser.step()
            schedule.step()
        with torch.no_grad():
            now = float(error(unseen)) if len(unseen) else 0.0
        if now < best or not len(unseen):
            best, kept = now, {n: p.detach().clone() for n, p in weights.items()}
    return {n: p.numpy().astype(float) for n, p in kept.items()}

"""Transfer: what was learnt on profiled devices or networks, corrected by few measurements of a new one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from dmo.checks import at_least
from dmo.errors import ArgumentError
from dmo.types import Array, BoolArray
from surrogates.gaussian_process import FittedGaussianProcess, GaussianProcess
from surrogates.protocol import Storable, find_kind, kind_name
from surrogates.scaling import log_flags, training_rows


@dataclass(frozen=True)
class Transfer:
    """A known predictor, moved to a new device or network by an affine map and a residual process.

    known: predictors of the same features and targets, one per profiled device; log: which targets
    are logarithmic (there, devices differ by factors), one flag each or one for all; residual: from
    so many rows on, a Gaussian process learns what the map leaves over.

    The map's slope and offset are found by least squares, shrunk towards slope 1 and the mean ratio
    with the weight of `prior` rows, so that one measurement already gives a scale. Of several known
    predictors the one whose map fits the rows best is taken.
    Source: Lee et al., HELP (2021), a few measurements of a new device as its description.
    Deviation: a map in closed form instead of meta-learnt networks.
    Raises ArgumentError when a setting is out of range.
    """

    known: tuple[Storable, ...]
    log: bool | tuple[bool, ...] = True
    residual: int = 10
    prior: float = 3.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "known", tuple(self.known))
        object.__setattr__(self, "log", log_flags(self.log))
        at_least("known", len(self.known), 1)
        at_least("residual", self.residual, 2)
        at_least("prior", self.prior, 0.0)

    def fit(self, x: Array, y: Array, rng: Generator) -> FittedTransfer:
        """Learn the targets y, (n, k), of the features x, (n, q), n >= 2, on the new device.

        Raises ArgumentError when the rows cannot be used (see training_rows).
        """
        x, y, log = training_rows(x, y, self.log)
        maps = [self._map(known, x, y, log) for known in self.known]
        best = int(np.argmin([noise.mean() for _, _, noise in maps]))
        slope, offset, noise = maps[best]
        fitted = FittedTransfer(self.known[best], log, slope, offset, noise, None)
        if len(x) < self.residual:
            return fitted
        left_over = _logged(y, log) - _logged(fitted.predict(x)[0], log)
        process = GaussianProcess(log=False).fit(x, left_over, rng)
        return FittedTransfer(self.known[best], log, slope, offset, noise, process)

    def _map(self, known: Storable, x: Array, y: Array, log: BoolArray) -> tuple[Array, Array, Array]:
        """Slope, offset and left-over variance, (k,) each, from the known prediction to y."""
        said = known.predict(x)[0]
        if said.shape != y.shape:
            raise ArgumentError(
                "known", f"predictions of {y.shape[1]} targets", f"{said.shape[1]}", "fit it to the same ones"
            )
        a, b = _logged(said, log), _logged(y, log)
        centre, middle = a.mean(axis=0), b.mean(axis=0)
        # Shrunk towards slope 1 as by `prior` rows of the spread that the known predictor gives here.
        spread = self.prior * a.var(axis=0)
        across = ((a - centre) * (b - middle)).sum(axis=0)
        along = ((a - centre) ** 2).sum(axis=0)
        slope = (across + spread) / np.where(along + spread > 0.0, along + spread, 1.0)
        slope = np.where(along + spread > 0.0, slope, 1.0)
        offset = middle - slope * centre
        error = ((slope * a + offset - b) ** 2).sum(axis=0)
        return slope, offset, error / max(len(x) - 2.0, 1.0)


@dataclass(frozen=True, eq=False)
class FittedTransfer:
    """known: the predictor it started from; slope, offset, noise: (k,) of the map on the scale of log;
    process: of what is left over there, if any."""

    known: Storable
    log: BoolArray
    slope: Array
    offset: Array
    noise: Array
    process: FittedGaussianProcess | None

    def predict(self, x: Array) -> tuple[Array, Array]:
        """Mean and standard deviation of the targets of x, (n, q): each (n, k), in the targets' units."""
        mean = self.slope * _logged(self.known.predict(x)[0], self.log) + self.offset
        variance = np.broadcast_to(self.noise, mean.shape)
        if self.process is not None:
            more, std = self.process.predict(x)
            mean, variance = mean + more, std**2
        value = np.where(self.log, np.exp(np.where(self.log, mean, 0.0)), mean)
        return value, np.sqrt(variance) * np.where(self.log, value, 1.0)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All it consists of, by name."""
        named: dict[str, NDArray[Any]] = {
            "kind": np.array(kind_name(self.known)),
            "log": np.asarray(self.log, dtype=float),
            **{name: getattr(self, name) for name in ("slope", "offset", "noise")},
            **{f"known.{name}": a for name, a in self.known.arrays().items()},
        }
        if self.process is not None:
            named |= {f"process.{name}": a for name, a in self.process.arrays().items()}
        return named

    @classmethod
    def restore(cls, arrays: Mapping[str, Any]) -> FittedTransfer:
        """The same predictor from its arrays(); KeyError or ValueError when they do not fit together."""

        def part(prefix: str) -> dict[str, Any]:
            return {n.removeprefix(prefix): a for n, a in arrays.items() if n.startswith(prefix)}

        process = part("process.")
        return cls(
            find_kind(str(arrays["kind"])).restore(part("known.")),
            np.asarray(arrays["log"], dtype=bool),
            arrays["slope"],
            arrays["offset"],
            arrays["noise"],
            FittedGaussianProcess.restore(process) if process else None,
        )


def _logged(y: Array, log: BoolArray) -> Array:
    return np.where(log, np.log(np.where(log, np.maximum(y, np.finfo(float).tiny), 1.0)), y)

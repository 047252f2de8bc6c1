"""Schedule: when the environment changes, as a pure function of the number of evaluations."""

from __future__ import annotations

from dataclasses import dataclass

from dmo.errors import ArgumentError


@dataclass(frozen=True)
class Schedule:
    """The clock and the budget of a run; evaluations drive time, a generation is pop_size of them.

    evals: evaluations in each environment; n_env: number of environments, the first included;
    severity: n_t, environment k has time t_k = k / severity; first: evaluations before the first
    change where that differs from evals; announced: whether a searcher is told of a change. When
    it is not, it must detect changes and pays for it out of the same budget.

    Raises ArgumentError when a count is below 1 or the severity is not positive.
    """

    evals: int
    n_env: int
    severity: float = 10.0
    first: int | None = None
    announced: bool = True

    def __post_init__(self) -> None:
        for name, value in (("evals", self.evals), ("n_env", self.n_env), ("first", self.opening)):
            if isinstance(value, bool) or not isinstance(value, int) or value < 1:
                raise ArgumentError(
                    name,
                    "a whole number >= 1",
                    repr(value),
                    "give it as a count of evaluations or environments",
                )
        if not 0.0 < self.severity < float("inf"):
            raise ArgumentError(
                "severity", "a finite number > 0", repr(self.severity), "n_t is usually 5, 10 or 20"
            )

    @property
    def opening(self) -> int:
        """Evaluations in the first environment."""
        return self.evals if self.first is None else self.first

    @property
    def total(self) -> int:
        """Evaluations in the whole run."""
        return self.opening + self.evals * (self.n_env - 1)

    def index(self, count: int) -> int:
        """The environment of evaluation number `count`, from 0; n_env when the budget is spent."""
        return 0 if count < self.opening else min(1 + (count - self.opening) // self.evals, self.n_env)

    def end(self, index: int) -> int:
        """The number of evaluations made when environment `index` ends."""
        return self.opening + self.evals * index

    def time(self, index: int) -> float:
        """t_k of environment k = `index`."""
        return index / self.severity


def fixed(
    evals: int = 1000,
    n_env: int = 30,
    severity: float = 10.0,
    first: int | None = None,
    announced: bool = True,
) -> Schedule:
    """A clock given directly in evaluations."""
    return Schedule(evals, n_env, severity, first, announced)


def cec2018(
    pop_size: int = 100,
    frequency: int = 10,
    severity: float = 10.0,
    n_env: int = 31,
    opening: int = 50,
    announced: bool = True,
) -> Schedule:
    """The clock of the CEC2018 and CEC2025 competitions: environments of 50, 10, 10, ... generations.

    pop_size: evaluations a generation; frequency: tau_t, generations between changes; opening: T0,
    generations before the first change; n_env: 31 environments have the usual 30 changes.
    Source: Jiang et al., Benchmark Problems for CEC2018, eq. 1 in the form of the official code:
    t = floor(max(tau + tau_t - (T0 + 1), 0) / tau_t) / n_t, tau counted from 1.
    """
    _check_generations(pop_size=pop_size, frequency=frequency, opening=opening)
    return Schedule(pop_size * frequency, n_env, severity, pop_size * opening, announced)


def platemo(
    pop_size: int = 100, frequency: int = 10, severity: float = 10.0, n_env: int = 30, announced: bool = True
) -> Schedule:
    """PlatEMO's clock: t = floor(FE / N / tau_t) / n_t, all environments equally long.

    Deviation: PlatEMO reads FE before a whole batch, so that a batch may overrun a change; here
    every evaluation has the time at which it is made.
    Source: PlatEMO 4, Problems/Multi-objective optimization/FDA.
    """
    _check_generations(pop_size=pop_size, frequency=frequency)
    return Schedule(pop_size * frequency, n_env, severity, None, announced)


def cec2023(
    pop_size: int = 100,
    frequency: int = 10,
    severity: float = 10.0,
    n_env: int = 31,
    opening: int = 60,
    announced: bool = True,
) -> Schedule:
    """The clock of DCP and of DCF, the CEC2023 competition: environments of 60, 10, 10, ... generations.

    As `cec2018`, but 60 generations come before the first change.
    """
    return cec2018(pop_size, frequency, severity, n_env, opening, announced)


def pps(
    pop_size: int = 100,
    frequency: int = 30,
    severity: float = 10.0,
    n_env: int = 161,
    announced: bool = False,
) -> Schedule:
    """The clock of PPS and FPS: 30 generations in every environment, times 0 to 160 of 10 to the unit.

    Changes are hidden, as there 5 % of the population are evaluated anew to detect them. For three
    objectives the population is 200.
    Source: Zhou, Jin, Zhang, A Population Prediction Strategy for Evolutionary Dynamic Multiobjective
    Optimization (2014), section V.A.
    """
    _check_generations(pop_size=pop_size, frequency=frequency)
    return Schedule(pop_size * frequency, n_env, severity, None, announced)


def pymoo(
    pop_size: int = 100, frequency: int = 10, severity: float = 10.0, n_env: int = 31, announced: bool = True
) -> Schedule:
    """pymoo's clock: t = (tau // tau_t) / n_t, tau from 1: environments of 9, 10, 10, ... generations.

    Deviation: pymoo's dynamic algorithms evaluate more than pop_size points where a change is, which its
    clock does not count; here they count.
    Source: pymoo 0.6.2, problems/dyn.py.
    """
    _check_generations(pop_size=pop_size, frequency=frequency)
    if frequency < 2:
        raise ArgumentError(
            "frequency",
            "a whole number >= 2",
            repr(frequency),
            "the first environment is one generation shorter",
        )
    return Schedule(pop_size * frequency, n_env, severity, pop_size * (frequency - 1), announced)


def xiamen(
    pop_size: int = 100,
    frequency: int = 10,
    severity: float = 10.0,
    generations: int = 300,
    announced: bool = True,
) -> Schedule:
    """The clock of Tr-DMOEA, KT-DMOEA, DIP-DMOEA and their kin: `generations` in equal environments, no T0.

    300 generations of tau_t = 10, or 150 of tau_t = 5, are 30 environments.
    Sources disagree: time begins at 0 in DIP-DMOEA, as here, and at 1 / n_t in others (IGP-DMOEA, DM-DMOEA).
    Source: configure.m of the published codes of DIP-DMOEA and KTM-DMOEA.
    """
    _check_generations(pop_size=pop_size, frequency=frequency, generations=generations)
    if generations < frequency:
        raise ArgumentError(
            "generations",
            f"at least frequency = {frequency}",
            repr(generations),
            "one environment needs as many",
        )
    return Schedule(pop_size * frequency, generations // frequency, severity, None, announced)


def _check_generations(**counts: int) -> None:
    for name, value in counts.items():
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise ArgumentError(name, "a whole number >= 1", repr(value), "give it as a count")

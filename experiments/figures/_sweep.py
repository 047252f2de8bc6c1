"""The sweeps that figures share, so that a run serves as many of them as it can."""

STUDY = "cec2018"
FEW = ("problem=df1,df3,df5,df9", "schedule=cec2018", "searcher=dnsga2_a,dnsga2_b,kgb")
# Nothing in it depends on a library of linear algebra: it is the same on every machine.
SMOKE = (
    "problem=df1,df3,df9",
    "schedule=cec2018",
    "searcher=dnsga2_a,dnsga2_b,evolve",
    "schedule.n_env=5",
    "pop_size=20",
    "seeds=3",
    "front_points=100",
)


def few(smoke: bool) -> tuple[str, ...]:
    """Overrides of the study for a figure of some problems and searchers."""
    return SMOKE if smoke else FEW


def whole(smoke: bool) -> tuple[str, ...]:
    """The same for a figure of the whole study."""
    return SMOKE if smoke else ()

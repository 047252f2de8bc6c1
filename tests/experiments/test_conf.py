"""Every configuration file composes, and what it describes can be built."""

from pathlib import Path

import pytest
from hydra import compose, initialize_config_dir

from experiments.entry import CONF, build

GROUPS = sorted(
    (f.parent.relative_to(CONF).as_posix(), f.stem) for f in CONF.rglob("*.yaml") if f.parent != CONF
)
# Which entry point a group belongs to, and what else it needs there.
HOME = {"surrogate": ("fit", []), "data": ("profile", ["network=resnet", "device=host"])}
HOME |= {"network": ("run", ["problem=deployment/resnet"]), "device": ("run", ["problem=deployment/resnet"])}
HOME |= {"scenario": ("run", ["problem=deployment/resnet"]), "policy": ("compare", [])}
# Built elsewhere: by the tests of the deployment run, where the data set is installed, by those of studies.
LAZY = {"problem/deployment", "data", "experiment"}


@pytest.mark.parametrize(("group", "name"), GROUPS, ids=["/".join(g) for g in GROUPS])
def test_every_file_composes_and_builds(group, name):
    top, _, rest = group.partition("/")
    main, extra = HOME.get(top, ("run", []))
    with initialize_config_dir(str(CONF), version_base="1.3"):
        option = f"{rest}/{name}" if rest else name
        config = compose(main, overrides=[*extra, f"{top}={option}"])
    if group not in LAZY:
        build(config[top])


def test_the_configurations_are_where_they_are_looked_for():
    assert (CONF / "run.yaml").is_file()
    assert Path(CONF).is_absolute()

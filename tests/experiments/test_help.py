"""--help lists the choices of every group, as Hydra's own slower way of listing does."""

from hydra import initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from hydra.core.object_type import ObjectType

from experiments.entry import CONF, options_in


def test_choices_are_those_that_hydra_lists():
    with initialize_config_dir(str(CONF), version_base="1.3"):
        loader = GlobalHydra.instance().hydra.config_loader
        groups = ["", *loader.list_groups(""), "hydra/launcher", "problem/deployment"]
        for group in groups:
            for kind in (ObjectType.CONFIG, ObjectType.GROUP):
                assert options_in(loader, group, kind) == loader.get_group_options(group, kind)
    assert {"problem", "searcher", "hydra"} <= {*groups}

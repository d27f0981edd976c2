"""The components of this application, and their settings."""

from collections import Counter

from app.core.config import Settings
from app.core.resources import open_shared_resources
from app.settings import CoreSettings
from app.stack import COMPONENTS


def test_each_component_has_a_name_of_its_own() -> None:
    names = [component.name for component in COMPONENTS]
    assert len(names) == len(set(names))


def test_no_two_components_share_the_name_of_a_setting_or_a_validator() -> None:
    # Python would take the first one, silently. Each `warnings` calls the next one, and who brings a
    # door of the dashboard says so.
    meant = {"model_config", "warnings", "dashboard_takes_token"}
    kinds = [kind for kind in Settings.__mro__ if issubclass(kind, CoreSettings)]
    names = [name for kind in kinds for name in {*kind.__annotations__, *vars(kind)}]
    twice = {name for name, count in Counter(names).items() if count > 1}
    assert {name for name in twice if not name.startswith("_")} <= meant


async def test_shared_resources_can_be_opened_again_and_again() -> None:
    for _ in range(2):
        async with open_shared_resources():
            pass

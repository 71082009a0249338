"""Two webs, two relays and three members of each service, each on a machine of its own; the tests run in order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest
import urllib3

from hangarstack.errors import BrokerError
from hangarstack.settings import Settings
from hangarstack.simulate.client import Browser
from hangarstack.simulate.plan import Action, Kind
from hangarstack.supervisor.parts import SERVICES
from tests.support.kafka import embedded_kafka
from tests.support.machines import Machine, Machines, Visits, counted, shared_settings, until, web_is_ready
from tests.support.platform import ROOT
from tests.support.registry import running
from tests.support.requirements import missing
from tests.support.stores import Postgres

MEMBERS = 3
SEEN_WITHIN_S = 3.0
AIRCRAFT = "cessna-172"
POOL = urllib3.PoolManager()


@dataclass(slots=True)
class Site:
    """What the machines serve, and what its visitors know that it has accepted."""

    webs: list[Machine]
    relays: list[Machine]
    members: dict[str, list[Machine]]
    accepted: Counter[str]

    @property
    def addresses(self) -> list[str]:
        return [f"http://127.0.0.1:{web.settings.http_port}" for web in self.webs]

    def everything_is_counted(self) -> bool:
        return all(counted(address) == self.accepted for address in self.addresses)

    def differences(self) -> str:
        return f"accepted {self.accepted}, counted {[counted(address) for address in self.addresses]}"


@pytest.fixture(scope="module")
def site(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    home = tmp_path_factory.mktemp("machines")
    with ExitStack() as stack:
        kafka = embedded_kafka(home / "broker")
        stack.callback(kafka.kill)
        try:
            kafka.start()
        except BrokerError as error:
            missing("kafka", str(error))
        registry = stack.enter_context(running(Settings(home=home / "registry")))
        shared = shared_settings(
            root=ROOT,
            bootstrap_servers=kafka.bootstrap_servers,
            registry_url=registry.url,
            database_url=stack.enter_context(postgres.database()),
        )
        machines = Machines(shared=shared, directory=home)
        machines.run("prepare")
        webs = [machines.start("web") for _ in range(2)]
        relays = [machines.start("relay") for _ in range(2)]
        members = {name: [machines.start("consume", name) for _ in range(MEMBERS)] for name in SERVICES}
        stack.callback(machines.kill)
        until(lambda: all(web_is_ready(web) for web in webs), lambda: [web.output() for web in webs])
        yield Site(webs, relays, members, Counter())


def visit(site: Site, *, seconds: float) -> list[Visits]:
    """Send visitors to every web."""
    seed = site.accepted.total()
    visits = [Visits(address, seconds=seconds, rate=25, seed=seed + n) for n, address in enumerate(site.addresses)]
    for each in visits:
        each.start()
    return visits


def leave(site: Site, visits: list[Visits]) -> None:
    """Wait until the visitors are gone, and note what was accepted of them."""
    for each in visits:
        each.join()
        assert each.tally.unanswered == 0
        site.accepted.update(each.tally.accepted)


def seen(site: Site, address: str) -> tuple[int, float]:
    """Return an aircraft's version and range as a web shows it; to look is to view, so that counts too."""
    answer = POOL.request("GET", f"{address}/api/v1/aircraft/{AIRCRAFT}", retries=False)
    site.accepted.update(answer.headers["HangarStack-Accepted"].split(", "))
    shown = answer.json()
    return shown["version"], shown["performance"]["range_km"]


def test_both_webs_show_the_same_exact_numbers(site: Site) -> None:
    leave(site, visit(site, seconds=2))
    assert site.accepted["AircraftView"] > 0
    until(site.everything_is_counted, site.differences)


@pytest.mark.parametrize(("here", "there"), [(0, 1), (1, 0)])
def test_an_edit_through_one_web_is_soon_seen_on_the_other(site: Site, here: int, there: int) -> None:
    editing, other = site.addresses[here], site.addresses[there]
    before = seen(site, other)
    action = Action(kind=Kind.EDIT, aircraft=(AIRCRAFT,), user_agent="a test", private=False)
    accepted = [name for each in Browser(POOL, editing, 10, lambda: False).perform(action) for name in each.accepted]
    site.accepted.update(accepted)
    assert "DataUpdate" in accepted
    until(lambda: seen(site, other) != before, lambda: before, within_s=SEEN_WITHIN_S)
    assert seen(site, other) == seen(site, editing)


def test_a_web_a_relay_and_three_members_are_killed_and_the_numbers_stay_exact(site: Site) -> None:
    visits = visit(site, seconds=4)
    leading = next(relay for relay in site.relays if relay.readiness()["state"] == "leading")
    for victim in (leading, *(members[0] for members in list(site.members.values())[:3]), site.webs[1]):
        victim.kill()
    # Its visitors try again; what it had accepted and not delivered is in its state directory.
    site.webs[1].start()
    leave(site, visits)
    until(site.everything_is_counted, site.differences)

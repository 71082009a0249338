"""A second registry to compare the embedded one with: another program, asked through the same Confluent API.

The one that HANGARSTACK_TEST_REGISTRY_URL names, else Apicurio: in a container where Docker answers, else run by Java.
`make test` runs this module first, so that what must be fetched is there before a test's time starts.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Final

import pytest
from rich.console import Console

from hangarstack.broker.embedded.progress import shown
from hangarstack.errors import HangarStackError, RegistryError, SettingsError
from hangarstack.registry.rest import RestClient
from hangarstack.settings import PREFIX, Settings, load
from tests.support import apicurio
from tests.support.docker import docker_trouble
from tests.support.kafka import cache_dir
from tests.support.registry import Registry
from tests.support.requirements import is_required
from tests.support.servers import Absent, Address, first_of, unusable

_PART: Final = "registry"
_VARIABLE = "HANGARSTACK_TEST_REGISTRY_URL"
_IMAGE = f"apicurio/apicurio-registry-mem:{apicurio.VERSION}"
_API = "/apis/ccompat/v7"
_READY_S = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondRegistry:
    """A running registry that is not ours.

    Args:
        registry: how to ask it.
        kind: ``apicurio``, or ``other`` for one that is taken to do what Confluent documents.
    """

    registry: Registry
    kind: str


@pytest.fixture(scope="session")
def second_registry() -> Iterator[SecondRegistry]:
    """A registry of another make, which a session shares: use subjects of your own."""
    with ExitStack() as stack:
        url = first_of(_PART, (_given, _container, _local), stack)
        registry = Registry(url=url, settings=Settings(registry_url=url))
        yield SecondRegistry(registry=registry, kind="apicurio" if _API in url else "other")


def _given(_stack: ExitStack) -> Address | Absent:
    url = os.environ.get(_VARIABLE, "").rstrip("/")
    if not url:
        return Absent(f"{_VARIABLE} is not set")
    try:
        RestClient(load({f"{PREFIX}REGISTRY_URL": url})).call("GET", "/subjects")
    except (SettingsError, RegistryError) as error:
        unusable(_VARIABLE, error.what)
    return Address(url)


def _container(stack: ExitStack) -> Address | Absent:
    trouble = docker_trouble()
    if trouble:
        return Absent(trouble)
    from docker.errors import DockerException  # type: ignore[import-untyped]  # it brings no types
    from testcontainers.core.container import DockerContainer
    from testcontainers.core.wait_strategies import HttpWaitStrategy

    ready = HttpWaitStrategy(8080, f"{_API}/subjects").with_startup_timeout(_READY_S)
    try:
        container = stack.enter_context(DockerContainer(_IMAGE).with_exposed_ports(8080).waiting_for(ready))
    except (DockerException, TimeoutError) as error:
        return Absent(f"the container does not start: {error}")
    return Address(f"http://{container.get_container_host_ip()}:{container.get_exposed_port(8080)}{_API}")


def _local(stack: ExitStack) -> Address | Absent:
    try:
        return Address(stack.enter_context(apicurio.running(apicurio.fetch(cache_dir()))))
    except (apicurio.ApicurioError, HangarStackError) as error:
        return Absent(str(error))


def main() -> int:
    """Fetch what the second registry needs unless it is there; return the exit code."""
    if os.environ.get(_VARIABLE):
        return 0
    pull = ["docker", "pull", _IMAGE]
    if not docker_trouble() and subprocess.run(pull, check=False).returncode == 0:
        return 0
    console = Console(stderr=True)
    try:
        with shown(console) as progress:
            apicurio.fetch(cache_dir(), progress=progress)
    except apicurio.ApicurioError as error:
        console.print(f"No second registry, so none is compared with: {error}", style="yellow")
        return 1 if is_required(_PART) else 0
    return 0


if __name__ == "__main__":
    sys.exit(main())

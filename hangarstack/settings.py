"""One frozen settings object, read once from the environment and a TOML file, and passed down.

Every field is a variable ``HANGARSTACK_<FIELD>`` and a key ``<field>`` of the TOML file named by
``HANGARSTACK_SETTINGS``; the environment wins.
"""

from __future__ import annotations

import dataclasses
import ipaddress
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import tomli

from hangarstack.errors import SettingsError

PREFIX: Final = "HANGARSTACK_"
SETTINGS_FILE_VARIABLE: Final = "HANGARSTACK_SETTINGS"


class Secret(str):
    """A string that never shows itself: ``repr`` and formatting print stars, ``reveal`` the value."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'***'" if self else "''"

    def __str__(self) -> str:
        return "***" if self else ""

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)

    def reveal(self) -> str:
        """Return the value, for the client that needs it."""
        return str.__str__(self)


_STATE: Final = ".hangarstack"


def _default_root() -> Path:
    here = Path.cwd()
    for each in (here, *here.parents):
        if _is_there(each / "contracts" / "avro") or _is_there(each / "contracts" / "contracts.lock"):
            return each
        # What lies around a checkout is another project: its contracts must not pass for lost ones of this one.
        if _is_there(each / ".git"):
            break
    return here


def _is_there(path: Path) -> bool:
    try:
        path.stat()
    except PermissionError:
        # It must not pass for lost: whoever reads it says why it cannot be read.
        return True
    except OSError:
        return False
    return True


def _default_cache_dir() -> Path:
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "hangarstack"


def _one_of(*allowed: str) -> Callable[[str], None]:
    def check(value: str) -> None:
        if value not in allowed:
            raise ValueError(f"must be one of {', '.join(allowed)}")

    return check


def _between(low: float, high: float) -> Callable[[float], None]:
    def check(value: float) -> None:
        if not low <= value <= high:
            raise ValueError(f"must be between {low:g} and {high:g}")

    return check


def _web_address(value: str) -> None:
    parts = urlsplit(value)
    if value and not (parts.scheme in {"http", "https"} and parts.hostname):
        raise ValueError("must begin with http:// or https:// and name a host")


def _registries(value: str) -> None:
    for each in filter(None, map(str.strip, value.split(","))):
        try:
            parts = urlsplit(each)
            usable = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0 and "@" not in parts.path
        except ValueError:
            usable = False
        if not usable:
            # In words of our own: what urlsplit says may hold a part of the password.
            raise ValueError(
                "must begin with http:// or https:// and name a host, with %40 for an @ and %2F for a / in the password"
            ) from None


def _addresses(value: str) -> None:
    for one in filter(None, map(str.strip, value.split(","))):
        ipaddress.ip_network(one)


def _setting(default: Any, doc: str, check: Callable[[Any], None] | None = None) -> Any:
    metadata = {"doc": doc, "check": check}
    if callable(default):
        return field(default_factory=default, metadata=metadata)
    return field(default=default, metadata=metadata)


_PORT = _between(0, 65535)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The effective settings of one process; ``hangarstack settings`` prints what each one does."""

    root: Path = _setting(
        _default_root,
        "Directory that holds contracts/, migrations/ and data/; unset: the current one, or the nearest above it in the"
        " same checkout, that has contracts/avro or contracts/contracts.lock.",
    )
    home: Path = _setting(
        lambda: _default_root() / _STATE,
        "State directory: broker data, registry, stores, spools, caches, locks; unset: .hangarstack in ROOT.",
    )

    http_host: str = _setting("127.0.0.1", "Address that the web app listens on.")
    http_port: int = _setting(8080, "Port of the web app.", _PORT)
    web_threads: int = _setting(
        2, "Threads that render pages in one web process: more only help where the database is slow.", _between(1, 256)
    )
    public_url: str = _setting(
        "",
        "Address that visitors use, when it is not http://HTTP_HOST:HTTP_PORT; set it in production: the web app then"
        " refuses requests for any other host.",
        _web_address,
    )
    trusted_proxies: str = _setting(
        "",
        "Addresses or networks, comma separated, of the proxies in front of the web app, whose X-Forwarded-For and"
        " X-Forwarded-Proto are believed; empty: nobody's are.",
        _addresses,
    )
    secret_key: Secret = _setting(
        Secret(""),
        "Signs the session cookie; empty: one is made and kept in HOME. Share it between web processes.",
    )
    admin_password: Secret = _setting(
        Secret(""),
        "Opens the administration pages, with any user name; use it over https only. Empty: they answer only who comes"
        " from this machine, not through a proxy.",
    )
    client_ip: str = _setting(
        "truncate",
        "What events keep of a client's IP address: truncate (/24, /48), hash, full or none.",
        _one_of("truncate", "hash", "full", "none"),
    )

    registry_url: str = _setting("", "Schema registry to use; empty: `up` runs the embedded one.", _registries)
    registry_host: str = _setting("127.0.0.1", "Address that the embedded registry listens on.")
    registry_port: int = _setting(8081, "Port of the embedded registry.", _PORT)
    registry_username: str = _setting("", "User (API key) for the registry's basic authentication.")
    registry_password: Secret = _setting(Secret(""), "Password (API secret) for the registry.")
    registry_ca: str = _setting("", "PEM file of certificate authorities for the registry; empty: the system's.")
    registry_kms_secret: Secret = _setting(
        Secret(""), "Secret that the embedded registry encrypts shared keys of local-kms by; empty: none."
    )
    registry_timeout_s: float = _setting(5.0, "Seconds that one registry call may take.", _between(0.1, 300))

    bootstrap_servers: str = _setting("", "Kafka to use, host:port[,host:port]; empty: `up` runs its own.")
    broker: str = _setting(
        "kafka",
        "Kind of broker: kafka, or memory for the one inside librdkafka, whose limits clients must respect.",
        _one_of("kafka", "memory"),
    )
    cache_dir: Path = _setting(
        _default_cache_dir, "Directory of what can be fetched again (Kafka's jars), shared by all homes."
    )
    broker_port: int = _setting(
        19092, "Port of the embedded Kafka; its controller takes the next one.", _between(1, 65534)
    )
    security_protocol: str = _setting(
        "PLAINTEXT",
        "How Kafka clients connect; SASL_SSL for Confluent Cloud.",
        _one_of("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"),
    )
    sasl_mechanism: str = _setting("PLAIN", "SASL mechanism.", _one_of("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"))
    sasl_username: str = _setting("", "SASL user (Confluent Cloud: API key).")
    sasl_password: Secret = _setting(Secret(""), "SASL password (Confluent Cloud: API secret).")
    ssl_ca: str = _setting("", "PEM file of certificate authorities for Kafka; empty: the system's.")
    replication_factor: int = _setting(1, "Replicas of each topic that `topics apply` creates.", _between(1, 9))

    group_protocol: str = _setting(
        "classic",
        "Consumer group protocol: classic (cooperative-sticky) or consumer (KIP-848).",
        _one_of("classic", "consumer"),
    )
    session_timeout_ms: int = _setting(
        6000, "A consumer silent for so many milliseconds loses its partitions.", _between(1000, 3_600_000)
    )
    group_instance_id: str = _setting(
        "",
        "Makes a consumer a static member of its group, so that a restart within the session has its partitions back"
        " at once; unique among the members of a group; empty: a dynamic member.",
    )
    dedupe_window_s: int = _setting(
        86_400,
        "Of two records with one event_id that were written within so many seconds, one is counted.",
        _between(1, 31_536_000),
    )
    dead_letter_limit: int = _setting(100, "So many dead letters in a row stop a service.", _between(1, 1_000_000))
    dead_letter_replays: int = _setting(
        3,
        "A dead letter that was replayed so often and failed again is put into quarantine instead.",
        _between(1, 1000),
    )

    spool_bytes: int = _setting(
        512 * 1024 * 1024,
        "Room of a process's write-ahead spool, in bytes; the disk is taken as it fills, 16 MiB at a time.",
        _between(65_536, 2**40),
    )
    spool_fsync: bool = _setting(False, "Also force each event to disk, for power loss (slower).")
    compression: str = _setting("lz4", "Compression of produced batches.", _one_of("lz4", "zstd", "none"))

    database_url: Secret = _setting(Secret(""), "SQLAlchemy URL of PostgreSQL; empty: SQLite files under HOME/store.")

    probe_host: str = _setting("127.0.0.1", "Address of a service's health and metrics endpoint.")
    probe_port: int = _setting(
        0, "Port of a service's health and metrics; 0: any free one. `up` takes six from it on: relay, services.", _PORT
    )
    drain_s: float = _setting(5.0, "Seconds that a stopping process may take to drain.", _between(0.1, 300))
    log_level: str = _setting("info", "Least severity logged.", _one_of("debug", "info", "warning", "error"))
    log_format: str = _setting("text", "Log lines: text or json.", _one_of("text", "json"))

    @property
    def address(self) -> str:
        """The address of the page, as a visitor types it."""
        return self.public_url or f"http://{self.http_host}:{self.http_port}"


_FIELDS: Final = {f.name: f for f in dataclasses.fields(Settings)}


def load(environ: Mapping[str, str]) -> Settings:
    """Read the settings from the TOML file that the environment names, then from the environment itself.

    Args:
        environ: the process environment; only names that begin with ``HANGARSTACK_`` count.

    Raises:
        SettingsError: an unknown name, a value of the wrong type or out of range, an unreadable file.
    """
    values = _from_file(environ.get(SETTINGS_FILE_VARIABLE, ""))
    for variable, text in environ.items():
        name = variable.removeprefix(PREFIX).lower()
        # HANGARSTACK_TEST_* belongs to the test suite, which runs commands in its own environment.
        if not variable.startswith(PREFIX) or variable == SETTINGS_FILE_VARIABLE or name.startswith("test_"):
            continue
        values[name] = _parse(name, text, where=variable)
    if "root" in values:
        # The same state from wherever in the tree a command runs.
        values.setdefault("home", values["root"] / _STATE)
    settings = Settings(**values)
    return dataclasses.replace(settings, root=settings.root.absolute(), home=settings.home.absolute())


def _from_file(name: str) -> dict[str, Any]:
    if not name:
        return {}
    try:
        table = tomli.loads(Path(name).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomli.TOMLDecodeError) as error:
        raise SettingsError(
            f"the settings file cannot be read: {error}",
            where=name,
            remedy=f"Mend it or unset {SETTINGS_FILE_VARIABLE}",
        ) from error
    return {key: _parse(key, value, where=f"{name}: {key}") for key, value in table.items()}


def _parse(name: str, raw: object, *, where: str) -> Any:
    if name not in _FIELDS:
        key = name.lower().removeprefix(PREFIX.lower())
        meant = f"Write it as {key} in the file" if key in _FIELDS else "`hangarstack settings` lists them"
        raise SettingsError("there is no such setting", where=where, remedy=f"{meant}; check the spelling")
    metadata = _FIELDS[name].metadata
    kind = str(_FIELDS[name].type)
    try:
        value = _convert(kind, raw)
        if metadata["check"] is not None:
            metadata["check"](value)
    except ValueError as error:
        raise SettingsError(f"{error}", where=where, remedy=metadata["doc"]) from error
    return value


def _convert(kind: str, raw: object) -> object:
    if kind == "bool":
        words = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
        word = str(raw).lower()
        if word not in words:
            raise ValueError("must be true or false")
        return words[word]
    if kind in {"int", "float"}:
        try:
            return int(str(raw)) if kind == "int" else float(str(raw))
        except ValueError:
            raise ValueError(f"must be {'a whole number' if kind == 'int' else 'a number'}") from None
    if not isinstance(raw, str):
        raise ValueError("must be text")
    return {"Path": Path, "Secret": Secret}.get(kind, str)(raw)


def environment(settings: Settings) -> dict[str, str]:
    """Return the variables that make a child process load exactly these settings, secrets included."""
    result = {}
    for name in _FIELDS:
        value = getattr(settings, name)
        text = value.reveal() if isinstance(value, Secret) else str(value)
        result[PREFIX + name.upper()] = text
    return result


def documentation() -> list[tuple[str, str]]:
    """Return each variable's name and what it sets, in the order of the settings object."""
    return [(PREFIX + name.upper(), str(f.metadata["doc"])) for name, f in _FIELDS.items()]

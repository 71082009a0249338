"""Who may see the administration pages, and how they are called in the audit."""

from __future__ import annotations

import hmac
import ipaddress
import threading
import time
from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

from werkzeug.wrappers import Request

from hangarstack.errors import HangarStackError
from hangarstack.settings import Settings
from hangarstack.web.privacy import kept_address

_FORWARDED: Final = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip", "Via")
_LOCAL_NAMES: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_LONGEST_NAME: Final = 60
_MOST_WRONG: Final = 10
_WRONG_S: Final = 60.0
_MOST_NETWORKS: Final = 1000


class NotAdmittedError(HangarStackError):
    """The administration pages are closed to this request.

    Args:
        what: the sentence that the visitor sees.
        status: of HTTP: 401 asks for the password, 403 and 429 do not.
    """

    def __init__(self, what: str, *, status: int) -> None:
        super().__init__(what)
        self.status = status


class Admission:
    """Admits by password where one is set, else those who sit at this machine. Thread-safe.

    Without a password only a request counts as from this machine that comes from loopback, names the site by a name of
    loopback, bears no trace of a proxy, and the site has no public address: a proxy on this machine comes from loopback
    too.

    Args:
        settings: ``admin_password`` and ``public_url`` count.
        clock: seconds that never go back.
    """

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.monotonic) -> None:
        self._password = settings.admin_password.reveal().encode()
        self._is_public = (urlsplit(settings.public_url).hostname or "localhost") not in _LOCAL_NAMES
        self._clock = clock
        self._lock = threading.Lock()
        self._wrong: dict[str, tuple[int, float]] = {}

    def admit(self, request: Request) -> str:
        """Return the name of who asks.

        Raises:
            NotAdmittedError: it is not for them.
        """
        if self._password:
            return self._by_password(request)
        if self._is_public or not _is_local(request):
            raise NotAdmittedError(
                "Administration answers only who sits at this machine. Set HANGARSTACK_ADMIN_PASSWORD to open it to "
                "others, over https.",
                status=403,
            )
        return "local"

    def _by_password(self, request: Request) -> str:
        # Whoever has one address of a network has as many of it as there are guesses to make.
        network = kept_address(request.remote_addr, "truncate", b"") or ""
        if self._wrong_tries(network) >= _MOST_WRONG:
            raise NotAdmittedError("Too many wrong passwords came from your network. Wait a minute.", status=429)
        given = request.authorization
        if given is None or given.type != "basic":
            raise NotAdmittedError("Administration asks for a name and the password.", status=401)
        if not hmac.compare_digest((given.password or "").encode(), self._password):
            self._note_wrong(network)
            raise NotAdmittedError("That is not the password.", status=401)
        name = "".join(each for each in given.username or "" if each.isprintable()).strip()
        return name[:_LONGEST_NAME] or "admin"

    def _wrong_tries(self, network: str) -> int:
        with self._lock:
            count, since = self._wrong.get(network, (0, 0.0))
            return count if self._clock() - since < _WRONG_S else 0

    def _note_wrong(self, network: str) -> None:
        with self._lock:
            now = self._clock()
            count, since = self._wrong.get(network, (0, now))
            if now - since >= _WRONG_S:
                del self._wrong[network]
                count, since = 0, now
            self._wrong[network] = (count + 1, since)
            if len(self._wrong) > _MOST_NETWORKS:
                # The one whose minute began first.
                del self._wrong[next(iter(self._wrong))]


def _is_local(request: Request) -> bool:
    try:
        loopback = ipaddress.ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False
    name = (urlsplit(f"//{request.host}").hostname or "").lower()
    # Proxies that forward no address still speak HTTP/1.0, as nginx does by default, which no browser does.
    plain = request.environ.get("SERVER_PROTOCOL") == "HTTP/1.0"
    traced = plain or any(request.headers.get(header) for header in _FORWARDED)
    return loopback and name in _LOCAL_NAMES and not traced

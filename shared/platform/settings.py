"""What Koi is told from outside: parsed once from the environment into frozen values, one kind per face.

A face gets only what it may know: its own database login, its own cookie secret, its own keys. Nobody but the
migrations and the command line sees the owner's login.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

from shared.platform.keys import BadSecret, DealerKeys, Keyring, PublicKeys, Secret, database_password

CHECKOUT = Path(__file__).resolve().parents[2]
ROLES = ("hq", "dealer", "public", "person", "worker")
DEFAULT_PORT = 8000
SMS_LOG = "log"
MAIL_LOG = "log"


class BadSetting(Exception):
    """An environment variable is missing or cannot be read; the message names it and says what it should be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceSettings:
    """What every face knows.

    Attributes:
        database_url: the face's own login, `postgresql://koi_<face>:…`.
        redis_url: where the doorbell and the sign-in limits are.
        var: folder for files and logs.
        base_url: address that links in messages begin with, without a slash at its end.
        trusted_proxies: how many reverse proxies in front set X-Forwarded-*.
        secure_cookies: True where the face is served over https.
        metrics_token: bearer that /metrics asks for; empty: only the machine itself may read it.
        sms: whether text messages can be sent; mail: whether e-mails can.
        embedded: as in `Settings`; never true in production.
    """

    database_url: str = field(repr=False)
    redis_url: str = field(repr=False)
    var: Path
    base_url: str
    trusted_proxies: int = 0
    secure_cookies: bool = False
    metrics_token: str = field(default="", repr=False)
    sms: bool = False
    mail: bool = False
    debug: bool = False
    embedded: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class HqSettings(FaceSettings):
    """Headquarters' portal."""

    cookie_key: bytes = field(repr=False)
    keys: Keyring = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class DealerSettings(FaceSettings):
    """The stores' portal: of the customers' keys it holds only those of the customer cards."""

    cookie_key: bytes = field(repr=False)
    keys: DealerKeys = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicSettings(FaceSettings):
    """Campaign pages and the mini-program API. `cookie_key` signs form tokens; there is no session.

    `person_url` is the login for the page of one's own, which may end what its reader allowed.
    """

    cookie_key: bytes = field(repr=False)
    person_url: str = field(repr=False)
    keys: PublicKeys = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerSettings(FaceSettings):
    """Workers and the ticker. `sms_url`, `sms_key`, `mail_url`, `mail_from`: see `Settings`."""

    keys: Keyring = field(repr=False)
    sms_url: str = ""
    sms_key: str = field(default="", repr=False)
    mail_url: str = field(default="", repr=False)
    mail_from: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything, for the composition root and the command line.

    Attributes:
        owner_url: the owner's login, for migrations; empty where only the roles' logins are given.
        role_urls: login per name of `ROLES`.
        secret_text: the secret as it was given, for child processes.
        host: the address `./koi run` listens on; port: its TCP port.
        embedded: True where `./koi` started PostgreSQL and Valkey itself.
        sms_url: the gateway that text messages are posted to, with `sms_key` as bearer; `log`: they are written to a
            file instead; empty: there are none.
        mail_url: the mail server, `smtp://user:password@host:587` or `smtps://host:465`, that e-mails go to from the
            address `mail_from`; `log` and empty as for text messages.
    """

    owner_url: str = field(repr=False)
    role_urls: Mapping[str, str] = field(repr=False)
    redis_url: str = field(repr=False)
    secret: Secret = field(repr=False)
    secret_text: str = field(repr=False)
    var: Path
    host: str = "127.0.0.1"
    port: int = DEFAULT_PORT
    base_url: str = f"http://127.0.0.1:{DEFAULT_PORT}"
    trusted_proxies: int = 0
    metrics_token: str = field(default="", repr=False)
    debug: bool = False
    embedded: bool = False
    sms_url: str = ""
    sms_key: str = field(default="", repr=False)
    mail_url: str = field(default="", repr=False)
    mail_from: str = ""

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Settings:
        """Read the settings.

        Raises:
            BadSetting: something is missing or cannot be read.
        """
        owner_url = "" if _knows_roles_only(environ) else database_url(_required(environ, "DATABASE_URL"))
        secret = parse_secret(_required(environ, "KOI_SECRET_KEY"))
        host = environ.get("KOI_HOST") or "127.0.0.1"
        port = parse_port(environ)
        return cls(
            owner_url=owner_url,
            role_urls={role: _role_url(environ, role, owner_url, secret) for role in ROLES},
            redis_url=_required(environ, "REDIS_URL"),
            secret=secret,
            secret_text=environ["KOI_SECRET_KEY"].strip(),
            var=var_folder(environ),
            host=host,
            port=port,
            base_url=(environ.get("KOI_BASE_URL") or f"http://{host}:{port}").rstrip("/"),
            trusted_proxies=_whole(environ, "KOI_TRUSTED_PROXIES", 0),
            metrics_token=environ.get("KOI_METRICS_TOKEN", ""),
            debug=environ.get("KOI_DEBUG", "") == "1",
            embedded=environ.get("KOI_EMBEDDED", "") == "1",
            sms_url=_sms_url(environ),
            sms_key=environ.get("KOI_SMS_KEY", ""),
            mail_url=_mail_url(environ),
            mail_from=_mail_from(environ),
        )

    def hq(self) -> HqSettings:
        """What the HQ face may know."""
        return HqSettings(
            database_url=self.role_urls["hq"],
            redis_url=self.redis_url,
            var=self.var,
            base_url=self.base_url,
            trusted_proxies=self.trusted_proxies,
            secure_cookies=self.secure_cookies,
            metrics_token=self.metrics_token,
            sms=bool(self.sms_url),
            mail=bool(self.mail_url),
            debug=self.debug,
            embedded=self.embedded,
            cookie_key=self.secret.derive("cookie:hq"),
            keys=Keyring.of(self.secret),
        )

    def dealer(self) -> DealerSettings:
        """What the dealer face may know."""
        return DealerSettings(
            database_url=self.role_urls["dealer"],
            redis_url=self.redis_url,
            var=self.var,
            base_url=self.base_url,
            trusted_proxies=self.trusted_proxies,
            secure_cookies=self.secure_cookies,
            metrics_token=self.metrics_token,
            sms=bool(self.sms_url),
            mail=bool(self.mail_url),
            debug=self.debug,
            embedded=self.embedded,
            cookie_key=self.secret.derive("cookie:dealer"),
            keys=DealerKeys.of(self.secret),
        )

    def public(self) -> PublicSettings:
        """What the public face may know."""
        return PublicSettings(
            database_url=self.role_urls["public"],
            redis_url=self.redis_url,
            var=self.var,
            base_url=self.base_url,
            trusted_proxies=self.trusted_proxies,
            secure_cookies=self.secure_cookies,
            metrics_token=self.metrics_token,
            sms=bool(self.sms_url),
            mail=bool(self.mail_url),
            debug=self.debug,
            embedded=self.embedded,
            cookie_key=self.secret.derive("cookie:public"),
            person_url=self.role_urls["person"],
            keys=PublicKeys.of(self.secret),
        )

    def worker(self) -> WorkerSettings:
        """What workers and the ticker may know."""
        return WorkerSettings(
            database_url=self.role_urls["worker"],
            redis_url=self.redis_url,
            var=self.var,
            base_url=self.base_url,
            debug=self.debug,
            keys=Keyring.of(self.secret),
            sms=bool(self.sms_url),
            mail=bool(self.mail_url),
            sms_url=self.sms_url,
            sms_key=self.sms_key,
            mail_url=self.mail_url,
            mail_from=self.mail_from,
        )

    @property
    def secure_cookies(self) -> bool:
        """Whether cookies are for https only."""
        return self.base_url.startswith("https://")


def var_folder(environ: Mapping[str, str]) -> Path:
    """Where everything that Koi writes is kept: KOI_VAR, else `var` in the checkout."""
    return Path(environ.get("KOI_VAR") or CHECKOUT / "var").absolute()


def parse_port(environ: Mapping[str, str]) -> int:
    """KOI_PORT, else 8000.

    Raises:
        BadSetting: not a number from 1 to 65535.
    """
    port = _whole(environ, "KOI_PORT", DEFAULT_PORT)
    if not 1 <= port <= 65535:
        raise BadSetting(f"KOI_PORT must be from 1 to 65535, not {port}")
    return port


def parse_secret(text: str) -> Secret:
    """The installation's secret.

    Raises:
        BadSetting: not base64 of 32 bytes.
    """
    try:
        return Secret.parse(text)
    except BadSecret as error:
        raise BadSetting(f"{error}; make one with: openssl rand -base64 32") from error


def database_url(text: str) -> str:
    """The address in the form SQLAlchemy knows.

    Raises:
        BadSetting: it is not a PostgreSQL address.
    """
    scheme, _, rest = text.partition("://")
    if scheme not in {"postgres", "postgresql", "postgresql+psycopg"} or not rest:
        raise BadSetting("DATABASE_URL must look like postgresql://owner:password@host:5432/koi")
    return f"postgresql://{rest}"


def with_login(url: str, user: str, password: str) -> str:
    """The same database address with another login."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{quote(user, safe='')}:{quote(password, safe='')}@{host}"))


def _knows_roles_only(environ: Mapping[str, str]) -> bool:
    """Whether every role has a login of its own and the owner's is kept away from this process."""
    return not environ.get("DATABASE_URL") and all(environ.get(f"KOI_DATABASE_URL_{role.upper()}") for role in ROLES)


def _role_url(environ: Mapping[str, str], role: str, owner_url: str, secret: Secret) -> str:
    name = f"koi_{role}"
    own = environ.get(f"KOI_DATABASE_URL_{role.upper()}")
    return database_url(own) if own else with_login(owner_url, name, database_password(secret, name))


def _sms_url(environ: Mapping[str, str]) -> str:
    """KOI_SMS_URL, else `log` where the servers are embedded: the demo's messages can be read on the spot."""
    url = environ.get("KOI_SMS_URL", "").strip() or ("log" if environ.get("KOI_EMBEDDED", "") == "1" else "")
    if url and url != SMS_LOG and not url.startswith(("http://", "https://")):
        raise BadSetting(f"KOI_SMS_URL must begin with http:// or https://, or be {SMS_LOG!r}")
    return url


def _mail_url(environ: Mapping[str, str]) -> str:
    """KOI_MAIL_URL, else `log` where the servers are embedded."""
    url = environ.get("KOI_MAIL_URL", "").strip() or (MAIL_LOG if environ.get("KOI_EMBEDDED", "") == "1" else "")
    if url and url != MAIL_LOG and not (url.startswith(("smtp://", "smtps://")) and urlsplit(url).hostname):
        raise BadSetting(f"KOI_MAIL_URL must look like smtp://user:password@host:587 or smtps://…, or be {MAIL_LOG!r}")
    return url


def _mail_from(environ: Mapping[str, str]) -> str:
    """KOI_MAIL_FROM; it must be there where KOI_MAIL_URL names a server."""
    sender = environ.get("KOI_MAIL_FROM", "").strip()
    if _mail_url(environ) not in ("", MAIL_LOG) and "@" not in parseaddr(sender)[1]:
        raise BadSetting("KOI_MAIL_FROM must be the address that e-mails come from, such as koi@example.com")
    return sender


def _required(environ: Mapping[str, str], name: str) -> str:
    value = environ.get(name, "").strip()
    if not value:
        raise BadSetting(f"{name} is not set. Start with ./koi, or see docs/operations.md for real servers.")
    return value


def _whole(environ: Mapping[str, str], name: str, default: int) -> int:
    text = environ.get(name, "").strip()
    if not text:
        return default
    if not text.isdigit():
        raise BadSetting(f"{name} must be a whole number, not {text!r}")
    return int(text)

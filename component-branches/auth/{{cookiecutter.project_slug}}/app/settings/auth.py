"""Settings of accounts and mails."""

import re
from collections.abc import Iterable
from typing import Annotated, ClassVar, get_args
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator

from app.core.address import problem_of_address
from app.core.constants import PROJECT_SLUG
from app.core.secret_rules import problem_of_secret
from app.settings import CommaSeparated, CoreSettings

_LIMIT = re.compile(r"[1-9][0-9]{0,5}/(second|minute|hour|day)")
_LOCAL = {"localhost", "127.0.0.1", "::1"}
MAIL_SCHEMES = ("smtp", "smtp+starttls", "smtps")


class AuthSettings(CoreSettings):
    """How people sign in, and how mails leave."""

    dashboard_takes_token: ClassVar[bool] = False

    PUBLIC_URL: str = "http://localhost:8000"

    AUTH_SECRET_KEY: SecretStr | None = None
    AUTH_PREVIOUS_KEYS: SecretStr | None = None
    AUTH_ACCESS_TOKEN_MINUTES: Annotated[int, Field(ge=1, le=24 * 60)] = 15
    AUTH_SESSION_DAYS: Annotated[int, Field(ge=1, le=365)] = 30
    AUTH_SESSION_IDLE_DAYS: Annotated[int, Field(ge=1, le=365)] = 14
    AUTH_REFRESH_GRACE_SECONDS: Annotated[float, Field(ge=0, le=60)] = 10.0
    AUTH_LINK_MINUTES: Annotated[int, Field(ge=5, le=24 * 60)] = 30
    AUTH_REGISTRATION_ENABLED: bool = True
    AUTH_TOKEN_FORM_ENABLED: bool = True
    AUTH_PASSWORD_MIN_LENGTH: Annotated[int, Field(ge=8, le=64)] = 10
    AUTH_HASHING_THREADS: Annotated[int, Field(ge=1, le=64)] = 1
    AUTH_LOGIN_LIMIT_PER_ADDRESS: str = "20/minute"
    AUTH_LOGIN_LIMIT_PER_ACCOUNT: str = "10/minute"
    AUTH_SECOND_FACTOR_REQUIRED_ROLES: CommaSeparated = []
    AUTH_AUDIT_DAYS: Annotated[int, Field(ge=1, le=36_500)] = 365

    MAIL_URL: SecretStr | None = None
    MAIL_FROM: str | None = None

    @field_validator("PUBLIC_URL")
    @classmethod
    def public_url_is_complete(cls, value: str) -> str:
        """Links begin with it."""
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query:
            raise ValueError("it is not like https://example.com")
        return value.rstrip("/")

    @field_validator("AUTH_LOGIN_LIMIT_PER_ADDRESS", "AUTH_LOGIN_LIMIT_PER_ACCOUNT")
    @classmethod
    def limit_can_be_read(cls, value: str) -> str:
        """Find typing errors at the start."""
        if not _LIMIT.fullmatch(value):
            raise ValueError(f"{value!r} is not like 20/minute")
        return value

    @field_validator("AUTH_PREVIOUS_KEYS")
    @classmethod
    def previous_keys_are_long(cls, value: SecretStr | None) -> SecretStr | None:
        """They still open doors."""
        for secret in value.get_secret_value().split(",") if value is not None else []:
            if problem := problem_of_secret(secret.strip()):
                raise ValueError(f"one of them will not do: {problem}")
        return value

    @field_validator("MAIL_URL")
    @classmethod
    def mail_url_can_be_read(cls, value: SecretStr | None) -> SecretStr | None:
        """Find typing errors at the start."""
        if value is not None:
            if problem := problem_of_address(value.get_secret_value()):
                raise ValueError(problem)
            parts = urlsplit(value.get_secret_value())
            if parts.scheme not in MAIL_SCHEMES or not parts.hostname:
                raise ValueError("it is not like smtp+starttls://user:password@host:587")
        return value

    @field_validator("AUTH_SECRET_KEY")
    @classmethod
    def secret_key_is_one(cls, value: SecretStr | None) -> SecretStr | None:
        """A weak key is worse than none: everybody could be anybody."""
        if value is not None and (problem := problem_of_secret(value.get_secret_value())):
            raise ValueError(problem)
        return value

    @property
    def mail_sender(self) -> str:
        """Who mails come from."""
        if self.MAIL_FROM is not None:
            return self.MAIL_FROM
        return f"{PROJECT_SLUG} <no-reply@{urlsplit(self.PUBLIC_URL).hostname}>"

    def unknown_roles(self) -> Iterable[str]:
        """A role that is misspelt would take no second factor, and nobody would notice."""
        # Commands that ask for no settings do not wait for the models.
        from app.models.user import Role

        if unknown := set(self.AUTH_SECOND_FACTOR_REQUIRED_ROLES) - set(get_args(Role)):
            found = ", ".join(sorted(unknown))
            yield f"AUTH_SECOND_FACTOR_REQUIRED_ROLES: there is no role {found}"

    def dangers(self) -> Iterable[str]:
        """With which no process starts; most of it concerns production alone."""
        yield from self.unknown_roles()
        if not self.is_production:
            return
        if self.AUTH_SECRET_KEY is None:
            yield (
                "AUTH_SECRET_KEY: production needs one. Make it with: "
                'python -c "import secrets; print(secrets.token_urlsafe(32))"'
            )
        parts = urlsplit(self.PUBLIC_URL)
        if "PUBLIC_URL" not in self.model_fields_set:
            yield "PUBLIC_URL: production needs it, such as https://example.com"
        elif parts.scheme != "https" and parts.hostname not in _LOCAL:
            yield "PUBLIC_URL: passwords must not travel unencrypted; use https"
        if "*" in getattr(self, "TRUSTED_PROXIES", ()):
            # Whoever writes a header would have any address, and no limit.
            yield "TRUSTED_PROXIES: * believes everybody; name your proxies"

    def warnings(self) -> Iterable[str]:
        """What is allowed, but hardly meant."""
        yield from super().warnings()
        for danger in self.dangers():
            yield f"{danger} (no process starts)"
        if self.WEB_WORKERS > 1 and not hasattr(self, "REDIS_URL"):
            yield (
                "WEB_WORKERS: each counts tries to sign in for itself, so that strangers have "
                f"{self.WEB_WORKERS} times as many. With the component redis they count together."
            )
        if not self.is_production:
            return
        if self.MAIL_URL is None:
            yield "MAIL_URL is not set, so no mail leaves: nobody can register or reset a password."
        elif self._sends_in_clear():
            yield "MAIL_URL does not encrypt: use smtp+starttls:// or smtps://."
        if "admin" not in self.AUTH_SECOND_FACTOR_REQUIRED_ROLES:
            yield (
                "AUTH_SECOND_FACTOR_REQUIRED_ROLES does not name admin: "
                "administrators may sign in with a password alone."
            )
        if self.AUTH_ACCESS_TOKEN_MINUTES > 60:
            yield "AUTH_ACCESS_TOKEN_MINUTES is long: a stolen token works until its session ends."

    def _sends_in_clear(self) -> bool:
        parts = urlsplit(self.MAIL_URL.get_secret_value() if self.MAIL_URL is not None else "")
        return parts.scheme == "smtp" and parts.hostname not in _LOCAL

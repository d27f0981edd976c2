"""The settings: what can be left out, what is half-set, and what is weak."""

import json
import subprocess
import sys
from collections.abc import Callable

import pytest
from pydantic import ValidationError

from app.core import redaction
from app.core.config import Settings, load_settings
from app.core.constants import ROOT
from app.core.errors import ConfigurationError

MakeSettings = Callable[..., Settings]
SECRET = "GOCSPX-0123456789abcdefghij"
GOOGLE = {
    "OAUTH_PROVIDERS__GOOGLE__CLIENT_ID": "123.apps.googleusercontent.com",
    "OAUTH_PROVIDERS__GOOGLE__CLIENT_SECRET": SECRET,
}
SSO = {
    "OAUTH_PROVIDERS__SSO__ISSUER": "https://sso.example.com/realms/main",
    "OAUTH_PROVIDERS__SSO__CLIENT_ID": "my-app",
    "OAUTH_PROVIDERS__SSO__CLIENT_SECRET": SECRET,
}


def test_of_known_providers_two_values_will_do(settings: MakeSettings) -> None:
    found = settings(**GOOGLE).OAUTH_PROVIDERS["google"]
    assert (found.title, found.issuer) == ("Google", "https://accounts.google.com")
    values = {name.replace("GOOGLE", "GITHUB"): value for name, value in GOOGLE.items()}
    found = settings(**values).OAUTH_PROVIDERS["github"]
    assert (found.title, found.issuer, found.kind) == ("GitHub", "https://github.com", "github")


def test_all_can_be_json(settings: MakeSettings) -> None:
    value = {"google": {"client_id": "x", "client_secret": SECRET}}
    found = settings(OAUTH_PROVIDERS=json.dumps(value), **SSO)
    assert set(found.OAUTH_PROVIDERS) == {"google", "sso"}
    assert found.OAUTH_PROVIDERS["sso"].title == "Sso"


@pytest.mark.parametrize("missing", [*GOOGLE, *SSO])
def test_what_is_half_set_is_named(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    for name, value in (GOOGLE | SSO).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv(missing, "")
    with pytest.raises(ConfigurationError) as error:
        load_settings()
    assert [problem.split(":")[0] for problem in error.value.problems] == [missing]
    assert SECRET not in str(error.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OAUTH_PROVIDERS__SSO__ISSUER", "sso.example.com"),
        ("OAUTH_PROVIDERS__SSO__ISSUER", "http://sso.example.com"),
        ("OAUTH_PROVIDERS__SSO__ISSUER", "https://user:pass@sso.example.com"),
        ("OAUTH_PROVIDERS__SSO__ISSUER", "https://sso.example.com?a=b"),
        ("OAUTH_PROVIDERS__SSO__ISSUER", "file:///etc/passwd"),
        ("OAUTH_PROVIDERS__SSO__SECRET", "a typing error"),
        ("OAUTH_PROVIDERS__GOOGLE__ISSUER", SSO["OAUTH_PROVIDERS__SSO__ISSUER"]),
        ("OAUTH_PROVIDERS", '{"../x": {}}'),
    ],
)
def test_a_bad_value_is_refused(settings: MakeSettings, name: str, value: str) -> None:
    with pytest.raises(ValidationError, match="OAUTH_PROVIDERS"):
        settings(**(GOOGLE | SSO | {name: value}))


@pytest.mark.parametrize("name", ["../x", "Google", "x" * 33, "a b"])
def test_a_name_stands_in_addresses(settings: MakeSettings, name: str) -> None:
    value = {name: {"issuer": "https://x.example", "client_id": "x", "client_secret": SECRET}}
    with pytest.raises(ValidationError, match="is no name"):
        settings(OAUTH_PROVIDERS=json.dumps(value))


@pytest.mark.parametrize("secret", ["short", "changeme-changeme-changeme"])
def test_a_secret_that_is_none_is_said_to_be(settings: MakeSettings, secret: str) -> None:
    values = GOOGLE | {"OAUTH_PROVIDERS__GOOGLE__CLIENT_SECRET": secret}
    [warning] = [line for line in settings(**values).warnings() if "OAUTH" in line]
    assert "google" in warning
    assert secret not in warning
    assert not [line for line in settings(**GOOGLE, **SSO).warnings() if "OAUTH" in line]


def test_a_provider_on_this_machine_need_not_encrypt(settings: MakeSettings) -> None:
    values = SSO | {"OAUTH_PROVIDERS__SSO__ISSUER": "http://localhost:8080/realms/main"}
    assert settings(**values).OAUTH_PROVIDERS["sso"].issuer.startswith("http:")


def test_secrets_are_masked_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    from app.cli.config import visible_settings

    monkeypatch.setattr(redaction, "_known", set())
    for name, value in GOOGLE.items():
        monkeypatch.setenv(name, value)
    found = load_settings()
    assert SECRET not in repr(found)
    assert SECRET not in str(visible_settings(found))
    assert SECRET not in redaction.redact(f"somebody wrote {SECRET} somewhere")


def test_the_library_is_loaded_by_whoever_signs_in() -> None:
    start = "from app.components.backend.main import create_app; create_app()"
    code = f"import sys; {start}; print(*sys.modules)"
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert not {"authlib", "joserfc"} & set(result.stdout.split())

"""The second factor as clients meet it: setting it up, signing in with it, losing it."""

from typing import Any

import pytest
import time_machine
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlmodel import Session, select

from app.components.backend.api.auth import cookies
from app.models.auth import AuthChallenge, AuthEvent
from app.models.user import User
from app.services.auth import second_factor
from tests.auth.support import (
    API,
    OTHER_PASSWORD,
    PASSWORD,
    Headers,
    Mailbox,
    Phone,
    as_user,
    bearer,
    challenge_of,
    is_problem,
    log_in,
    send_code,
    tokens_of,
)
from tests.fixtures.auth import GivePhone, MakeUser

pytestmark = pytest.mark.usefixtures("clock")

OWN = f"{API}/second-factor"
BOTH = ("disable", "recovery-codes")


@pytest.fixture
def required(monkeypatch: pytest.MonkeyPatch) -> None:
    """Administrators need one."""
    changed = second_factor.settings.model_copy(
        update={"AUTH_SECOND_FACTOR_REQUIRED_ROLES": ["admin"]}
    )
    monkeypatch.setattr(second_factor, "settings", changed)


def set_up(client: TestClient, headers: Headers, password: str = PASSWORD) -> Phone:
    """Set one up, and switch it on."""
    made = client.post(OWN, json={"current_password": password}, headers=headers)
    assert made.status_code == 200, made.text
    phone = Phone(made.json()["secret"])
    confirmed = client.post(f"{OWN}/confirm", json={"code": phone.code()}, headers=headers)
    assert confirmed.status_code == 200, confirmed.text
    return Phone(phone.secret, confirmed.json()["recovery_codes"])


def log_in_with(client: TestClient, code: str, email: str = "ada@example.com") -> Headers:
    """Sign in with both."""
    response = send_code(client, challenge_of(client, email), code)
    assert response.status_code == 200, response.text
    return bearer(response.json()["access_token"])


def both(client: TestClient, what: str, headers: Headers, code: str, **more: str) -> Response:
    """Do what takes the password and a code."""
    body = {"current_password": PASSWORD, "code": code} | more
    return client.post(f"{OWN}/{what}", json=body, headers=headers)


def kind(response: Response) -> tuple[int, str]:
    """The status and the type of a problem."""
    return response.status_code, response.json()["type"].removeprefix("urn:problem:")


def test_it_is_set_up_with_a_first_code(client: TestClient, make_user: MakeUser) -> None:
    make_user()
    headers = as_user(client)
    before = client.get(OWN, headers=headers).json()
    assert before == {"enabled_at": None, "recovery_codes_left": 0, "is_required": False}
    made = client.post(OWN, json={"current_password": PASSWORD}, headers=headers)
    assert made.headers["Cache-Control"] == "no-store"
    found = made.json()
    assert found["secret_in_groups"].replace(" ", "") == found["secret"]
    assert found["otpauth_uri"].startswith("otpauth://totp/")
    assert f"secret={found['secret']}" in found["otpauth_uri"]
    # Nothing counts yet.
    assert log_in(client).status_code == 200
    phone = Phone(found["secret"])
    confirmed = client.post(f"{OWN}/confirm", json={"code": phone.code()}, headers=headers)
    codes = confirmed.json()["recovery_codes"]
    assert len(set(codes)) == 10
    after = client.get(OWN, headers=headers).json()
    assert after["enabled_at"]
    assert after["recovery_codes_left"] == 10
    assert client.get(f"{API}/me", headers=headers).json()["second_factor_at"]
    challenge_of(client)


def test_setting_up_takes_the_password(client: TestClient, make_user: MakeUser) -> None:
    """A session that was left open is not enough to lock its owner out."""
    make_user()
    headers = as_user(client)
    body = {"current_password": "a wrong password"}
    is_problem(client.post(OWN, json=body, headers=headers), 400)
    is_problem(client.post(OWN, json={}, headers=headers), 422)
    answers = [client.post(OWN, json=body, headers=headers).status_code for _ in range(11)]
    assert answers.count(429) >= 1


@pytest.mark.parametrize("code", ["000000", "abcdef", "12345", "1234567", "١٢٣٤٥٦", "-1", "é" * 9])
def test_a_wrong_first_code_switches_nothing_on(
    client: TestClient, make_user: MakeUser, code: str
) -> None:
    make_user()
    headers = as_user(client)
    is_problem(client.post(f"{OWN}/confirm", json={"code": code}, headers=headers), 409)
    client.post(OWN, json={"current_password": PASSWORD}, headers=headers)
    response = client.post(f"{OWN}/confirm", json={"code": code}, headers=headers)
    assert kind(response) == (400, "wrong-code")
    assert log_in(client).status_code == 200


def test_starting_anew_makes_another_secret(client: TestClient, make_user: MakeUser) -> None:
    make_user()
    headers = as_user(client)
    first, second = (
        Phone(
            client.post(OWN, json={"current_password": PASSWORD}, headers=headers).json()["secret"]
        )
        for _ in range(2)
    )
    assert first.secret != second.secret
    answers = [
        client.post(f"{OWN}/confirm", json={"code": phone.code()}, headers=headers).status_code
        for phone in (first, second)
    ]
    assert answers == [400, 200]
    is_problem(client.post(OWN, json={"current_password": PASSWORD}, headers=headers), 409)
    is_problem(client.post(f"{OWN}/confirm", json={"code": second.code(1)}, headers=headers), 409)


def test_a_secret_that_nobody_confirmed_grows_too_old(
    client: TestClient, make_user: MakeUser, clock: time_machine.Traveller
) -> None:
    make_user()
    made = client.post(OWN, json={"current_password": PASSWORD}, headers=as_user(client)).json()
    clock.shift(31 * 60)
    body = {"code": Phone(made["secret"]).code()}
    is_problem(client.post(f"{OWN}/confirm", json=body, headers=as_user(client)), 409)


def test_switching_it_on_ends_all_other_sessions(client: TestClient, make_user: MakeUser) -> None:
    make_user()
    here, elsewhere = as_user(client), as_user(client)
    set_up(client, here)
    assert client.get(f"{API}/me", headers=here).status_code == 200
    is_problem(client.get(f"{API}/me", headers=elsewhere), 401)


def test_signing_in_takes_two_steps(
    client: TestClient, make_user: MakeUser, give_phone: GivePhone
) -> None:
    phone = give_phone(make_user())
    answer = log_in(client)
    assert kind(answer) == (401, "code-needed")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "access_token" not in answer.text
    assert answer.json()["expires_in"] == 300
    response = send_code(client, answer.json()["challenge_token"], phone.code())
    assert response.status_code == 200
    assert set(response.json()) == {"token_type", "access_token", "refresh_token", "expires_in"}
    headers = bearer(response.json()["access_token"])
    assert client.get(f"{API}/me", headers=headers).status_code == 200


def test_a_recovery_code_will_do_once(
    client: TestClient, make_user: MakeUser, give_phone: GivePhone, mailbox: Mailbox
) -> None:
    phone = give_phone(make_user())
    code = phone.recovery_codes[0]
    headers = log_in_with(client, code)
    assert client.get(OWN, headers=headers).json()["recovery_codes_left"] == 2
    assert "2 are left" in mailbox.take(client).text
    assert kind(send_code(client, challenge_of(client), code)) == (401, "wrong-code")


def test_a_code_does_not_count_again(
    client: TestClient, make_user: MakeUser, give_phone: GivePhone
) -> None:
    phone = give_phone(make_user())
    log_in_with(client, phone.code())
    challenge = challenge_of(client)
    assert kind(send_code(client, challenge, phone.code())) == (401, "wrong-code")
    assert kind(send_code(client, challenge, phone.code(-1))) == (401, "wrong-code")
    # After a wrong one the challenge is still there.
    assert send_code(client, challenge, phone.code(1)).status_code == 200


def test_the_code_that_switched_it_on_does_not_sign_in(
    client: TestClient, make_user: MakeUser
) -> None:
    make_user()
    phone = set_up(client, as_user(client))
    assert kind(send_code(client, challenge_of(client), phone.code())) == (401, "wrong-code")
    log_in_with(client, phone.code(1))


def test_a_challenge_counts_once_and_not_for_long(
    client: TestClient,
    make_user: MakeUser,
    give_phone: GivePhone,
    clock: time_machine.Traveller,
) -> None:
    phone = give_phone(make_user())
    challenge = challenge_of(client)
    assert send_code(client, challenge, phone.code()).status_code == 200
    assert kind(send_code(client, challenge, phone.code(1))) == (401, "challenge-over")
    late = challenge_of(client)
    clock.shift(301)
    assert kind(send_code(client, late, phone.code())) == (401, "challenge-over")


def test_a_challenge_is_for_nothing_else(
    client: TestClient, make_user: MakeUser, give_phone: GivePhone, db_session: Session
) -> None:
    phone = give_phone(make_user())
    challenge = challenge_of(client)
    is_problem(client.get(f"{API}/me", headers=bearer(challenge)), 401)
    is_problem(client.post(f"{API}/refresh", json={"refresh_token": challenge}), 401)
    is_problem(client.post(f"{API}/verify-email", json={"token": challenge}), 400)
    body = {"token": challenge, "new_password": OTHER_PASSWORD}
    is_problem(client.post(f"{API}/reset-password", json=body), 400)
    is_problem(
        client.post(OWN, json={"current_password": PASSWORD}, headers=bearer(challenge)), 401
    )
    assert db_session.exec(select(AuthChallenge)).one().token_hash != challenge
    assert send_code(client, challenge, phone.code()).status_code == 200


@pytest.mark.parametrize("token", ["x", "x" * 1024, "' OR 1=1 --", "a\u0000b", "é"])
def test_nobody_makes_a_challenge_up(
    client: TestClient, make_user: MakeUser, give_phone: GivePhone, token: str
) -> None:
    phone = give_phone(make_user())
    tokens = tokens_of_other(client, make_user)
    for made_up in (token, tokens["access_token"], tokens["refresh_token"]):
        assert kind(send_code(client, made_up, phone.code())) == (401, "challenge-over")


def tokens_of_other(client: TestClient, make_user: MakeUser) -> dict[str, Any]:
    make_user("grace@example.com")
    return tokens_of(client, "grace@example.com")


def test_a_challenge_is_for_one_account(
    client: TestClient, make_user: MakeUser, give_phone: GivePhone
) -> None:
    give_phone(make_user())
    phone = give_phone(make_user("grace@example.com"))
    for code in (phone.code(), *phone.recovery_codes):
        response = send_code(client, challenge_of(client), code)
        assert kind(response) == (401, "wrong-code")


@pytest.mark.parametrize("event", ["password", "everywhere", "closed", "reset"])
def test_a_challenge_ends_with_what_it_was_made_for(
    client: TestClient,
    make_user: MakeUser,
    give_phone: GivePhone,
    event: str,
) -> None:
    user = make_user()
    phone = give_phone(user)
    admin = make_user("admin@example.com", role="admin")
    as_admin = as_user(client, admin.email)
    headers = log_in_with(client, phone.code(-1))
    challenge = challenge_of(client)
    if event == "password":
        body = {"current_password": PASSWORD, "new_password": OTHER_PASSWORD}
        answer = client.post(f"{API}/change-password", json=body, headers=headers)
    elif event == "everywhere":
        answer = client.post(f"{API}/logout-everywhere", headers=headers)
    elif event == "closed":
        answer = client.post(f"{API}/users/{user.id}/deactivate", headers=as_admin)
    else:
        answer = client.post(f"{API}/users/{user.id}/reset-second-factor", headers=as_admin)
    assert answer.status_code in {200, 204}
    assert kind(send_code(client, challenge, phone.code())) == (401, "challenge-over")


@pytest.mark.parametrize(
    "code",
    [
        "",
        "x" * 65,
        "\ud83d",
        "a\u0000b",
        None,
        123456,
        ["123456"],
        {"$ne": ""},
    ],
)
def test_what_is_no_code_is_refused(
    client: TestClient, make_user: MakeUser, give_phone: GivePhone, code: object
) -> None:
    import json

    give_phone(make_user())
    body = json.dumps({"challenge_token": challenge_of(client), "code": code})
    headers = {"Content-Type": "application/json"}
    is_problem(client.post(f"{API}/login/code", content=body, headers=headers), 422)


@pytest.mark.parametrize("code", ["000000", "' OR 1=1 --", "%", "१२३४५६", "123456 ", "+12345"])
def test_a_code_that_is_none_is_wrong(
    client: TestClient, make_user: MakeUser, give_phone: GivePhone, code: str
) -> None:
    phone = give_phone(make_user())
    if code.strip() in {phone.code(step) for step in (-1, 0, 1)}:
        pytest.skip("one in 300,000: it is the right one")
    assert kind(send_code(client, challenge_of(client), code)) == (401, "wrong-code")


def test_nobody_learns_of_it_before_the_password_was_right(
    client: TestClient, make_user: MakeUser, give_phone: GivePhone
) -> None:
    give_phone(make_user())
    make_user("grace@example.com")
    answers = set()
    for email in ("ada@example.com", "grace@example.com", "nobody@example.com"):
        found = log_in(client, email, "a wrong password").json()
        found.pop("request_id")
        answers.add(str(found))
    assert len(answers) == 1


def test_the_form_takes_the_code_too(
    client: TestClient, make_user: MakeUser, give_phone: GivePhone
) -> None:
    """No way in is weaker than the others."""
    phone = give_phone(make_user())
    form = {"username": "ada@example.com", "password": PASSWORD}
    answer = client.post(f"{API}/token", data=form)
    assert kind(answer) == (401, "code-needed")
    wrong = client.post(f"{API}/token", data=form | {"client_secret": "000000x"})
    assert kind(wrong) == (401, "wrong-code")
    right = client.post(f"{API}/token", data=form | {"client_secret": phone.code()})
    assert right.json()["access_token"]
    challenge = answer.json()["challenge_token"]
    assert send_code(client, challenge, phone.code(1)).status_code == 200


def test_a_browser_gets_cookies_after_the_code(
    browser: TestClient, make_user: MakeUser, give_phone: GivePhone
) -> None:
    phone = give_phone(make_user())
    challenge = challenge_of(browser, use_cookies=True)
    assert not browser.cookies
    response = send_code(browser, challenge, phone.code())
    assert set(response.json()) == {"token_type", "csrf_token", "expires_in"}
    assert {cookies.ACCESS, cookies.REFRESH, cookies.CSRF} <= set(browser.cookies)
    assert browser.get(f"{API}/me").status_code == 200
    # And what changes it takes the token against forged requests.
    body = {"current_password": PASSWORD, "code": phone.code(1)}
    is_problem(browser.post(f"{OWN}/disable", json=body), 403)
    headers = {cookies.CSRF_HEADER: response.json()["csrf_token"]}
    assert browser.post(f"{OWN}/disable", json=body, headers=headers).status_code == 204


def test_the_session_before_ends_with_the_code_and_not_with_the_password(
    browser: TestClient, make_user: MakeUser, give_phone: GivePhone
) -> None:
    user = make_user()
    log_in(browser, use_cookies=True)
    held = bearer(browser.cookies[cookies.ACCESS])
    phone = give_phone(user)
    challenge = challenge_of(browser, use_cookies=True)
    assert browser.get(f"{API}/me", headers=held).status_code == 200
    assert send_code(browser, challenge, phone.code()).status_code == 200
    is_problem(browser.get(f"{API}/me", headers=held), 401)


def test_another_site_signs_nobody_in(
    browser: TestClient, make_user: MakeUser, give_phone: GivePhone
) -> None:
    phone = give_phone(make_user())
    body = {"challenge_token": challenge_of(browser, use_cookies=True), "code": phone.code()}
    headers = {"Origin": "https://evil.example"}
    is_problem(browser.post(f"{API}/login/code", json=body, headers=headers), 403)
    assert not browser.cookies


def test_renewing_takes_no_code(
    client: TestClient, make_user: MakeUser, give_phone: GivePhone
) -> None:
    phone = give_phone(make_user())
    tokens = send_code(client, challenge_of(client), phone.code()).json()
    body = {"refresh_token": tokens["refresh_token"]}
    assert client.post(f"{API}/refresh", json=body).status_code == 200


def test_a_new_password_does_not_switch_it_off(
    client: TestClient, make_user: MakeUser, give_phone: GivePhone, mailbox: Mailbox
) -> None:
    phone = give_phone(make_user())
    client.post(f"{API}/forgot-password", json={"email": "ada@example.com"})
    body = {"token": mailbox.secret(client), "new_password": OTHER_PASSWORD}
    assert client.post(f"{API}/reset-password", json=body).status_code == 204
    answer = log_in(client, password=OTHER_PASSWORD)
    assert kind(answer) == (401, "code-needed")
    response = send_code(client, answer.json()["challenge_token"], phone.code())
    assert response.status_code == 200


def test_wrong_codes_are_limited_and_the_owner_is_told(
    client: TestClient, make_user: MakeUser, give_phone: GivePhone, mailbox: Mailbox
) -> None:
    phone = give_phone(make_user())
    wrong = next(c for c in ("000000", "000001", "000002", "000003") if c not in near(phone))
    challenge = challenge_of(client)
    found = [send_code(client, challenge, wrong) for _ in range(6)]
    assert [r.status_code for r in found] == [401] * 5 + [429]
    assert is_problem(found[-1], 429)
    assert found[-1].headers["Retry-After"] == "30"
    mail = mailbox.take(client)
    assert mail.to == "ada@example.com"
    assert "wrong codes" in mail.text
    # Another challenge, or another place where codes are taken, has no tries of its own.
    assert send_code(client, challenge_of(client), phone.code()).status_code == 429


def near(phone: Phone) -> set[str]:
    return {phone.code(step) for step in (-1, 0, 1)}


def test_codes_from_one_address_are_limited(client: TestClient) -> None:
    found = [send_code(client, f"guess-{number}", "x").status_code for number in range(22)]
    assert found == [401] * 20 + [429] * 2


@pytest.mark.parametrize("what", BOTH)
def test_changing_it_takes_the_password_and_a_code(
    client: TestClient, make_user: MakeUser, give_phone: GivePhone, what: str
) -> None:
    user = make_user()
    none = as_user(client)
    is_problem(both(client, what, none, "123456"), 409)
    phone = give_phone(user)
    headers = log_in_with(client, phone.code(-1))
    refused = both(client, what, headers, phone.code(), current_password="a wrong password")
    is_problem(refused, 400)
    assert kind(both(client, what, headers, phone.code(-1))) == (400, "wrong-code")
    assert kind(both(client, what, headers, "nonsense")) == (400, "wrong-code")
    without = {"current_password": PASSWORD}
    is_problem(client.post(f"{OWN}/{what}", json=without, headers=headers), 422)
    challenge_of(client)
    assert both(client, what, headers, phone.code()).status_code in {200, 204}


def test_it_is_disabled(
    client: TestClient, make_user: MakeUser, give_phone: GivePhone, mailbox: Mailbox
) -> None:
    phone = give_phone(make_user())
    elsewhere = log_in_with(client, phone.code(-1))
    headers = log_in_with(client, phone.code())
    assert both(client, "disable", headers, phone.recovery_codes[0]).status_code == 204
    assert "was removed" in mailbox.take(client).text
    assert client.get(f"{API}/me", headers=headers).json()["second_factor_at"] is None
    is_problem(client.get(f"{API}/me", headers=elsewhere), 401)
    assert log_in(client).status_code == 200
    # A new phone has another secret, and other recovery codes.
    newer = set_up(client, headers)
    assert newer.secret != phone.secret
    assert kind(send_code(client, challenge_of(client), phone.recovery_codes[1])) == (
        401,
        "wrong-code",
    )


def test_new_recovery_codes_replace_the_old_ones(
    client: TestClient, make_user: MakeUser, give_phone: GivePhone, mailbox: Mailbox
) -> None:
    phone = give_phone(make_user())
    headers = log_in_with(client, phone.code(-1))
    made = both(client, "recovery-codes", headers, phone.code())
    assert made.headers["Cache-Control"] == "no-store"
    assert "new recovery codes" in mailbox.take(client).text
    codes = made.json()["recovery_codes"]
    assert len(set(codes)) == 10
    assert kind(send_code(client, challenge_of(client), phone.recovery_codes[0])) == (
        401,
        "wrong-code",
    )
    log_in_with(client, codes[9])


def test_administrators_remove_that_of_others_and_not_their_own(
    client: TestClient, make_user: MakeUser, give_phone: GivePhone, mailbox: Mailbox
) -> None:
    ada, admin = make_user(), make_user("admin@example.com", role="admin")
    phone, own = give_phone(ada), give_phone(admin)
    theirs = log_in_with(client, phone.code())
    headers = log_in_with(client, own.code(), admin.email)
    is_problem(client.post(reset_of(ada), headers=theirs), 403)
    is_problem(client.post(reset_of(admin), headers=headers), 403)
    challenge_of(client, admin.email)
    assert client.post(reset_of(ada), headers=headers).json()["second_factor_at"] is None
    assert "neither you nor an administrator" in mailbox.take(client).text
    is_problem(client.get(f"{API}/me", headers=theirs), 401)
    assert log_in(client).status_code == 200
    is_problem(client.post(reset_of(ada), headers=headers), 409)
    unknown = f"{API}/users/00000000-0000-4000-8000-000000000000/reset-second-factor"
    is_problem(client.post(unknown, headers=headers), 404)


def reset_of(user: User) -> str:
    return f"{API}/users/{user.id}/reset-second-factor"


def test_it_is_all_in_the_audit_log_and_no_code_is(
    client: TestClient, make_user: MakeUser, give_phone: GivePhone, db_session: Session
) -> None:
    user, admin = make_user(), make_user("admin@example.com", role="admin")
    own = give_phone(admin)
    as_admin = log_in_with(client, own.code(), admin.email)
    headers = as_user(client)
    phone = set_up(client, headers)
    send_code(client, challenge_of(client), "not-the-code")
    headers = log_in_with(client, phone.recovery_codes[0])
    both(client, "recovery-codes", headers, phone.code(1))
    client.post(reset_of(user), headers=as_admin)
    rows = db_session.exec(select(AuthEvent).where(AuthEvent.user_id == user.id)).all()
    assert [row.name for row in rows] == [
        "logged_in",
        "second_factor_started",
        "second_factor_enabled",
        "code_asked",
        "code_failed",
        "code_asked",
        "logged_in",
        "recovery_codes_replaced",
        "second_factor_reset",
    ]
    assert rows[0].details["second_factor"] is None
    assert rows[6].details["second_factor"] == "recovery code"
    assert rows[8].actor_id == admin.id
    text = "".join(row.model_dump_json() for row in rows)
    for secret in (phone.secret, *phone.recovery_codes, phone.code(1), "not-the-code"):
        assert secret not in text


def test_secrets_are_in_no_log(
    client: TestClient,
    make_user: MakeUser,
    capfd: pytest.CaptureFixture[str],
) -> None:
    make_user()
    phone = set_up(client, as_user(client))
    challenge = challenge_of(client)
    assert send_code(client, challenge, phone.code(1)).status_code == 200
    said = "".join(capfd.readouterr())
    for secret in (phone.secret, challenge, phone.code(), phone.code(1), *phone.recovery_codes):
        assert secret not in said


@pytest.mark.usefixtures("required")
def test_who_needs_one_can_do_nothing_else_first(client: TestClient, make_user: MakeUser) -> None:
    make_user("admin@example.com", role="admin")
    make_user()
    headers = as_user(client, "admin@example.com")
    for path in (f"{API}/me", f"{API}/users", f"{API}/audit", f"{API}/sessions"):
        response = client.get(path, headers=headers)
        assert kind(response) == (403, "second-factor-missing"), path
        assert response.headers["WWW-Authenticate"] == 'Bearer error="insufficient_scope"'
    assert client.get(OWN, headers=headers).json()["is_required"] is True
    # Others are not concerned.
    assert client.get(f"{API}/me", headers=as_user(client)).status_code == 200
    phone = set_up(client, headers)
    assert client.get(f"{API}/users", headers=headers).status_code == 200
    # It counts again from the moment when it is gone.
    assert both(client, "disable", headers, phone.code(1)).status_code == 204
    assert kind(client.get(f"{API}/users", headers=headers)) == (403, "second-factor-missing")
    assert client.post(f"{API}/logout-everywhere", headers=headers).status_code == 204


@pytest.mark.usefixtures("required")
def test_a_role_that_needs_one_counts_at_once(
    client: TestClient, make_user: MakeUser, db_session: Session
) -> None:
    user = make_user()
    headers = as_user(client)
    assert client.get(f"{API}/me", headers=headers).status_code == 200
    user.role = "admin"
    db_session.add(user)
    db_session.commit()
    assert kind(client.get(f"{API}/me", headers=headers)) == (403, "second-factor-missing")

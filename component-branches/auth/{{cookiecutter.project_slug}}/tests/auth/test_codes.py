"""Codes: each counts once, few wrong ones are free, and a copy of the database shows none."""

import asyncio
import os
import secrets
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlmodel import Session, SQLModel, select

from app.core.db import Database
from app.core.errors import AppError, TooManyRequestsError
from app.core.security import BrokenSealError, KeyRing, key_ring, seal, sealing, unseal
from app.models.auth import AuthSecondFactor, AuthSession
from app.models.user import User
from app.services.auth import Client, Identity, challenges, codes, recovery, second_factor, totp
from app.services.auth.codes import CheckedCode, use_code, wait_after
from app.services.auth.login import log_in_with_code
from app.services.auth.sessions import open_session
from tests.auth.support import PASSWORD, Phone
from tests.fixtures.auth import GivePhone, MakeUser

TIMES = int(os.environ.get("RACES", "40"))
"""How often requests race. RACES=1000 takes some minutes."""
HERE = Client("192.0.2.1", "tests")


async def use(database: Database, user: User, code: str) -> CheckedCode:
    """Use a code, and commit what came of it."""
    async with database.async_session() as session:
        checked = await use_code(session, user.id, code)
        await session.commit()
    return checked


async def attempt(database: Database, user: User, code: str) -> str:
    """What came of a code, in a word."""
    try:
        return str((await use(database, user, code)).method)
    except TooManyRequestsError:
        return "wait"


def test_codes_are_those_of_the_standard() -> None:
    """RFC 6238, appendix B: the last six of its eight digits."""
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    for seconds, code in ((59, "287082"), (1111111109, "081804"), (20000000000, "353130")):
        now = datetime.fromtimestamp(seconds, UTC)
        assert totp.step_of(secret, code, now) == seconds // 30


def test_secrets_are_long_and_differ() -> None:
    found = {totp.new_secret() for _ in range(100)}
    assert len(found) == 100
    assert {len(secret) for secret in found} == {32}
    made = {recovery.new_code() for _ in range(100)}
    assert {len(recovery.spelling(code)) * 5 for code in made} == {120}


@pytest.mark.parametrize(
    ("steps", "method"),
    [(-3, None), (-2, None), (-1, "app"), (0, "app"), (1, "app"), (2, None), (3, None)],
)
@pytest.mark.usefixtures("clock")
async def test_a_clock_may_be_half_a_minute_wrong(
    make_user: MakeUser,
    give_phone: GivePhone,
    database: Database,
    steps: int,
    method: str | None,
) -> None:
    user = make_user()
    phone = give_phone(user)
    assert (await use(database, user, phone.code(steps))).method == method
    await database.aclose()


@pytest.mark.usefixtures("clock")
async def test_a_code_counts_once_and_so_do_those_before_it(
    make_user: MakeUser, give_phone: GivePhone, database: Database
) -> None:
    user = make_user()
    phone = give_phone(user)
    found = [(await use(database, user, phone.code(steps))).method for steps in (0, 0, -1, 1, 1)]
    assert found == ["app", None, None, "app", None]
    await database.aclose()


@pytest.mark.parametrize("kind", ["app", "recovery code"])
async def test_of_two_at_once_with_one_code_one_gets_in(
    make_user: MakeUser,
    give_phone: GivePhone,
    database: Database,
    clock: time_machine.Traveller,
    kind: str,
) -> None:
    user = make_user()
    found = Counter[str]()
    phone = give_phone(user)
    for number in range(TIMES):
        clock.shift(30)
        code = phone.code()
        if kind == "recovery code":
            if number % recovery.NUMBER == 0:
                async with database.async_session() as session:
                    made = await recovery.replace_codes(session, user.id)
                    await session.commit()
            code = made[number % recovery.NUMBER]
        results = await asyncio.gather(*(attempt(database, user, code) for _ in range(3)))
        assert results.count(kind) == 1, results
        found.update(results)
    assert found[kind] == TIMES
    await database.aclose()


@pytest.mark.usefixtures("clock")
async def test_many_wrong_codes_at_once_are_as_few_tries_as_one_by_one(
    make_user: MakeUser, give_phone: GivePhone, database: Database
) -> None:
    user = make_user()
    give_phone(user)
    guesses = [f"{number:06}" for number in range(60)]
    results = await asyncio.gather(*(attempt(database, user, guess) for guess in guesses))
    assert results.count("None") <= codes.FREE_TRIES
    assert results.count("wait") >= 60 - codes.FREE_TRIES
    await database.aclose()


async def test_wrong_codes_wait_longer_each_time(
    make_user: MakeUser,
    give_phone: GivePhone,
    database: Database,
    clock: time_machine.Traveller,
) -> None:
    user = make_user()
    phone = give_phone(user)
    wrong = "000000" if phone.code() != "000000" else "000001"
    for number in range(1, 6):
        assert (await use(database, user, wrong)) == CheckedCode(None, number)
    # The right one has to wait as well, or it could be found by trying.
    with pytest.raises(TooManyRequestsError) as error:
        await use(database, user, phone.code())
    assert error.value.headers["Retry-After"] == "30"
    clock.shift(31)
    assert (await use(database, user, wrong)).failures == 6
    clock.shift(31)
    with pytest.raises(TooManyRequestsError):
        await use(database, user, phone.code())
    clock.shift(30)
    assert (await use(database, user, phone.code())).method == "app"
    # And all is forgotten.
    assert (await use(database, user, wrong)).failures == 1
    await database.aclose()


def test_no_wait_is_longer_than_an_hour() -> None:
    waits = [wait_after(number) for number in range(1000)]
    assert waits[4] is None
    assert waits[5:8] == [timedelta(seconds=s) for s in (30, 60, 120)]
    assert waits[-1] == timedelta(hours=1)


@pytest.mark.usefixtures("clock")
async def test_a_stranger_with_the_password_does_not_keep_the_owner_out(
    make_user: MakeUser, give_phone: GivePhone, database: Database
) -> None:
    user = make_user()
    phone = give_phone(user)
    for number in range(8):
        await attempt(database, user, f"{number:06}")
    assert await attempt(database, user, phone.code()) == "wait"
    assert await attempt(database, user, phone.recovery_codes[0]) == "recovery code"
    assert await attempt(database, user, phone.code()) == "app"
    await database.aclose()


async def test_recovery_codes_are_taken_as_people_write_them(
    make_user: MakeUser, give_phone: GivePhone, database: Database
) -> None:
    user = make_user()
    first, second, third = give_phone(user).recovery_codes
    for code in (first.upper(), f"  {second.replace('-', ' ')}\n", third.replace("-", "")):
        assert await attempt(database, user, code) == "recovery code"
    assert await attempt(database, user, third) == "None"
    await database.aclose()


@pytest.mark.usefixtures("clock")
async def test_codes_of_others_are_none(
    make_user: MakeUser, give_phone: GivePhone, database: Database
) -> None:
    ada, grace = make_user(), make_user("grace@example.com")
    phone = give_phone(ada)
    give_phone(grace)
    assert await attempt(database, grace, phone.code()) == "None"
    assert await attempt(database, grace, phone.recovery_codes[0]) == "None"
    assert await attempt(database, ada, phone.recovery_codes[0]) == "recovery code"
    await database.aclose()


async def test_what_is_not_confirmed_takes_no_code(
    make_user: MakeUser, database: Database, sync_db_session: Session
) -> None:
    user = make_user()
    phone = Phone(totp.new_secret())
    sealed = codes.seal_secret(phone.secret, user.id)
    sync_db_session.add(AuthSecondFactor(user_id=user.id, sealed_secret=sealed))
    sync_db_session.commit()
    assert await attempt(database, user, phone.code()) == "None"
    await database.aclose()


async def test_of_two_logins_with_one_challenge_one_gets_in(
    make_user: MakeUser,
    give_phone: GivePhone,
    database: Database,
    sync_db_session: Session,
) -> None:
    """With two codes that both are right."""
    user = make_user()
    phone = give_phone(user)
    async with database.async_session() as session:
        token = challenges.add_challenge(session, user, is_cookie=False)
        await session.commit()
    results = await asyncio.gather(
        *(log_in_with_code(token, code, HERE) for code in phone.recovery_codes[:2]),
        return_exceptions=True,
    )
    assert sum(isinstance(result, AppError) for result in results) == 1
    assert len(sync_db_session.exec(select(AuthSession)).all()) == 1
    # What the loser showed is not used up.
    async with database.async_session() as session:
        assert await recovery.count_codes(session, user.id) == 2
    await database.aclose()


@pytest.mark.usefixtures("clock")
async def test_a_login_without_a_code_does_not_outlive_the_first_one_with_it(
    make_user: MakeUser, database: Database
) -> None:
    """The password was checked before the second factor was there; the session begins afterwards."""
    user = make_user()
    stale = User.model_validate(user)
    async with database.async_session() as session:
        own = await open_session(session, user, HERE)
        await session.commit()
    identity = Identity(user, own.session_id)
    enrolment = await second_factor.start(identity, PASSWORD, HERE)
    await second_factor.confirm(identity, Phone(enrolment.secret).code(), HERE)
    async with database.async_session() as session:
        late = await open_session(session, stale, HERE)
        await session.commit()
    from app.services.auth import authenticate

    with pytest.raises(AppError):
        await authenticate(late.access_token)
    assert (await authenticate(own.access_token)).user.second_factor_at is not None
    await database.aclose()


def test_a_copy_of_the_database_shows_nothing(
    make_user: MakeUser, give_phone: GivePhone, database: Database, sync_db_session: Session
) -> None:
    phone = give_phone(make_user())
    row = sync_db_session.exec(select(AuthSecondFactor)).one()
    assert phone.secret not in row.sealed_secret
    assert phone.secret == codes.open_secret(row)
    with database.engine.connect() as connection:
        tables = SQLModel.metadata.sorted_tables
        content = str([connection.execute(table.select()).all() for table in tables])
    assert "ada@example.com" in content
    for secret in (phone.secret, *phone.recovery_codes, recovery.spelling(phone.recovery_codes[0])):
        assert secret not in content


def test_a_seal_opens_for_nobody_else() -> None:
    sealed = seal("a secret", "second-factor", "ada")
    assert unseal(sealed, "second-factor", "ada") == "a secret"
    assert sealed != seal("a secret", "second-factor", "ada")
    kid, _, content = sealed.partition(".")
    flipped = content[:-4] + ("AAAA" if content[-4:] != "AAAA" else "BBBB")
    for text, purpose, owner in (
        (sealed, "second-factor", "grace"),
        (sealed, "another-purpose", "ada"),
        (f"{kid}.{flipped}", "second-factor", "ada"),
        (f"{'0' * 16}.{content}", "second-factor", "ada"),
        (f"{kid}.", "second-factor", "ada"),
        (f"{kid}.é", "second-factor", "ada"),
        ("", "second-factor", "ada"),
    ):
        with pytest.raises(BrokenSealError):
            unseal(text, purpose, owner)


@pytest.mark.usefixtures("clock")
async def test_a_new_key_takes_over_before_the_old_one_goes(
    make_user: MakeUser,
    give_phone: GivePhone,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    user = make_user()
    phone = give_phone(user)
    old, new = key_ring().current.secret, secrets.token_urlsafe(32)

    def use_keys(*keys: str) -> None:
        ring = KeyRing(keys)
        monkeypatch.setattr(sealing, "key_ring", lambda: ring)

    use_keys(new, old)
    assert await second_factor.renew_seals() == 1
    assert await second_factor.renew_seals() == 0
    use_keys(new)
    assert await attempt(database, user, phone.code()) == "app"
    # A key that is gone opens nothing, and nobody gets in because of it; recovery codes need none.
    use_keys(secrets.token_urlsafe(32))
    assert await second_factor.renew_seals() == 0
    assert await attempt(database, user, phone.code(1)) == "None"
    assert await attempt(database, user, phone.recovery_codes[0]) == "recovery code"
    await database.aclose()

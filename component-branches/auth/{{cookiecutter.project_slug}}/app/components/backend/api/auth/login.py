"""Signing in, renewing tokens, signing out."""

from contextlib import suppress
from typing import Annotated

from fastapi import Depends, Request, Response
from fastapi.security import OAuth2PasswordRequestForm

from app.components.backend.api.auth import PREFIX, cookies
from app.components.backend.api.auth.schemas import (
    LoginCodeRequest,
    LoginRequest,
    RefreshRequest,
    TokenResponse,
)
from app.components.backend.api.identity import BEARER, INVALID, ClientDep, CurrentIdentity
from app.components.backend.api.router import ComponentRouter
from app.core.config import settings
from app.core.errors import NotFoundError, UnauthorizedError
from app.core.validation import LONGEST_PASSWORD, check_encodable
from app.services.auth import Client, Identity, Tokens, accounts, authenticate
from app.services.auth.errors import CodeNeededError, SessionOverError, WrongLoginError
from app.services.auth.login import log_in, log_in_with_code
from app.services.auth.sessions import identify, read_refresh_token, renew

router = ComponentRouter(prefix=PREFIX, tags=["auth"])


@router.post("/login", summary="Sign in", response_model_exclude_none=True)
async def login(
    body: LoginRequest, request: Request, response: Response, client: ClientDep
) -> TokenResponse:
    """Exchange address and password for tokens.

    If the account has a second factor, the answer to the right password is 401 with the type
    `urn:problem:code-needed` and a `challenge_token`: send it with the code to `/login/code`.
    """
    if body.use_cookies:
        # Another site must not sign somebody in to an account of its own.
        cookies.check_origin(request)
    tokens = await log_in(body.email, body.password, client, is_cookie=body.use_cookies)
    if body.use_cookies:
        await leave_behind(request, client)
    return answer(response, tokens, use_cookies=body.use_cookies)


@router.post("/login/code", summary="Sign in: the code", response_model_exclude_none=True)
async def login_code(
    body: LoginCodeRequest, request: Request, response: Response, client: ClientDep
) -> TokenResponse:
    """The rest of a login that was answered with `urn:problem:code-needed`."""
    cookies.check_origin(request)
    tokens = await log_in_with_code(body.challenge_token, body.code, client)
    if tokens.is_cookie:
        await leave_behind(request, client)
    return answer(response, tokens, use_cookies=tokens.is_cookie)


@router.post("/token", summary="Sign in (OAuth 2 form)", response_model_exclude_none=True)
async def token(
    form: Annotated[OAuth2PasswordRequestForm, Depends()], response: Response, client: ClientDep
) -> TokenResponse:
    """The same for the Authorize button of `/docs`, and for programs of our own. OAuth 2 advises against
    this grant for the programs of others; `AUTH_TOKEN_FORM_ENABLED=false` turns it off.

    The code of a second factor may come along as `client_secret`, for which there is no other use here;
    without it the answer is the same as that of `/login`.
    """
    if not settings.AUTH_TOKEN_FORM_ENABLED:
        raise NotFoundError("The form is turned off. Use /api/auth/login.")
    if len(form.password) > LONGEST_PASSWORD:
        raise WrongLoginError
    try:
        # Browsers do not send such, but the sender of a form says how its characters are written.
        check_encodable(form.password)
        check_encodable(form.client_secret or "")
    except ValueError:
        raise WrongLoginError from None
    try:
        tokens = await log_in(form.username, form.password, client)
    except CodeNeededError as error:
        if not form.client_secret:
            raise
        tokens = await log_in_with_code(error.token, form.client_secret, client)
    return answer(response, tokens)


@router.post("/refresh", summary="Renew the tokens", response_model_exclude_none=True)
async def refresh(
    request: Request, response: Response, client: ClientDep, body: RefreshRequest | None = None
) -> TokenResponse:
    """Exchange the newest refresh token for new tokens. One that was used before ends the session."""
    given = body.refresh_token if body is not None else None
    cookie = None if given else request.cookies.get(cookies.REFRESH)
    if not given and not cookie:
        raise UnauthorizedError("Send a refresh token.", headers={"WWW-Authenticate": BEARER})
    try:
        if cookie:
            cookies.check_csrf(request, read_refresh_token(cookie).session_id)
        tokens = await renew(given or cookie or "", client)
    except SessionOverError as error:
        # No cookie is cleared: another tab may just have got new ones.
        raise UnauthorizedError(error.detail, headers={"WWW-Authenticate": INVALID}) from None
    return answer(response, tokens, use_cookies=cookie is not None)


@router.post("/logout", summary="Sign out", status_code=204)
async def logout(
    request: Request, response: Response, client: ClientDep, body: RefreshRequest | None = None
) -> None:
    """End this session, known by its access token or its refresh token. Whoever has none is signed out
    already."""
    cookies.check_origin(request)
    identity = await leaving(request, body)
    if identity is not None:
        if identity.is_cookie:
            cookies.check_csrf(request, identity.session_id)
        await accounts.log_out(identity, client)
    if any(name in request.cookies for name in (cookies.ACCESS, cookies.REFRESH, cookies.CSRF)):
        cookies.clear_cookies(response)


@router.post("/logout-everywhere", summary="Sign out everywhere", status_code=204)
async def logout_everywhere(
    identity: CurrentIdentity, request: Request, response: Response, client: ClientDep
) -> None:
    """End all sessions of the account, this one as well."""
    await accounts.log_out_everywhere(identity, client)
    if identity.is_cookie:
        cookies.clear_cookies(response)


async def leaving(request: Request, body: RefreshRequest | None) -> Identity | None:
    """Who wants to go."""
    scheme, _, bearer = request.headers.get("Authorization", "").partition(" ")
    access = bearer if scheme.lower() == "bearer" else request.cookies.get(cookies.ACCESS)
    renewable = body.refresh_token if body is not None else None
    return await owner_of(access, renewable or request.cookies.get(cookies.REFRESH))


async def leave_behind(request: Request, client: Client) -> None:
    """End the session of the cookies that a browser has, for it gets those of another one."""
    held = request.cookies
    identity = await owner_of(held.get(cookies.ACCESS), held.get(cookies.REFRESH))
    if identity is not None:
        # It may end by itself at this moment.
        with suppress(NotFoundError):
            await accounts.log_out(identity, client)


async def owner_of(access: str | None, renewable: str | None) -> Identity | None:
    """Whose tokens these are."""
    for read, given in ((authenticate, access), (identify, renewable)):
        try:
            if given:
                return await read(given)
        except SessionOverError:
            continue
    return None


def answer(response: Response, tokens: Tokens, *, use_cookies: bool = False) -> TokenResponse:
    """The tokens, in the body or in cookies."""
    response.headers["Cache-Control"] = "no-store"
    if use_cookies:
        csrf = cookies.set_cookies(response, tokens)
        return TokenResponse(csrf_token=csrf, expires_in=tokens.expires_in)
    return TokenResponse(
        access_token=tokens.access_token,
        refresh_token=tokens.refresh_token,
        expires_in=tokens.expires_in,
    )

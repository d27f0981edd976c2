"""Sign-in with others: a browser goes to a provider and comes back.

    <a href="/api/auth/oauth/google/login?next=/reports">Sign in with Google</a>

What was begun is in a cookie of ten minutes that only this browser has. It is `Lax`, for the provider sends the
browser back from another site. Several may be begun at once, in several tabs.
"""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import FastAPI, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from app.components.backend.api.auth import PREFIX, cookies
from app.components.backend.api.auth.login import answer, leave_behind
from app.components.backend.api.auth.oauth_pages import ask_for_code, done, refused
from app.components.backend.api.auth.oauth_schemas import (
    IdentityPublic,
    LinkBegun,
    LinkOptions,
    ProviderPublic,
)
from app.components.backend.api.auth.schemas import TokenResponse
from app.components.backend.api.identity import (
    BEARER,
    INVALID,
    ClientDep,
    CurrentIdentity,
    CurrentUser,
)
from app.components.backend.api.router import ComponentRouter
from app.components.frontend import access
from app.components.frontend.accounts_door import (
    ROLE,
    make_cookie,
    refuse_without_second_factor,
)
from app.components.frontend.gate import root
from app.core.config import settings
from app.core.constants import DASHBOARD_PATH, PROJECT_SLUG
from app.core.errors import AppError, UnauthorizedError
from app.models.user import Role
from app.services.auth import Client, Tokens
from app.services.auth.errors import CodeNeededError, SessionOverError, WrongLoginCodeError
from app.services.auth.login import log_in_with_code
from app.services.auth.sessions import renew, resume
from app.services.oauth import Flow, Person, Purpose
from app.services.oauth import flow as flows
from app.services.oauth.errors import StaleFlowError
from app.services.oauth.identities import check_fresh, link, list_identities, unlink
from app.services.oauth.providers import configured, title_of
from app.services.oauth.sign_in import sign_in

COOKIE = f"__Host-{PROJECT_SLUG}-oauth-"
TOKENS_COOKIE = f"__Host-{PROJECT_SLUG}-tokens"
TOKENS_SECONDS = 60
MOST_FLOWS = 5
"""Of those that nobody ends, the oldest go."""
LARGEST_BODY = 16 * 1024

router = ComponentRouter(prefix=f"{PREFIX}/oauth", tags=["auth: sign-in with others"])

LongText = Annotated[str | None, Query(max_length=4096)]
Secret = Annotated[str, Form(max_length=1024)]


def include_oauth(app: FastAPI) -> None:
    """Add the routes to the application."""
    app.include_router(router, max_body_size=LARGEST_BODY)


@router.get("", summary="Who people can sign in with")
async def list_providers(request: Request) -> list[ProviderPublic]:
    """A button for each."""
    path = f"{root(request)}{router.prefix}"
    return [
        ProviderPublic(name=name, title=provider.title, login=f"{path}/{name}/login")
        for name, provider in configured().items()
    ]


@router.get("/{name}/login", summary="Sign in with a provider", status_code=303)
async def login(
    name: str,
    request: Request,
    client: ClientDep,
    use: Annotated[
        Literal["cookies", "tokens", "dashboard"], Query(description="What it ends with.")
    ] = "cookies",
    path: Annotated[
        str, Query(alias="next", description="The page to go to: a path of this site.")
    ] = "",
) -> Response:
    """For a browser to open. It comes back to `next`, with the cookies of a session; or with tokens to fetch
    from `/api/auth/oauth/tokens`."""
    if use == "dashboard":
        path = f"{root(request)}{DASHBOARD_PATH}/"
    try:
        flow, url = await flows.begin(name, Purpose(use), path, client)
    except AppError as error:
        return await refused(request, error)
    response = RedirectResponse(url, 303, {"Cache-Control": "no-store"})
    keep(request, response, flow)
    return response


@router.get("/{name}/callback", include_in_schema=False)
async def callback(
    name: str,
    request: Request,
    client: ClientDep,
    state: LongText = None,
    code: LongText = None,
    error: LongText = None,
    iss: LongText = None,
) -> Response:
    """Where the provider sends the browser back to."""
    back = ""
    try:
        flow = kept(request, name, state or "")
        back = flow.path
        person = await flows.finish(flow, code=code, error=error, iss=iss, client=client)
        response = await end(flow, person, request, client)
    except CodeNeededError as needed:
        return ask_for_code(state or "", needed.token)
    except AppError as problem:
        response = await refused(request, problem, back)
    if state is not None and flows.is_state(state):
        # Whatever came of it, it has ended.
        forget(response, cookie_of(state))
    return response


@router.post("/{name}/code", include_in_schema=False)
async def code_of_second_factor(
    name: str,
    request: Request,
    client: ClientDep,
    state: Secret,
    challenge: Secret,
    code: Secret,
) -> Response:
    """Where the page that asks for the code sends it."""
    back = ""
    try:
        cookies.check_origin(request)
        flow = kept(request, name, state)
        back = flow.path
        tokens = await log_in_with_code(challenge, code, client, role=role_for(flow))
        response = await signed_in(flow, tokens, request, client)
    except WrongLoginCodeError as wrong:
        return ask_for_code(state, challenge, wrong.detail)
    except AppError as problem:
        response = await refused(request, problem, back)
    if flows.is_state(state):
        forget(response, cookie_of(state))
    return response


@router.post("/tokens", summary="Fetch the tokens", response_model_exclude_none=True)
async def fetch_tokens(request: Request, response: Response, client: ClientDep) -> TokenResponse:
    """After a sign-in with `use=tokens`, within a minute and in the same browser. No address ever holds a token."""
    cookies.check_origin(request)
    waiting = request.cookies.get(TOKENS_COOKIE)
    if not waiting:
        raise UnauthorizedError("Sign in first.", headers={"WWW-Authenticate": BEARER})
    forget(response, TOKENS_COOKIE)
    try:
        return answer(response, await renew(waiting, client))
    except SessionOverError as error:
        raise UnauthorizedError(error.detail, headers={"WWW-Authenticate": INVALID}) from None


@router.get("/identities", summary="Who I am elsewhere")
async def list_own(user: CurrentUser) -> list[IdentityPublic]:
    """The ways to sign in besides a password."""
    return [
        IdentityPublic(title=title_of(row.issuer), **row.model_dump())
        for row in await list_identities(user.id)
    ]


@router.post("/{name}/link", summary="Link a provider with my account")
async def begin_link(
    name: str,
    request: Request,
    response: Response,
    user: CurrentUser,
    identity: CurrentIdentity,
    client: ClientDep,
    body: LinkOptions | None = None,
) -> LinkBegun:
    """Begin; the page then goes to the address of the answer. It takes a session of the last ten minutes."""
    await check_fresh(identity)
    flow, url = await flows.begin(
        name,
        Purpose.LINK,
        body.next if body is not None else "",
        client,
        session_id=str(identity.session_id),
    )
    keep(request, response, flow)
    return LinkBegun(url=url)


@router.delete("/identities/{identity_id}", summary="Unlink a provider", status_code=204)
async def end_link(
    identity_id: UUID, user: CurrentUser, identity: CurrentIdentity, client: ClientDep
) -> None:
    """Never the last way to sign in. It takes a session of the last ten minutes."""
    await check_fresh(identity)
    await unlink(user, identity_id, client)


async def end(flow: Flow, person: Person, request: Request, client: Client) -> Response:
    """What the browser gets in the end."""
    if flow.purpose is Purpose.LINK:
        owner = await resume(UUID(flow.session_id))
        await link(person, owner.user, client)
        return done(flow.path, f"You can sign in with {title_of(person.issuer)} from now on.")
    is_cookie = flow.purpose is not Purpose.TOKENS
    tokens = await sign_in(person, client, is_cookie=is_cookie, role=role_for(flow))
    return await signed_in(flow, tokens, request, client)


def role_for(flow: Flow) -> Role | None:
    """The dashboard is for administrators."""
    return ROLE if flow.purpose is Purpose.DASHBOARD else None


async def signed_in(flow: Flow, tokens: Tokens, request: Request, client: Client) -> Response:
    """The page that somebody wanted, with what opens it."""
    response = done(flow.path, "You are signed in.")
    if flow.purpose is Purpose.DASHBOARD:
        await refuse_without_second_factor(tokens, client)
        is_secure = settings.PUBLIC_URL.startswith("https:") or request.url.scheme == "https"
        cookie, path = make_cookie(tokens.session_id), flow.path.rstrip("/")
        access.let_in(response, cookie, path, is_secure=is_secure)
    elif flow.purpose is Purpose.TOKENS:
        remember(response, TOKENS_COOKIE, tokens.refresh_token, TOKENS_SECONDS, "strict")
    else:
        await leave_behind(request, client)
        cookies.set_cookies(response, tokens)
    return response


def keep(request: Request, response: Response, flow: Flow) -> None:
    """Let the browser keep what was begun."""
    # Those that it got first come first.
    begun = [name for name in request.cookies if name.startswith(COOKIE)]
    for name in begun[: max(0, len(begun) + 1 - MOST_FLOWS)]:
        forget(response, name)
    name = cookie_of(flow.challenge.state)
    remember(response, name, flow.sealed(), flows.FLOW_SECONDS, "lax")


def kept(request: Request, name: str, state: str) -> Flow:
    """What this browser began.

    Raises:
        StaleFlowError: Not this.
    """
    sealed = request.cookies.get(cookie_of(state)) if flows.is_state(state) else None
    if sealed is None:
        raise StaleFlowError
    return flows.unseal(sealed, name, state)


def cookie_of(state: str) -> str:
    """The name of the cookie of a flow."""
    return f"{COOKIE}{state[:8]}"


def remember(
    response: Response, name: str, value: str, seconds: int, same_site: Literal["lax", "strict"]
) -> None:
    """Set a cookie that no script reads and no other host sets."""
    response.set_cookie(
        name, value, max_age=seconds, path="/", secure=True, httponly=True, samesite=same_site
    )


def forget(response: Response, name: str) -> None:
    """Remove one."""
    response.delete_cookie(name, path="/", secure=True, httponly=True)

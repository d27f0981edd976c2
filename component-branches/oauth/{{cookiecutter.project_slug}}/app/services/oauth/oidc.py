"""OpenID Connect: a provider says in a signed token who somebody is, and for whom it says so."""

import hmac
import time
from collections.abc import Collection
from typing import Annotated, Any
from urllib.parse import urlsplit

from authlib.integrations.httpx_client import AsyncOAuth2Client
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError
from joserfc.jwk import KeySet
from pydantic import AfterValidator, BaseModel, ValidationInfo

from app.models.oauth import LONGEST_SUBJECT
from app.services.oauth.errors import BadAnswerError
from app.services.oauth.models import Challenge, Person
from app.services.oauth.web import asking, get, oauth_client, read_json
from app.settings.oauth import OAuthProvider

ALGORITHMS = ("RS256", "PS256", "ES256")
"""Ours to choose and not the token's. All take a public key: a secret of ours can sign none."""
KEY_TYPES = frozenset({"RSA", "EC"})
SCOPES = "openid email profile"
LEEWAY_SECONDS = 10
LONGEST_TOKEN = 16 * 1024
KNOWN_SECONDS = 3600.0
"""How long what a provider says about itself is believed."""
KEYS_SECONDS = 60.0
"""How soon its keys may be read again, because a token names one that we do not know."""


def check_endpoint(url: str, info: ValidationInfo) -> str:
    """Secrets go there, so it is at least as safe as the provider itself."""
    issuer = str(info.data.get("issuer", ""))
    scheme = urlsplit(url).scheme
    if scheme != "https" and (scheme != "http" or urlsplit(issuer).scheme != "http"):
        raise ValueError("it does not encrypt")
    return url


Endpoint = Annotated[str, AfterValidator(check_endpoint)]


class Metadata(BaseModel):
    """What a provider says about itself."""

    issuer: str
    authorization_endpoint: Endpoint
    token_endpoint: Endpoint
    jwks_uri: Endpoint
    userinfo_endpoint: Endpoint | None = None
    token_endpoint_auth_methods_supported: list[str] = ["client_secret_basic"]
    authorization_response_iss_parameter_supported: bool = False


class OpenIDProvider:
    """A provider that is known by its issuer."""

    def __init__(self, name: str, config: OAuthProvider, redirect_uri: str) -> None:
        self.name = name
        self.title = config.title
        self.issuer = config.issuer
        self.config = config
        self.redirect_uri = redirect_uri
        self._metadata: tuple[float, Metadata] | None = None
        self._keys: tuple[float, KeySet] | None = None

    async def begin(self, challenge: Challenge) -> str:
        """Ask for a code, in exchange for which there is a token with our nonce in it."""
        async with asking(self.title), self._client() as client:
            metadata = await self.metadata(client)
            url, _ = client.create_authorization_url(
                metadata.authorization_endpoint,
                state=challenge.state,
                nonce=challenge.nonce,
                code_verifier=challenge.verifier,
            )
        return str(url)

    async def finish(self, challenge: Challenge, code: str, iss: str | None) -> Person:
        """Exchange the code, and verify the token."""
        async with asking(self.title), self._client() as client:
            metadata = await self.metadata(client)
            # Which provider it was that answered (RFC 9207), besides each having an address of its own.
            if iss != self.issuer and (
                iss is not None or metadata.authorization_response_iss_parameter_supported
            ):
                raise self._refused("the answer is from another issuer")
            methods = metadata.token_endpoint_auth_methods_supported
            client.token_endpoint_auth_method = preferred_method(methods)
            answer = await client.fetch_token(
                metadata.token_endpoint,
                grant_type="authorization_code",
                code=code,
                code_verifier=challenge.verifier,
            )
            claims = await self._verified(client, answer.get("id_token"), challenge.nonce)
            if "email" not in claims and metadata.userinfo_endpoint is not None:
                claims |= await self._userinfo(client, metadata.userinfo_endpoint, claims["sub"])
            return person_from(self.issuer, claims)

    async def metadata(self, client: AsyncOAuth2Client) -> Metadata:
        """What the provider says about itself, read once an hour."""
        if self._metadata is not None and self._metadata[0] > time.monotonic():
            return self._metadata[1]
        url = f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"
        found = Metadata.model_validate(read_json(await get(client, url)))
        if found.issuer != self.issuer:
            raise self._refused("its metadata is that of another issuer")
        self._metadata = (time.monotonic() + KNOWN_SECONDS, found)
        return found

    async def keys(self, client: AsyncOAuth2Client, *, again: bool = False) -> KeySet:
        """The keys that the provider signs with; `again`: a token names one that is not among them."""
        now = time.monotonic()
        if self._keys is not None:
            age = now - self._keys[0]
            if age < KEYS_SECONDS or (not again and age < KNOWN_SECONDS):
                return self._keys[1]
        metadata = await self.metadata(client)
        answer = read_json(await get(client, metadata.jwks_uri))
        public = [key for key in answer["keys"] if key.get("kty") in KEY_TYPES]
        found = KeySet.import_key_set({"keys": public})
        self._keys = (now, found)
        return found

    async def _verified(
        self, client: AsyncOAuth2Client, token: object, nonce: str
    ) -> dict[str, Any]:
        """What the token says, if this provider says it, to us, in answer to this very question."""
        if not isinstance(token, str) or len(token) > LONGEST_TOKEN or not token.isascii():
            raise self._refused("there is no ID token")
        try:
            decoded = jwt.decode(token, await self.keys(client), algorithms=ALGORITHMS)
        except InvalidKeyIdError:
            # Perhaps it has new keys.
            keys = await self.keys(client, again=True)
            decoded = jwt.decode(token, keys, algorithms=ALGORITHMS)
        claims = decoded.claims
        jwt.JWTClaimsRegistry(
            leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": self.issuer},
            sub={"essential": True},
            aud={"essential": True, "value": self.config.client_id},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True},
        ).validate(claims)
        if not is_for(self.config.client_id, claims["aud"], claims.get("azp")):
            raise self._refused("the token was made for somebody else")
        given = claims["nonce"]
        if not isinstance(given, str) or not hmac.compare_digest(given.encode(), nonce.encode()):
            raise self._refused("the nonce is another one")
        return claims

    async def _userinfo(
        self, client: AsyncOAuth2Client, endpoint: str, subject: str
    ) -> dict[str, Any]:
        """More about them, for providers whose token says little."""
        found = read_json(await client.get(endpoint))
        if found["sub"] != subject:
            raise self._refused("the user info is about somebody else")
        return {key: found[key] for key in ("email", "email_verified", "name") if key in found}

    def _client(self) -> AsyncOAuth2Client:
        return oauth_client(
            client_id=self.config.client_id,
            client_secret=self.config.client_secret.get_secret_value(),
            redirect_uri=self.redirect_uri,
            scope=SCOPES,
        )

    def _refused(self, reason: str) -> BadAnswerError:
        return BadAnswerError(self.title, reason)


def preferred_method(supported: Collection[str]) -> str:
    """How our secret is shown: in the header, unless only the body is read."""
    basic, post = "client_secret_basic", "client_secret_post"
    return post if post in supported and basic not in supported else basic


def is_for(client_id: str, audience: object, authorized_party: object) -> bool:
    """Whether a token was made for us, and for nobody else with us looking on."""
    audiences = audience if isinstance(audience, list) else [audience]
    if client_id not in audiences:
        return False
    if len(audiences) > 1:
        return authorized_party == client_id
    return authorized_party in (None, client_id)


def person_from(issuer: str, claims: dict[str, Any]) -> Person:
    """Who a token is about."""
    subject = claims["sub"]
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT:
        raise ValueError("the subject is no text, or too long")
    email, verified, name = (claims.get(key) for key in ("email", "email_verified", "name"))
    return Person(
        issuer=issuer,
        subject=subject,
        email=email if isinstance(email, str) else None,
        # Some write it as a text.
        is_email_verified=verified is True or verified == "true",
        name=name if isinstance(name, str) else "",
    )

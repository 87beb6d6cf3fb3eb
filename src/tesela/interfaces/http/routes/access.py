"""Coming in, and who may: setup, sessions, users, keys, what was taken out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response
from pydantic import Field

from tesela.base import Language, RefusedError
from tesela.interfaces.http.server import COOKIE, Admin, Serving, signed_in
from tesela.interfaces.http.shapes import Moment, Shape, Told
from tesela.workspace import access

router = APIRouter(tags=["access"])
Id = Annotated[int, Path(ge=1, le=2**31)]
Name = Annotated[str, Field(min_length=1, max_length=80, examples=["marta"])]
Password = Annotated[str, Field(min_length=1, max_length=200, examples=["caballo batería grapa"])]


class Person(Told):
    """Somebody who may sign in."""

    id: int
    name: str
    role: access.Role
    sees_personal: bool
    language: Language
    created_at: Moment


class SessionState(Told):
    """Where the page begins: who signed in, and what the shop is."""

    user: Person | None = Field(description="None when nobody signed in.")
    scopes: list[access.Scope]
    needs_setup: bool = Field(description="Whether nobody may sign in yet: the setup link was not used.")
    shop: str
    language: Language
    timezone: str
    currency: str


class Setup(Shape):
    """The first admin."""

    secret: Annotated[str, Field(max_length=200, description="What stands in the setup link after `#`.")]
    name: Name
    password: Password
    language: Language = "es"


class SignIn(Shape):
    """Who wants in."""

    name: Name
    password: Password


class NewUser(Shape):
    """Somebody who may sign in from now on."""

    name: Name
    password: Password
    role: access.Role
    language: Language = "es"
    sees_personal: bool = False


class UserChange(Shape):
    """What changes; what is left out stays."""

    role: access.Role | None = None
    language: Language | None = None
    sees_personal: bool | None = None
    password: Password | None = None


class OwnChange(Shape):
    """What somebody changes of herself."""

    language: Language | None = None
    password: Password | None = None


class KeyTold(Told):
    """A key for programs, without its secret."""

    id: int
    name: str
    hint: str
    scopes: list[access.Scope]
    made_by: str
    created_at: Moment
    used_at: Moment | None


class NewKey(Shape):
    """A key to be made."""

    name: Name
    scopes: Annotated[list[access.Scope], Field(min_length=1, max_length=4)]


class KeyMade(KeyTold):
    """A key with its secret, which is shown this once."""

    secret: str


class TakenOut(Told):
    """A list of people that somebody took out."""

    id: int
    what: str
    people: int
    is_raw: bool
    channel: str | None
    purpose: str | None
    reason: str
    actor: str
    taken_at: Moment


@router.get("/session")
def session(server: Serving, user: Annotated[access.User | None, Depends(signed_in)]) -> SessionState:
    """Say who signed in, and what the page needs to begin."""
    return _state(server, user)


@router.post("/setup", status_code=201)
def set_up(told: Setup, request: Request, response: Response, server: Serving) -> SessionState:
    """Make the first admin with the setup link, and sign her in."""
    gate = server.workspace.access
    secret = gate.set_up(told.secret, name=told.name, password=told.password, language=told.language)
    _remember(request, response, secret)
    return _state(server, gate.user_of(secret))


@router.post("/session", status_code=201)
def sign_in(told: SignIn, request: Request, response: Response, server: Serving) -> SessionState:
    """Sign in."""
    gate = server.workspace.access
    secret = gate.sign_in(told.name, told.password, origin=request.client.host if request.client else "")
    before = request.cookies.get(COOKIE)
    if before:
        gate.sign_out(before)
    _remember(request, response, secret)
    return _state(server, gate.user_of(secret))


@router.delete("/session", status_code=204)
def sign_out(request: Request, response: Response, server: Serving) -> None:
    """Sign out."""
    secret = request.cookies.get(COOKIE)
    if secret:
        server.workspace.access.sign_out(secret)
    response.delete_cookie(COOKIE, path="/")


@router.patch("/session/user")
def change_self(
    told: OwnChange,
    request: Request,
    response: Response,
    server: Serving,
    user: Annotated[access.User | None, Depends(signed_in)],
) -> Person:
    """Change one's own language or password."""
    if user is None:
        raise RefusedError("interfaces.http.sign_in_first")
    gate = server.workspace.access
    changed = gate.change_user(user.id, language=told.language, password=told.password)
    if told.password:
        _remember(request, response, gate.sign_in(user.name, told.password, origin="self"))
    return Person.model_validate(changed)


@router.get("/users")
def users(server: Serving, _: Admin) -> list[Person]:
    """List who may sign in."""
    return [Person.model_validate(each) for each in server.workspace.access.list_users()]


@router.post("/users", status_code=201)
def add_user(told: NewUser, server: Serving, _: Admin) -> Person:
    """Let somebody sign in."""
    made = server.workspace.access.add_user(
        told.name, told.password, told.role, language=told.language, sees_personal=told.sees_personal
    )
    return Person.model_validate(made)


@router.patch("/users/{user_id}")
def change_user(user_id: Id, told: UserChange, server: Serving, _: Admin) -> Person:
    """Change role, language, password, or what somebody may see; her sessions end."""
    return Person.model_validate(server.workspace.access.change_user(user_id, **told.model_dump()))


@router.delete("/users/{user_id}", status_code=204)
def remove_user(user_id: Id, server: Serving, _: Admin) -> None:
    """Let somebody sign in no more."""
    server.workspace.access.remove_user(user_id)


@router.get("/keys")
def keys(server: Serving, _: Admin) -> list[KeyTold]:
    """List the keys of programs."""
    return [KeyTold.model_validate(each) for each in server.workspace.access.list_keys()]


@router.post("/keys", status_code=201)
def make_key(told: NewKey, server: Serving, holder: Admin) -> KeyMade:
    """Make a key; its secret is shown this once."""
    key, secret = server.workspace.access.make_key(told.name, told.scopes, made_by=holder.name)
    return KeyMade(**{name: getattr(key, name) for name in KeyTold.model_fields}, secret=secret)


@router.delete("/keys/{key_id}", status_code=204)
def remove_key(key_id: Id, server: Serving, _: Admin) -> None:
    """Make a key worthless."""
    server.workspace.access.remove_key(key_id)


@router.get("/taken-out")
def taken_out(server: Serving, _: Admin) -> list[TakenOut]:
    """List which lists of people were taken out, by whom and why."""
    return [TakenOut.model_validate(each) for each in server.workspace.access.taken_out()]


def _state(server: Serving, user: access.User | None) -> SessionState:
    ws = server.workspace
    return SessionState(
        user=Person.model_validate(user) if user else None,
        scopes=sorted(user.holder.scopes) if user else [],
        needs_setup=user is None and ws.access.setup_secret() is not None,
        shop=(ws.settings.name or ws.folder.resolve().name) if user else "",
        language=user.language if user else ws.settings.language,
        timezone=ws.settings.timezone,
        currency=ws.settings.currency,
    )


def _remember(request: Request, response: Response, secret: str) -> None:
    # a cookie that must be secure would never come back over plain HTTP, which is what 127.0.0.1 speaks
    secure = request.url.scheme == "https"
    response.set_cookie(COOKIE, secret, path="/", httponly=True, samesite="lax", secure=secure, max_age=14 * 86_400)

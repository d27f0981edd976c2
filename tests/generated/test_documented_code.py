"""Code as documentation teaches it is typed into a project: it passes the checks, and does what it says."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import urllib.error
import urllib.request
from pathlib import Path
from textwrap import dedent

import pytest

from aegis_cli.operations.create import Request, create
from tests.support.application import run, served
from tests.support.project import seal
from tests.support.reporter import Silent

FILES = {
    "app/models/user.py": """
        from sqlmodel import Field, SQLModel


        class UserCreate(SQLModel):
            email: str
            full_name: str
            password: str = ""


        class User(SQLModel, table=True):
            id: int | None = Field(default=None, primary_key=True)
            email: str
            full_name: str
            hashed_password: str
    """,
    "app/services/email_service.py": """
        class EmailService:
            async def send_welcome_email(self, user_id: int | None) -> None:
                pass
    """,
    "app/services/cleanup_service.py": """
        from sqlmodel.ext.asyncio.session import AsyncSession


        class CleanupService:
            def __init__(self, db: AsyncSession):
                self.db = db

            async def deactivate_inactive_users(self, days: int) -> None:
                pass

            async def remove_temp_files(self) -> None:
                pass
    """,
    "app/services/user_service.py": '''
        # app/services/user_service.py
        from sqlmodel.ext.asyncio.session import AsyncSession
        from app.models.user import User, UserCreate
        from app.services.email_service import EmailService


        def hash_password(p: str) -> str:
            return "h" + p


        class UserService:
            """Service for managing users."""

            def __init__(self, db: AsyncSession):
                self.db = db
                self.email_service = EmailService()

            async def create_user(self, user_data: UserCreate) -> User:
                """Create user and send welcome email."""
                # Step 1: Create user in database
                user = User(
                    email=user_data.email,
                    full_name=user_data.full_name,
                    hashed_password=hash_password(user_data.password),
                )
                self.db.add(user)
                await self.db.commit()
                await self.db.refresh(user)
                # Step 2: Send welcome email
                await self.email_service.send_welcome_email(user.id)
                return user
    ''',
    "app/components/backend/api/users.py": """
        # app/components/backend/api/users.py
        from fastapi import APIRouter
        from app.models.user import UserCreate
        from app.services.user_service import UserService
        from app.core.db import db_session

        router = APIRouter()

        @router.post("/users")
        async def create_user_endpoint(data: UserCreate):
            async with db_session() as session:
                user_service = UserService(session)
                user = await user_service.create_user(data)
                return user

        @router.post("/users/wrong")
        async def create_user_in_a_blocking_session(data: UserCreate):
            with db_session() as session:
                user_service = UserService(session)  # ty: ignore[invalid-argument-type]
                return await user_service.create_user(data)
    """,
    "app/cli/users.py": """
        # app/cli/users.py
        import typer
        from app.models.user import UserCreate
        from app.services.user_service import UserService
        from app.core.db import db_session

        app = typer.Typer()

        @app.command()
        async def create_user(email: str, full_name: str):
            async with db_session() as session:
                user_service = UserService(session)
                user = await user_service.create_user(UserCreate(email=email, full_name=full_name))
                print(f"Created user {user.id}")
    """,
    "app/components/worker/tasks/user_tasks.py": '''
        # app/components/worker/tasks/user_tasks.py
        from typing import Any
        from app.models.user import UserCreate
        from app.services.user_service import UserService
        from app.core.db import async_db_session

        async def create_user_task(ctx: dict[str, Any], user_data: dict) -> dict:
            """Create user as background job."""
            async with async_db_session() as session:
                user_service = UserService(session)
                data = UserCreate(**user_data)
                user = await user_service.create_user(data)
                return {"user_id": user.id, "email": user.email}
    ''',
    "app/components/frontend/pages/users.py": '''
        # app/components/frontend/pages/users.py
        import flet as ft
        from app.components.frontend import widgets
        from app.components.frontend.frame import Frame
        from app.components.frontend.registry import Changes, Context, View
        from app.core.config import settings

        class UsersView(View):
            """Users."""

            def __init__(self, context: Context) -> None:
                self._patience = widgets.mono()
                super().__init__(ft.Column([widgets.heading("Users"), self._patience], spacing=16))

            async def show(self, frame: Frame, changes: Changes) -> None:
                changes.set(self._patience, value=f"{settings.API_TIMEOUT:g} s")
    ''',
    "tests/dashboard/test_users_page.py": """
        from tests.dashboard.support import make_frame

        async def test_the_page_is_shown(show):
            screen = await show(make_frame(), route="/users")
            assert screen.shows("30 s")
    """,
    "tests/services/test_user_service.py": '''
        # tests/services/test_user_service.py
        from app.components.worker.tasks.user_tasks import create_user_task
        from app.core.db import db_session as open_session
        from app.models.user import User, UserCreate
        from app.services.cleanup_service import CleanupService
        from app.services.user_service import UserService

        async def test_create_user(db_session):
            """Test user creation workflow."""
            user_service = UserService(db_session)
            data = UserCreate(email="test@example.com", full_name="Test User")
            user = await user_service.create_user(data)
            assert user.email == "test@example.com"
            assert user.id is not None

        async def test_create_user_with_the_other_name(async_db_session):
            user = await UserService(async_db_session).create_user(
                UserCreate(email="test@example.com", full_name="Test User")
            )
            assert user.id is not None

        async def test_in_a_job():
            async with open_session() as session:
                service = CleanupService(session)
                await service.deactivate_inactive_users(days=365)
                await service.remove_temp_files()

        async def test_in_a_task(db_session):
            made = await create_user_task({}, {"email": "a@example.com", "full_name": "A"})
            user = await db_session.get(User, made["user_id"])
            assert user.email == "a@example.com"
    ''',
}
ANCHORS = {
    ("app/models/__init__.py", "    # Your models"): """
        from app.models import user

        loaded.append(user)
    """,
    ("app/components/backend/api/routing.py", "    # Your routers"): """
        from app.components.backend.api import users

        app.include_router(users.router)
    """,
    ("app/components/frontend/pages/__init__.py", "    # Your pages"): """
        from app.components.frontend.pages.users import UsersView

        registry.add_page(Page("/users", "Users", icon=ft.Icons.PEOPLE_ROUNDED, build=UsersView))
    """,
    ("app/cli/commands.py", "    # Your commands"): """
        from app.cli import users

        cli.add_typer(users.app, name="users")
    """,
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project in which somebody has typed all of it, and asked the tools to tidy up."""
    place = tmp_path_factory.mktemp("documented")
    with pytest.MonkeyPatch.context() as patch:
        (place / "home").mkdir()
        seal(place / "home", patch)
        root = create(Request("my-api", place, components=("database", "worker")), Silent()).root
    for path, text in FILES.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(dedent(text).lstrip())
    for (path, anchor), text in ANCHORS.items():
        before = (root / path).read_text()
        [line] = [line for line in before.splitlines() if line.startswith(anchor)]
        indented = "".join(f"    {x}".rstrip() + "\n" for x in dedent(text).strip().splitlines())
        (root / path).write_text(before.replace(f"{line}\n", f"{line}\n{indented}", 1))
    run(root, "uv", "sync", "--quiet")
    run(root, "make", "fix")
    run(root, "make", "migration", "m=add users")
    run(root, "make", "migrate")
    return root


def emails(root: Path) -> list[str]:
    """Who is in the database."""
    with sqlite3.connect(root / "data/app.db") as connection:
        return [row[0] for row in connection.execute('SELECT email FROM "user" ORDER BY id')]


def post(url: str, body: dict[str, str]) -> tuple[int, dict[str, object]]:
    """Send JSON; status and answer."""
    request = urllib.request.Request(  # noqa: S310
        url, json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def test_it_passes_the_checks(project: Path) -> None:
    """Lint, format, types, and tests: those of the service, sync and async, need no server."""
    run(project, "make", "lint", "typecheck")
    mine = "tests/services/test_user_service.py tests/dashboard/test_users_page.py"
    said = run(project, "make", "test", f"ARGS={mine}")
    assert "5 passed" in said


def test_the_type_checker_knows_which_session_it_is(project: Path) -> None:
    """A service that awaits is not given a session that blocks."""
    users = project / "app/components/backend/api/users.py"
    text = users.read_text()
    try:
        users.write_text(text.replace("  # ty: ignore[invalid-argument-type]", ""))
        found = subprocess.run(
            [project / ".venv/bin/ty", "check"], cwd=project, capture_output=True, text=True
        )
    finally:
        users.write_text(text)
    assert found.returncode == 1
    assert "Expected `AsyncSession`, found `Session`" in found.stdout


def test_a_route_and_a_command_call_the_service(project: Path) -> None:
    """Both end when the user is there; a blocking session in a coroutine is refused before it writes."""
    before = emails(project)
    with served(project) as address:
        status, user = post(f"{address}/users", {"email": "api@example.com", "full_name": "A"})
        assert (status, user["email"]) == (200, "api@example.com")
        wrong = post(f"{address}/users/wrong", {"email": "wrong@example.com", "full_name": "W"})
        assert wrong[0] == 500
    said = run(project, "uv", "run", "my-api", "users", "create-user", "cli@example.com", "C")
    assert said.startswith("Created user ")
    assert emails(project) == [*before, "api@example.com", "cli@example.com"]
    log = project.with_name("my-api.serve.log").read_text()
    assert "`async with db_session() as session:`" in log

"""What the pages of a generated project have their reader write and type does what it says.

One project with every component, one reader: files are written, pieces are put where the page says, fragments run in a
test, lines are typed beside real servers. What is not run is named in `leave_out`, with the reason: a page has no marks
for tests, since users read it.
"""

from __future__ import annotations

import json
import re
import shutil
from contextlib import ExitStack
from pathlib import Path
from textwrap import indent
from urllib.parse import urlsplit

import pytest
import yaml

from aegis_cli.operations.create import Request, create
from tests.support import examples
from tests.support.application import eventually, get, run, served
from tests.support.pages import Pages, Snippets, insert, nginx, types
from tests.support.postgres_server import PostgresServer, postgres_server
from tests.support.redis_server import RedisServer
from tests.support.reporter import Silent
from tests.support.stacks import catalog_of_checkout, every_stack

MISSING = [name for name in ("curl", "nginx", "redis-server") if shutil.which(name) is None]
pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"needs {', '.join(MISSING)}")

NAMES = Path(__file__).with_name("names_on_pages.py")
TOKEN = "a-token-that-nobody-would-guess"
LOGIN = (
    "curl -X POST localhost:8000/api/auth/login -H 'Content-Type: application/json' "
    """-d '{"email": "admin@example.com", "password": "admin123"}'"""
)
CHAT = (
    "curl -X POST localhost:8000/api/ai/chat -H 'Content-Type: application/json' "
    """-d '{"message": "Explain webhooks", "stream": false}'"""
)
ASK_LATER = (
    "curl -X POST localhost:8000/api/ai/jobs -H 'Content-Type: application/json' "
    """-d '{"message": "Compare these contracts: ..."}'"""
)


def test_every_page_is_followed_to_its_end(tmp_path: Path) -> None:
    """Nothing is left, and what was written passes the project's own checks."""
    stack = every_stack(catalog_of_checkout())[-1]
    root = create(Request("my-app", tmp_path, components=stack), Silent()).root
    pages = Pages(root)
    with ExitStack() as servers:
        redis = RedisServer(tmp_path / "redis")
        servers.callback(redis.kill)
        redis.start()
        pages["README.md"].types("uv sync")
        pages["README.md"].types("cp .env.example .env")
        leave_out(pages)
        write_for_the_base(pages, root)
        snippets = Snippets(root)
        write_for_components(pages, root)
        write_for_queues(pages, root, snippets, redis)
        write_for_accounts(pages, root, snippets)
        add_snippets(pages, snippets)
        use_the_database(pages, root)
        check_what_is_written(root)
        process = {"REDIS_URL": redis.url, "HEARTBEAT_DIR": str(tmp_path / "heartbeats")}
        with served(root, ROOT_PATH="/tool", **process) as address:
            for path in ("README.md", "docs/auth.md"):
                pages[path].does("make serve")
            ask_the_server(pages, address)
            use_the_scheduler(pages, redis.url)
            use_the_workers(pages, root, redis)
            put_a_proxy_before_it(pages, address, tmp_path / "nginx")
            ask_as_kubernetes_does(pages, root, address, process)
        move_to_postgres_and_back(pages, root, servers.enter_context(postgres_server()))
        collect_figures(pages, root)
        for _patch_and_monitor in range(2):  # `test_kubernetes.py` tries them
            pages["docs/kubernetes.md"].takes("yaml")
        run(root, "uv", "run", "python", str(NAMES), "my-app")
        try_settings(pages, root)
        go_to_production(pages, root, redis)
    assert pages.undone() == {}


def leave_out(pages: Pages) -> None:
    """What a reader needs something else for."""
    # It changes the project, as the tests of `aegis` do.
    pages["README.md"].leaves("aegis update")
    # Docker.
    page = pages["docs/deployment.md"]
    page.leaves("docker compose --profile production up -d --scale web=3")
    page = pages["docs/postgres.md"]
    page.leaves(
        """docker compose exec postgres psql --username=app --command "ALTER USER app PASSWORD '...'\""""
    )
    page.leaves("docker compose run --rm web db restore latest")
    # A cluster.
    page = pages["docs/kubernetes.md"]
    page.leaves("kubectl apply --filename deploy/kubernetes/overlays/production/namespace.yaml")
    page.leaves("kubectl apply --kustomize . --selector rollout=first")
    # A key of theirs; without one, tests/ai/test_providers.py of the project.
    pages["docs/ai.md"].leaves('echo "AI_PROVIDER=openai" >> .env')
    # What the answer before has said; in full, tests/auth/test_second_factor.py of the project.
    pages["docs/auth.md"].leaves("curl -X POST localhost:8000/api/auth/login ...")


def write_for_the_base(pages: Pages, root: Path) -> None:
    """A service, its route, a page of the dashboard."""
    page = pages["docs/add-a-service.md"]
    page.writes("app/services/greetings/__init__.py")
    page.writes("tests/unit/test_greetings.py")
    page.writes("app/services/greetings/health.py")
    page.inserts("app/services/system/checks.py", "# Your checks")
    page = pages["docs/add-a-route.md"]
    page.writes("app/components/backend/api/greetings.py")
    page.inserts("app/components/backend/api/routing.py", "# Your routers")
    page.writes("tests/api/test_greetings_api.py")
    page = pages["docs/dashboard.md"]
    page.inserts("app/components/frontend/pages/__init__.py", "# Your cards")
    page.writes("app/components/frontend/pages/orders.py")
    page.inserts("app/components/frontend/pages/__init__.py", "# Your pages")
    (root / "tests/dashboard/test_orders_page.py").write_text(examples.DASHBOARD)


def write_for_components(pages: Pages, root: Path) -> None:
    """A model with its service, and jobs."""
    page = pages["docs/database.md"]
    page.writes("app/models/order.py")
    page.inserts("app/models/__init__.py", "# Your models")
    page.writes("app/services/orders.py")
    page.writes("tests/unit/test_orders.py")
    with (root / "app/services/orders.py").open("a") as file:
        file.write(examples.ORDERS)
    (root / "app/services/reminders.py").write_text(examples.REMINDERS)
    pages["docs/scheduler.md"].writes("app/components/scheduler.py")
    pages["docs/scheduled-work.md"].inserts("app/components/scheduler.py", "# Your jobs")


def write_for_queues(pages: Pages, root: Path, snippets: Snippets, redis: RedisServer) -> None:
    """Tasks, and who enqueues them."""
    page = pages["docs/worker.md"]
    page.writes("app/components/worker/tasks/send_report.py")
    (root / "app/components/worker/tasks/send_reports.py").write_text(examples.SEND_REPORTS)
    queue = root / "app/components/worker/queues/system.py"
    [line] = [line for line in page.takes("python").splitlines(True) if "send_report" in line]
    insert(queue, line.lstrip() + "func(send_reports),\n", above="# Your functions")
    insert(queue, examples.TASKS, below="from app.components.worker.tasks.send_mail import")
    enqueues = page.takes("python")
    snippets.add("job", enqueues, takes="work_queue", then="assert job is not None")
    plain = page.takes("python").replace("RedisSettings()", f"RedisSettings(port={redis.port})")
    body = indent(plain, "    ")
    script = f"import asyncio\n\n\nasync def main() -> None:\n{body}\n\nasyncio.run(main())\n"
    (root / "plain.py").write_text(script)
    page.writes("tests/worker/test_send_report.py")


def write_for_accounts(pages: Pages, root: Path, snippets: Snippets) -> None:
    """Routes that ask who it is, and the assistant."""
    page = pages["docs/auth.md"]
    page.writes("app/components/backend/api/reports.py")
    page.writes("app/services/reports.py")
    with (root / "app/services/reports.py").open("a") as file:
        file.write(examples.REPORTS)
    pages["docs/ai-accounts.md"].writes("app/components/backend/api/support.py")
    insert(root / "app/components/backend/api/routing.py", examples.ROUTERS, below="# Your routers")
    page = pages["docs/ai.md"]
    asks = page.takes("python")
    then = "assert 'Explain webhooks' in answer.text"
    snippets.add("answer", asks, takes="make_user", given="user = make_user()\n...", then=then)
    page.inserts("app/services/ai/tools.py", above="TOOLS")
    tools = root / "app/services/ai/tools.py"
    insert(tools, "Tool(order_status),\n", above="# Your tools")
    insert(tools, "from app.services import orders\n", above="from app.services.ai.models")
    page.writes("tests/ai/test_my_tool.py")
    page.writes("evaluate.py")
    asks = pages["docs/ai-jobs.md"].takes("python")
    takes = "make_user, redis_client"
    then = "assert job.state == 'waiting'"
    snippets.add("later", asks, takes=takes, given="user = make_user()\n...", then=then)


def add_snippets(pages: Pages, snippets: Snippets) -> None:
    """Fragments: each in a function of its own, with what it takes for granted."""
    add = snippets.add
    raises = pages["docs/add-a-route.md"].takes("python")
    add("error", raises, given="name = 'Ada'\nwith pytest.raises(Exception, match='Ada'):\n    ...")
    button = pages["docs/dashboard.md"].takes("python")
    pressed = "await cancel()\nfrom app.services.orders import cancelled\nassert cancelled == [7]"
    add("button", button, then=pressed)
    route = "async def events():\n    yield 'a'\nasync def route():\n    ..."
    streams = pages["docs/deployment.md"].takes("python")
    read = "assert [x async for x in (await route()).body_iterator] == ['a']"
    add("streams", streams, given=route, then=read)
    page = pages["docs/observability.md"]
    counts = "orders_paid.inc()\nassert registry.get_sample_value('orders_paid_total') == 1"
    add("figure", page.takes("python"), then=counts)
    add("span", page.takes("python"))
    page = pages["docs/redis.md"]
    fetch = "async def fetch_prices(currency):\n    return {'lamp': 2.0}\n..."
    read = "assert await read_prices('EUR') == {'lamp': 2.0}"
    add("cache", page.takes("python"), takes="redis_client", given=fetch, then=read)
    ended = "assert values == {'user': 7}\nassert await read_session(token) is None"
    add("session", page.takes("python"), takes="redis_client", then=ended)


def check_what_is_written(root: Path) -> None:
    """Types, and the tests of what was written; lint of all but the fragments."""
    types(root, "ty check")
    mine = "tests/snippets tests/unit/test_greetings.py tests/unit/test_orders.py tests/api/test_greetings_api.py"
    mine += " tests/dashboard/test_orders_page.py tests/ai/test_my_tool.py tests/worker/test_send_report.py"
    types(root, f"pytest -q {mine}")
    (root / "data/sent.txt").unlink()
    shutil.rmtree(root / "tests/snippets")
    types(root, "make lint")


def use_the_database(pages: Pages, root: Path) -> None:
    """Migrations of the project's and Alembic's own commands, accounts, backups."""
    page = pages["docs/auth.md"]
    page.types("make migrate")
    page.types("uv run my-app auth create-test-users --count 5")
    page = pages["docs/database.md"]
    page.types('make migration m="add orders"')
    page.types("make migrate")
    insert(root / "app/models/order.py", "price: int = 0\n", below="item: str")
    page.types('uv run alembic revision --autogenerate -m "add orders"')
    page.types("uv run alembic upgrade heads")
    assert "(head)" in page.types("uv run alembic current")
    page.types("uv run alembic downgrade app@-1")
    one, *_ = sorted((root / "migrations/versions/app").glob("*_add_orders.py"))
    types(root, f"alembic revision -m other --head={one.stem.partition('_')[0]} --splice")
    page.types('uv run alembic merge -m "both" app@heads')
    assert "CREATE TABLE" in page.types("uv run alembic upgrade heads --sql")
    types(root, "make migrate")
    for name, first in (
        ("docs/database.md", "my-app db backup"),
        ("docs/scheduled-backups.md", "my-app scheduler run backup_database"),
    ):
        page = pages[name]
        page.types(first)
        assert ".db" in page.types("my-app db backups")
        page.types("my-app db restore latest", {"latest": "latest --yes"})


def ask_the_server(pages: Pages, address: str) -> None:
    """By curl, as the pages do."""
    here = {"localhost:8000": urlsplit(address).netloc}
    assert "access_token" in json.loads(pages["docs/auth.md"].types(LOGIN, here))
    page = pages["docs/ai.md"]
    assert "Hello" in page.types("uv run my-app ai chat", {"chat": "chat <<< Hello"})
    assert json.loads(page.types(CHAT, here))["state"] == "complete"
    assert "of 2" in page.types("uv run python evaluate.py")
    page = pages["docs/ai-jobs.md"]
    left = json.loads(page.types(ASK_LATER, here))["id"]
    page.types("curl localhost:8000/api/ai/jobs/ID", {**here, "ID": left})
    path = f"{address}/api/ai/jobs/{left}"
    eventually(lambda: get(path)["state"] == "done", "the answer is there")
    schema = str(get(f"{address}/openapi.json"))
    page = pages["docs/oauth.md"]
    [link] = re.findall(r'href="(.*)\?next=/reports"', page.takes("html"))
    [call] = re.findall(r'fetch\("(.*?)"', page.takes("js"))
    assert f"'{link.replace('google', '{name}')}'" in schema
    assert f"'{call}'" in schema


def use_the_scheduler(pages: Pages, redis: str) -> None:
    """Whose process runs, and whose job hands work to a queue."""
    page = pages["docs/scheduler.md"]
    assert "send_reminders" in page.types("my-app scheduler jobs")
    assert "send_reminders" in page.types("my-app scheduler next")
    page.types("my-app scheduler run JOB", {"JOB": "reports"}, REDIS_URL=redis)
    page.types("my-app scheduler pause JOB", {"JOB": "send_reminders"})
    page.types("my-app scheduler resume JOB", {"JOB": "send_reminders"})
    assert "reports" in page.types("my-app scheduler history")
    page.types("my-app scheduler status")


def use_the_workers(pages: Pages, root: Path, redis: RedisServer) -> None:
    """Jobs of plain arq and of the scheduler arrive; failed ones are put back, and forgotten."""
    there = {"REDIS_URL": redis.url}
    page = pages["docs/worker.md"]
    sent = root / "data/sent.txt"
    types(root, "python plain.py")
    expected = ['{"report_id":7,"to":"boss@example.com"}', '{"title":"all"}']
    eventually(
        lambda: sent.exists() and sorted(sent.read_text().split()) == expected, "both are sent"
    )
    types(root, "my-app load-test run --jobs 2 --kind failing", **there)
    assert "load_test" in page.types("my-app worker queues", **there)
    page.types("my-app worker failed", **there)
    failed = json.loads(types(root, "my-app worker failed --json", **there))
    page.types("my-app worker retry JOB", {"JOB": failed[0]["id"]}, **there)
    page.types("my-app worker forget", **there)
    page.types("my-app worker status QUEUE", {"QUEUE": "system"}, **there)
    page.types("my-app load-test run --jobs 1000 --kind io", **there)


def put_a_proxy_before_it(pages: Pages, address: str, place: Path) -> None:
    """Nginx, with what the page has for it: at the root of a host, and below a path."""
    page = pages["docs/deployment.md"]
    at_root, below = page.takes("nginx"), page.takes("nginx")
    above = [line for line in at_root.splitlines() if "proxy_" in line and "_pass" not in line]
    below = re.sub(r"# .*", "\n".join(above).replace("\\", ""), below)
    with nginx(place, (at_root + below).replace("http://127.0.0.1:8000", address)) as proxy:
        assert get(f"{proxy}/health") == get(f"{proxy}/tool/health") == get(f"{address}/health")


def ask_as_kubernetes_does(pages: Pages, root: Path, address: str, process: dict[str, str]) -> None:
    """The probes of the web process, and of all others."""
    page = pages["docs/deployment.md"]
    for probe in yaml.safe_load(page.takes("yaml")).values():
        assert get(f"{address}{probe['httpGet']['path']}")
    [probe] = yaml.safe_load(page.takes("yaml")).values()
    run(root, *probe["exec"]["command"], **process)


def move_to_postgres_and_back(pages: Pages, root: Path, server: PostgresServer) -> None:
    """With all rows; and what a role has to have behind PgBouncer."""
    there = server.create("there")
    page = pages["docs/postgres.md"]
    page.types("make migrate", DATABASE_URL=there)
    copied = page.types("my-app db copy-from sqlite:///data/app.db", DATABASE_URL=there)
    assert "user" in copied
    program = f"import asyncio\n{page.takes('python')}"
    (root / "patient.py").write_text(program)
    types(root, "python patient.py", DATABASE_URL=there)
    back = {"DATABASE_URL": "sqlite:///data/new.db"}
    page.does(f"export DATABASE_URL={back['DATABASE_URL']}")
    page.types("make migrate", **back)
    example = "postgresql://USER:PASSWORD@HOST:5432/NAME"
    page.types(f"my-app db copy-from {example}", {example: there}, **back)
    server.execute(pages["docs/kubernetes.md"].takes("sql"))


def collect_figures(pages: Pages, root: Path) -> None:
    """Whom Prometheus asks, and by which rules."""
    scrape = yaml.safe_load(pages["docs/observability.md"].takes("yaml"))
    for file in scrape["rule_files"]:
        assert (root / "observability" / file).is_file()
    [names] = [one["names"] for one in scrape["scrape_configs"][0]["dns_sd_configs"]]
    assert set(names) <= set(yaml.safe_load((root / "docker-compose.yml").read_text())["services"])


def try_settings(pages: Pages, root: Path) -> None:
    """Blocks of settings, as `.env`: they are right, and none is unknown."""
    for path, count in {
        "docs/oauth.md": 3,
        "docs/observability.md": 3,
        "docs/postgres.md": 1,
    }.items():
        for _ in range(count):
            (root / ".env").write_text(pages[path].takes("settings"))
            types(root, "my-app config check")


def go_to_production(pages: Pages, root: Path, redis: RedisServer) -> None:
    """Without Docker, and asked with the token."""
    page = pages["docs/deployment.md"]
    text = re.sub(r"<.*>", TOKEN, page.takes("settings"))
    (root / ".env").write_text(text)
    page.types("uv sync --no-dev")
    page.does("uv run --no-sync my-app serve")
    secrets = {
        "REDIS_URL": redis.url,
        "AUTH_SECRET_KEY": TOKEN * 2,
        "PUBLIC_URL": "https://app.example.com",
    }
    with served(root, "uv run --no-sync my-app serve", **secrets) as address:
        found = page.types(
            'curl --header "Authorization: Bearer $DASHBOARD_TOKEN" https://app.example.com/health/detailed',
            {"https://app.example.com": f"--header Host:app.example.com {address}"},
            DASHBOARD_TOKEN=TOKEN,
        )
        assert json.loads(found)["components"]

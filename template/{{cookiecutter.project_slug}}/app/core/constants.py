"""Values that never change while the program runs."""

from pathlib import Path

# The formatter stays away, so that names of any length keep their line.
# fmt: off
PROJECT_NAME = "{{ cookiecutter.project_name | replace('\\', '\\\\') | replace('\"', '\\\"') }}"
PROJECT_SLUG = "{{ cookiecutter.project_slug }}"
PROJECT_DESCRIPTION = "{{ cookiecutter.project_description | replace('\\', '\\\\') | replace('\"', '\\\"') }}"
# fmt: on

ROOT = Path(__file__).resolve().parents[2]
"""The project's folder: where `.env` and `pyproject.toml` are."""

DATA = ROOT / "data"
"""Where the application keeps files; a volume in containers."""

API_PREFIX = "/api"
DASHBOARD_PATH = "/dashboard"
DOCS_PATH = "/docs"
REQUEST_ID_HEADER = "X-Request-ID"
# Your constants

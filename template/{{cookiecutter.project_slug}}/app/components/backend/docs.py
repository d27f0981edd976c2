"""The API's documentation, to read and to try: Swagger UI with files of our own, so it works offline."""

from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from starlette.responses import Response
from starlette.staticfiles import StaticFiles

from app.core.constants import DOCS_PATH


def mount_docs(app: FastAPI) -> None:
    """Serve the page. Its addresses are relative: it works below any prefix of a proxy."""
    page = get_swagger_ui_html(
        title=app.title,
        openapi_url="openapi.json",
        swagger_js_url="docs/assets/swagger-ui-bundle.js",
        swagger_css_url="docs/assets/swagger-ui.css",
        swagger_favicon_url="docs/assets/favicon-32x32.png",
        swagger_ui_parameters={"displayRequestDuration": True},
    ).body

    async def show_docs() -> Response:
        return Response(page, media_type="text/html")

    app.add_api_route(DOCS_PATH, show_docs, include_in_schema=False)
    # Nothing but the files is used of this package, so it is not even imported.
    files = StaticFiles(packages=[("fastapi_swagger", "resources")])
    app.mount(f"{DOCS_PATH}/assets", files, name="docs-assets")

from app.components.backend.api import load_test

app.include_router(load_test.router)

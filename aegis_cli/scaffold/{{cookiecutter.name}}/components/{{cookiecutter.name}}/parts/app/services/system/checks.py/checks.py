from app.services.{{ cookiecutter.package }}.health import check as check_{{ cookiecutter.package }}

registry.register(
    "{{ cookiecutter.name }}",
    check_{{ cookiecutter.package }},
    timeout=settings.HEALTH_TIMEOUT_SECONDS,
    required=False,
)

"""What the health page says about it."""

from app.core.config import settings
from app.services.system.models import CheckResult


async def check() -> CheckResult:
    """It works as long as there is a word to greet with."""
    word = settings.{{ cookiecutter.prefix }}_WORD.strip()
    if not word:
        return CheckResult.degraded("{{ cookiecutter.prefix }}_WORD is blank")
    return CheckResult.healthy("Ready", word=word)

"""Which secrets are none: short ones, and those that anybody can read somewhere."""

from pathlib import Path

from app.core.constants import ROOT

SHORTEST = 32
FEWEST_DIFFERENT = 10

# From tutorials, templates and the home page of JWT.
PUBLISHED = frozenset(
    {
        "09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7",
        "a-string-secret-at-least-256-bits-long",
        "your-256-bit-secret",
        "your-384-bit-secret",
        "your-512-bit-secret",
    }
)
TELLTALES = ("changeme", "changethis", "change-me", "change_me", "secret-key", "your-secret")


def problem_of_secret(secret: str, example: Path = ROOT / ".env.example") -> str | None:
    """What is wrong with a secret, in words that do not repeat it."""
    if len(secret.encode()) < SHORTEST:
        return f"it is shorter than {SHORTEST} characters"
    if len(set(secret)) < FEWEST_DIFFERENT:
        return "it repeats the same few characters"
    lower = secret.lower()
    if lower in PUBLISHED or any(word in lower for word in TELLTALES):
        return "it stands in tutorials and templates, so everybody knows it"
    if example.exists() and secret in example.read_text(encoding="utf-8", errors="replace"):
        return f"it stands in {example.name}, so everybody knows it"
    return None

"""{{ cookiecutter.title }}: says hello."""


# {{ cookiecutter.title }}
{{ cookiecutter.prefix }}_WORD: str = "Hello"

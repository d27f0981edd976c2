from app.stack.{{ cookiecutter.package }} import {{ cookiecutter.package }}

{{ cookiecutter.package }},

"""Answers to a template's questions: asked with Cookiecutter's own prompts, made complete, checked."""

from __future__ import annotations

from aegis_cli.errors import UsageError
from aegis_cli.model import Answers, AnswerValue
from aegis_cli.template.questions import Asker, ChoiceGone, Question, Questions
from aegis_cli.template.render.context import Context
from aegis_cli.template.trust import Permit


def ask(
    questions: Questions, given: Answers, suggested: Answers, permit: Permit, asker: Asker
) -> dict[str, AnswerValue]:
    """Ask what `given` leaves open; return all answers.

    Args:
        questions: What the template asks.
        given: The answers that there are.
        suggested: Better defaults than the template's.
        permit: That the template's code may run.
        asker: Puts the questions.
    """
    answers = dict(given)
    for name in questions.names:
        if name not in given:
            answers[name] = asker.answer(_question(questions, name, answers, suggested, permit))
    return answers


def _question(
    questions: Questions, name: str, answers: Answers, suggested: Answers, permit: Permit
) -> Question:
    value = suggested.get(name) or default(questions, name, answers, permit)
    options: dict[str, str] = {}
    if isinstance(questions.raw[name], list):
        offered = choices(questions, name, answers, permit)
        options = {str(choice): questions.label(name, str(choice)) for choice in offered}

    def problem(text: str) -> str:
        if options:
            return "" if text in options else f"must be one of: {', '.join(options)}"
        try:
            return questions.problem(name, questions.read_answer(name, text))
        except UsageError as error:
            return error.message.partition(": ")[2] or error.message

    def read(text: str) -> AnswerValue:
        return questions.read_answer(name, text)

    return Question(name, questions.wording(name), value, options, problem, read)


def default(questions: Questions, name: str, answers: Answers, permit: Permit) -> AnswerValue:
    """Return the template's own answer to a question, given the other answers."""
    others = {key: value for key, value in answers.items() if key != name}
    return Context(questions, others, permit).answers[name]


def choices(questions: Questions, name: str, answers: Answers, permit: Permit) -> list[AnswerValue]:
    """Return the rendered choices of a question, given the other answers: texts, but for yes and no."""
    others = {key: value for key, value in answers.items() if key != name}
    context = Context(questions, others, permit)
    return [
        option if isinstance(option, bool) else context.text(str(option), name)
        for option in questions.raw[name]
    ]


def complete(questions: Questions, given: Answers, permit: Permit) -> dict[str, AnswerValue]:
    """Return an answer to every question: the given ones, and the template's defaults.

    Args:
        questions: What the template asks.
        given: The answers that there are.
        permit: That the template's code may run.

    Raises:
        ChoiceGone: A given answer is none of the choices.
        UsageError: An answer breaks a rule of the template.
    """
    answers = Context(questions, given, permit).answers
    for name, options in gone(questions, given, permit).items():
        raise ChoiceGone(name, answers[name], list(map(str, options)))
    questions.check(answers)
    return answers


def gone(questions: Questions, given: Answers, permit: Permit) -> dict[str, list[AnswerValue]]:
    """Return the questions whose given answer is none of the choices, and the choices that there are."""
    answers = Context(questions, given, permit).answers
    asked = [
        name for name in questions.names if isinstance(questions.raw[name], list) and name in given
    ]
    offered = {name: choices(questions, name, answers, permit) for name in asked}
    return {name: options for name, options in offered.items() if answers[name] not in options}

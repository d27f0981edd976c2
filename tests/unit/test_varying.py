"""Values that vary between two renders stay as the project has them."""

from __future__ import annotations

from aegis_cli.template.varying import settle_file


def test_a_varying_value_is_taken_from_the_project() -> None:
    assert settle_file(b"A=1\nK=xx\n", b"A=1\nK=yy\n", b"A=1\nK=mine\n") == b"A=1\nK=mine\n"


def test_what_else_the_template_changes_comes() -> None:
    assert (
        settle_file(b"A=2\nK=xx\nB\n", b"A=2\nK=yy\nB\n", b"A=1\nK=mine\n") == b"A=2\nK=mine\nB\n"
    )


def test_values_that_begin_or_end_alike_by_chance_are_still_found() -> None:
    assert settle_file(b"K=abcz\n", b"K=abdz\n", b"K=mine\n") == b"K=mine\n"
    assert settle_file(b'K: "2026-01"\n', b'K: "2029-06"\n', b'K: "2025-01"\n') == b'K: "2025-01"\n'


def test_two_values_do_not_change_places() -> None:
    mine = b"A=m1\nB=m2\n"
    assert settle_file(b"A=x1\nB=x2\n", b"A=y1\nB=y2\n", mine) == mine
    assert settle_file(b"- x1\n- x2\n", b"- y1\n- y2\n", b"- m1\n- m2\n") == b"- m1\n- m2\n"


def test_a_line_that_has_moved_is_found_by_what_stands_before_the_value() -> None:
    assert settle_file(b"B\nA\nK=x\n", b"B\nA\nK=y\n", b"K=mine\nA\nB\n") == b"B\nA\nK=mine\n"


def test_a_value_that_is_new_is_the_template_s() -> None:
    assert settle_file(b"A\nN=x\n", b"A\nN=y\n", b"A\n") == b"A\nN=x\n"


def test_a_key_that_the_template_renames_is_not_kept_under_its_old_name() -> None:
    assert settle_file(b"NEW=x\n", b"NEW=y\n", b"OLD=mine\n") == b"NEW=x\n"


def test_a_file_that_varies_in_length_stays_as_it_is() -> None:
    assert settle_file(b"x\n", b"x\ny\n", b"mine\n") == b"mine\n"

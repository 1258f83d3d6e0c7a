from breakthrough.templates import unindented


def test_templates_lose_their_indentation_and_keep_their_lines() -> None:
    assert unindented("a.html", "<p>\n  <b>a  b</b>\n\n\t</p>") == "<p>\n<b>a  b</b>\n\n</p>"


def test_mails_keep_theirs() -> None:
    assert unindented("a.txt", "Hello\n    123456\n") == "Hello\n    123456\n"

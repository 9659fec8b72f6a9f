import io

from rich.console import Console

from codekiln.core.bars import bars


def test_a_bar_says_what_how_much_and_the_note_on_one_line() -> None:
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=120, color_system=None)
    with bars(console) as shown:
        task = shown.add_task("train model", total=40, unit="steps", note="")
        shown.update(task, completed=10, note="loss 2.5 " * 40)
    (line,) = {line for line in screen.getvalue().splitlines() if "10/40" in line}
    assert "train model" in line
    assert "steps" in line
    assert 0 < line.count("loss 2.5") < 12

"""Places in documents are filled, each content has one, and what makes no place is named."""

from pathlib import Path

import pytest

from squeezenet_lib.errors import UserError
from squeezenet_lib.report.marked_places import fill

CONTENTS = {"figures": "| 1 |", "stages": "a\nb"}
README, DOCS = Path("README.md"), Path("docs/board.md")


def test_places_are_filled_and_the_rest_is_kept() -> None:
    first = "# One\n<!-- figures -->\nold\nolder\n<!-- /figures -->\nz\n"
    second = "<!-- stages -->\n<!-- /stages -->\n\n<!-- a remark -->\n<!-- figures -->\n<!-- /figures -->"
    assert fill({README: first, DOCS: second}, CONTENTS) == {
        README: "# One\n<!-- figures -->\n| 1 |\n<!-- /figures -->\nz\n",
        DOCS: "<!-- stages -->\na\nb\n<!-- /stages -->\n\n"
        "<!-- a remark -->\n<!-- figures -->\n| 1 |\n<!-- /figures -->",
    }


def test_filling_again_changes_nothing() -> None:
    empty = "<!-- figures -->\n<!-- /figures -->\n<!-- stages -->\n\n<!-- /stages -->\n"
    once = fill({README: empty}, CONTENTS)
    assert fill(once, CONTENTS) == once
    assert fill(once, CONTENTS | {"figures": ""}) != once


def test_a_document_may_have_no_place() -> None:
    both = "<!-- stages -->\n<!-- /stages -->\n<!-- figures -->\n<!-- /figures -->\n"
    assert fill({README: both, DOCS: "none"}, CONTENTS)[DOCS] == "none"


@pytest.mark.parametrize(
    "text, why",
    [
        (
            "<!-- figure -->\n<!-- /figure -->\n",
            "nothing is known of <!-- figure -->; there are figures, stages",
        ),
        ("<!-- figures -->\n", "<!-- figures --> has no end <!-- /figures -->"),
        ("<!-- /figures -->\n", "<!-- /figures --> comes while nothing is open"),
        ("<!-- figures -->\n<!-- stages -->\n", "<!-- stages --> comes while <!-- figures --> is open"),
        ("<!-- figures -->\n<!-- /stages -->\n", "<!-- /stages --> comes while <!-- figures --> is open"),
    ],
)
def test_what_makes_no_place_is_named_with_its_document(text: str, why: str) -> None:
    with pytest.raises(UserError) as error:
        fill({README: "<!-- figures -->\n<!-- /figures -->\n", DOCS: text}, CONTENTS)
    assert str(error.value) == f"docs/board.md: {why}"


def test_a_content_without_a_place_is_named() -> None:
    with pytest.raises(UserError, match=r"no place <!-- stages --> in README\.md, docs/board\.md: write"):
        fill({README: "<!-- figures -->\n<!-- /figures -->\n", DOCS: ""}, CONTENTS)

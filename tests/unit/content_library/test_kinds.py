"""What each kind of content needs."""

import pytest

from content_library.kinds import Kind, Parts, needs, sentences
from shared.platform.errors import Invalid

ALL = Parts(copy_text="来", link="https://example.com/a", picture=True, video=True)


@pytest.mark.parametrize("kind", Kind)
def test_a_kind_with_all_parts_is_taken(kind):
    needs(kind, ALL)


@pytest.mark.parametrize(
    ("kind", "missing", "field"),
    [
        (Kind.POSTER, {"picture": False}, "picture"),
        (Kind.PICTURE, {"picture": False}, "picture"),
        (Kind.VIDEO, {"video": False}, "video"),
        (Kind.COPY, {"copy_text": " "}, "copy_text"),
        (Kind.SCRIPT, {"copy_text": ""}, "copy_text"),
        (Kind.LINK, {"link": None}, "link"),
        (Kind.LINK, {"link": "http://example.com"}, "link"),
        (Kind.LINK, {"link": "javascript:alert(1)"}, "link"),
        (Kind.LINK, {"link": "https://me:secret@example.com"}, "link"),
        (Kind.LINK, {"link": "https://[bad"}, "link"),
    ],
)
def test_a_part_that_is_missing_is_named(kind, missing, field):
    parts = {"copy_text": "来", "link": "https://example.com/a", "picture": True, "video": True}
    with pytest.raises(Invalid) as refused:
        needs(kind, Parts(**{**parts, **missing}))
    assert refused.value.params["field"] == field


def test_an_empty_line_ends_a_sentence_of_a_script():
    assert sentences("先问。\n再说。\n\n\n留人。\n") == ("先问。\n再说。", "留人。")

"""Videos are known by their boxes, not by their names."""

import random
from collections import Counter
from io import BytesIO

import pytest

from content_library.movies import BadVideo, examine
from tests.factories.movies import TINY


def test_an_mp4_tells_how_long_it_runs():
    assert examine(BytesIO(TINY)).seconds == 2


class Large(BytesIO):
    """A file that says it is larger than it is."""

    def seek(self, offset, whence=0):
        return super().seek(offset, whence) + (200 * 2**20 if whence == 2 else 0)


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        (BytesIO(b""), "empty"),
        (BytesIO(b"\x89PNG\r\n\x1a\n" + bytes(200)), "not_mp4"),
        (BytesIO(b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>"), "not_mp4"),
        (BytesIO(TINY[:700]), "cut"),
        (BytesIO(TINY[:-9]), "cut"),
        (BytesIO(TINY.replace(b"avc1", b"hvc1")), "codec"),
        (BytesIO(TINY.replace(b"vide", b"soun")), "no_picture_track"),
        (BytesIO(TINY.replace(b"mvhd", b"free")), "cut"),
        (Large(TINY), "too_heavy"),
    ],
    ids=["empty", "png", "svg", "half", "end", "codec", "sound", "head", "heavy"],
)
def test_a_video_that_cannot_be_used_says_why(file, reason):
    with pytest.raises(BadVideo) as refused:
        examine(file)
    assert refused.value.params["reason"] == reason


def test_whatever_is_wrong_with_a_video_is_said_in_words():
    outcomes = Counter()
    for seed in range(400):
        chance = random.Random(seed)
        content = bytearray(TINY)
        for _ in range(chance.randint(1, 8)):
            content[chance.randrange(900)] = chance.randrange(256)
        try:
            examine(BytesIO(bytes(content)))
            outcomes["usable"] += 1
        except BadVideo as refused:
            outcomes[refused.params["reason"]] += 1
    assert set(outcomes) <= {"usable", "cut", "not_mp4", "codec", "no_picture_track", "too_long"}

"""Posters: the store's name and a QR code on HQ's picture."""

import random
from collections import Counter
from io import BytesIO

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw

from content_library.pictures import BadPicture, examine
from content_library.places import MIN_CODE, BadPlace, Box, Places, check, from_json, to_json
from content_library.poster import WIDTH, PosterFacts, compose
from content_library.renditions import webp

LINK = "https://koi.example/c/FRI27?s=QJ15397"
FACTS = PosterFacts(store="青骥上海共和新路店", address="上海市共和新路 3200 号", link=LINK, call="扫码报名")


def picture(width: int, height: int, kind: str = "PNG") -> bytes:
    out = BytesIO()
    Image.new("RGB", (width, height), "#e8552b").save(out, kind)
    return out.getvalue()


def decoded(poster: bytes) -> str:
    image = cv2.imdecode(np.frombuffer(poster, np.uint8), cv2.IMREAD_COLOR)
    return cv2.QRCodeDetector().detectAndDecode(image)[0]


@pytest.mark.parametrize("size", [(600, 800), (1600, 900), (300, 3000)])
def test_the_code_on_the_poster_leads_to_the_stores_page(size):
    poster = compose(picture(*size), FACTS)
    assert decoded(poster) == LINK
    assert Image.open(BytesIO(poster)).width == WIDTH


def test_a_poster_without_picture_still_carries_the_code():
    assert decoded(compose(None, FACTS)) == LINK


def test_a_very_long_name_stays_beside_the_code():
    facts = PosterFacts(store="青骥" * 30, address="和平路" * 40, link=LINK, call="扫码报名")
    assert decoded(compose(picture(600, 800), facts)) == LINK


def busy(width: int, height: int) -> bytes:
    """A picture that has no quiet place for a code."""
    image, chance = Image.new("RGB", (width, height), "#e8552b"), random.Random(3)
    pen = ImageDraw.Draw(image)
    for _ in range(400):
        x, y, size = chance.randrange(width), chance.randrange(height), chance.randrange(9, 120)
        pen.ellipse((x, y, x + size, y + size), fill=tuple(chance.randrange(256) for _ in range(3)))
    out = BytesIO()
    image.save(out, "JPEG")
    return out.getvalue()


@pytest.mark.parametrize("place", [(0, 0), (78, 83.5), (40, 50)])
def test_the_smallest_code_on_a_busy_picture_still_scans(place):
    places = Places(Box(*place, MIN_CODE), Box(4, 30, 60))
    check(places, width=1080, height=1440)
    poster = compose(busy(1080, 1440), FACTS, places)
    assert decoded(poster) == LINK
    # as a messenger sends it on
    smaller = cv2.resize(
        cv2.imdecode(np.frombuffer(poster, np.uint8), cv2.IMREAD_COLOR), (720, 960), interpolation=cv2.INTER_AREA
    )
    assert cv2.QRCodeDetector().detectAndDecode(smaller)[0] == LINK


@pytest.mark.parametrize(
    ("code", "name", "reason"),
    [
        (Box(70, 70, 12), None, "code_small"),
        (Box(10, 10, 80), None, "code_large"),
        (Box(80, 70, 26), None, "code_outside"),
        (Box(70, 90, 26), None, "code_outside"),
        (Box(70, 70, 26), Box(4, 70, 10), "name_small"),
        (Box(70, 70, 26), Box(4, 97, 60), "name_outside"),
        (Box(70, 70, 26), Box(30, 72, 60), "over"),
    ],
)
def test_a_place_that_cannot_be_used_says_why(code, name, reason):
    with pytest.raises(BadPlace) as refused:
        check(Places(code, name), width=1080, height=1440)
    assert refused.value.params["reason"] == reason


def test_places_are_stored_and_found_again():
    for places in (Places(Box(70, 70, 26), None), Places(Box(70, 70, 26), Box(4, 80, 60))):
        assert from_json(to_json(places)) == places


def test_a_picture_is_known_by_what_it_holds():
    assert examine(picture(400, 500, "JPEG")).media_type == "image/jpeg"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>", "not_picture"),
        (picture(100, 900), "too_small"),
        (picture(400, 500, "GIF"), "not_picture"),
        (b"\0" * (10 * 1024 * 1024 + 1), "too_heavy"),
        (picture(5200, 5200), "too_many_pixels"),
        (picture(2000, 2000, "JPEG")[:3000], "cut"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_picture_that_cannot_be_used_says_why(content, reason):
    with pytest.raises(BadPicture) as refused:
        examine(content)
    assert refused.value.params["reason"] == reason


def damaged(seed: int) -> bytes:
    """A picture with some bytes changed, put in or cut off."""
    chance = random.Random(seed)
    content = bytearray(picture(260, 300, chance.choice(["PNG", "JPEG"])))
    for _ in range(chance.randint(1, 10)):
        place = chance.randrange(min(len(content), chance.choice([60, 400, 10_000])))
        if chance.random() < 0.7:
            content[place] = chance.randrange(256)
        else:
            content[place:place] = chance.randbytes(chance.randint(1, 8))
    return bytes(content[: chance.randrange(20, len(content))] if chance.random() < 0.2 else content)


def test_whatever_is_wrong_with_a_picture_is_said_in_words():
    outcomes = Counter()
    for seed in range(80):
        content = damaged(seed)
        try:
            examine(content)
            outcomes["usable"] += bool(webp(content, 480)) and bool(compose(content, FACTS))
        except BadPicture as refused:
            outcomes[refused.params["reason"]] += 1
    assert outcomes["usable"]
    assert set(outcomes) <= {"usable", "cut", "not_picture", "too_small", "too_many_pixels"}


def test_a_chunk_that_is_cut_short_is_damage():
    content = picture(260, 300)
    broken = content[:8] + b"\0\0\0\x02" + content[12:]
    with pytest.raises(BadPicture) as refused:
        examine(broken)
    assert refused.value.params["reason"] in {"cut", "not_picture"}


def test_what_is_transparent_is_paper():
    out = BytesIO()
    Image.new("RGBA", (300, 300), (0, 0, 0, 0)).save(out, "PNG")
    poster = Image.open(BytesIO(compose(out.getvalue(), FACTS)))
    assert min(poster.getpixel((500, 500))) > 250

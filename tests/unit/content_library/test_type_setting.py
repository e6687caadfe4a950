"""Names fit on posters, and signs that the type does not have become no boxes."""

import pytest

from content_library.type_setting import fit, font, printable, unprintable

SIZES = (46, 38, 30, 24)


def test_emoji_are_left_out_and_named():
    name = "青骥🎉车行👩‍👧①龘"
    assert printable(name) == "青骥车行①龘"
    assert unprintable(name) == ("🎉", "👩", "👧")


def test_a_name_of_emoji_alone_leaves_nothing_to_draw():
    assert fit(printable("🎉🎉"), room=500, sizes=SIZES, most=2).lines == ("",)


@pytest.mark.parametrize(
    "name",
    [
        "云龙店",
        "青骥电动车（浙江省杭州市余杭区未来科技城文一西路）旗舰体验中心一号店二楼东侧门面",
        "Qingji Electric Scooters Flagship Experience Centre, Hangzhou Yuhang",
        "W" * 40,
    ],
)
def test_a_name_of_any_length_stays_in_its_room(name):
    setting = fit(name, room=520, sizes=SIZES, most=3, tall=180)
    assert setting.height <= 180
    assert all(font(setting.size).getlength(line) <= 520 for line in setting.lines)
    assert "".join("".join(setting.lines).split()) == "".join(name.split())


def test_what_fits_in_no_size_ends_in_dots():
    setting = fit("很长的名字" * 30, room=300, sizes=SIZES, most=2)
    assert len(setting.lines) == 2
    assert setting.lines[-1].endswith("…")


def test_no_line_begins_with_a_closing_mark_and_no_sign_stands_alone():
    setting = fit("青骥（上海）共和新路体验店，二楼", room=300, sizes=(46,), most=4)
    assert not any(line[0] in "）。，" for line in setting.lines)
    assert min(len(line) for line in setting.lines) > 1

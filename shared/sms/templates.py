"""What messages say, in both languages. Gateways that know templates get the key and the parameters as well."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Template:
    """A message's words, with `{name}` for parameters."""

    zh: str
    en: str

    def fill(self, language: str, params: Mapping[str, str]) -> str:
        """The words in `zh` or `en`."""
        return (self.en if language == "en" else self.zh).format_map(params)


def _code(zh: str, en: str) -> Template:
    return Template(
        f"验证码 {{code}}，用于{zh}，{{minutes}} 分钟内有效。任何人向你索要都不要给。",
        f"{{code}} is your code for {en}. It is good for {{minutes}} minutes. Give it to nobody.",
    )


TEMPLATES: Final[dict[str, Template]] = {
    "code_signup": _code("活动报名", "signing up"),
    "code_own_page": _code("查看和撤回你的报名信息", "seeing and taking back what you signed up for"),
    "code_staff_sign_in": _code("登录门店工作台", "signing in to the stores' portal"),
    "code_reset": _code("设置新密码", "setting a new password"),
    "code_notices": _code("接收消息提醒", "getting messages about leads"),
    "notices": Template("{text}。登录查看：{link}", "{text}. Sign in to see: {link}"),
    "code_new_phone": _code("更换登录手机号", "changing the number you sign in with"),
}

"""Whether a browser says of itself that it is a program."""

import re
from typing import Final

#: Names that libraries and test drivers give themselves, at the beginning or anywhere.
_SCRIPTS: Final = re.compile(
    r"^(?:python|curl|wget|java|go-http-client|okhttp|apache-httpclient|node-fetch|axios|libwww-perl|php|ruby|scrapy"
    r"|aiohttp|httpx|postmanruntime|dart|guzzlehttp)(?:[/\s-]|$)|headlesschrome|phantomjs|selenium|puppeteer|playwright",
    re.IGNORECASE,
)


def is_script(user_agent: str | None) -> bool:
    """Whether the browser names itself as an HTTP library or as a driven browser. Who hides it is not found here."""
    return user_agent is not None and _SCRIPTS.search(user_agent) is not None

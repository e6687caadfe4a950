"""Why headquarters takes leads back or closes them."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from shared.web.words import tell

RECALL_REASONS = {
    "wrong_store": _l("It went to the wrong store"),
    "complaint": _l("The customer complained"),
    "customer_asked": _l("The customer asked for another store"),
    "mistake": _l("It was given by mistake"),
}
CLOSE_REASONS = {
    "not_interested": _l("The customer does not want to buy"),
    "not_real": _l("Not a real customer"),
    "no_store": _l("No store can serve the customer"),
}

for _reasons in (RECALL_REASONS, CLOSE_REASONS):
    for _code, _text in _reasons.items():
        tell(f"why.{_code}", _text)

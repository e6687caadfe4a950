"""What campaigns, consent texts and tokens refuse."""

from __future__ import annotations

from shared.platform.errors import Conflict, Invalid, Missing


class CampaignTaken(Conflict):
    """Another campaign has this code or this name."""

    code = "campaign_taken"


class BadCode(Invalid):
    """A code is 2 to 32 letters, digits, `-` or `_`, beginning with a letter or digit."""

    code = "campaign_code_unusable"


class BadPeriod(Invalid):
    """The end is not after the beginning."""

    code = "campaign_period_unusable"


class FaceMoved(Conflict):
    """Somebody else changed what the campaign shows in the meantime."""

    code = "campaign_face_moved"


class FaceFixed(Conflict):
    """The campaign has begun: what it promised may only get better. `params["fields"]`: field to code."""

    code = "campaign_face_fixed"


class CampaignStands(Conflict):
    """It is the campaign of people who come by themselves: it cannot be opened, ended or shown."""

    code = "campaign_stands"


class NoSuchCampaign(Missing):
    """No campaign has this code; `params["wanted"]`."""

    code = "campaign_missing"


class UnknownDealers(Invalid):
    """No active dealer has these codes; `params["codes"]`."""

    code = "dealers_unknown"


class NobodyNamed(Invalid):
    """A consent to share must name at least one dealer."""

    code = "consent_names_nobody"


class TokenTaken(Conflict):
    """Another token has this name."""

    code = "token_taken"

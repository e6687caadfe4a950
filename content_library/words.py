"""What content's codes mean to people; importing this module teaches them to `shared.web.words`."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from shared.web.words import tell

tell("version.draft", _l("Draft"))
tell("version.approved", _l("Approved"))
tell("version.published", _l("Published"))
tell("version.retired", _l("Off the shelf"))

tell("publication.planned", _l("Planned"))
tell("publication.running", _l("In use"))
tell("publication.ended", _l("Ended"))

tell("pull.copy", _l("Copied the text"))
tell("pull.poster", _l("Took the poster"))

tell("invalid.required", _l("Fill this in"))
tell("invalid.nothing_in_it", _l("Write a text or choose a picture"))
tell("invalid.empty_audience", _l("No open store belongs to this choice. Choose others."))
tell("invalid.ends_before_start", _l("The end must come after the start"))
tell("invalid.ends_in_past", _l("The end is already over"))
tell(
    "invalid.campaign_approved",
    _l("Posters with this campaign's code are approved. Make a new asset for another campaign."),
)
tell("unknown_variable", _l("There is no {%(variable)s}. Use one of the variables listed below."))
tell("edited_meanwhile", _l("%(author)s saved version %(version)s while you were writing"))
tell(
    "illegal_version_move",
    _l("This version has moved on"),
    _l("Somebody approved, published, replaced or withdrew it. Look at the asset again; nothing was changed."),
)

tell("bad_picture.empty", _l("The file is empty. Choose another one."))
tell("bad_picture.too_heavy", _l("The file has %(megabytes)s MB; at most %(limit)s MB can be used."))
tell("bad_picture.not_picture", _l("This is not a PNG or JPEG picture. Save it as one of these."))
tell(
    "bad_picture.too_many_pixels",
    _l("The picture has %(megapixels)s megapixels; at most %(limit)s can be used. Make it smaller."),
)
tell(
    "bad_picture.too_small",
    _l("The picture has %(width)s × %(height)s pixels; each side needs at least %(least)s."),
)
tell("bad_picture.cut", _l("The picture is damaged or cut off. Save it again."))

tell(
    "content_ended",
    _l("This content has ended"),
    _l("“%(title)s” could be used until %(at)s. Do not send it any more; choose something current."),
)
tell(
    "poster_not_ready",
    _l("The poster is not ready"),
    _l("Open it again in a few seconds."),
)
tell("poster_problem", _l("The poster could not be drawn. Headquarters can see why."))
tell("poster_problem.picture_gone", _l("The picture behind this poster is missing. Headquarters has to add it again."))
tell("poster_problem.picture_broken", _l("The picture behind this poster is damaged. Headquarters has to replace it."))

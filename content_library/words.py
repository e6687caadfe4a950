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

tell("asset.archived", _l("Archive"))

tell("kind.poster", _l("Poster"))
tell("kind.picture", _l("Picture"))
tell("kind.video", _l("Video"))
tell("kind.copy", _l("Text"))
tell("kind.script", _l("Script"))
tell("kind.link", _l("Link"))

tell("part.title", _l("Title"))
tell("part.copy_text", _l("Text"))
tell("part.link", _l("Link"))
tell("part.picture", _l("Picture"))
tell("part.video", _l("Video"))
tell("part.places", _l("Place of code and name"))

tell("pull.copy", _l("Copied the text"))
tell("pull.poster", _l("Took the poster"))
tell("pull.picture", _l("Took the picture"))
tell("pull.video", _l("Took the video"))

tell("invalid.required", _l("Fill this in"))
tell("invalid.nothing_in_it", _l("Write what stores will send"))
tell("invalid.no_picture_poster", _l("A poster needs a picture. Choose one."))
tell("invalid.no_picture_picture", _l("Choose the picture"))
tell("invalid.no_video", _l("Choose the video"))
tell("invalid.bad_link", _l("This is not the address of a page. Copy it whole, beginning with https://"))
tell("invalid.empty_audience", _l("No open store belongs to this choice. Choose others."))
tell("invalid.unknown_stores", _l("No open store has this code or name: %(names)s"))
tell("invalid.ends_before_start", _l("The end must come after the start"))
tell("invalid.ends_in_past", _l("The end is already over"))
tell(
    "invalid.campaign_approved",
    _l("Posters with this campaign's code are approved. Make a new asset for another campaign."),
)
tell("unknown_variable", _l("There is no {%(variable)s}. Use one of the variables listed below."))
tell("open_brace", _l("{%(begun)s has no closing brace: write {%(suggestion)s}"))
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

tell("bad_video.empty", _l("The file is empty. Choose another one."))
tell("bad_video.too_heavy", _l("The file has %(megabytes)s MB; at most %(limit)s MB can be used."))
tell("bad_video.not_mp4", _l("This is not an MP4 video. Export it as MP4 with H.264."))
tell("bad_video.cut", _l("The video is damaged or cut off. Export it again."))
tell("bad_video.no_picture_track", _l("There is only sound in this file. Choose one with a picture."))
tell("bad_video.codec", _l("The video is coded as %(codec)s, which many phones cannot play. Export it with H.264."))
tell("bad_video.too_long", _l("The video runs %(minutes)s minutes; at most %(limit)s can be used."))

tell("bad_place.no_code", _l("The poster has no place for the code. Say where it stands, or use the strip below."))
tell("bad_place.code_small", _l("The code would be too small to scan: at least %(least)s %% of the width."))
tell("bad_place.code_large", _l("The code may take at most %(most)s %% of the width."))
tell("bad_place.code_outside", _l("The code reaches over the edge of the picture. Move it inwards."))
tell("bad_place.no_name", _l("Say where the store's name stands, or leave it out."))
tell("bad_place.name_small", _l("The name needs at least %(least)s %% of the width to be read."))
tell("bad_place.name_outside", _l("The name reaches over the edge of the picture. Move it inwards."))
tell("bad_place.over", _l("Name and code lie on each other. Move one of them."))

tell(
    "asset_archived",
    _l("This content is in the archive"),
    _l("Take it out of the archive first; nothing was changed."),
)

tell(
    "content_ended",
    _l("This content has ended"),
    _l("“%(title)s” could be used until %(at)s. Do not send it any more; choose something current."),
)
tell("poster_problem.missing", _l("The picture behind this poster is missing. Headquarters has to add it again."))
tell("poster_problem.bad_picture", _l("The picture behind this poster is damaged. Headquarters has to replace it."))

"""Content: pictures, assets and what is published."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from typing import Any

from PIL import Image
from sqlalchemy import text
from sqlalchemy.orm import Session

from content_library.models import Asset, AssetVersion, Publication, ShelfItem
from shared.dealers.models import Store
from shared.platform.ids import new_id
from tests.factories.counting import NOW, add, number


def picture(width: int = 600, height: int = 800, kind: str = "PNG", colour: str = "#e8552b") -> bytes:
    """A picture file of one colour."""
    out = BytesIO()
    Image.new("RGB", (width, height), colour).save(out, kind)
    return out.getvalue()


_PARTS = (
    "link",
    "picture_key",
    "picture_type",
    "picture_width",
    "picture_height",
    "video_key",
    "video_seconds",
    "places",
)


def asset(session: Session, *, copy: str = "来{门店名称}找{店长}", status: str = "published", **values: Any) -> Asset:
    """An asset with one version; its parts, such as `picture_key` and `places`, go to the version."""
    n = number()
    parts = {name: values.pop(name, None) for name in _PARTS}
    given = {
        "asset_id": new_id(NOW),
        "kind": "poster" if parts["picture_key"] else "copy",
        "title": f"素材{n}",
        "campaign_id": None,
        "created_by": None,
        "created_at": NOW,
        "archived_at": None,
    }
    made = add(session, Asset(**{**given, **values}))
    add(
        session,
        AssetVersion(
            asset_id=made.asset_id,
            version=1,
            status=status,
            title=made.title,
            copy_text=copy,
            author="总部",
            created_at=NOW,
            approved_by=None if status == "draft" else "总部",
            approved_at=None if status == "draft" else NOW,
            **parts,
        ),
    )
    return made


def publication(
    session: Session, of: Asset, stores: Sequence[Store], *, starts_at: datetime = NOW, **values: Any
) -> Publication:
    """The asset's first version on the shelves of these stores."""
    given = {
        "publication_id": new_id(NOW),
        "asset_id": of.asset_id,
        "version": 1,
        "audience": "all",
        "audience_codes": [],
        "starts_at": starts_at,
        "ends_at": None,
        "retired_at": None,
        "published_by": "总部",
        "published_at": NOW,
        "changed_by": None,
        "changed_at": None,
        "changed_from": None,
    }
    made = add(session, Publication(**{**given, **values}))
    for store in stores:
        row = {"dealer_id": store.dealer_id, "store_id": store.store_id, "publication_id": made.publication_id}
        add(session, ShelfItem(**row))
    return made


def pulled(
    session: Session, store: Store, of: Publication, *, by: Any, kind: str = "poster", at: datetime = NOW
) -> Any:
    """The id of a pull at the store by a user id, still to be drawn when it is a poster."""
    pull_id = new_id(at)
    session.execute(
        text(
            "INSERT INTO pulls (dealer_id, pull_id, store_id, publication_id, kind, user_id, request_key, at)"
            " VALUES (:dealer, :pull, :store, :publication, :kind, :by, :key, :at)"
        ),
        {
            "dealer": store.dealer_id,
            "pull": pull_id,
            "store": store.store_id,
            "publication": of.publication_id,
            "kind": kind,
            "by": by,
            "key": str(pull_id),
            "at": at,
        },
    )
    return pull_id

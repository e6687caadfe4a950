"""The blueprint of the store's page; its views are in the modules beside it."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("store", __name__)

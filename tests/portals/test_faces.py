"""What all faces promise: guards, headers, tokens on forms, error pages, languages, figures."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Blueprint, Flask
from sqlalchemy.exc import IntegrityError, OperationalError

from shared.platform.errors import Conflict
from shared.web.access import guard_of, public, unguarded
from shared.web.express import is_express
from tests.portals.conftest import sign_in

CHECKOUT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted(
    path
    for package in ("shared", "hq", "dealer", "content_library")
    for path in (CHECKOUT / package).rglob("templates/**/*.html")
)
INLINE = re.compile(r"""<style|\sstyle\s*=|\son[a-z]+\s*=\s*["'{]|javascript:|<script(?![^>]*\ssrc=)""", re.IGNORECASE)


@pytest.mark.parametrize("face", ["hq", "dealer", "public"])
def test_every_route_declares_its_guard(face, faces):
    assert list(unguarded(getattr(faces, face))) == []


@pytest.mark.parametrize("face", ["hq", "dealer", "public"])
def test_only_public_views_may_skip_the_checks_of_a_face(face, faces):
    views = getattr(faces, face).view_functions.items()
    skipping = {name: guard_of(view) for name, view in views if is_express(view)}

    assert all(guard is not None and guard.permissions is None for guard in skipping.values()), skipping


@pytest.mark.parametrize("portal", ["/hq", "/dealer"])
def test_an_address_without_its_last_slash_leads_in(portal, browser, settings):
    answer = browser().get(portal, follow_redirects=True)

    assert answer.status_code == 200
    assert answer.request.path == f"{portal}/sign-in"


def test_a_route_without_a_guard_is_found_and_closed():
    app = Flask("bare")
    app.add_url_rule("/open", "open", lambda: "hello")

    assert "open" in list(unguarded(app))


@pytest.mark.parametrize("face", ["hq", "dealer"])
def test_without_a_sign_in_only_public_routes_answer(face, faces, browser, settings):
    app = getattr(faces, face)
    here = browser()
    for rule in app.url_map.iter_rules():
        if guard_of(app.view_functions[rule.endpoint]).permissions is None or "GET" not in rule.methods:
            continue
        values = {name: _example(rule, name) for name in rule.arguments}
        _domain, path = rule.build(values)
        answer = here.get(f"/{face}{path}")
        assert answer.status_code == 303, rule
        assert answer.location.startswith(f"/{face}/sign-in"), rule


def _example(rule, name):
    converter = rule._converters[name]
    kind = type(converter).__name__
    if kind == "AnyConverter":
        return min(converter.items)
    return {"UUIDConverter": "01a2097f-9473-77f7-b5df-d5af77d0b95d", "IntegerConverter": 1}.get(kind, "x")


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(CHECKOUT)))
def test_no_template_has_inline_scripts_or_styles(template):
    assert INLINE.findall(template.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(CHECKOUT)))
def test_every_form_that_posts_carries_a_token(template):
    text = template.read_text(encoding="utf-8")
    for form in re.findall(r"""<form[^>]*method=["']post["'].*?</form>""", text, re.DOTALL | re.IGNORECASE):
        assert "csrf" in form, form[:200]


@pytest.mark.parametrize("path", ["/", "/hq/sign-in", "/dealer/sign-in", "/hq/nowhere", "/nowhere", "/healthz"])
def test_every_answer_has_the_security_headers(path, browser, settings):
    headers = browser().get(path).headers
    policy = headers["Content-Security-Policy"]

    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert re.fullmatch(r"[0-9a-f]{12}", headers["X-Request-ID"])


def test_each_answer_has_its_own_nonce(browser, settings):
    here = browser()

    assert here.get("/").headers["Content-Security-Policy"] != here.get("/").headers["Content-Security-Policy"]


def test_hsts_is_sent_over_https_only(browser, settings):
    here = browser()

    assert "Strict-Transport-Security" not in here.get("/").headers
    assert "Strict-Transport-Security" in here.get("/", base_url="https://localhost").headers


def test_pages_of_signed_in_people_are_not_kept(browser, hq_person):
    here = browser()
    sign_in(here, "/hq", hq_person().login)

    assert here.get("/hq/account").headers["Cache-Control"] == "no-store"


def test_a_form_without_its_token_changes_nothing_and_keeps_the_words(browser, hq_person):
    here = browser()
    sign_in(here, "/hq", hq_person().login)
    answer = here.client.post("/hq/users", data={"name": "写了很久的名字", "login": "abc", "role": "operator"})

    assert answer.status_code == 400
    assert "没有保存" in answer.text
    assert "写了很久的名字" in answer.text


def test_a_form_after_the_sign_in_ended_says_so_and_leads_back(browser, hq_person):
    here = browser()
    answer = here.client.post(
        "/hq/users",
        data={"name": "写了很久的名字", "password": "not-for-show"},
        headers={"Referer": "http://localhost/hq/users?status=x"},
    )

    assert answer.status_code == 401
    assert "登录已过期" in answer.text
    assert "next=/hq/users?status%3Dx" in answer.text
    assert "写了很久的名字" in answer.text
    assert "not-for-show" not in answer.text


def test_what_was_written_is_handed_back_but_no_codes(browser):
    said = {"note": "周六来试骑", "outcome": "interested", "follow_up_id": "018f0000-0000-7000-8000-000000000000"}
    page = browser().client.post("/hq/campaigns", data=said)
    assert page.status_code == 401
    assert "周六来试骑" in page.text
    assert "interested" not in page.text
    assert "018f0000" not in page.text


@pytest.mark.parametrize(
    ("method", "path", "status", "says"),
    [
        ("get", "/hq/nowhere", 404, "没有这个页面"),
        ("get", "/dealer/nowhere", 404, "没有这个页面"),
        ("get", "/nowhere", 404, "没有这个页面"),
        ("get", "/hq/sign-out", 405, "不能这样打开"),
        ("post", "/healthz", 405, "不能这样打开"),
    ],
)
def test_errors_are_pages_that_say_what_to_do(method, path, status, says, browser, settings):
    answer = getattr(browser().client, method)(path)

    assert answer.status_code == status
    assert says in answer.text
    assert answer.headers["X-Request-ID"] in answer.text


def test_programs_get_problem_json(browser, settings):
    answer = browser().get("/hq/users", headers={"Accept": "application/json"})

    assert answer.status_code == 401
    assert answer.mimetype == "application/problem+json"
    assert answer.json["code"] == "sign_in_needed"
    assert answer.json["status"] == 401
    assert answer.json["request_id"] == answer.headers["X-Request-ID"]


def test_a_body_beyond_the_limit_is_refused(browser, settings):
    here = browser()
    here.get("/dealer/sign-in")
    answer = here.post("/dealer/sign-in", {"login": "x" * (3 * 1024 * 1024)})

    assert answer.status_code == 413
    assert "内容太大了" in answer.text


@pytest.fixture
def trying(kept_settings, settings):
    """A face of our own with views that go wrong."""
    from shared.web.face import Face, create_face

    bp = Blueprint("trying", __name__)

    @bp.get("/broken")
    @public
    def broken():
        raise ValueError("the customer 13800138000 is unlucky")

    @bp.get("/clash")
    @public
    def clash():
        raise IntegrityError("INSERT", {}, Exception("duplicate key: 13800138000"))

    @bp.get("/away")
    @public
    def away():
        raise OperationalError("SELECT", {}, Exception("server closed the connection"))

    @bp.get("/refused")
    @public
    def refused():
        raise Conflict(field="stage")

    @bp.get("/page")
    @public
    def page():
        from flask import render_template

        return render_template("web/error.html")

    @bp.post("/form")
    @public
    def form():
        return "taken"

    face = Face(
        name="public",
        package="hq.intake.public",
        layout="layouts/public.html",
        bare_layout="layouts/public.html",
        blueprints=(bp,),
        catalogs=("shared",),
    )
    app = create_face(face, kept_settings.public(), cookie_key=b"k" * 32)
    yield app
    app.extensions["koi_engine"].dispose()


def test_a_mistake_of_ours_says_so_with_its_number_and_logs_no_phone(trying, caplog, capsys):
    answer = trying.test_client().get("/broken")
    logged = caplog.text + capsys.readouterr().out

    assert answer.status_code == 500
    assert "系统这边出了点问题" in answer.text
    assert answer.headers["X-Request-ID"] in answer.text
    assert answer.headers["X-Request-ID"] in logged
    assert "ValueError" in logged
    assert "13800138000" not in logged + answer.text


def test_two_who_write_the_same_at_once_are_told_so(trying, caplog, capsys):
    answer = trying.test_client().get("/clash")

    assert answer.status_code == 409
    assert "内容刚刚变了" in answer.text
    assert "13800138000" not in answer.text + caplog.text + capsys.readouterr().out


def test_without_the_database_people_are_asked_to_wait(trying):
    answer = trying.test_client().get("/away")

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert "现在连不上" in answer.text


def test_a_refusal_has_its_status(trying):
    client = trying.test_client()

    assert client.get("/refused").status_code == 409
    assert client.get("/refused", headers={"Accept": "application/problem+json"}).json["field"] == "stage"


@pytest.mark.parametrize(
    ("headers", "form", "status"),
    [
        ({}, {}, 400),
        ({}, {"csrf_token": "made.up"}, 400),
        ({"Origin": "https://evil.example"}, {"csrf_token": "good"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, {"csrf_token": "good"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, {"csrf_token": "good"}, 200),
        ({"Origin": "http://localhost"}, {"csrf_token": "good"}, 200),
    ],
)
def test_public_forms_come_from_our_own_pages_only(headers, form, status, trying):
    from shared.web.csrf import stateless_token

    with trying.test_request_context():
        good = stateless_token()
    filled = {name: good if value == "good" else value for name, value in form.items()}

    assert trying.test_client().post("/form", data=filled, headers=headers).status_code == status


def test_the_public_face_sets_no_cookie(browser, settings):
    assert "Set-Cookie" not in browser().get("/").headers


@pytest.mark.parametrize(
    ("portal", "zh", "en"), [("/hq", "登录总部", "Sign in to headquarters"), ("/dealer", "登录门店", "store")]
)
def test_people_choose_their_language_and_it_stays(portal, zh, en, browser, settings):
    here = browser()

    assert zh in here.get(f"{portal}/sign-in").text
    switched = here.get(f"{portal}/sign-in?lang=en")
    assert en in switched.text
    assert '<html lang="en"' in switched.text
    assert en in here.get(f"{portal}/sign-in").text
    assert zh in here.get(f"{portal}/sign-in?lang=zh").text


def test_the_language_of_an_account_goes_with_the_person(browser, hq_person):
    person = hq_person()
    desk, laptop = browser(), browser()
    sign_in(desk, "/hq", person.login)
    desk.get("/hq/account")
    desk.post("/hq/account/language", {"locale": "en"})
    sign_in(laptop, "/hq", person.login)

    assert "My account" in laptop.get("/hq/account").text


def test_healthz_and_readyz_answer_on_every_face(browser, settings):
    here = browser()
    for face in ("", "/hq", "/dealer"):
        assert here.get(f"{face}/healthz").text == "ok\n"
        assert here.get(f"{face}/readyz").json == {"database": "up", "redis": "up"}


def test_figures_are_for_the_machine_itself_only(browser, settings):
    here = browser()

    assert "koi_requests_total" in here.get("/metrics").text
    assert here.get("/metrics", environ_base={"REMOTE_ADDR": "203.0.113.9"}).status_code == 404
    assert here.get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"}).status_code == 404


def test_figures_name_routes_and_not_addresses(browser, settings):
    here = browser()
    here.get("/hq/invite/some-secret-link")

    figures = here.get("/metrics").text

    assert "/invite/<token>" in figures
    assert "some-secret-link" not in figures


def test_an_error_page_can_read_after_the_transaction_failed(browser, staff_person, faces, monkeypatch):
    """The badge of the tabs is counted on the error page too, in the tenant's own transaction."""
    from flask import g
    from sqlalchemy import text

    from shared.identity.models import Staff

    counted = []

    def fail():
        g.session.execute(text("SELECT 1/0"))

    def badges():
        counted.append(g.session.query(Staff).count())
        return []

    person = staff_person()
    here = browser()
    sign_in(here, "/dealer", person.login)
    monkeypatch.setitem(faces.dealer.view_functions, "account.show", public(fail))
    monkeypatch.setitem(faces.dealer.jinja_env.globals, "navigation", badges)

    answer = here.get("/dealer/account")

    assert answer.status_code == 500
    assert "系统这边出了点问题" in answer.text
    assert counted == [1]


def test_the_log_has_the_request_and_no_phone(browser, staff_person, capsys, caplog):
    person = staff_person()
    here = browser()
    sign_in(here, "/dealer", person.login)
    here.get(f"/dealer/account?q={person.login}")
    logged = capsys.readouterr().out + caplog.text

    assert "route=/account" in logged
    assert str(person.user_id) in logged
    assert person.login not in logged


def test_a_word_that_stands_in_a_template_is_said_in_each_readers_language(faces, settings):
    template = faces.hq.jinja_env.from_string("{{ 'stage.won'|words }} {{ 'not_found'|advice }}")
    said = []
    for language in ("zh", "en"):
        with faces.hq.test_request_context(f"/?lang={language}"):
            said.append(template.render())

    assert said[0] != said[1]

"""What the domain's codes mean for somebody at a store; importing this module teaches them to `shared.web.words`."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from shared.web.words import tell

tell(
    "already_taken",
    _l("Another store was faster"),
    _l("This costs you nothing: it does not count as late, nor against today's leads."),
)
tell(
    "already_taken.colleague",
    _l("A colleague has claimed it"),
    _l("It is your store's, and a colleague works on it."),
)
tell(
    "offer_expired",
    _l("The time to claim is over"),
    _l("The lead has gone on to another store. It does not count against today's leads."),
)
tell("offer_gone", _l("This offer is over"), _l("Your store sent it back, or headquarters took it back."))
tell(
    "quota_reached",
    _l("Your store has its leads for today"),
    _l("You can claim again tomorrow from 0:00, if the lead is still there. Work the ones you have first."),
)
tell(
    "quota_reached.week",
    _l("Your store has its leads for this week"),
    _l("You can claim again on Monday from 0:00, if the lead is still there. Work the ones you have first."),
)
tell(
    "pool_refused.gone",
    _l("It is not in the pool any more"),
    _l("Headquarters took it out, or the customer did. It costs you nothing."),
)
tell(
    "left_pool",
    _l("It is not in the pool any more"),
    _l("Another store has it by now, or it was taken out. It costs you nothing."),
)
tell(
    "pool_refused.paused", _l("Your store is paused"), _l("While it takes no new leads, it claims none from the pool.")
)
tell("pool_refused.declined", _l("Your store sent this lead back"), _l("It goes to another store."))
tell(
    "pool_refused.former",
    _l("Your store had this lead before"),
    _l("Other stores come first for a while. Nothing was changed."),
)
tell("pool_refused.cooling", _l("Not open yet"), _l("So that every store nearby sees it first. Nothing was changed."))
tell(
    "pool_refused.claims",
    _l("Your store has claimed its leads of the pool for today"),
    _l("Leads that you gave back count too. The lead stays in the pool."),
)
tell(
    "pool_refused.views",
    _l("Your store has opened its leads of the pool for today"),
    _l("Those that you have opened stay open to you. Claiming still works."),
)
tell("on_its_way", _l("The number is on its way"), _l("It is there within a second or two. Nothing was changed."))
tell("rough.city", _l("only the city is known"))
tell("rough.province", _l("only the province is known"))
tell("pool_order.near", _l("Nearest"))
tell("pool_order.grade", _l("Best"))
tell("pool_order.newest", _l("Newest"))
tell("day_not_open", _l("One moment"), _l("Today's counter is being opened. Try again in a few seconds."))
tell("not_held", _l("Your store does not have this lead"), _l("It was given back or taken back. Nothing was changed."))
tell("illegal_move", _l("That does not fit where the lead stands"), _l("Look at the lead again. Nothing was changed."))
tell("reason_missing", _l("Choose a reason"))
tell("note_too_long", _l("At most %(limit)s characters"))
tell("bad_next_step", _l("Choose a time that lies ahead"))
tell("outcome_missing", _l("Choose what came of it"))
tell("report_unreadable", _l("Something in it cannot be read"), _l("Look at day, time and note."))

tell("due.late", _l("Late"))
tell("due.today", _l("Today"))
tell("due.tomorrow", _l("Tomorrow"))
tell("due.later", _l("Later"))
tell("due.open", _l("No date yet"))

tell("next.afternoon", _l("This afternoon"))
tell("next.tomorrow", _l("Tomorrow"))
tell("next.in_two_days", _l("In two days"))
tell("next.monday", _l("Monday"))
tell("next.in_a_week", _l("In a week"))

tell("chip.interested", _l("Interested"), _l("call again"))
tell("chip.appointment", _l("Will come"), _l("set a time"))
tell("chip.no_answer", _l("No answer"), _l("try again"))
tell("chip.wecom_added", _l("On WeCom now"), _l("chat there"))
tell("chip.visited", _l("Was here"), _l("in the store"))
tell("chip.noted", _l("Just a note"), _l("keeps its place"))
tell("chip.won", _l("Won"), _l("sold"))
tell("chip.lost", _l("Not buying"), _l("give a reason"))

for _number, _name in enumerate((_l("Mon"), _l("Tue"), _l("Wed"), _l("Thu"), _l("Fri"), _l("Sat"), _l("Sun"))):
    tell(f"weekday.{_number}", _name)

tell("soon.now", _l("right away"))
tell("soon.1m", _l("within a month"))
tell("soon.3m", _l("within three months"))
tell("soon.6m", _l("within half a year"))
tell("soon.later", _l("some time later"))
tell("soon.none", _l("no plan yet"))

tell("here.scanned", _l("Yours because the customer scanned your store's code."))
tell("here.nearest", _l("Yours because your store is the nearest with room."))
tell("here.best", _l("Yours because your store suits the customer best: near, open, and with room."))
tell("here.returning", _l("Yours because the customer was with your dealership lately."))
tell("here.own_dealer", _l("Yours because another store of your dealership had the customer before."))
tell("here.territory", _l("Yours because the customer lives in your territory."))
tell("here.named", _l("Yours because the customer named your store."))
tell("here.store", _l("Your store entered this customer."))
tell("here.pool", _l("Yours because your store claimed it from the open pool."))
tell("here.desk", _l("Yours because headquarters chose your store."))

tell("show.working", _l("Working on"))
tell("show.untouched", _l("Not called"))
tell("show.visits", _l("Will come"))
tell("show.won", _l("Won"))
tell("show.lost", _l("Lost"))
tell("show.missed", _l("Not claimed"))


tell("reason.booked_test_ride.yes", _l("Booked a test ride"))
tell("reason.visited_store.yes", _l("Has been to a store"))
tell("reason.signups.2+", _l("Signed up more than once"))
tell("reason.signups.4+", _l("Signed up many times"))
tell("reason.draws.3+", _l("Took several chances in the draw"))
tell("reason.draws.6+", _l("Took many chances in the draw"))
tell("reason.draws.10+", _l("Took very many chances in the draw"))
tell("reason.store_km.0+", _l("Lives near a store"))
tell("reason.store_km.30+", _l("Lives more than 30 km away"))
tell("reason.store_km.100+", _l("Lives more than 100 km away"))
tell("reason.purchase_horizon.missing", _l("Did not say when"))
tell("reason.budget.missing", _l("Did not name a budget"))
tell("reason.phone_verified.none", _l("The number is not verified"))
tell("reason.touchpoint.store_qr", _l("Scanned a store's code"))
tell("budget.<2000", _l("Budget below ¥2,000"))
tell("budget.2000-3500", _l("Budget ¥2,000–3,500"))
tell("budget.3500-5000", _l("Budget ¥3,500–5,000"))
tell("budget.5000-8000", _l("Budget ¥5,000–8,000"))
tell("budget.>8000", _l("Budget above ¥8,000"))

tell("give.nobody", _l("Everybody at the store"))
tell("give.off", _l("Has the day off"))
tell("give.busy", _l("Has too much"))
tell("give.knows", _l("Knows the customer"))
tell("give.takes_over", _l("I take over"))
tell("give.left", _l("Has left the store"))
tell("give.other", _l("Another reason"))
tell("nothing_to_give", _l("Nothing changed hands"), _l("The leads are with somebody else by now, or gone."))
tell("invalid.no_lead", _l("Choose at least one lead"))
tell("invalid.missing", _l("Choose one"))
tell("hours_unreadable", _l("A time cannot be read"), _l("Write both times of an opening, such as 9:00 and 18:00."))
tell("pause.today", _l("Only today"))
tell("pause.three_days", _l("Three days"))
tell("pause.week", _l("A week"))
tell("pause_too_long", _l("Choose a day within the next %(days)s days"))
tell("hours_never_open", _l("Open on at least one day"), _l("To take no new leads for a while, pause the store."))

tell("own_figure.response", _l("From claiming to the call"))
tell("own_figure.in_time", _l("Claimed in time"))
tell("own_figure.won", _l("Won"))

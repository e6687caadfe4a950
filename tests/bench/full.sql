-- A person each: when they signed up, what became of it, at which store.
CREATE TABLE bench_plan AS
WITH chance AS (
    SELECT n, phone_bidx, last4_bidx, sealed, masked, name,
           bench_at(n, 'when') AS u1, bench_at(n, 'state') AS u2, bench_at(n, 'store') AS u3, bench_at(n, 'grade') AS u4,
           bench_at(n, 'way') AS u5
    FROM bench_people
), timed AS (
    SELECT *, %(now)s::timestamptz - make_interval(secs => 1209600 * power(1 - n / %(people)s::float, 1.3) + u1 * 60 + 60) AS at
    FROM chance
)
SELECT t.n, t.phone_bidx, t.last4_bidx, t.sealed, t.masked, t.name, t.at, u2, u4, u5,
       bench_id(t.at, t.n, 'contact') AS contact_id, bench_id(t.at, t.n, 'signup') AS signup_id,
       CASE WHEN t.n % 3 < 2 THEN bench_id(t.at, t.n, 'lead') END AS lead_id,
       (ARRAY['A', 'B', 'C', 'D'])[1 + (u4 > 0.15)::int + (u4 > 0.45)::int + (u4 > 0.8)::int] AS grade,
       s.dealer_id, s.store_id, s.code AS store_code, s.county_code, s.lng, s.lat,
       bench_id(t.at, t.n, 'assignment') AS assignment_id,
       CASE WHEN u2 < 0.01 THEN 'waiting' WHEN u2 < 0.016 THEN 'desk' WHEN u2 < 0.05 THEN 'offered'
            WHEN u2 < 0.35 THEN 'held' WHEN u2 < 0.44 THEN 'won' WHEN u2 < 0.76 THEN 'lost' ELSE 'closed' END AS what
FROM timed t JOIN LATERAL (SELECT * FROM bench_stores s WHERE s.i = floor(%(stores)s * power(t.u3, 1.5))::bigint) s ON true;
CREATE INDEX ON bench_plan (lead_id);
ANALYZE bench_plan;

INSERT INTO contacts (contact_id, name, created_at, changed_at) SELECT contact_id, name, at, at FROM bench_plan;
INSERT INTO contact_phones (phone_bidx, contact_id, last4_bidx, sealed, masked, verified, created_at)
SELECT phone_bidx, contact_id, last4_bidx, sealed, masked, (ARRAY['wechat', 'sms', 'none'])[1 + n % 3], at
FROM bench_plan;
INSERT INTO identities (kind, value_bidx, contact_id, signup_id, created_at)
SELECT 'phone', phone_bidx, contact_id, signup_id, at FROM bench_plan;

INSERT INTO consents (contact_id, scope_id, text_id, signup_id, given_at)
SELECT contact_id, %(scope)s, %(text)s, signup_id, at FROM bench_plan WHERE lead_id IS NOT NULL;
INSERT INTO consent_events (event_id, contact_id, text_id, signup_id, what, at)
SELECT bench_id(at, n, 'said'), contact_id, %(text)s, signup_id, 'given', at FROM bench_plan WHERE lead_id IS NOT NULL;

INSERT INTO leads (lead_id, contact_id, campaign_id, scope_id, state, state_reason, grade, points, probability,
                   reasons, wish, place, store_code, hops, due_at, opened_at, changed_at, closed_at)
SELECT lead_id, contact_id, %(campaign)s, %(scope)s,
       CASE WHEN what IN ('offered', 'held') THEN 'placed' ELSE what END,
       CASE what WHEN 'waiting' THEN '{"code": "no_room"}' WHEN 'desk' THEN '{"code": "too_far"}'
                 WHEN 'closed' THEN '{"code": "not_interested"}' ELSE '{}' END::jsonb,
       grade, (400 + 200 * (1 - u4))::int, 0.3 * (1 - u4), '[{"fact": "purchase_horizon", "bin": "1m", "points": 30}]',
       '{"model": "S1", "purchase_horizon": "1m"}', jsonb_build_object('code', county_code, 'source', 'county', 'lng', lng, 'lat', lat, 'uncertainty_km', 8),
       NULL, (u5 * 2)::int, at, at, at + interval '1 hour', CASE WHEN what IN ('won', 'lost', 'closed') THEN at + interval '2 days' END
FROM bench_plan WHERE lead_id IS NOT NULL;

INSERT INTO signups (signup_id, campaign_id, source, occurred_at, accepted_at, touchpoint, name, phone_bidx,
                     phone_verified, phone_virtual, device_bidx, ip, region, interest, actions, marketing_text_id,
                     share_text_id, state, outcome, contact_id, lead_id, runs, decided_at)
SELECT CASE r WHEN 0 THEN signup_id ELSE bench_id(at + interval '2 hours', n, 'again') END, %(campaign)s,
       (ARRAY['api', 'page', 'import'])[1 + (u5 > 0.6)::int + (u5 > 0.85)::int],
       at + r * interval '2 hours', at + r * interval '2 hours',
       (ARRAY['store_qr', 'official_account', 'channels_live', 'community', 'moments', 'mini_program'])[1 + n % 6],
       name, phone_bidx, (ARRAY['wechat', 'sms', 'none'])[1 + n % 3], false,
       decode(md5('device' || n), 'hex'), ('36.' || n % 250 || '.' || n / 250 % 250 || '.9')::inet,
       jsonb_build_object('county_code', county_code), '{"model": "S1", "purchase_horizon": "1m"}', '{"draws": 1}',
       NULL, CASE WHEN lead_id IS NOT NULL THEN %(text)s::uuid END, 'decided',
       CASE WHEN r = 1 THEN 'duplicate' WHEN lead_id IS NOT NULL THEN 'in_lead' WHEN u2 < 0.3 THEN 'nurture'
            WHEN u2 < 0.5 THEN 'no_consent' WHEN u2 < 0.6 THEN 'quarantined' ELSE 'rejected' END,
       contact_id, lead_id, 1, at + r * interval '2 hours' + interval '1 second'
FROM bench_plan CROSS JOIN generate_series(0, 1) r WHERE r = 0 OR n % 6 = 0;

INSERT INTO signup_decisions (signup_id, run, outcome, contact_id, lead_id, steps, rules, at)
SELECT signup_id, 1, outcome, contact_id, lead_id, '{"screening": {}, "scoring": {"points": 140, "grade": "A", "probability": 0.2}}',
       '{"screening": 1, "scorecard": 1}', decided_at FROM signups;

INSERT INTO assignments (dealer_id, assignment_id, store_id, lead_id, contact_id, scope_id, stage, grade, offer, hop,
                         offered_at, deadline_at, moved_at, settled_at, ended_at, end_reason)
SELECT dealer_id, assignment_id, store_id, lead_id, contact_id, %(scope)s,
       CASE what WHEN 'offered' THEN 'offered' WHEN 'held' THEN (ARRAY['claimed', 'contacted', 'appointment', 'visited'])[1 + n % 4]
                 WHEN 'won' THEN 'won' WHEN 'lost' THEN 'lost' ELSE 'recalled' END,
       grade, jsonb_build_object('phone', masked, 'name', left(name, 1) || '**', 'district', '西湖区', 'km', 3.2,
                                 'wish', '{"model": "S1"}'::jsonb, 'campaign', '锦鲤星期五', 'probability', 0.2,
                                 'why', '{"code": "nearest"}'::jsonb),
       1, CASE what WHEN 'offered' THEN %(now)s::timestamptz ELSE at END + u5 * interval '20 minutes',
       CASE what WHEN 'offered' THEN %(now)s::timestamptz ELSE at END + (1 + u5 * 20) * interval '1 hour',
       at + interval '30 minutes', at + interval '30 minutes',
       CASE WHEN what IN ('lost', 'closed') THEN at + interval '2 days' END, '{}'
FROM bench_plan WHERE lead_id IS NOT NULL AND what NOT IN ('waiting', 'desk');

INSERT INTO holds (lead_id, dealer_id, assignment_id, held_at)
SELECT lead_id, dealer_id, assignment_id, at FROM bench_plan WHERE lead_id IS NOT NULL AND what IN ('held', 'won');

INSERT INTO follow_ups (dealer_id, follow_up_id, assignment_id, kind, result, note, next_at, user_id, at)
SELECT dealer_id, bench_id(at + k * interval '3 hours', n * 4 + k, 'did'), assignment_id,
       (ARRAY['claim', 'call', 'visit'])[1 + k], CASE k WHEN 1 THEN CASE WHEN n % 5 = 0 THEN 'no_answer' ELSE 'interested' END END,
       '', CASE WHEN k = 1 AND what = 'held' THEN %(now)s::timestamptz + (n % 96 - 20) * interval '1 hour' END, %(user)s,
       at + k * interval '3 hours'
FROM bench_plan CROSS JOIN generate_series(0, 2) k
WHERE lead_id IS NOT NULL AND what IN ('held', 'won', 'lost') AND (k < 2 OR n % 3 = 0);

INSERT INTO lead_events (event_id, lead_id, kind, details, actor, at)
SELECT bench_id(at + k * interval '1 second', n * 4 + k, 'event'), lead_id, (ARRAY['opened', 'offered', 'claimed'])[1 + k],
       jsonb_build_object('store', store_id, 'grade', grade), 'system', at + k * interval '10 minutes'
FROM bench_plan CROSS JOIN generate_series(0, 2) k WHERE lead_id IS NOT NULL AND (k = 0 OR what NOT IN ('waiting', 'desk'));

INSERT INTO audit_log (dealer_id, entry_id, at, user_id, actor, action, subject, address, details)
SELECT dealer_id, bench_id(at, n, 'audit'), at, %(user)s, '店员' || n % 4000 || ' (store_manager)',
       (ARRAY['phone:reveal', 'assignment:claim', 'session:begin'])[1 + n % 3], 'assignment:' || assignment_id, '10.0.0.1', '{}'
FROM bench_plan;

INSERT INTO notifications (dealer_id, notification_id, store_id, kind, details, idempotency_key, at)
SELECT dealer_id, bench_id(at, n, 'notice'), store_id, 'offered', '{}', 'bench:' || n, at
FROM bench_plan WHERE what IN ('offered', 'held') AND lead_id IS NOT NULL;

INSERT INTO imports (import_id, kind, state, file_name, sha256, size, campaign_id, next_row, rows, accepted, repaired,
                     rejected, skipped, version, notes, uploaded_at, started_at, finished_at, purge_at)
SELECT bench_id(%(now)s::timestamptz - n * interval '1 hour', n, 'import'), 'signups', 'done', '报名-' || n || '.xlsx',
       decode(md5('file' || n), 'hex'), 100000, %(campaign)s, 1000, 1000, 950, 20, 50, 0, 1, '[]',
       %(now)s::timestamptz - n * interval '1 hour', %(now)s::timestamptz, %(now)s::timestamptz, %(now)s::timestamptz + interval '90 days'
FROM generate_series(1, 400) n;

-- People with what they said: of ten, seven have an open lead (two of them at a store), three are below the threshold.
CREATE TABLE bench_plan AS
SELECT n, bench_id(at, n, 'contact') AS contact_id, bench_id(at, n, 'signup') AS signup_id,
       CASE WHEN n %% 10 < 7 THEN bench_id(at, n, 'lead') END AS lead_id, at, u1, u2, u3,
       p.code AS county_code,
       (CASE WHEN u2 < %(gps)s THEN round((p.lng + u1 / 10)::numeric, 6) ELSE p.lng::numeric END)::float8 AS lng, p.lat
FROM (SELECT n, %(now)s::timestamptz - bench_at(n, 'at') * interval '120 days' AS at, bench_at(n, 'a') AS u1,
             bench_at(n, 'b') AS u2, bench_at(n, 'c') AS u3 FROM generate_series(1, %(people)s) AS n) AS drawn
JOIN bench_places p ON p.i = floor(u3 * %(places)s)::int
ORDER BY at;
ANALYZE bench_plan;

INSERT INTO contacts (contact_id, name, created_at, changed_at) SELECT contact_id, '陈小明', at, at FROM bench_plan;

INSERT INTO leads (lead_id, contact_id, campaign_id, scope_id, state, state_reason, grade, points, probability,
                   reasons, wish, place, store_code, hops, due_at, opened_at, changed_at, closed_at)
SELECT lead_id, contact_id, %(campaign)s, %(scope)s, CASE WHEN n %% 10 < 2 THEN 'placed' ELSE 'desk' END, '{}',
       'D', 0, 0, '[]', '{"model": "S1"}',
       jsonb_build_object('lng', lng, 'lat', lat, 'source', 'county', 'uncertainty_km', 8, 'code', county_code),
       NULL, 0, at, at, at, NULL
FROM bench_plan WHERE lead_id IS NOT NULL;

INSERT INTO signups (signup_id, campaign_id, source, occurred_at, accepted_at, touchpoint, name, phone_bidx,
                     openid_bidx, phone_verified, phone_virtual, device_bidx, ip, region, interest, actions,
                     share_text_id, state, outcome, contact_id, lead_id, runs, decided_at)
SELECT CASE r WHEN 0 THEN signup_id ELSE bench_id(at + interval '2 days', n, 'again') END, %(campaign)s,
       (ARRAY['api', 'page', 'import'])[1 + (u1 > 0.6)::int + (u1 > 0.85)::int],
       at + r * interval '2 days', at + r * interval '2 days',
       (ARRAY['store_qr', 'official_account', 'channels_live', 'community', 'moments', 'mini_program'])[1 + n %% 6],
       '陈小明', decode(md5('phone' || n), 'hex'), decode(md5('openid' || n), 'hex'),
       (ARRAY['wechat', 'sms', 'none'])[1 + n %% 3], false, decode(md5('device' || n), 'hex'),
       ('36.' || n %% 250 || '.' || n / 250 %% 250 || '.9')::inet,
       CASE WHEN u2 < %(gps)s THEN jsonb_build_object('lng', lng, 'lat', lat, 'coord_sys', 'WGS-84')
            ELSE jsonb_build_object('county_code', county_code) END,
       jsonb_build_object('model', 'S1', 'budget', (ARRAY['<2000', '2000-3500', '3500-5000'])[1 + (n + r) %% 3],
                          'current_vehicle', (ARRAY['none', 'ebike_other', 'car'])[1 + n / 3 %% 3], 'purchase_horizon',
                          CASE WHEN lead_id IS NULL THEN 'none'
                               ELSE (ARRAY['now', '1m', '3m', '6m'])[1 + floor(u2 * 4)::int] END),
       jsonb_build_object('draws', n %% 7, 'booked_test_ride', n %% 9 = 0, 'visited_store', false),
       %(text)s, 'decided', CASE WHEN lead_id IS NULL THEN 'nurture' ELSE 'in_lead' END, contact_id, lead_id,
       1, at + r * interval '2 days' + interval '1 second'
FROM bench_plan CROSS JOIN generate_series(0, 1) r WHERE r = 0 OR n %% 5 = 0
ORDER BY at;

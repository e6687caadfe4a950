import copy, json, itertools
import pytest
from tests.portals.intake.calling import SAID, but

ODD = [None, "", "\x00", "a\x00b", "\u202e", "\ud800", "𝕏"*60, "x"*65, -1, 0, 2**31, 2**63, 1e308, -0.0, True, [], {}, [[]], "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "0000-00-00T00:00:00Z", 1e20, "+8613800138000"*4, "１３８００１３８０００", "١٣٨٠٠١٣٨٠٠٠", "²", "fe80::1%eth0", "::ffff:1.2.3.4", "1.2.3.4/8", "999999", "000000", "1e309", 89.99999999999999999, 1800000000, "1800000000000"]

def paths(v, p=()):
    for k, x in v.items():
        yield (*p, k)
        if isinstance(x, dict):
            yield from paths(x, (*p, k))

def test_api(mini_program):
    bad = []
    base = copy.deepcopy(SAID)
    base["region"] = {"province": "浙江省", "city": "杭州市", "county": "西湖区", "county_code": "330106", "lng": 120.0, "lat": 30.0, "coord_sys": "GCJ-02"}
    for p in paths(base):
        for odd in ODD:
            said = copy.deepcopy(base)
            d = said
            for k in p[:-1]:
                d = d[k]
            d[p[-1]] = odd
            r = mini_program.post(json.dumps(said).encode())
            if r.status_code >= 500:
                bad.append((p, odd))
    for raw in [b"", b"[]", b"null", b"1", b'"x"', b"{" * 10000, b'{"a":' * 5000, b"\xff\xfe", b'\xef\xbb\xbf{}', b'{"consents":{"marketing":NaN}}', b"x" * 70000]:
        r = mini_program.post(raw)
        if r.status_code >= 500:
            bad.append(raw[:20])
    for h in [{"Authorization": "Bearer \xff"}, {"Authorization": "Bearer"}, {"Authorization": ""}, {"Content-Type": "application/json; charset=utf-16"}, {"Content-Type": "\xff"}, {"Accept-Language": "\xff"}, {"Accept-Language": "en;q=nan"}, {"Idempotency-Key": "\xff"}, {"Content-Length": "99999999"}, {"Content-Encoding": "gzip"}]:
        try:
            r = mini_program.post(**h)
        except Exception as e:
            print("EXC", h, repr(e)); continue
        if r.status_code >= 500:
            bad.append(h)
    for code in ["%00", "..%2f", "%ff", "x" * 5000, "%0d%0a", "a%00", "é", "%E2%80%AE"]:
        for r in (mini_program.post(code=code), mini_program.campaign(code)):
            if r.status_code >= 500:
                bad.append(code)
    print("BAD", bad)
    assert not bad

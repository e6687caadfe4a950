-- Functions: ids in the order of time, as the application makes them; chances from 0 to 1. The same for the same number.
CREATE FUNCTION bench_id(at timestamptz, n bigint, salt text) RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' || substr(md5(salt || n), 1, 3)
            || '8' || substr(md5(n || salt), 4, 15))::uuid $$;
CREATE FUNCTION bench_at(n bigint, salt text) RETURNS float LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT ('x' || substr(md5(salt || n), 1, 8))::bit(32)::bigint / 4294967296.0 $$;
CREATE TABLE bench_people (n bigint PRIMARY KEY, phone_bidx bytea, last4_bidx bytea, sealed bytea, masked text, name text);

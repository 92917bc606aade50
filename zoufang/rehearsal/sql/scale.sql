-- One batch of a city at scale: the visits number first to last and, for each third of them, an opinion with its
-- referral and history. The dice are hashes of number and seed, so the same call makes the same rows. Each statement
-- writes one table: cells are kept statement by statement, and two ends written in one would count twice.
CREATE TEMP TABLE IF NOT EXISTS scale_visit (
    number bigint, uid uuid, officer_id bigint, unit_id bigint, visited_at timestamptz, recorded_at timestamptz,
    object_category text, place text, h bigint, k bigint
)
;
TRUNCATE scale_visit
;
INSERT INTO scale_visit
SELECT n, md5('visit ' || %(seed)s || ' ' || n)::uuid, o.id, o.unit_id, at, at + (k >> 44 & 4095) * interval '1 minute',
    (%(objects)s::text[])[1 + (h >> 32 & 65535) %% cardinality(%(objects)s::text[])],
    (%(places)s::text[])[1 + (k >> 16 & 65535) %% cardinality(%(places)s::text[])], h, k
FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS n
CROSS JOIN LATERAL (VALUES (hashint8extended(n, %(seed)s), hashint8extended(n, %(seed)s + 1))) AS dice (h, k)
JOIN scale_officer AS o ON o.number = (h & 65535) %% %(officers)s
CROSS JOIN LATERAL (
    SELECT %(since)s::timestamptz + (k >> 8 & 16777215) %% %(days)s * interval '1 day'
        + (480 + (k & 65535) %% 600) * interval '1 minute'
) AS moment (at)
;
INSERT INTO visits_visit (uid, body_hash, unit_id, visited_at, mode, object_category, headcount, theme, place, question,
    summary, opinion_count, recorded_by_id, recorded_at, void_reason)
SELECT uid, md5(number::text), unit_id, visited_at,
    (%(modes)s::text[])[1 + (h >> 16 & 65535) %% cardinality(%(modes)s::text[])], object_category,
    1 + (h >> 40 & 255) %% 6, 'T' || 1 + (k & 3), place, CASE WHEN (k >> 24 & 7) = 0 THEN '夜间照明是否充足' ELSE '' END,
    (%(summaries)s::text[])[1 + (k >> 32 & 65535) %% cardinality(%(summaries)s::text[])], (number %% 3 = 0)::int,
    officer_id, recorded_at, ''
FROM scale_visit
;
INSERT INTO visits_visit_officers (visit_id, officer_id)
SELECT v.id, s.officer_id FROM scale_visit AS s JOIN visits_visit AS v USING (uid)
;
INSERT INTO opinions_opinion (no, kind, source, source_no, object_category, topic_id, title, content, place, heard_by_id,
    heard_at, recorded_by_id, recorded_at, needs_rectification, status, responsible_unit_id, due_at, version)
SELECT 'GM' || lpad(s.number::text, 12, '0'),
    (%(kinds)s::text[])[1 + (h >> 48 & 255) %% cardinality(%(kinds)s::text[])], 'SRC01', '', object_category, t.id, '',
    (%(said)s::text[])[1 + (k >> 36 & 65535) %% cardinality(%(said)s::text[])], place, unit_id, visited_at, officer_id,
    recorded_at, false, CASE WHEN (h >> 20 & 15) < 13 THEN 'CLOSED' ELSE 'REFERRED' END, unit_id,
    recorded_at + interval '15 days', CASE WHEN (h >> 20 & 15) < 13 THEN 2 ELSE 1 END
FROM scale_visit AS s JOIN scale_topic AS t ON t.number = (h >> 8 & 65535) %% %(topics)s
WHERE s.number %% 3 = 0
;
INSERT INTO visits_visit_opinions (visit_id, opinion_id)
SELECT v.id, o.id
FROM scale_visit AS s
JOIN visits_visit AS v USING (uid)
JOIN opinions_opinion AS o ON o.no = 'GM' || lpad(s.number::text, 12, '0')
WHERE s.number %% 3 = 0
;
INSERT INTO opinions_referral (opinion_id, unit_id, hop, by_id, designated, referred_at, sign_due_at, due_at, signed_at,
    return_reason, finished_at, closed_at)
SELECT o.id, s.unit_id, 1, s.officer_id, false, s.recorded_at + interval '3 hours', s.recorded_at + interval '1 day',
    o.due_at, s.recorded_at + interval '4 hours', '', done.at, done.at
FROM scale_visit AS s
JOIN opinions_opinion AS o ON o.no = 'GM' || lpad(s.number::text, 12, '0')
CROSS JOIN LATERAL (
    SELECT CASE WHEN o.status = 'CLOSED' THEN s.recorded_at + (1 + (h >> 24 & 15)) * interval '1 day' END
) AS done (at)
WHERE s.number %% 3 = 0
;
INSERT INTO opinions_opinionevent (opinion_id, step, was, becomes, by_id, unit_id, at, note)
SELECT r.opinion_id, e.step, e.was, e.becomes, r.by_id, r.unit_id, e.at, ''
FROM scale_visit AS s
JOIN opinions_opinion AS o ON o.no = 'GM' || lpad(s.number::text, 12, '0')
JOIN opinions_referral AS r ON r.opinion_id = o.id
CROSS JOIN LATERAL (VALUES ('register', '', 'REGISTERED', o.recorded_at), ('refer', 'REGISTERED', 'REFERRED',
    r.referred_at), ('close', 'REFERRED', 'CLOSED', r.closed_at)) AS e (step, was, becomes, at)
WHERE s.number %% 3 = 0 AND e.at IS NOT NULL

-- One value that stands for many rows (a median, a mean), for every asked unit, span of time and slice at once.
--
-- A median of medians is no median: each asked unit gathers the rows of its whole subtree. So owners are joined to
-- the places in the table where their rows belong, and each row to the spans in which it counts. Returns
-- (asked unit, number of the span, key of the slice, is this the total, value, rows).
WITH r (owner, slice, value, $hits) AS ($rows)
SELECT p.unit, s.span, $slice, $is_total, $typical, count(*)
FROM r
JOIN unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS p (owner, unit, child) USING (owner)
CROSS JOIN LATERAL (VALUES $spans) AS s (span, hit)
WHERE s.hit
GROUP BY GROUPING SETS ($sets)

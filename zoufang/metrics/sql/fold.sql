-- Move every delta that this transaction sees into the cells of its day and of its month; return how many there were.
WITH moved AS (
    DELETE FROM metrics_delta RETURNING *
),
graded AS (
    SELECT counted_id, cut, key, unit_id, false AS monthly, at, settled, unsettled, rows, total FROM moved
    UNION ALL
    SELECT counted_id, cut, key, unit_id, true, date_trunc('month', at)::date, date_trunc('month', settled)::date,
        date_trunc('month', unsettled)::date, rows, total
    FROM moved
),
summed AS (
    SELECT counted_id, cut, key, unit_id, monthly, at, settled, unsettled,
        sum(rows)::bigint AS rows, sum(total)::bigint AS total
    FROM graded
    GROUP BY counted_id, cut, key, unit_id, monthly, at, settled, unsettled
    HAVING sum(rows) <> 0 OR sum(total) <> 0
),
kept AS (
    INSERT INTO metrics_cell AS c (counted_id, cut, key, unit_id, monthly, at, settled, unsettled, rows, total)
    SELECT * FROM summed
    ON CONFLICT (counted_id, monthly, cut, unit_id, at, key, settled, unsettled)
    DO UPDATE SET rows = c.rows + excluded.rows, total = c.total + excluded.total
)
SELECT count(*) FROM moved

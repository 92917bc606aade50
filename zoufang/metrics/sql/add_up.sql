-- Add amounts to their cells, and what is kept by day to the cells of its month too; return how many there were.
WITH moved AS (
    $moved
),
graded AS (
    SELECT counted_id, monthly, cut, key, unit_id, at, settled, unsettled, rows, total FROM moved
    UNION ALL
    SELECT counted_id, true, cut, key, unit_id, date_trunc('month', at)::date, date_trunc('month', settled)::date,
        date_trunc('month', unsettled)::date, rows, total
    FROM moved
    WHERE NOT monthly
),
summed AS (
    SELECT counted_id, monthly, cut, key, unit_id, at, settled, unsettled,
        sum(rows)::bigint AS rows, sum(total)::bigint AS total
    FROM graded
    GROUP BY counted_id, monthly, cut, key, unit_id, at, settled, unsettled
    HAVING sum(rows) <> 0 OR sum(total) <> 0
),
kept AS (
    INSERT INTO metrics_cell AS c (counted_id, monthly, cut, key, unit_id, at, settled, unsettled, rows, total)
    SELECT * FROM summed
    ON CONFLICT (counted_id, monthly, cut, unit_id, at, key, settled, unsettled)
    DO UPDATE SET rows = c.rows + excluded.rows, total = c.total + excluded.total
)
SELECT count(*) FROM moved

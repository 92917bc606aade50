-- What the rows say of one number beyond what its cells and deltas say, cell by cell; nothing where they agree. The
-- monthly sums of what is kept by day follow from the days and are left out.
SELECT $columns, sum(rows)::bigint AS rows, sum(total)::bigint AS total
FROM (
    $amounts
    UNION ALL
    SELECT $columns, -rows, -total FROM metrics_cell
    WHERE counted_id = $counted AND NOT (monthly AND (cut = '' OR cut LIKE '=%'))
    UNION ALL
    SELECT $columns, -rows, -total FROM metrics_delta WHERE counted_id = $counted
) AS said
GROUP BY $columns
HAVING sum(rows) <> 0 OR sum(total) <> 0

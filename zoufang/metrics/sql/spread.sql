-- From amounts `moved` all cells that they belong to: their own by day and by month, and those of every unit above.
-- What is settled has about as many days as rows, in every unit above anew: that is summed for those by month only.
graded AS (
    SELECT counted_id, monthly, cut, key, unit_id, at, settled, unsettled, rows, total FROM moved
    UNION ALL
    SELECT counted_id, true, cut, key, unit_id, date_trunc('month', at)::date, date_trunc('month', settled)::date,
        date_trunc('month', unsettled)::date, rows, total
    FROM moved
    WHERE NOT monthly
),
summed AS (
    SELECT counted_id, monthly, cut, key, unit_id, false AS below, at, settled, unsettled,
        sum(rows)::bigint AS rows, sum(total)::bigint AS total
    FROM graded
    GROUP BY counted_id, monthly, cut, key, unit_id, at, settled, unsettled
    HAVING sum(rows) <> 0 OR sum(total) <> 0
),
line AS (
    SELECT id AS unit_id, above::bigint
    FROM organization_unit, unnest(string_to_array(trim(BOTH '/' FROM path), '/')) AS above
    WHERE above::bigint <> id
),
carried AS (
    SELECT counted_id, monthly, cut, key, above AS unit_id, true AS below, at, settled, unsettled,
        sum(rows)::bigint AS rows, sum(total)::bigint AS total
    FROM summed JOIN line USING (unit_id)
    WHERE monthly OR settled IS NULL
    GROUP BY counted_id, monthly, cut, key, above, at, settled, unsettled
    HAVING sum(rows) <> 0 OR sum(total) <> 0
),
spread AS (
    SELECT * FROM summed
    UNION ALL
    SELECT * FROM carried
)

from typing import ClassVar

from django.db import migrations

# What is in an index is computed while PostgreSQL looks at no schema of ours, so `search_pairs` calls built-ins alone
# and says again how a text is folded. U+001F stands for the ends of fields and words: no pair spans it.
# The costs keep the planner from taking texts to pairs row by row where the index is there to be asked.
FORWARD = r"""
CREATE FUNCTION search_folded(VARIADIC texts text[]) RETURNS text
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 200 AS $$
BEGIN
    RETURN lower(normalize(array_to_string(texts, E'\x1f'), NFKC) COLLATE "C");
END
$$;

-- Every two characters that stand side by side, and each that nothing follows, as words without positions.
CREATE FUNCTION search_pairs(VARIADIC texts text[]) RETURNS tsvector
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 20000 AS $$
DECLARE
    folded text := translate(lower(normalize(array_to_string(texts, E'\x1f'), NFKC) COLLATE "C"),
        E' \t\n\r\f\v', repeat(E'\x1f', 6));
BEGIN
    RETURN array_to_tsvector(array_remove(string_to_array(
        regexp_replace(folded, '(..)', E'\\1\x1f', 'g') || E'\x1f'
        || regexp_replace(substr(folded, 2), '(..)', E'\\1\x1f', 'g'), E'\x1f'), ''));
END
$$;

-- What `search_pairs` of a text must hold if the text holds every word of `asked`.
CREATE FUNCTION search_query(asked text) RETURNS tsquery LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT coalesce(string_agg(CASE WHEN length(word) = 1 THEN quoted || ':*' ELSE quoted END, ' & '), '')::tsquery
    FROM string_to_table(search_folded(asked), ' ') AS word
    CROSS JOIN LATERAL generate_series(1, greatest(length(word) - 1, 1)) AS place
    CROSS JOIN LATERAL (
        SELECT '''' || replace(replace(substr(word, place, 2), '\', '\\'), '''', '''''') || ''''
    ) AS pair (quoted)
    WHERE word <> ''
$$;
"""

BACKWARD = "DROP FUNCTION search_query(text); DROP FUNCTION search_pairs(text[]); DROP FUNCTION search_folded(text[]);"


class Migration(migrations.Migration):
    """The functions behind `zoufang.search.words`."""

    initial = True
    dependencies: ClassVar = []
    operations: ClassVar = [migrations.RunSQL(FORWARD, BACKWARD)]

-- Full-text search over redacted transcripts. Reviewed: it runs as plainspoken_search, which row-level security lets see
-- every row, because the operators of full-text search are not leakproof and would lose their index behind it.
-- So it does itself, and first of all, what row-level security does elsewhere:
--   1. raises without a purpose, and for a purpose that may not use transcripts ({purposes}, from the declarations);
--   2. shows the organisation in force, nothing of a collection point that does not name the purpose, and no row closed to the purpose or not open where it needs consent.
-- It returns ids, counts and ranks; no text leaves it. Arguments that are null do not filter. No dynamic SQL: p_near and
-- what was said (p_agent_said, p_customer_said) are queries that our own reader wrote, and to_tsquery reads them.
-- `& bit <> bit` is `& bit = 0` for a single bit; the planner thinks that few rows are equal, and most are not, so it
-- plans for the many rows that there are.
-- force_custom_plan: a plan for all arguments at once would ignore the index where a filter is null.
-- The filters are those of matching.sql, put in below without and with a rank.
-- What somebody said is asked of the turns of a transcript that was let through; turns carry the same masks.

DROP FUNCTION IF EXISTS transcripts_search(text, text, uuid, text, timestamptz, timestamptz, uuid, text, integer, integer);
DROP FUNCTION IF EXISTS
  transcripts_search(text, text, uuid, text, timestamptz, timestamptz, uuid, text, integer, integer, text[]);
CREATE OR REPLACE FUNCTION transcripts_search(
  p_query text, p_queue text, p_agent uuid, p_kind text, p_from timestamptz, p_to timestamptz, p_participant uuid,
  p_sort text, p_limit integer, p_offset integer, p_not_from text[] DEFAULT NULL, p_near text DEFAULT NULL,
  p_agent_said text[] DEFAULT NULL, p_customer_said text[] DEFAULT NULL, p_silence double precision DEFAULT NULL,
  p_talk_over double precision DEFAULT NULL, p_longer double precision DEFAULT NULL,
  p_shorter double precision DEFAULT NULL, p_only uuid[] DEFAULT NULL, p_after_at timestamptz DEFAULT NULL,
  p_after_id uuid DEFAULT NULL
) RETURNS TABLE (conversation uuid, rank real, found bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = public, pg_temp
SET plan_cache_mode = force_custom_plan
AS $$
#variable_conflict use_column
DECLARE
  v_organisation uuid := custody_organisation();
  v_bit bigint := custody_bit();
  v_need bigint := custody_need();
  v_english tsquery := websearch_to_tsquery('english', p_query);
  v_simple tsquery := websearch_to_tsquery('simple', p_query);
  v_best boolean := p_sort = 'best';
BEGIN
  PERFORM custody_may('transcripts.Transcript', ARRAY[{purposes}]::text[]);
  IF p_near IS NOT NULL THEN
    v_english := v_english && to_tsquery('english', p_near);
    v_simple := v_simple && to_tsquery('simple', p_near);
  END IF;
  IF p_agent_said IS NOT NULL OR p_customer_said IS NOT NULL THEN
    RETURN QUERY
    WITH matching AS MATERIALIZED (
{matching}
         AND NOT EXISTS (
               SELECT 1 FROM (
                 SELECT unnest(p_agent_said) AS wanted, 'agent' AS role
                 UNION ALL SELECT unnest(p_customer_said), 'customer') s
                WHERE NOT EXISTS (
                  SELECT 1 FROM transcripts_turn u
                    JOIN conversations_participation w ON w.id = u.participation_id
                   WHERE u.transcript_id = t.id AND w.role = s.role AND u.search @@ to_tsquery(t.config, s.wanted)))
    )
    SELECT m.id, m.rank, (SELECT count(*) FROM matching) FROM matching m
     WHERE p_after_at IS NULL OR m.started_at < p_after_at OR (m.started_at = p_after_at AND m.id > p_after_id)
     ORDER BY m.started_at DESC, m.id
     LIMIT least(greatest(p_limit, 0), 500) OFFSET greatest(p_offset, 0);
  ELSIF v_best THEN
    RETURN QUERY
    WITH matching AS (
{matching_best}
    )
    SELECT m.id, m.rank, count(*) OVER () FROM matching m
     ORDER BY m.rank DESC, m.started_at DESC, m.id
     LIMIT least(greatest(p_limit, 0), 500) OFFSET greatest(p_offset, 0);
  ELSIF p_after_at IS NOT NULL THEN
    RETURN QUERY
    WITH matching AS MATERIALIZED (
{matching}
    )
    SELECT m.id, m.rank, (SELECT count(*) FROM matching) FROM matching m
     WHERE p_after_at IS NULL OR m.started_at < p_after_at OR (m.started_at = p_after_at AND m.id > p_after_id)
     ORDER BY m.started_at DESC, m.id
     LIMIT least(greatest(p_limit, 0), 500) OFFSET greatest(p_offset, 0);
  ELSE
    RETURN QUERY
    WITH matching AS (
{matching}
    )
    SELECT m.id, m.rank, count(*) OVER () FROM matching m
     ORDER BY m.started_at DESC, m.id
     LIMIT least(greatest(p_limit, 0), 500) OFFSET greatest(p_offset, 0);
  END IF;
END $$;

REVOKE ALL ON FUNCTION
  transcripts_search(text, text, uuid, text, timestamptz, timestamptz, uuid, text, integer, integer, text[], text, text[], text[],
    double precision, double precision, double precision, double precision, uuid[], timestamptz, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
  transcripts_search(text, text, uuid, text, timestamptz, timestamptz, uuid, text, integer, integer, text[], text, text[], text[],
    double precision, double precision, double precision, double precision, uuid[], timestamptz, uuid) TO plainspoken_purpose;
ALTER FUNCTION
  transcripts_search(text, text, uuid, text, timestamptz, timestamptz, uuid, text, integer, integer, text[], text, text[], text[],
    double precision, double precision, double precision, double precision, uuid[], timestamptz, uuid)
  OWNER TO plainspoken_search;

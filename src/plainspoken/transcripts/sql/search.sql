-- Full-text search over redacted transcripts. Reviewed: it runs as plainspoken_search, which row-level security lets see
-- every row, because the operators of full-text search are not leakproof and would lose their index behind it.
-- So it does itself, and first of all, what row-level security does elsewhere:
--   1. raises without a purpose, and for a purpose that may not use transcripts ({purposes}, from the declarations);
--   2. shows the organisation in force, and no row that is closed to the purpose or not open where it needs consent.
-- It returns ids, counts and ranks; no text leaves it. Arguments that are null do not filter. No dynamic SQL.
-- `& bit <> bit` is `& bit = 0` for a single bit; the planner thinks that few rows are equal, and most are not, so it
-- plans for the many rows that there are.
-- force_custom_plan: a plan for all arguments at once would ignore the index where a filter is null.

CREATE OR REPLACE FUNCTION transcripts_search(
  p_query text, p_queue text, p_agent uuid, p_kind text, p_from timestamptz, p_to timestamptz, p_participant uuid,
  p_sort text, p_limit integer, p_offset integer
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
BEGIN
  PERFORM custody_may('transcripts.Transcript', ARRAY[{purposes}]::text[]);
  IF p_sort = 'best' THEN
    RETURN QUERY
    WITH matching AS (
      SELECT c.id, c.started_at, t.rank AS rank
        FROM (
          SELECT conversation_id, organisation_id, closed_to, open_to, ts_rank(search, v_english) AS rank
            FROM transcripts_transcript
           WHERE search @@ v_english AND language LIKE 'en%'
          UNION ALL
          SELECT conversation_id, organisation_id, closed_to, open_to, ts_rank(search, v_simple)
            FROM transcripts_transcript
           WHERE search @@ v_simple AND NOT language LIKE 'en%'
        ) t
        JOIN conversations_conversation c ON c.id = t.conversation_id
       WHERE t.organisation_id = v_organisation
         AND t.closed_to & v_bit <> v_bit AND (v_need = 0 OR t.open_to & v_need <> 0)
         AND c.organisation_id = v_organisation
         AND c.closed_to & v_bit <> v_bit AND (v_need = 0 OR c.open_to & v_need <> 0)
         AND c.erased_at IS NULL
         AND (p_queue IS NULL OR c.queue = p_queue)
         AND (p_kind IS NULL OR c.kind = p_kind)
         AND (p_from IS NULL OR c.started_at >= p_from)
         AND (p_to IS NULL OR c.started_at < p_to)
         AND (p_agent IS NULL OR EXISTS (
               SELECT 1 FROM conversations_participation a
                WHERE a.conversation_id = c.id AND a.role = 'agent' AND a.subject_id = p_agent
                  AND a.closed_to & v_bit <> v_bit AND (v_need = 0 OR a.open_to & v_need <> 0)))
         AND (p_participant IS NULL OR EXISTS (
               SELECT 1 FROM conversations_participation a
                WHERE a.conversation_id = c.id AND a.subject_id = p_participant
                  AND a.closed_to & v_bit <> v_bit AND (v_need = 0 OR a.open_to & v_need <> 0)))
    )
    SELECT m.id, m.rank, count(*) OVER () FROM matching m
     ORDER BY m.rank DESC, m.started_at DESC, m.id
     LIMIT least(greatest(p_limit, 0), 500) OFFSET greatest(p_offset, 0);
  ELSE
    RETURN QUERY
    WITH matching AS (
      SELECT c.id, c.started_at, 0::real AS rank
        FROM (
          SELECT conversation_id, organisation_id, closed_to, open_to FROM transcripts_transcript
           WHERE search @@ v_english AND language LIKE 'en%'
          UNION ALL
          SELECT conversation_id, organisation_id, closed_to, open_to FROM transcripts_transcript
           WHERE search @@ v_simple AND NOT language LIKE 'en%'
        ) t
        JOIN conversations_conversation c ON c.id = t.conversation_id
       WHERE t.organisation_id = v_organisation
         AND t.closed_to & v_bit <> v_bit AND (v_need = 0 OR t.open_to & v_need <> 0)
         AND c.organisation_id = v_organisation
         AND c.closed_to & v_bit <> v_bit AND (v_need = 0 OR c.open_to & v_need <> 0)
         AND c.erased_at IS NULL
         AND (p_queue IS NULL OR c.queue = p_queue)
         AND (p_kind IS NULL OR c.kind = p_kind)
         AND (p_from IS NULL OR c.started_at >= p_from)
         AND (p_to IS NULL OR c.started_at < p_to)
         AND (p_agent IS NULL OR EXISTS (
               SELECT 1 FROM conversations_participation a
                WHERE a.conversation_id = c.id AND a.role = 'agent' AND a.subject_id = p_agent
                  AND a.closed_to & v_bit <> v_bit AND (v_need = 0 OR a.open_to & v_need <> 0)))
         AND (p_participant IS NULL OR EXISTS (
               SELECT 1 FROM conversations_participation a
                WHERE a.conversation_id = c.id AND a.subject_id = p_participant
                  AND a.closed_to & v_bit <> v_bit AND (v_need = 0 OR a.open_to & v_need <> 0)))
    )
    SELECT m.id, m.rank, count(*) OVER () FROM matching m
     ORDER BY m.started_at DESC, m.id
     LIMIT least(greatest(p_limit, 0), 500) OFFSET greatest(p_offset, 0);
  END IF;
END $$;

REVOKE ALL ON FUNCTION
  transcripts_search(text, text, uuid, text, timestamptz, timestamptz, uuid, text, integer, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
  transcripts_search(text, text, uuid, text, timestamptz, timestamptz, uuid, text, integer, integer) TO plainspoken_purpose;
ALTER FUNCTION transcripts_search(text, text, uuid, text, timestamptz, timestamptz, uuid, text, integer, integer)
  OWNER TO plainspoken_search;

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
-- The filters are those of matching.sql, put in below for each way of looking, without and with a rank.
-- What somebody said is asked of the turns of a transcript that was let through; turns carry the same masks.
--
-- Counting stops: at 10,000, and at 1,000 where turns must be asked who spoke. What the index finds up to there is sorted and
-- given in pages; `more` says that there is more. Then the newest are asked one by one until the page is full, since
-- of words that so many have it comes soon, and the best are the best of the newest 10,000 (1,000).

DROP FUNCTION IF EXISTS transcripts_search(text, text, uuid, text, timestamptz, timestamptz, uuid, text, integer, integer);
DROP FUNCTION IF EXISTS
  transcripts_search(text, text, uuid, text, timestamptz, timestamptz, uuid, text, integer, integer, text[]);
DROP FUNCTION IF EXISTS
  transcripts_search(text, text, uuid, text, timestamptz, timestamptz, uuid, text, integer, integer, text[], text, text[], text[],
    double precision, double precision, double precision, double precision, uuid[], timestamptz, uuid);
CREATE FUNCTION transcripts_search(
  p_query text, p_queue text, p_agent uuid, p_kind text, p_from timestamptz, p_to timestamptz, p_participant uuid,
  p_sort text, p_limit integer, p_offset integer, p_not_from text[] DEFAULT NULL, p_near text DEFAULT NULL,
  p_agent_said text[] DEFAULT NULL, p_customer_said text[] DEFAULT NULL, p_silence double precision DEFAULT NULL,
  p_talk_over double precision DEFAULT NULL, p_longer double precision DEFAULT NULL,
  p_shorter double precision DEFAULT NULL, p_only uuid[] DEFAULT NULL, p_after_at timestamptz DEFAULT NULL,
  p_after_id uuid DEFAULT NULL
) RETURNS TABLE (conversation uuid, rank real, found bigint, more boolean)
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
  v_said boolean := p_agent_said IS NOT NULL OR p_customer_said IS NOT NULL;
  v_most integer := CASE WHEN v_said THEN 1000 ELSE 10000 END;
  v_limit integer := least(greatest(p_limit, 0), 500);
  v_offset integer := greatest(p_offset, 0);
  v_ids uuid[];
  v_at timestamptz[];
  v_ranks real[];
BEGIN
  PERFORM custody_may('transcripts.Transcript', ARRAY[{purposes}]::text[]);
  IF p_near IS NOT NULL THEN
    v_english := v_english && to_tsquery('english', p_near);
    v_simple := v_simple && to_tsquery('simple', p_near);
  END IF;
  IF v_best THEN
    SELECT array_agg(m.id), array_agg(m.started_at), array_agg(m.rank) INTO v_ids, v_at, v_ranks FROM (
{indexed_best}
       LIMIT v_most + 1) m;
  ELSE
    SELECT array_agg(m.id), array_agg(m.started_at) INTO v_ids, v_at FROM (
{indexed}
       LIMIT v_most + 1) m;
  END IF;
  IF v_best AND cardinality(v_ids) > v_most THEN
    SELECT array_agg(m.id), array_agg(m.started_at), array_agg(m.rank) INTO v_ids, v_at, v_ranks FROM (
{walked_best}
       ORDER BY c.started_at DESC, c.id
       LIMIT v_most) m;
    RETURN QUERY
    SELECT m.id, m.rank, v_most::bigint, true FROM unnest(v_ids, v_at, v_ranks) AS m (id, at, rank)
     ORDER BY m.rank DESC, m.at DESC, m.id
     LIMIT v_limit OFFSET v_offset;
  ELSIF cardinality(v_ids) > v_most THEN
    RETURN QUERY
    SELECT m.id, m.rank, v_most::bigint, true FROM (
{walked}
         AND (p_after_at IS NULL OR c.started_at <= p_after_at)
         AND (p_after_at IS NULL OR c.started_at < p_after_at OR c.id > p_after_id)
       ORDER BY c.started_at DESC, c.id
       LIMIT v_limit OFFSET v_offset) m;
  ELSE
    RETURN QUERY
    SELECT m.id, coalesce(m.rank, 0::real), cardinality(v_ids)::bigint, false
      FROM unnest(v_ids, v_at, v_ranks) AS m (id, at, rank)
     WHERE p_after_at IS NULL OR m.at < p_after_at OR (m.at = p_after_at AND m.id > p_after_id)
     ORDER BY m.rank DESC NULLS LAST, m.at DESC, m.id
     LIMIT v_limit OFFSET v_offset;
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

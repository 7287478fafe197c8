-- The conversations that a search may see and that fit its filters: in one place, so that no branch of the search sees more.
      SELECT c.id, c.started_at, {rank} AS rank
        FROM (
{source}
        ) t
        JOIN conversations_conversation c ON c.id = t.conversation_id
       WHERE t.organisation_id = v_organisation
         AND t.closed_to & v_bit <> v_bit AND (v_need = 0 OR t.open_to & v_need <> 0)
         AND c.organisation_id = v_organisation
         AND c.closed_to & v_bit <> v_bit AND (v_need = 0 OR c.open_to & v_need <> 0)
         AND c.erased_at IS NULL
         AND (p_not_from IS NULL OR NOT c.point = ANY (p_not_from))
         AND (p_queue IS NULL OR c.queue = p_queue)
         AND (p_kind IS NULL OR c.kind = p_kind)
         AND (p_from IS NULL OR c.started_at >= p_from)
         AND (p_to IS NULL OR c.started_at < p_to)
         AND (p_silence IS NULL OR c.silence_s > p_silence)
         AND (p_talk_over IS NULL OR c.talk_over_s > p_talk_over)
         AND (p_longer IS NULL OR c.duration_s > p_longer)
         AND (p_shorter IS NULL OR c.duration_s < p_shorter)
         AND (p_only IS NULL OR c.id = ANY (p_only))
         AND (p_agent IS NULL OR EXISTS (
               SELECT 1 FROM conversations_participation a
                WHERE a.conversation_id = c.id AND a.role = 'agent' AND a.subject_id = p_agent
                  AND a.closed_to & v_bit <> v_bit AND (v_need = 0 OR a.open_to & v_need <> 0)))
         AND (p_participant IS NULL OR EXISTS (
               SELECT 1 FROM conversations_participation a
                WHERE a.conversation_id = c.id AND a.subject_id = p_participant
                  AND a.closed_to & v_bit <> v_bit AND (v_need = 0 OR a.open_to & v_need <> 0)))
         AND (NOT v_said OR NOT EXISTS (
               SELECT 1 FROM (
                 SELECT unnest(p_agent_said) AS wanted, 'agent' AS role
                 UNION ALL SELECT unnest(p_customer_said), 'customer') s
                WHERE NOT EXISTS (
                  SELECT 1 FROM transcripts_turn u
                    JOIN conversations_participation w ON w.id = u.participation_id
                   WHERE u.transcript_id = t.id AND w.role = s.role AND u.search @@ to_tsquery(t.config, s.wanted))))

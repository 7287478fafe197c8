-- The same, asked of one transcript after the other from the newest: for words that many have. No index fits a CASE.
          SELECT id, conversation_id, organisation_id, closed_to, open_to{rank},
                 CASE WHEN language LIKE 'en%' THEN 'english' ELSE 'simple' END::regconfig AS config
            FROM transcripts_transcript
           WHERE CASE WHEN language LIKE 'en%' THEN search @@ v_english ELSE search @@ v_simple END

-- Every transcript with the words, by the index of its language: for words that few have.
          SELECT id, conversation_id, organisation_id, closed_to, open_to{english_rank}, 'english'::regconfig AS config
            FROM transcripts_transcript
           WHERE search @@ v_english AND language LIKE 'en%'
          UNION ALL
          SELECT id, conversation_id, organisation_id, closed_to, open_to{simple_rank}, 'simple'::regconfig AS config
            FROM transcripts_transcript
           WHERE search @@ v_simple AND NOT language LIKE 'en%'

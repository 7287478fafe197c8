-- The kernel's functions. Applied by `govern` after each migration, as the owner; every statement may run twice.
-- Error classes: PS001 no purpose in force, PS002 purpose may not use this place, PS003 purpose refused,
-- PS004 the ledger does not change.

CREATE OR REPLACE FUNCTION custody_enter(p_organisation uuid, p_purpose text) RETURNS interval
LANGUAGE plpgsql SECURITY INVOKER SET search_path = public, pg_temp AS $$
DECLARE
  v_bit smallint; v_open boolean; v_consent boolean; v_portal boolean; v_shift interval; v_now text;
BEGIN
  v_now := coalesce(current_setting('plainspoken.purpose', true), '');
  IF v_now <> '' AND (v_now <> p_purpose OR current_setting('plainspoken.organisation', true) <> p_organisation::text) THEN
    RAISE EXCEPTION 'The purpose % is in force. End it before % begins.', v_now, p_purpose USING ERRCODE = 'PS003';
  END IF;
  -- What the version in force says: the latest state whose time has come by the organisation's clock.
  SELECT p.bit, s.open, s.needs_consent, s.portal, o.clock_shift INTO v_bit, v_open, v_consent, v_portal, v_shift
    FROM custody_purpose p
    JOIN custody_organisation o ON o.id = p_organisation
    JOIN custody_purposestate s ON s.purpose_id = p.name AND s.organisation_id = o.id
   WHERE p.name = p_purpose AND s.since <= clock_timestamp() + o.clock_shift
   ORDER BY s.since DESC LIMIT 1;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'The published policy declares no purpose %. Declare it and publish.', p_purpose USING ERRCODE = 'PS003';
  END IF;
  IF NOT v_open THEN
    RAISE EXCEPTION 'The purpose % is closed. It opens when its notice has gone out.', p_purpose USING ERRCODE = 'PS003';
  END IF;
  IF NOT EXISTS (SELECT 1 FROM custody_purposegrant g WHERE g.purpose_id = p_purpose AND g.role = current_user)
     OR (current_user = 'plainspoken_portal' AND NOT v_portal) THEN
    RAISE EXCEPTION 'The database role % may not enter the purpose %.', current_user, p_purpose USING ERRCODE = 'PS003';
  END IF;
  PERFORM set_config('plainspoken.organisation', p_organisation::text, true),
          set_config('plainspoken.purpose', p_purpose, true),
          set_config('plainspoken.bit', (1::bigint << v_bit)::text, true),
          set_config('plainspoken.need', (CASE WHEN v_consent THEN 1::bigint << v_bit ELSE 0 END)::text, true);
  -- Governed tables are open to this role alone, so that without a purpose even an empty one is refused.
  IF current_user = 'plainspoken_app' THEN
    PERFORM set_config('role', 'plainspoken_purpose', true);
  END IF;
  RETURN v_shift;
END $$;

CREATE OR REPLACE FUNCTION custody_leave() RETURNS void
LANGUAGE sql SECURITY INVOKER SET search_path = public, pg_temp AS $$
  SELECT set_config('plainspoken.organisation', '', true), set_config('plainspoken.purpose', '', true),
         set_config('plainspoken.bit', '', true), set_config('plainspoken.need', '', true),
         set_config('role', 'none', true);
$$;

CREATE OR REPLACE FUNCTION custody_setting(p_name text) RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE v text := coalesce(current_setting('plainspoken.' || p_name, true), '');
BEGIN
  IF v = '' THEN
    RAISE EXCEPTION 'Personal data is only touched for a purpose. None is in force.' USING ERRCODE = 'PS001';
  END IF;
  RETURN v;
END $$;

CREATE OR REPLACE FUNCTION custody_organisation() RETURNS uuid
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$ BEGIN RETURN custody_setting('organisation')::uuid; END $$;

CREATE OR REPLACE FUNCTION custody_bit() RETURNS bigint
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$ BEGIN RETURN custody_setting('bit')::bigint; END $$;

CREATE OR REPLACE FUNCTION custody_need() RETURNS bigint
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$ BEGIN RETURN custody_setting('need')::bigint; END $$;

-- Used as `(SELECT custody_may(...))`, so that it is evaluated once a query.
CREATE OR REPLACE FUNCTION custody_may(p_place text, p_purposes text[]) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
  IF NOT custody_setting('purpose') = ANY (p_purposes) THEN
    RAISE EXCEPTION 'The purpose % may not use %.', custody_setting('purpose'), p_place USING ERRCODE = 'PS002';
  END IF;
  RETURN true;
END $$;

-- The same while a statement is planned, so that an empty table is refused too: of constants alone and called
-- immutable, it is answered once by the planner and is no part of the plan. A plan that is kept for another purpose
-- would not ask again; that is why custody_may stays in the plan.
CREATE OR REPLACE FUNCTION custody_listed(p_place text, p_purposes text[]) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$ BEGIN RETURN custody_may(p_place, p_purposes); END $$;

CREATE OR REPLACE FUNCTION custody_unchangeable() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  -- A proving or demonstration organisation may be removed whole, by the owner alone.
  IF TG_OP = 'DELETE' AND current_user = 'plainspoken_owner' AND EXISTS (
    SELECT 1 FROM custody_organisation o WHERE o.id = OLD.organisation_id AND o.kind IN ('proving', 'demo')
  ) THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION 'Rows of % are never changed or removed.', TG_TABLE_NAME USING ERRCODE = 'PS004';
END $$;

GRANT EXECUTE ON FUNCTION custody_enter(uuid, text), custody_leave(), custody_setting(text), custody_organisation(),
  custody_bit(), custody_need(), custody_may(text, text[]), custody_listed(text, text[])
  TO plainspoken_app, plainspoken_purpose, plainspoken_portal, plainspoken_search;

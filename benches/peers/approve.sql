-- What writes in the schema `peer`: approving, which keeps every summary above exact in the same transaction.

-- Rows are taken from the unit upwards, always in this order, and the root, which everybody wants, last.
CREATE FUNCTION peer.approve(initiative_code text, known_version int, benefit bigint) RETURNS peer.initiative
LANGUAGE plpgsql VOLATILE STRICT AS $$
DECLARE
  done peer.initiative;
  above int[];
  one int;
BEGIN
  UPDATE peer.initiative SET state = 'APPROVED', version = version + 1, verified_benefit = benefit
  WHERE code = initiative_code AND version = known_version AND state = 'SUBMITTED' RETURNING * INTO done;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'this initiative is not there, has changed, or is decided';
  END IF;
  SELECT path INTO above FROM peer.unit WHERE id = done.unit_id;
  INSERT INTO peer.approved SELECT a, done.programme, -benefit, done.id FROM unnest(above) a;
  FOREACH one IN ARRAY above LOOP
    UPDATE peer.rollup_group SET approved = approved + 1, verified_benefit = verified_benefit + benefit
    WHERE unit_id = one AND programme = done.programme AND position = done.position;
    UPDATE peer.rollup SET pending = pending - 1, approved = approved + 1, verified_benefit = verified_benefit + benefit
    WHERE unit_id = one AND programme = done.programme;
  END LOOP;
  RETURN done;
END $$;

-- So many initiatives that wait in a unit, counted in every summary; their codes.
CREATE FUNCTION peer.send_in(unit_code text, number int) RETURNS SETOF text LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  here peer.unit;
  last int;
BEGIN
  SELECT * INTO STRICT here FROM peer.unit WHERE code = unit_code;
  SELECT max(id) INTO last FROM peer.initiative;
  INSERT INTO peer.initiative (id, code, unit_id, programme, position, state, version, title, claimed_benefit)
  SELECT last + n, 'SK-PEER-' || last + n, here.id, 'SK-MO', 0, 'SUBMITTED', 2, 'Sáng kiến để đo tốc độ', 2000000
  FROM generate_series(1, number) n;
  INSERT INTO peer.author SELECT last + n, 0, 100, 'Đoàn viên mẫu' FROM generate_series(1, number) n;
  UPDATE peer.rollup SET submitted = submitted + number, pending = pending + number,
    claimed_benefit = claimed_benefit + 2000000::bigint * number
  WHERE unit_id = ANY (here.path) AND programme = 'SK-MO';
  UPDATE peer.rollup_group SET submitted = submitted + number
  WHERE unit_id = ANY (here.path) AND programme = 'SK-MO' AND position = 0;
  RETURN QUERY SELECT code FROM peer.initiative WHERE id > last ORDER BY id;
END $$;
COMMENT ON FUNCTION peer.send_in IS '@behavior -*';

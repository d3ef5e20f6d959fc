extension Migration {
    /// Moves of ranges between servers.
    static let moves = Migration(
        version: 4,
        name: "moves",
        sql: #"""
            -- Moves from and to this server. The source's row says how far the switch is, the target's how far the
            -- copy is.
            CREATE TABLE chard.moves (
                id uuid PRIMARY KEY,
                first int NOT NULL,
                last int NOT NULL,
                source text NOT NULL,
                target text NOT NULL,
                phase text NOT NULL CHECK (phase IN ('copying', 'switched', 'done')),
                -- The fencing token: each start of a mover raises it, and an older mover can do no more.
                epoch int NOT NULL DEFAULT 1,
                -- Everything up to the id `settled` is copied; of what is up to `watermark`, as far as the cursor.
                settled bigint NOT NULL DEFAULT 0,
                watermark bigint NOT NULL DEFAULT 0,
                cursor_tenant int NOT NULL DEFAULT -1,
                cursor_id bigint NOT NULL DEFAULT 0,
                row_count bigint NOT NULL DEFAULT 0,
                started_at timestamptz NOT NULL DEFAULT now(),
                updated_at timestamptz NOT NULL DEFAULT now()
            );

            -- Cuts ranges so that none lies across a border of first..last.
            CREATE FUNCTION chard.carve(low int, high int) RETURNS void LANGUAGE plpgsql AS $$
            DECLARE
                r chard.tenant_ranges;
            BEGIN
                LOCK TABLE chard.tenant_ranges IN SHARE ROW EXCLUSIVE MODE;
                FOR r IN SELECT * FROM chard.tenant_ranges t WHERE t.first <= high AND t.last >= low
                    AND (t.first < low OR t.last > high)
                LOOP
                    DELETE FROM chard.tenant_ranges t WHERE t.first = r.first;
                    INSERT INTO chard.tenant_ranges (first, last, state, owner, version, move_id, fenced_until)
                    SELECT p.low, p.high, r.state, r.owner, r.version, r.move_id, r.fenced_until
                    FROM (VALUES (r.first, least(r.last, low - 1)), (greatest(r.first, low), least(r.last, high)),
                        (greatest(r.first, high + 1), r.last)) AS p (low, high)
                    WHERE p.low <= p.high;
                END LOOP;
            END $$;

            -- On the source: marks the range, which it owns whole and no move touches. Returns the version of the
            -- range.
            CREATE FUNCTION chard.move_out(move uuid, low int, high int, source text, target text) RETURNS bigint
                LANGUAGE plpgsql AS $$
            DECLARE
                top bigint;
            BEGIN
                PERFORM chard.carve(low, high);
                IF (SELECT coalesce(sum(t.last::bigint - t.first + 1), 0) FROM chard.tenant_ranges t
                    WHERE t.first >= low AND t.last <= high AND t.state = 'owned' AND t.move_id IS NULL)
                        <> high::bigint - low + 1
                THEN
                    RAISE EXCEPTION USING ERRCODE = 'TN005',
                        MESSAGE = format('server %s does not own all of %s..%s, or another move is under way',
                            source, low, high);
                END IF;
                SELECT max(version) INTO top FROM chard.tenant_ranges t WHERE t.first >= low AND t.last <= high;
                DELETE FROM chard.tenant_ranges t WHERE t.first >= low AND t.last <= high;
                INSERT INTO chard.tenant_ranges (first, last, state, owner, version, move_id)
                    VALUES (low, high, 'owned', source, top, move);
                INSERT INTO chard.moves (id, first, last, source, target, phase)
                    VALUES (move, low, high, source, target, 'copying');
                DELETE FROM chard.deletions d WHERE d.tenant_id BETWEEN low AND high;
                RETURN top;
            END $$;

            -- On the target: notes that the range arrives. What an earlier move left of it is forgotten. Can be
            -- repeated.
            CREATE FUNCTION chard.move_in(
                move uuid, low int, high int, source text, target text, since bigint, token int)
                RETURNS void LANGUAGE plpgsql AS $$
            BEGIN
                PERFORM chard.carve(low, high);
                IF EXISTS (SELECT FROM chard.tenant_ranges t
                    WHERE t.first >= low AND t.last <= high AND t.move_id = move) THEN
                    UPDATE chard.moves SET epoch = token WHERE id = move AND epoch < token;
                    RETURN;
                END IF;
                IF EXISTS (SELECT FROM chard.tenant_ranges t
                    WHERE t.first >= low AND t.last <= high AND t.state <> 'moved') THEN
                    RAISE EXCEPTION USING ERRCODE = 'TN005',
                        MESSAGE = format('server %s already owns some of %s..%s, or another move is under way',
                            target, low, high);
                END IF;
                DELETE FROM chard.tenant_ranges t WHERE t.first >= low AND t.last <= high;
                INSERT INTO chard.tenant_ranges (first, last, state, owner, version, move_id)
                    VALUES (low, high, 'arriving', target, since + 1, move);
                INSERT INTO chard.moves (id, first, last, source, target, phase, epoch)
                    VALUES (move, low, high, source, target, 'copying', token);
            END $$;

            -- On the source: stops writes to the range, or goes on stopping them, for so many seconds. False: an old
            -- token.
            CREATE FUNCTION chard.move_fence(move uuid, token int, seconds int, again boolean) RETURNS boolean
                LANGUAGE sql AS $$
                WITH fenced AS (
                    UPDATE chard.tenant_ranges
                    SET state = 'fenced', fenced_until = clock_timestamp() + seconds * interval '1 s'
                    WHERE move_id = move AND (state = 'fenced' OR state = 'owned' AND NOT again)
                        AND EXISTS (SELECT FROM chard.moves WHERE id = move AND epoch = token)
                    RETURNING 1
                ) SELECT EXISTS (SELECT FROM fenced) $$;

            CREATE FUNCTION chard.move_unfence(move uuid, token int) RETURNS void LANGUAGE sql AS $$
                UPDATE chard.tenant_ranges SET state = 'owned', fenced_until = NULL
                WHERE move_id = move AND state = 'fenced'
                    AND EXISTS (SELECT FROM chard.moves WHERE id = move AND epoch = token) $$;

            -- On the source: gives the range away, if its fence still stands. From now on the target owns it.
            CREATE FUNCTION chard.move_switch(move uuid, token int) RETURNS boolean LANGUAGE sql AS $$
                WITH given AS (
                    UPDATE chard.tenant_ranges t
                    SET state = 'moved', owner = m.target, version = version + 1, fenced_until = NULL, move_id = NULL
                    FROM chard.moves m WHERE m.id = move AND m.epoch = token AND t.move_id = move AND t.state = 'fenced'
                    RETURNING 1
                ), noted AS (
                    UPDATE chard.moves SET phase = 'switched', updated_at = now()
                    WHERE id = move AND EXISTS (SELECT FROM given)
                ) SELECT EXISTS (SELECT FROM given) $$;

            -- On the target: opens a range that arrived, on the word of the source's row: a worker that was sent here
            -- with that version may say so as well, so that nobody waits for a mover that died between the two.
            CREATE FUNCTION chard.arrive(tenant int, since bigint) RETURNS boolean LANGUAGE sql SECURITY DEFINER
                SET search_path = pg_catalog, pg_temp AS $$
                WITH opened AS (
                    UPDATE chard.tenant_ranges SET state = 'owned', move_id = NULL
                    WHERE int8range(first, last, '[]') @> tenant::bigint AND state = 'arriving' AND version = since
                    RETURNING 1
                ) SELECT EXISTS (SELECT FROM opened) $$;

            -- New ids are greater than `above` from now on. ALTER SEQUENCE holds off nextval meanwhile, so that none
            -- is given twice.
            CREATE FUNCTION chard.advance_ids(above bigint) RETURNS void LANGUAGE plpgsql AS $$
            DECLARE
                at bigint;
            BEGIN
                ALTER SEQUENCE public.agent_data_id_seq CACHE 1;
                SELECT last_value INTO at FROM public.agent_data_id_seq;
                EXECUTE format('ALTER SEQUENCE public.agent_data_id_seq RESTART WITH %s', greatest(at, above) + 1);
            END $$;
            REVOKE ALL ON FUNCTION chard.carve, chard.move_out, chard.move_in, chard.move_fence, chard.move_unfence,
                chard.move_switch, chard.arrive, chard.advance_ids FROM PUBLIC;
            GRANT EXECUTE ON FUNCTION chard.arrive TO chard_tenant;
            """#
    )
}

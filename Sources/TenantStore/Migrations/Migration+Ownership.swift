extension Migration {
    /// Which tenants are whose, and the guard that every write passes.
    static let ownership = Migration(
        version: 2,
        name: "ownership",
        sql: #"""
            -- The name under which queues.yaml knows this server: one row.
            CREATE TABLE chard.server (
                one boolean PRIMARY KEY DEFAULT true CHECK (one),
                name text NOT NULL
            );

            -- What this server knows of tenants: those it owns, those that arrive, those that went elsewhere.
            CREATE TABLE chard.tenant_ranges (
                first int NOT NULL,
                last int NOT NULL CHECK (last >= first),
                state text NOT NULL CHECK (state IN ('owned', 'fenced', 'moved', 'arriving')),
                owner text NOT NULL,
                version bigint NOT NULL DEFAULT 1,
                move_id uuid,
                fenced_until timestamptz,
                EXCLUDE USING gist (int8range(first, last, '[]') WITH &&)
            );
            GRANT SELECT ON chard.tenant_ranges TO chard_tenant;

            CREATE FUNCTION chard.range_of(tenant int) RETURNS SETOF chard.tenant_ranges LANGUAGE sql STABLE
                AS $$ SELECT * FROM chard.tenant_ranges WHERE int8range(first, last, '[]') @> tenant::bigint $$;

            -- Ends with TN001 (moved), TN002 (not of this server) or TN003 (being moved). The detail is JSON for the
            -- worker.
            CREATE FUNCTION chard.refuse(tenant int, r chard.tenant_ranges) RETURNS void LANGUAGE plpgsql STABLE AS $$
            BEGIN
                IF r.state IS NULL THEN
                    RAISE EXCEPTION USING ERRCODE = 'TN002',
                        MESSAGE = format('tenant %s is not on this server', tenant);
                END IF;
                RAISE EXCEPTION USING
                    ERRCODE = CASE r.state WHEN 'moved' THEN 'TN001' ELSE 'TN003' END,
                    MESSAGE = CASE r.state WHEN 'moved' THEN format('tenant %s has moved to server %s', tenant, r.owner)
                        ELSE format('tenant %s is being moved', tenant) END,
                    DETAIL = json_build_object('first', r.first, 'last', r.last, 'owner', r.owner, 'version', r.version,
                        'state', r.state)::text;
            END $$;

            -- True, or an error as `refuse` gives it. STABLE: it sees what its query sees, so that no move comes
            -- between.
            CREATE FUNCTION chard.may_read(tenant int) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
            DECLARE
                r chard.tenant_ranges;
            BEGIN
                SELECT * INTO r FROM chard.range_of(tenant);
                IF r.state IS NULL OR r.state NOT IN ('owned', 'fenced') THEN
                    PERFORM chard.refuse(tenant, r);
                END IF;
                RETURN true;
            END $$;

            -- A mover that died leaves a fence; it lapses, and the first writer takes it down. The mover's switch
            -- updates the same row under the condition that the fence stands, so that only one of the two happens.
            CREATE FUNCTION chard.lift_lapsed_fence(tenant int) RETURNS boolean LANGUAGE sql SECURITY DEFINER
                SET search_path = pg_catalog, pg_temp AS $$
                WITH lifted AS (
                    UPDATE chard.tenant_ranges SET state = 'owned', fenced_until = NULL
                    WHERE int8range(first, last, '[]') @> tenant::bigint AND state = 'fenced'
                        AND fenced_until < clock_timestamp()
                    RETURNING 1
                ) SELECT EXISTS (SELECT FROM lifted) $$;

            -- Every write of the limited role passes here first. The shared lock on the tenant shows movers who is
            -- writing: they raise the fence and then wait for those who hold a lock. So the lock comes before the
            -- look at the range.
            CREATE FUNCTION chard.guard_write() RETURNS trigger LANGUAGE plpgsql AS $$
            DECLARE
                tenant int := chard.tenant();
                r chard.tenant_ranges;
            BEGIN
                IF current_user <> 'chard_tenant' THEN
                    RETURN NULL;
                END IF;
                IF tenant IS NULL THEN
                    RAISE EXCEPTION USING ERRCODE = 'TN004', MESSAGE = 'no tenant is set',
                        HINT = 'SET LOCAL chard.tenant_id = ... in the same transaction';
                END IF;
                IF current_setting('transaction_isolation') <> 'read committed' THEN
                    RAISE EXCEPTION USING ERRCODE = 'TN004',
                        MESSAGE = 'tenant rows are written in READ COMMITTED: an older snapshot may not show a move';
                END IF;
                PERFORM pg_advisory_xact_lock_shared(1128813124, tenant);
                SELECT * INTO r FROM chard.range_of(tenant);
                IF r.state = 'owned' THEN
                    RETURN NULL;
                END IF;
                IF r.state = 'fenced' AND r.fenced_until < clock_timestamp() THEN
                    IF chard.lift_lapsed_fence(tenant) THEN
                        RETURN NULL;
                    END IF;
                    SELECT * INTO r FROM chard.range_of(tenant);
                    IF r.state = 'owned' THEN
                        RETURN NULL;
                    END IF;
                END IF;
                PERFORM chard.refuse(tenant, r);
                RETURN NULL;
            END $$;
            CREATE TRIGGER guard BEFORE INSERT OR UPDATE OR DELETE ON public.agent_data
                FOR EACH STATEMENT EXECUTE FUNCTION chard.guard_write();
            CREATE TRIGGER guard BEFORE INSERT OR UPDATE OR DELETE ON chard.task_writes
                FOR EACH STATEMENT EXECUTE FUNCTION chard.guard_write();

            -- Deletions that a move must repeat, because it may have copied the rows before.
            CREATE TABLE chard.deletions (
                tenant_id int NOT NULL,
                deleted_at timestamptz NOT NULL DEFAULT now()
            );
            CREATE INDEX deletions_tenant ON chard.deletions (tenant_id);
            CREATE FUNCTION chard.note_deletion() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
                SET search_path = pg_catalog, pg_temp AS $$
            BEGIN
                INSERT INTO chard.deletions (tenant_id) SELECT chard.tenant()
                WHERE EXISTS (SELECT FROM chard.range_of(chard.tenant()) WHERE move_id IS NOT NULL);
                RETURN NULL;
            END $$;
            CREATE TRIGGER note_deletion AFTER DELETE ON public.agent_data
                FOR EACH STATEMENT EXECUTE FUNCTION chard.note_deletion();
            """#
    )
}

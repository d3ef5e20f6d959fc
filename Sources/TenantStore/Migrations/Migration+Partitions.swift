extension Migration {
    /// Partitions made ahead of need.
    static let partitions = Migration(
        version: 3,
        name: "partitions",
        sql: #"""
            -- The partitions there are, with the tenants of each, both bounds included.
            CREATE VIEW chard.partitions AS
                SELECT c.oid AS relation, format('%I.%I', n.nspname, c.relname) AS name,
                    coalesce((regexp_match(b.bounds, 'FROM \(''?(-?\d+)''?\)'))[1]::bigint, -2147483648) AS first,
                    coalesce((regexp_match(b.bounds, 'TO \(''?(-?\d+)''?\)'))[1]::bigint - 1, 2147483647) AS last
                FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid JOIN pg_namespace n ON n.oid = c.relnamespace,
                    LATERAL (SELECT pg_get_expr(c.relpartbound, c.oid) AS bounds) b
                WHERE i.inhparent = 'public.agent_data'::regclass AND b.bounds LIKE 'FOR VALUES%';

            -- Makes the partition that holds `tenant` unless it is there. The caller holds the lock on partitions.
            -- Bounds are multiples of the width, cut where a partition of another width lies.
            CREATE FUNCTION chard.make_partition(tenant bigint, width bigint) RETURNS void LANGUAGE plpgsql AS $$
            DECLARE
                low bigint := tenant / width * width;
                high bigint := least(low + width - 1, 2147483647);
                part text;
            BEGIN
                IF EXISTS (SELECT FROM chard.partitions p WHERE tenant BETWEEN p.first AND p.last) THEN
                    RETURN;
                END IF;
                SELECT greatest(low, max(p.last) + 1) INTO low FROM chard.partitions p WHERE p.last < tenant;
                SELECT least(high, min(p.first) - 1) INTO high FROM chard.partitions p WHERE p.first > tenant;
                part := format('agent_data_%s_%s', low, high);
                EXECUTE format('CREATE TABLE chard.%I (LIKE public.agent_data INCLUDING DEFAULTS)', part);
                EXECUTE format('CREATE TRIGGER guard BEFORE INSERT OR UPDATE OR DELETE ON chard.%I
                    FOR EACH STATEMENT EXECUTE FUNCTION chard.guard_write()', part);
                EXECUTE format('GRANT INSERT (agent_id, data, created_at, task_id) ON chard.%I TO chard_tenant', part);
                -- Attaching, unlike CREATE TABLE … PARTITION OF, does not lock out who reads and writes the other
                -- partitions.
                EXECUTE format('ALTER TABLE public.agent_data ATTACH PARTITION chard.%I FOR VALUES FROM (%s) TO (%s)',
                    part, low, CASE WHEN high = 2147483647 THEN 'MAXVALUE' ELSE (high + 1)::text END);
            END $$;

            -- The partition of a tenant that this server owns, made if need be, and `ahead` more above it, so that
            -- the tenants to come find theirs. Any number of workers may ask at once.
            CREATE FUNCTION chard.ensure_partition(tenant int, width int, ahead int)
                RETURNS TABLE (name text, first bigint, last bigint) LANGUAGE plpgsql SECURITY DEFINER
                SET search_path = pg_catalog, pg_temp AS $$
            DECLARE
                r chard.tenant_ranges;
                next bigint := tenant;
                top bigint;
            BEGIN
                SELECT * INTO r FROM chard.range_of(tenant);
                IF r.state IS DISTINCT FROM 'owned' AND NOT chard.lift_lapsed_fence(tenant) THEN
                    PERFORM chard.refuse(tenant, r);
                END IF;
                FOR step IN 0 .. greatest(ahead, 0) LOOP
                    SELECT p.last INTO top FROM chard.partitions p WHERE next BETWEEN p.first AND p.last;
                    IF top IS NULL THEN
                        PERFORM pg_advisory_xact_lock(1128813125, 0);
                        PERFORM chard.make_partition(next, greatest(width, 1));
                        SELECT p.last INTO top FROM chard.partitions p WHERE next BETWEEN p.first AND p.last;
                    END IF;
                    next := top + 1;
                    -- Ahead only as far as tenants of this server go.
                    EXIT WHEN NOT EXISTS (SELECT FROM chard.tenant_ranges t WHERE t.state = 'owned' AND t.last >= next
                        AND t.first < next + width);
                END LOOP;
                RETURN QUERY SELECT p.name, p.first, p.last FROM chard.partitions p
                    WHERE tenant BETWEEN p.first AND p.last;
            END $$;
            REVOKE ALL ON FUNCTION chard.make_partition, chard.ensure_partition, chard.lift_lapsed_fence FROM PUBLIC;
            GRANT EXECUTE ON FUNCTION chard.ensure_partition, chard.lift_lapsed_fence TO chard_tenant;

            -- Forgets which tasks wrote before `age`, some thousand at a time; a task that old is not delivered
            -- again.
            CREATE FUNCTION chard.forget_writes(age interval) RETURNS bigint LANGUAGE sql SECURITY DEFINER
                SET search_path = pg_catalog, pg_temp AS $$
                WITH gone AS (
                    DELETE FROM chard.task_writes
                    WHERE id IN (SELECT id FROM chard.task_writes ORDER BY id LIMIT 10000)
                        AND written_at < now() - age
                    RETURNING 1
                ) SELECT count(*) FROM gone $$;
            REVOKE ALL ON FUNCTION chard.forget_writes FROM PUBLIC;
            GRANT EXECUTE ON FUNCTION chard.forget_writes TO chard_tenant;
            """#
    )
}

extension Migration {
    /// The tables, the limited role and row-level security.
    static let tables = Migration(
        version: 1,
        name: "tables",
        sql: #"""
            DO $$
            BEGIN
                CREATE ROLE chard_tenant NOLOGIN NOINHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
            EXCEPTION
                -- Roles belong to the whole server: another database, or another migration, has it already.
                WHEN duplicate_object OR unique_violation THEN NULL;
            END $$;
            DO $$
            BEGIN
                IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'chard_tenant' AND (rolsuper OR rolbypassrls)) THEN
                    RAISE EXCEPTION 'the role chard_tenant bypasses row-level security'
                        USING HINT = 'ALTER ROLE chard_tenant NOSUPERUSER NOBYPASSRLS';
                END IF;
                IF NOT pg_has_role(current_user, 'chard_tenant', 'MEMBER') THEN
                    EXECUTE format('GRANT chard_tenant TO %I', current_user);
                END IF;
            END $$;
            GRANT USAGE ON SCHEMA chard TO chard_tenant;

            -- The tenant that this session acts for; null when none is set. A setting that was local to a transaction
            -- leaves ''.
            CREATE FUNCTION chard.tenant() RETURNS int LANGUAGE sql STABLE PARALLEL SAFE
                AS $$ SELECT nullif(current_setting('chard.tenant_id', true), '')::int $$;

            CREATE TABLE public.agent_data (
                id bigserial NOT NULL,
                agent_id uuid NOT NULL,
                tenant_id int NOT NULL DEFAULT chard.tenant(),
                data jsonb NOT NULL,
                created_at timestamptz NOT NULL DEFAULT now(),
                task_id text,
                PRIMARY KEY (tenant_id, id)
            ) PARTITION BY RANGE (tenant_id);
            -- No index on data: under row-level security @> is not leakproof, so that no plan could use it.
            CREATE INDEX agent_data_agent ON public.agent_data (tenant_id, agent_id, id);
            CREATE INDEX agent_data_created ON public.agent_data (tenant_id, created_at);
            -- For moves, which ask for the rows after an id. Rows come in the order of their ids, so that a few
            -- blocks hold them.
            CREATE INDEX agent_data_recent ON public.agent_data USING brin (id)
                WITH (pages_per_range = 16, autosummarize = on);
            COMMENT ON COLUMN public.agent_data.task_id IS 'the task that wrote the row';

            -- A write of a task, once: its primary key is what makes a redelivered task write nothing.
            CREATE TABLE chard.task_writes (
                tenant_id int NOT NULL DEFAULT chard.tenant(),
                task_id text NOT NULL,
                row_count int NOT NULL,
                written_at timestamptz NOT NULL DEFAULT now(),
                -- Of the rows' sequence, so that a move finds rows and writes after one watermark.
                id bigint NOT NULL DEFAULT nextval('public.agent_data_id_seq'),
                PRIMARY KEY (tenant_id, task_id)
            );
            CREATE INDEX task_writes_recent ON chard.task_writes (id);

            -- The limited role reads, adds and deletes the rows of its session's tenant. It can't name a tenant when
            -- it adds: tenant_id is not granted, so that it is the default. It reaches partitions only to add (COPY
            -- refuses row security).
            GRANT SELECT, DELETE, INSERT (agent_id, data, created_at, task_id) ON public.agent_data TO chard_tenant;
            GRANT SELECT, INSERT (task_id, row_count) ON chard.task_writes TO chard_tenant;
            GRANT USAGE ON SEQUENCE public.agent_data_id_seq TO chard_tenant;
            ALTER TABLE public.agent_data ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
            ALTER TABLE chard.task_writes ENABLE ROW LEVEL SECURITY;
            CREATE POLICY tenant ON public.agent_data
                USING (tenant_id = chard.tenant()) WITH CHECK (tenant_id = chard.tenant());
            CREATE POLICY tenant ON chard.task_writes
                USING (tenant_id = chard.tenant()) WITH CHECK (tenant_id = chard.tenant());
            """#
    )
}

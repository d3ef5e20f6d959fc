extension RemoteCommand {
    /// The commands of every worker, Chard's and Python's.
    static let all: [RemoteCommand] = [
        RemoteCommand(.inspect, "active", help: "List of tasks currently being executed."),
        RemoteCommand(.inspect, "active_queues", help: "List the task queues a worker is currently consuming from."),
        RemoteCommand(.inspect, "clock", help: "Get current logical clock value."),
        RemoteCommand(
            .inspect,
            "conf",
            "[include_defaults=False]",
            help: "List configuration.",
            ["with_defaults": .flag]
        ),
        RemoteCommand(
            .inspect,
            "memdump",
            "[n_samples=10]",
            help: "Dump statistics of previous memsample requests.",
            ["samples": .integer]
        ),
        RemoteCommand(.inspect, "memsample", help: "Sample current RSS memory usage."),
        RemoteCommand(
            .inspect,
            "objgraph",
            "[object_type=Request] [num=200 [max_depth=10]]",
            help: "Create graph of uncollected objects (memory-leak debugging).",
            ["type": .text, "num": .integer, "max_depth": .integer]
        ),
        RemoteCommand(.inspect, "ping", help: "Ping worker(s)."),
        RemoteCommand(
            .inspect,
            "query_task",
            "[id1 [id2 [... [idN]]]]",
            help: "Query for task information by id.",
            variadic: "ids"
        ),
        RemoteCommand(
            .inspect,
            "registered",
            "[attr1 [attr2 [... [attrN]]]]",
            help: "List of registered tasks.",
            variadic: "taskinfoitems"
        ),
        RemoteCommand(.inspect, "report", help: "Information about Celery installation for bug reports."),
        RemoteCommand(
            .inspect,
            "reserved",
            help: "List of currently reserved tasks, not including scheduled/active."
        ),
        RemoteCommand(.inspect, "revoked", help: "List of revoked task-ids."),
        RemoteCommand(.inspect, "scheduled", help: "List of currently scheduled ETA/countdown tasks."),
        RemoteCommand(.inspect, "stats", help: "Request worker statistics/information."),
        RemoteCommand(
            .control,
            "add_consumer",
            "<queue> [exchange [type [routing_key]]]",
            help: "Tell worker(s) to consume from task queue by name.",
            ["queue": .text, "exchange": .text, "exchange_type": .text, "routing_key": .text]
        ),
        RemoteCommand(
            .control,
            "autoscale",
            "[max [min]]",
            help: "Modify autoscale settings.",
            ["max": .integer, "min": .integer]
        ),
        RemoteCommand(
            .control,
            "cancel_consumer",
            "<queue>",
            help: "Tell worker(s) to stop consuming from task queue by name.",
            ["queue": .text]
        ),
        RemoteCommand(.control, "disable_events", help: "Tell worker(s) to stop sending task-related events."),
        RemoteCommand(.control, "election", help: "Hold election."),
        RemoteCommand(.control, "enable_events", help: "Tell worker(s) to send task-related events."),
        RemoteCommand(.control, "heartbeat", help: "Tell worker(s) to send event heartbeat immediately."),
        RemoteCommand(.control, "pool_grow", "[N=1]", help: "Grow pool by n processes/threads.", ["n": .integer]),
        RemoteCommand(.control, "pool_restart", help: "Restart execution pool."),
        RemoteCommand(.control, "pool_shrink", "[N=1]", help: "Shrink pool by n processes/threads.", ["n": .integer]),
        RemoteCommand(
            .control,
            "rate_limit",
            "<task_name> <rate_limit (e.g., 5/s | 5/m | 5/h)>",
            help: "Tell worker(s) to modify the rate limit for a task by type.",
            ["task_name": .text, "rate_limit": .text]
        ),
        RemoteCommand(
            .control,
            "revoke",
            "[id1 [id2 [... [idN]]]]",
            help: "Revoke task by task id (or list of ids).",
            variadic: "task_id"
        ),
        RemoteCommand(
            .control,
            "revoke_by_stamped_headers",
            "[key1=value1 [key2=value2 [... [keyN=valueN]]]]",
            help: "Revoke task by header (or list of headers).",
            variadic: "headers"
        ),
        RemoteCommand(.control, "shutdown", help: "Shutdown worker(s)."),
        RemoteCommand(
            .control,
            "terminate",
            "<signal> [id1 [id2 [... [idN]]]]",
            help: "Terminate task by task id (or list of ids).",
            ["signal": .text],
            variadic: "task_id"
        ),
        RemoteCommand(
            .control,
            "time_limit",
            "<task_name> <soft_secs> [hard_secs]",
            help: "Tell worker(s) to modify the time limit for task by type.",
            ["task_name": .text, "soft": .number, "hard": .number]
        ),
    ]

    /// One line per command, for the help.
    static func listing(_ kind: Kind) -> String {
        all(kind).map { command in
            let call = [command.name, command.signature].compactMap(\.self).joined(separator: " ")
            let padding = String(repeating: " ", count: max(2, 32 - call.count))
            return "  " + (call.count > 30 ? "\(call)\n  " + String(repeating: " ", count: 32) : call + padding)
                + command.help
        }.joined(separator: "\n")
    }
}

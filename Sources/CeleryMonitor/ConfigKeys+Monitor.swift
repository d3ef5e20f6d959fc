import CeleryWorker

extension ConfigKeys {
    enum Monitor {
        static let address = ConfigKey("address", "The address it listens at; default 127.0.0.1.")
        static let port = ConfigKey("port", "The port it listens at; 0: any that is free; default 5555.")
        static let urlPrefix = ConfigKey("url_prefix", "In front of every path, behind a proxy, e.g. /chard.")
        static let assets = ConfigKey("assets", "The folder monitor/ with pages, style and scripts.")
        static let readOnly = ConfigKey("read_only", "Whether nothing can be changed through it; default false.")
        static let history = ConfigKey("history", "The file of the history; default .chard/monitor.sqlite.")
        static let maxTasks = ConfigKey("max_tasks", "How many tasks the history keeps; default 1000000.")
        static let maxAge = ConfigKey("max_age", "How long the history keeps a task; default 14d.")
        static let maxText = ConfigKey("max_text", "How much of a text is kept, in bytes; default 8k.")
        static let enableEvents = ConfigKey(
            "enable_events",
            "Whether workers are asked to tell of their tasks; default true."
        )
        static let forgetWorkersAfter = ConfigKey(
            "forget_workers_after",
            "How long dead workers are remembered; default 1d."
        )
        static let redact = ConfigKey(
            "redact",
            "Names of arguments whose values nobody sees, * for any characters; default: the usual secrets."
        )
        static let brokerInterval = ConfigKey("broker_interval", "Between two questions to the broker; default 5s.")
        static let hosts = ConfigKey("hosts", "Names by which browsers may ask for it where nobody has to log in.")
        static let access = ConfigKey("access", "Who may come in.", isScalar: false)
        static let all = [
            address, port, urlPrefix, assets, readOnly, history, maxTasks, maxAge, maxText, enableEvents,
            forgetWorkersAfter, redact, brokerInterval, hosts, access, Alerts.section,
        ]
    }
}

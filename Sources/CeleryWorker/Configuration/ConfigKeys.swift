/// Every setting of queues.yaml, with its unit, default and range, and the environment variable that overrides it.
///
/// The variable of a setting is `CHARD_` and its path in capitals, all else than letters and digits as `_`:
/// `worker.grace_period` is `CHARD_WORKER_GRACE_PERIOD`, `queues.inference.concurrency` is
/// `CHARD_QUEUES_INFERENCE_CONCURRENCY`. Only the two URLs have the names that Celery gave them. Lists are separated by
/// commas (broker URLs by `;`). Durations are seconds or a number with `ms`, `s`, `m`, `h`, `d`; sizes are bytes or a
/// number with `kB`, `MB`, `GB`, `KiB`, `MiB`, `GiB`. The file itself is named by `--config` or `CHARD_CONFIG`.
public enum ConfigKeys {
    public static let fileVariable = "CHARD_CONFIG"

    public enum Root {
        public static let broker = ConfigKey("broker", "Where RabbitMQ is.", isScalar: false)
        public static let resultBackend = ConfigKey("result_backend", "Where results are stored.", isScalar: false)
        public static let management = ConfigKey("management", "RabbitMQ's management API.", isScalar: false)
        public static let worker = ConfigKey("worker", "What concerns the whole process.", isScalar: false)
        public static let defaults = ConfigKey("defaults", "What queues inherit.", isScalar: false)
        public static let queues = ConfigKey("queues", "The queues by name, in order.", isScalar: false)
        public static let tasks = ConfigKey("tasks", "Options by task name or pattern.", isScalar: false)
        public static let beat = ConfigKey("beat", "The periodic tasks.", isScalar: false)
        public static let partitions = ConfigKey(
            "partitions",
            "The exchange whose tasks keep their order for each agent; without it there is none.",
            isScalar: false
        )
        public static let all = [broker, resultBackend, management, worker, defaults, queues, tasks, beat, partitions]
        /// Those, and the sections of an application's own parts.
        static let allowed = all + SettingsSections.names.map { ConfigKey($0, "", isScalar: false) }
    }

    public enum Broker {
        public static let url = ConfigKey(
            "url",
            "amqp:// or amqps:// URL, or several separated by `;`; default amqp://guest:guest@localhost:5672//.",
            environment: "CELERY_BROKER_URL"
        )
        public static let urls = ConfigKey("urls", "The same as a list; give one of the two.", isScalar: false)
        public static let heartbeat = ConfigKey(
            "heartbeat",
            "Seconds between AMQP heartbeats, 0 (off) to 3600, default 30; `?heartbeat=` in a URL wins."
        )
        public static let connectTimeout = ConfigKey(
            "connect_timeout",
            "Duration that connecting and logging in may take, 0.1 s to 10 min, default 5."
        )
        public static let publishTimeout = ConfigKey(
            "publish_timeout",
            "Duration until an unconfirmed publish fails, 0.1 s to 1 h, default 30."
        )
        public static let failover = ConfigKey(
            "failover",
            "Order in which URLs are tried: round_robin or shuffle (default: round_robin)."
        )
        public static let sendSentEvent = ConfigKey(
            "send_sent_event",
            "Whether senders tell monitors of each task they send (task_send_sent_event); default false."
        )
        public static let tls = ConfigKey("tls", "Certificates for amqps://.", isScalar: false)
        public static let all = [
            url, urls, heartbeat, connectTimeout, publishTimeout, failover, sendSentEvent, tls,
        ]
    }

    public enum TLS {
        public static let authority = ConfigKey("ca", "PEM file of trusted authorities; default: the system's.")
        public static let certificate = ConfigKey("certificate", "PEM file of our certificate; needs `key`.")
        public static let key = ConfigKey("key", "PEM file of our private key; needs `certificate`.")
        public static let verify = ConfigKey("verify", "Whether an authority must vouch for the broker; default true.")
        public static let verifyHostname = ConfigKey(
            "verify_hostname",
            "Whether its certificate must name the host; default: as `verify`."
        )
        public static let all = [authority, certificate, key, verify, verifyHostname]
    }

    public enum ResultBackend {
        public static let url = ConfigKey(
            "url",
            "redis:// or redis+socket:// URL, rpc:// (results are sent back to the caller's own queue), or none; default "
                + "none: results are not stored.",
            environment: "CELERY_RESULT_BACKEND"
        )
        public static let expires = ConfigKey(
            "expires",
            "Duration for which results are kept, or none; 1 s to 10 years, default 1 d."
        )
        public static let keyPrefix = ConfigKey(
            "key_prefix",
            "Text before every Redis key, as Celery's global_keyprefix; default empty."
        )
        public static let extended = ConfigKey(
            "extended",
            "Whether results carry name, arguments, worker and queue (result_extended); default false."
        )
        public static let timeout = ConfigKey(
            "timeout",
            "Duration that Redis may take to answer, 0.1 s to 10 min, default 10."
        )
        public static let chordOrdered = ConfigKey(
            "chord_ordered",
            "Whether a chord's body gets the results in the order of its parts (result_chord_ordered); must be the same "
                + "for all workers; default true."
        )
        public static let persistent = ConfigKey(
            "persistent",
            "With rpc://, whether result messages survive a restart of the broker (result_persistent); default false."
        )
        public static let all = [url, expires, keyPrefix, extended, chordOrdered, timeout, persistent]
    }

    public enum Management {
        public static let url = ConfigKey(
            "url",
            "http:// or https:// URL with user and password, e.g. http://guest:guest@localhost:15672; default none.",
            environment: "CHARD_MANAGEMENT_URL"
        )
        public static let timeout = ConfigKey(
            "timeout",
            "Duration that a request may take, 0.1 s to 10 min, default 10."
        )
        public static let all = [url, timeout]
    }

    public enum Worker {
        public static let hostname = ConfigKey("hostname", "Node name; %h host, %n name, %d domain; default celery@%h.")
        public static let queues = ConfigKey("queues", "Names of the queues to consume (-Q); default all of `queues`.")
        public static let excludeQueues = ConfigKey(
            "exclude_queues",
            "Names of queues not to consume (-X); default none."
        )
        public static let createMissingQueues = ConfigKey(
            "create_missing_queues",
            "Whether `queues` may name one that is not in the file (task_create_missing_queues); default true."
        )
        public static let concurrency = ConfigKey(
            "concurrency",
            "Tasks that run at once over all queues (-c), 1 to 65535; default: no limit but the queues'."
        )
        public static let autoscale = ConfigKey(
            "autoscale",
            "Largest and smallest number of tasks that run at once over all queues, e.g. 16,2; the pool grows with the "
                + "work and shrinks after half a minute without (--autoscale); default: no autoscaling."
        )
        public static let prefetchMultiplier = ConfigKey(
            "prefetch_multiplier",
            "Prefetch of a queue without one of its own, as a multiple of its concurrency, 0 (no limit) to "
                + "65535; default none."
        )
        public static let gracePeriod = ConfigKey(
            "grace_period",
            "Duration that running tasks get at shutdown, 0 to 30 d, default 30."
        )
        public static let softShutdownTimeout = ConfigKey(
            "soft_shutdown_timeout",
            "Duration that running tasks get at a cold shutdown before they are stopped (worker_soft_shutdown_timeout), 0 "
                + "to 30 d, default 0."
        )
        public static let cancelOnConnectionLoss = ConfigKey(
            "cancel_on_connection_loss",
            "Whether running tasks are stopped when the connection to the broker is lost, because it delivers them again "
                + "(worker_cancel_long_running_tasks_on_connection_loss); default false."
        )
        public static let logLevel = ConfigKey(
            "log_level",
            "trace, debug, info (default), notice, warning, error, critical."
        )
        public static let taskEvents = ConfigKey("task_events", "Whether task events are sent (-E); default false.")
        public static let remoteControl = ConfigKey(
            "remote_control",
            "Whether inspect and control requests are answered (worker_enable_remote_control); default true."
        )
        public static let heartbeat = ConfigKey(
            "heartbeat",
            "Whether heartbeats tell monitors that the worker is alive (--without-heartbeat); default true."
        )
        public static let heartbeatInterval = ConfigKey(
            "heartbeat_interval",
            "Duration between two of them, 0.1 s to 1 h, default 2; monitors believe a worker dead after twice that."
        )
        public static let gossip = ConfigKey(
            "gossip",
            "Whether the worker listens to other workers' heartbeats (--without-gossip); default true."
        )
        public static let mingle = ConfigKey(
            "mingle",
            "Whether it asks other workers what is revoked when it connects (--without-mingle); default true."
        )
        public static let trackStarted = ConfigKey(
            "track_started",
            "Whether the state STARTED is stored (task_track_started); default false."
        )
        public static let acceptContent = ConfigKey(
            "accept_content",
            "Serializers or MIME types that may arrive (accept_content); default json."
        )
        public static let maxBodySize = ConfigKey(
            "max_body_size",
            "Size of the largest body, after decompression, 1 KiB to 2 GiB, default 128 MiB."
        )
        public static let processes = ConfigKey(
            "processes",
            "Child processes for tasks with `pool: processes`, 1 to 1024; default: one per processor."
        )
        public static let poolRestarts = ConfigKey(
            "pool_restarts",
            "Whether `control pool_restart` may replace the child processes (worker_pool_restarts); default false."
        )
        public static let maxTasksPerChild = ConfigKey(
            "max_tasks_per_child",
            "Tasks after which a child process is replaced (worker_max_tasks_per_child), or none (default)."
        )
        public static let maxMemoryPerChild = ConfigKey(
            "max_memory_per_child",
            "KiB of resident memory beyond which a child process is replaced after its task "
                + "(worker_max_memory_per_child), or none (default)."
        )
        public static let revokesMax = ConfigKey(
            "revokes_max",
            "Most ids of revoked tasks that are remembered, 1 to 1000000, the oldest go first; default 50000.",
            environment: "CELERY_WORKER_REVOKES_MAX"
        )
        public static let revokeExpires = ConfigKey(
            "revoke_expires",
            "Duration for which a revoked id is remembered, 1 s to 365 d, default 3h; make it longer than the longest "
                + "delay of tasks that may be revoked.",
            environment: "CELERY_WORKER_REVOKE_EXPIRES"
        )
        public static let nativeDelayedDelivery = ConfigKey(
            "native_delayed_delivery",
            "Whether Celery's exchanges celery_delayed_* are declared and the queues bound to them: true, false, or "
                + "auto (default): when a consumed queue is of type quorum, or the exchanges are there already."
        )
        public static let leaseDuration = ConfigKey(
            "lease_duration",
            "Duration after which a task with a lease goes to another worker when its own is silent, 0.3 s to 1 d, "
                + "default 60; leases are renewed three times as often."
        )
        public static let leaseCheck = ConfigKey(
            "lease_check",
            "How often a worker looks for leases of its queues that have lapsed, 0.1 s to 1 h, default 5."
        )
        public static let checkpointExpires = ConfigKey(
            "checkpoint_expires",
            "Duration for which a task's last checkpoint is kept, 1 s to 365 d, default 7d."
        )
        public static let checkpointLimit = ConfigKey(
            "checkpoint_limit",
            "Size of the largest checkpoint in Redis, before compression, 1 KiB to 256 MiB, default 64MiB."
        )
        public static let all = [
            hostname, queues, excludeQueues, createMissingQueues, concurrency, autoscale, prefetchMultiplier,
            gracePeriod, softShutdownTimeout, cancelOnConnectionLoss, logLevel, taskEvents, remoteControl, heartbeat,
            heartbeatInterval, gossip, mingle, trackStarted, acceptContent, maxBodySize, processes, poolRestarts,
            maxTasksPerChild,
            maxMemoryPerChild, revokesMax, revokeExpires,
            nativeDelayedDelivery, leaseDuration, leaseCheck, checkpointExpires, checkpointLimit,
        ]
    }

    public enum Queue {
        public static let queue = ConfigKey(
            "queue",
            "The queue of tasks that no route names (task_default_queue); default celery."
        )
        public static let routes = ConfigKey(
            "routes",
            "Task names that go here; with `*` also `?`, `[abc]`, `[!abc]` (Celery's task_routes)."
        )
        public static let routingKey = ConfigKey(
            "routing_key",
            "Key of the exchange's binding; default: the queue's name."
        )
        public static let priority = ConfigKey("priority", "0 to 255, higher is served first; default 5.")
        public static let concurrency = ConfigKey(
            "concurrency",
            "Tasks of the queue that run at once, 1 to 65535, default 8."
        )
        public static let prefetch = ConfigKey(
            "prefetch",
            "Unacknowledged messages at the worker, 0 (no limit) or `concurrency` to 65535, default 64."
        )
        public static let delivery = ConfigKey(
            "delivery",
            "at_least_once (acknowledge after the result; default) or at_most_once (before the run)."
        )
        public static let maxDeliveries = ConfigKey(
            "max_deliveries",
            "Starts after which a message is dead-lettered, 1 to 1000, default 5."
        )
        public static let rejectOnWorkerLost = ConfigKey(
            "reject_on_worker_lost",
            "Whether a message goes back to its queue when the process that ran it died "
                + "(task_reject_on_worker_lost); default true for `pool: processes`, false for commands."
        )
        public static let softTimeLimit = ConfigKey(
            "soft_time_limit",
            "Duration after which a task is cancelled, or none; 1 ms to 30 d, default none."
        )
        public static let timeLimit = ConfigKey(
            "time_limit",
            "Duration after which a task is given up, or none; more than soft_time_limit, default none."
        )
        public static let retry = ConfigKey("retry", "How failures that ask for it are tried again.", isScalar: false)
        public static let deadLetter = ConfigKey(
            "dead_letter",
            "Whether what can't be run goes to `<queue>.dead`; default true."
        )
        public static let type = ConfigKey("type", "classic (default) or quorum; clients must then declare it alike.")
        public static let exchangeType = ConfigKey(
            "exchange_type",
            "Type of the queue's exchange where it is not there yet: direct (default), topic, which clients need for "
                + "Celery's native delayed delivery (task_default_exchange_type), or fanout."
        )
        public static let maxPriority = ConfigKey(
            "max_priority",
            "x-max-priority, 1 to 255, classic queues only; clients must then declare it alike; default none."
        )
        public static let replication = ConfigKey(
            "replication",
            "none (default), mirrored (RabbitMQ up to 3.13, by policy) or quorum (type quorum)."
        )
        public static let messageTTL = ConfigKey(
            "message_ttl",
            "Duration after which the broker dead-letters a waiting message, by policy; 1 ms to 365 d, default none."
        )
        public static let maxLength = ConfigKey(
            "max_length",
            "Most messages that may wait, by policy; 1 or more, default none."
        )
        public static let perQueue = [
            routes, routingKey, priority, concurrency, prefetch, delivery, maxDeliveries, softTimeLimit, timeLimit,
            retry, rejectOnWorkerLost,
            deadLetter, type, exchangeType, maxPriority, replication, messageTTL, maxLength,
        ]
        public static let defaults = [queue] + perQueue.filter { $0 != routes && $0 != routingKey }
    }

    public enum Retry {
        public static let maxRetries = ConfigKey("max_retries", "0 to 10000, or none for no limit; default 5.")
        public static let backoff = ConfigKey(
            "backoff",
            "Durations before the first, second, … retry; the last one repeats; 0 to 365 d, default 1, 2, 4, 8, 16."
        )
        public static let jitter = ConfigKey(
            "jitter",
            "Whether a delay is drawn between half and all of it; default true."
        )
        public static let all = [maxRetries, backoff, jitter]
    }

    public enum Task {
        public static let queue = ConfigKey("queue", "The queue it goes to; wins over every route.")
        public static let rateLimit = ConfigKey("rate_limit", "Starts at most: 10/s, 100/m, 1000/h, or none.")
        public static let rateLimitScope = ConfigKey(
            "rate_limit_scope",
            "What rate_limit counts: the starts of each worker by itself, as Celery does (worker, the default), or "
                + "those of all workers together, by way of Redis (cluster)."
        )
        public static let ignoreResult = ConfigKey("ignore_result", "Whether its result is not stored.")
        public static let blocking = ConfigKey(
            "blocking",
            "Whether it blocks its thread for long, and so must run on one of its own."
        )
        public static let pool = ConfigKey(
            "pool",
            "Where it runs: threads (of the worker; default) or processes (children that can be killed)."
        )
        public static let leased = ConfigKey(
            "leased",
            "Whether its message is kept in Redis under a lease while it runs, instead of unacknowledged at the broker, "
                + "for tasks of hours; default: as the task says."
        )
        public static let all =
            [
                queue, rateLimit, rateLimitScope, Queue.timeLimit, Queue.softTimeLimit, Queue.delivery,
                Queue.maxDeliveries,
                Queue.retry, ignoreResult, blocking, pool, Queue.rejectOnWorkerLost, leased,
            ] + ExternalTask.all
    }

    /// The environment variable of the setting with that path, unless its key names another.
    public static func environmentName(of path: String) -> String {
        var name = "CHARD_"
        for scalar in path.unicodeScalars {
            let kept = scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil)
            name += kept ? String(scalar).uppercased() : "_"
        }
        return name
    }
}

extension ConfigKeys {
    public enum Beat {
        public static let entries = ConfigKey("entries", "The periodic tasks by name.", isScalar: false)
        public static let timezone = ConfigKey(
            "timezone",
            "Zone whose clock crontabs go by, e.g. Europe/Berlin (Celery's timezone); default UTC."
        )
        public static let lockTTL = ConfigKey(
            "lock_ttl",
            "Duration after which another beat takes over from one that died, 1 s to 10 min, default 10."
        )
        public static let maxInterval = ConfigKey(
            "max_interval",
            "Longest sleep between two looks at the clock (beat_max_loop_interval), 0.1 s to 1 h, default 5."
        )
        public static let keyPrefix = ConfigKey("key_prefix", "Text before beat's Redis keys; default chard:beat:.")
        public static let cronStartingDeadline = ConfigKey(
            "cron_starting_deadline",
            "Age at which a missed crontab run is not sent any more, or none; 1 s to 365 d, default none."
        )
        public static let all = [entries, timezone, lockTTL, maxInterval, keyPrefix, cronStartingDeadline]
    }

    public enum BeatEntry {
        public static let task = ConfigKey("task", "Name of the task; it need not be known here.")
        public static let schedule = ConfigKey(
            "schedule",
            "A duration, or one of every, crontab and solar.",
            isScalar: false
        )
        public static let args = ConfigKey("args", "List of positional arguments.", isScalar: false)
        public static let kwargs = ConfigKey("kwargs", "Map of keyword arguments.", isScalar: false)
        public static let options = ConfigKey(
            "options",
            "How it is sent, as in Celery's beat_schedule; the same keys may stand beside it.",
            isScalar: false
        )
        public static let enabled = ConfigKey("enabled", "Whether it is sent at all; default true.")
        public static let catchUp = ConfigKey("catch_up", "What becomes of missed runs: skip, once (default) or all.")
        public static let catchUpLimit = ConfigKey(
            "catch_up_limit",
            "Most missed runs that `catch_up: all` sends, 1 to 10000, default 100."
        )
        public static let timezone = ConfigKey("timezone", "Zone whose clock it goes by; default beat.timezone.")
        public static let relative = ConfigKey(
            "relative",
            "Whether an interval is rounded down to its unit: midnight, the full hour or minute; default false."
        )
        public static let all =
            [task, schedule, args, kwargs, options, enabled, catchUp, catchUpLimit, timezone, relative]
            + BeatOptions.all
    }

    public enum BeatSchedule {
        public static let every = ConfigKey("every", "Duration between two runs, 0.1 s to 3650 d.", isScalar: false)
        public static let crontab = ConfigKey(
            "crontab",
            "`minute hour day_of_month month_of_year day_of_week`, or a map of these.",
            isScalar: false
        )
        public static let solar = ConfigKey("solar", "An event of the sun at a place.", isScalar: false)
        public static let all = [every, crontab, solar]
    }

    public enum Solar {
        public static let event = ConfigKey("event", "dawn_…, sunrise, solar_noon, sunset or dusk_….")
        public static let latitude = ConfigKey("latitude", "Degrees north, -90 to 90.")
        public static let longitude = ConfigKey("longitude", "Degrees east, -180 to 180.")
        public static let all = [event, latitude, longitude]
    }

    public enum BeatOptions {
        public static let queue = ConfigKey("queue", "The queue; default: as the routes say.")
        public static let expires = ConfigKey("expires", "Duration after which it is not run any more.")
        public static let countdown = ConfigKey("countdown", "Duration it waits before it may run.")
        public static let priority = ConfigKey("priority", "0 to 255, higher first; the queue needs max_priority.")
        public static let ignoreResult = ConfigKey("ignore_result", "Whether its result is not stored.")
        public static let headers = ConfigKey("headers", "Map of custom headers.", isScalar: false)
        public static let serializer = ConfigKey("serializer", "json (default), msgpack or yaml.")
        public static let shadow = ConfigKey("shadow", "Another name for logs.")
        public static let all = [
            queue, expires, countdown, priority, Queue.softTimeLimit, Queue.timeLimit, ignoreResult, headers,
            serializer, shadow,
        ]
    }
}

extension ConfigKeys {
    /// A task of queues.yaml that is not Swift; stands in `tasks.<name>` beside the other options.
    public enum ExternalTask {
        public static let command = ConfigKey(
            "command",
            "Program and arguments that run the task, JSON on standard input and output.",
            isScalar: false
        )
        public static let environment = ConfigKey("env", "Variables of the command, added to ours.", isScalar: false)
        public static let directory = ConfigKey("cwd", "Where the command runs; default: where the worker does.")
        public static let http = ConfigKey("http", "http:// or https:// URL of an endpoint that runs the task.")
        public static let method = ConfigKey("method", "Method of the request: POST (default), PUT or PATCH.")
        public static let headers = ConfigKey(
            "headers",
            "Headers of the request; ${NAME} stands for an environment variable.",
            isScalar: false
        )
        public static let maxOutput = ConfigKey(
            "max_output",
            "Size of the largest output or answer, 1 KiB to 256 MiB, default 16 MiB."
        )
        public static let all = [command, environment, directory, http, method, headers, maxOutput]
    }
}

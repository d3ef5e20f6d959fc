import CeleryWorker

/// The section `training` of queues.yaml.
enum TrainingKeys {
    static let section = ConfigKey("training", "The programs that train models.", isScalar: false)
    static let recipes = ConfigKey("recipes", "What `ai.training.train` may run, by name.", isScalar: false)
    static let checkpointDirectory = ConfigKey(
        "checkpoint_dir",
        "Folder, shared by all workers, for checkpoints; default: in Redis, up to worker.checkpoint_limit."
    )
    static let parametersLimit = ConfigKey(
        "parameters_limit",
        "Size of the largest parameters of a training, as JSON, 1 KiB to 64 MiB, default 1 MiB."
    )
    static let all = [recipes, checkpointDirectory, parametersLimit]

    enum Recipe {
        static let command = ConfigKey("command", "Program and arguments.", isScalar: false)
        static let directory = ConfigKey("cwd", "Where it runs; default: where the worker does.")
        static let environment = ConfigKey("env", "Its variables, added to the worker's.", isScalar: false)
        static let parameters = ConfigKey("parameters", "Names of the parameters that it takes; default: any.")
        static let cpus = ConfigKey("cpus", "Processors that it may run on, 1 to 1024; default: all.")
        static let memory = ConfigKey(
            "memory",
            "Size of the address space that each of its processes may have, 16 MiB to 16 TiB; default: no limit."
        )
        static let cpuTime = ConfigKey(
            "cpu_time",
            "CPU time that each of its processes may use, in whole seconds, 1 s to 365 d; default: no limit."
        )
        static let timeLimit = ConfigKey(
            "time_limit",
            "How long one start of it may take, 1 ms to 365 d; default: no limit."
        )
        static let checkpoint = ConfigKey("checkpoint", "Whether it keeps checkpoints; default true.")
        static let stopTime = ConfigKey(
            "stop_time",
            "Time for its last checkpoint, from SIGTERM to SIGKILL, when the worker ends; 0 to 1 h, default 5."
        )
        static let maxOutput = ConfigKey("max_output", "Size of its largest output, 1 KiB to 256 MiB, default 16 MiB.")
        static let all = [
            command, directory, environment, parameters, cpus, memory, cpuTime, timeLimit, checkpoint, stopTime,
            maxOutput,
        ]
    }
}

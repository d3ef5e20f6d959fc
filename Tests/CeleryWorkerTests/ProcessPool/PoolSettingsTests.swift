import Testing

@testable import CeleryWorker

/// Settings of the process pool and of tasks that are not Swift.
struct PoolSettingsTests {
    @Test func layersOfThePool() throws {
        let queue = QueueSettings(name: "q")
        #expect(TaskRules(queue: queue, task: TaskOptions(), settings: nil).pool == .threads)
        #expect(TaskRules(queue: queue, task: TaskOptions(pool: .processes), settings: nil).pool == .processes)
        var settings = TaskSettings("t")
        settings.pool = .threads
        settings.rejectOnWorkerLost = false
        let rules = TaskRules(queue: queue, task: TaskOptions(pool: .processes), settings: settings)
        #expect(rules.pool == .threads)
        #expect(rules.rejectOnWorkerLost == false)
        #expect(TaskRules(queue: queue).rejectOnWorkerLost == nil)
    }

    @Test func fromTheFile() throws {
        let settings = try configuration(
            """
            worker: {processes: 3, max_tasks_per_child: 100, max_memory_per_child: 200000}
            defaults: {reject_on_worker_lost: false}
            queues: {a: {}, b: {reject_on_worker_lost: true}}
            tasks: {x: {pool: processes, reject_on_worker_lost: true}}
            """
        )
        #expect(settings.worker.processes == 3)
        #expect(settings.worker.maxTasksPerChild == 100)
        #expect(settings.worker.maxMemoryPerChild == 200_000)
        #expect(settings.catalogue.queues.map(\.rejectOnWorkerLost) == [false, true])
        #expect(settings.catalogue.tasks[0].pool == .processes)
        #expect(settings.catalogue.tasks[0].rejectOnWorkerLost == true)
    }

    @Test func optionsWin() throws {
        var overrides = ConfigurationOverrides()
        overrides.maxTasksPerChild = 7
        overrides.maxMemoryPerChild = 8
        let settings = try configuration(
            "worker: {max_tasks_per_child: 1, max_memory_per_child: 2}",
            overrides: overrides
        )
        #expect(settings.worker.maxTasksPerChild == 7)
        #expect(settings.worker.maxMemoryPerChild == 8)
        #expect(
            try configuration(
                "worker: {max_tasks_per_child: 1}",
                environment: ["CHARD_WORKER_MAX_TASKS_PER_CHILD": "none"]
            )
            .worker.maxTasksPerChild == nil
        )
    }

    @Test func commandsAndEndpoints() throws {
        let settings = try configuration(
            """
            tasks:
              a: {command: [python3, "x, y.py"], env: {A: "1"}, cwd: /tmp, max_output: 1MiB, time_limit: 5}
              b: {http: "https://user:pw@host:8080/path?token=x", method: put, headers: {Authorization: "Bearer ${T}"}}
            """,
            environment: ["T": "secret"]
        )
        let tasks = settings.catalogue.tasks
        #expect(
            tasks[0].external?.kind == .command(["python3", "x, y.py"], environment: ["A": "1"], directory: "/tmp")
        )
        #expect(tasks[0].external?.maxOutput == 1 << 20)
        guard case .http(let endpoint) = tasks[1].external?.kind else {
            Issue.record("no endpoint")
            return
        }
        #expect(endpoint.method == "PUT")
        var dumped = ""
        dump(tasks, to: &dumped)
        #expect(!dumped.contains("secret") && !dumped.contains("pw@") && !dumped.contains("token"))
        #expect(endpoint.headers == ["Authorization": "Bearer secret"])
        #expect("\(endpoint)" == "https://host:8080/path", "no secrets where it is shown")
        #expect(tasks[1].external?.maxOutput == 16 << 20)
    }

    @Test(
        arguments: [
            ("a: {pool: forks}", "tasks.a.pool: must be threads or processes, not \"forks\""),
            ("a: {command: []}", "tasks.a.command: must be a list of a program and its arguments"),
            ("a: {command: [true], http: 'http://h'}", "tasks.a.http: a task is either a command or an http endpoint"),
            ("'a.*': {command: [x]}", "tasks.a.*.command: needs the whole name of a task, not a pattern"),
            ("a: {command: [x], pool: processes}", "tasks.a.command: is never run in the process pool"),
            ("a: {http: 'host/path'}", "tasks.a.http: must be an http:// or https:// URL with a host"),
            ("a: {http: 'http://h', method: GET}", "tasks.a.method: must be POST, PUT or PATCH, not \"GET\""),
            ("a: {http: 'http://h', headers: {'A B': x}}", "\"A B\" is no name of a header"),
            ("a: {http: 'http://h', headers: {A: '${NONE}'}}", "variable NONE for header A is not set"),
            ("a: {http: 'http://h', headers: {A: \"x\\ny\"}}", "the value of header A must be one line"),
            ("a: {cwd: /tmp}", "tasks.a.cwd: belongs to a task with command: or http:"),
        ]
    )
    func refusals(_ yaml: String, _ problem: String) {
        let found = problems("tasks: {\(yaml)}")
        #expect(found.count == 1 && found[0].contains(problem), "\(found)")
    }
}

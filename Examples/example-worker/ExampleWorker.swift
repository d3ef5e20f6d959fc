import CeleryWorker

/// A worker of your own: register your tasks, and run.
///
/// It takes the options of `chard worker`, e.g. `swift run example-worker --config queues.yaml -Q processing`.
@main
struct ExampleWorker {
    static func main() async {
        await Celery.runWorker { celery in
            celery.register(Add.self)
            celery.register(Echo.self)
            celery.register(Sleep.self)
            celery.register(Burn.self)
            celery.register(Fail.self)
            celery.register(Retry.self)
            celery.register(Reject.self)
            celery.register(Ignore.self)
            celery.register(Nothing.self)
            celery.register(Progress.self)
            celery.register(Fanout.self)
            celery.register(Pair.self)
            celery.register(FailWith.self)
            celery.register(Replace.self)
            celery.register(SendCanvas.self)
            celery.register(Block.self)
            celery.register(Crash.self)
            celery.register(Hog.self)
            celery.register(Abortable.self)
            // A closure can bring along what a task needs, such as a connection. The task itself then has no `run`.
            let files = LineFiles()
            celery.register(Append.self) { task, _ in try files.append(task.line, to: task.path) }
            celery.register(Visit.self) { visit, context in try await files.note(visit, context) }
            celery.register(Note.self) { task, _ in
                try files.append(task.line, to: task.path)
                return task.value
            }
        }
    }
}

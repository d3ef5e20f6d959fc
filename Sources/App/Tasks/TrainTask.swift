import CeleryWorker

/// `ai.training.train(recipe, parameters={})` trains a model by a program that queues.yaml lists (`training.recipes`).
///
/// The program gets `{"id", "recipe", "parameters", "retries", "resumes"}` as JSON on its standard input, and writes
/// lines of JSON: `{"progress": …}` becomes the state PROGRESS, `{"result": …}` the result, `{"error": {"type",
/// "message"}}` the failure; standard error goes to the log. It may write checkpoints to the file that `CHARD_CHECKPOINT`
/// names, by renaming a finished file, and announce each by a line `{"checkpoint": …}`. It finds the last one there when
/// it is started again: after the death of its worker, on another one, after a retry.
///
/// It runs for hours without holding its message at the broker; see `TaskOptions.leased`. Python sees ValueError for an
/// unknown recipe, TypeError for a wrong parameter.
struct TrainTask: CeleryTask {
    static let name = "ai.training.train"
    static let options = TaskOptions(rejectOnWorkerLost: true, leased: true)

    typealias Output = CeleryValue

    var recipe: String
    /// A dict of whatever the recipe takes.
    var parameters: CeleryValue?
}

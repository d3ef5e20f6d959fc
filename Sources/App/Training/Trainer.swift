import CeleryWorker
import Connections
import Foundation

/// Runs recipes: each in a process group of its own that dies with the worker, under its limits, from its last
/// checkpoint on.
struct Trainer: Sendable {
    let settings: TrainingSettings

    /// - Throws: `ValueError` for an unknown recipe or parameters that are too large, `TypeError` for parameters that the
    ///   recipe does not take, and whatever becomes of the command.
    func train(_ task: TrainTask, _ context: TaskContext) async throws -> CeleryValue {
        let recipe = try recipe(task.recipe)
        let parameters = try checked(task.parameters, recipe)
        let folder = try TrainingFolder()
        defer { folder.remove() }
        let checkpoints = TrainingCheckpoints(context, folder: folder, shared: settings.checkpointDirectory)
        checkpoints.removeOld()
        let resumes = recipe.hasCheckpoints ? try await checkpoints.restore() : false
        context.logger.info("recipe \(recipe.name): \(resumes ? "goes on from its last checkpoint" : "begins")")
        var command = command(recipe, folder, context)
        command.input = request(recipe, parameters, resumes: resumes, context)
        if recipe.hasCheckpoints { command.onCheckpoint = { _ in try await checkpoints.keep() } }
        let result = try JSONParser.parse(try await command.run(context))
        checkpoints.replaceCurrent(by: nil)
        return result
    }

    private func recipe(_ name: String) throws(ExceptionRecord) -> TrainingRecipe {
        if let recipe = settings.recipes[name] { return recipe }
        let shown = PythonRepr.full(.string(String(name.prefix(100))))
        throw .valueError(
            "unknown recipe \(shown); \(Suggestion.text(for: name, among: settings.recipes.keys.sorted()))"
        )
    }

    private func checked(_ value: CeleryValue?, _ recipe: TrainingRecipe) throws(ExceptionRecord) -> CeleryMap {
        let parameters: CeleryMap
        switch value {
        case nil, .null: parameters = [:]
        case .map(let map): parameters = map
        case .some: throw .typeError("parameters must be a dict, such as {\"epochs\": 10}")
        }
        let size = JSONWriter.bytes(.map(parameters)).count
        guard size <= settings.parametersLimit else {
            throw .valueError(
                "the parameters have \(size) bytes as JSON, and training.parameters_limit allows \(settings.parametersLimit)"
            )
        }
        guard let known = recipe.parameters else { return parameters }
        for name in parameters.keys where !known.contains(name) {
            let shown = PythonRepr.full(.string(String(name.prefix(100))))
            throw .typeError(
                "recipe \(recipe.name) takes no parameter \(shown); \(Suggestion.text(for: name, among: known))"
            )
        }
        return parameters
    }

    private func command(_ recipe: TrainingRecipe, _ folder: TrainingFolder, _ context: TaskContext) -> CommandTask {
        var environment = recipe.environment
        environment["CHARD_TASK_ID"] = context.id
        environment["CHARD_RECIPE"] = recipe.name
        if recipe.hasCheckpoints { environment["CHARD_CHECKPOINT"] = folder.checkpoint }
        var command = CommandTask(
            words: recipe.command,
            environment: environment,
            directory: recipe.directory,
            maxOutput: recipe.maxOutput
        )
        command.limits = recipe.limits
        command.timeLimit = recipe.timeLimit
        command.stopTime = recipe.stopTime
        command.guarding = .group(folder: folder.path)
        return command
    }

    private func request(
        _ recipe: TrainingRecipe,
        _ parameters: CeleryMap,
        resumes: Bool,
        _ context: TaskContext
    ) -> [UInt8] {
        JSONWriter.bytes([
            "id": .string(context.id), "recipe": .string(recipe.name), "parameters": .map(parameters),
            "retries": .int(context.retries), "resumes": .bool(resumes),
        ]) + [UInt8(ascii: "\n")]
    }
}

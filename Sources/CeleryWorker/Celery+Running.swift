import ArgumentParser
import Connections
import Foundation

extension Celery {
    /// Runs a worker as the command line says, with the options of `chard worker`, and ends the process.
    ///
    /// Meant as the last line of a worker's `main`: register tasks, call it.
    public static func runWorker(_ register: @Sendable (Celery) throws -> Void) async -> Never {
        do {
            let command = try WorkerCommand.parse()
            let celery = Celery(configuration: try WorkerConfiguration.load(overrides: command.overrides))
            try register(celery)
            try await command.run(celery)
            exit(0)
        } catch {
            WorkerCommand.end(with: error)
        }
    }

    /// Drops all messages that wait in a queue; returns how many there were.
    package func purge(_ queue: String) async throws -> Int {
        try await publisher.perform { (connection, channel) throws(AMQPError) in
            do throws(AMQPError) {
                return try connection.purgeQueue(queue, channel: channel)
            } catch  where error.code == .channelClosed(404) {
                return 0
            }
        }
    }
}

extension ParsableCommand {
    /// Ends the process as ArgumentParser does for help and usage errors, and with one line for every other error.
    public static func end(with error: any Error) -> Never {
        let isOwn = Self.exitCode(for: error) != .failure || error is ExitCode || error is ValidationError
        if isOwn { Self.exit(withError: error) }
        FileHandle.standardError.write(Data("error: \(error)\n".utf8))
        Foundation.exit(1)
    }
}

import CeleryWorker
import Foundation

/// A folder of one run's own, in which the recipe leaves its checkpoint.
struct TrainingFolder: Sendable {
    let path: String
    /// What the recipe finds in `CHARD_CHECKPOINT`.
    var checkpoint: String { path + "/checkpoint" }

    /// - Throws: `OSError`, as Python would.
    init() throws(ExceptionRecord) {
        path = FileManager.default.temporaryDirectory.path + "/chard-training-\(UUID().uuidString)"
        do {
            try FileManager.default.createDirectory(
                atPath: path,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
        } catch {
            throw .builtin(
                "OSError",
                "making the folder \(path) for a training: \(error.localizedDescription); set TMPDIR to one that can be written"
            )
        }
    }

    func remove() { try? FileManager.default.removeItem(atPath: path) }
}

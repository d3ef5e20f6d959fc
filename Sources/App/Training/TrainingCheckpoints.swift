import CeleryWorker
import Foundation
import Logging
import Synchronization

/// Brings the recipe's checkpoint file to where every worker finds it, and back.
///
/// Without a shared folder its content goes to Redis. With one, the content goes into a file there, and its name to
/// Redis, so that a run that has lost its lease cannot put its own in the place of its successor's.
final class TrainingCheckpoints: Sendable {
    private struct Place: Codable {
        var file: String
        var size: Int
    }

    private let context: TaskContext
    private let folder: TrainingFolder
    private let shared: String?
    /// The file in the shared folder that counts now.
    private let current = Mutex<String?>(nil)

    init(_ context: TaskContext, folder: TrainingFolder, shared: String?) {
        self.context = context
        self.folder = folder
        self.shared = shared
    }

    /// Puts the last checkpoint where the recipe looks for it; false when there is none, or none that can be read: then
    /// the training begins anew.
    ///
    /// - Throws: What Redis says, and that the task is another worker's by now.
    func restore() async throws -> Bool {
        do {
            return shared == nil ? try await restoreContent() : try await restoreFile()
        } catch let error as CheckpointError where error.isOfContent {
            context.logger.warning("\(error); the training begins anew")
            return false
        }
    }

    private func restoreContent() async throws -> Bool {
        guard let bytes = try await context.lastCheckpointBytes() else { return false }
        try Data(bytes).write(to: URL(fileURLWithPath: folder.checkpoint))
        return true
    }

    private func restoreFile() async throws -> Bool {
        guard let place = try await context.lastCheckpoint(as: Place.self) else { return false }
        current.withLock { $0 = place.file }
        do {
            try FileManager.default.copyItem(atPath: try path(place.file), toPath: folder.checkpoint)
            return true
        } catch {
            throw CheckpointError.unreadable("\(place.file) in checkpoint_dir: \(error.localizedDescription)")
        }
    }

    /// Keeps what the recipe has written. A store that is away is no reason to stop: the next checkpoint may succeed.
    ///
    /// - Throws: `CheckpointError.superseded` when the task is another worker's by now, and `tooLarge`.
    func keep() async throws {
        do {
            try await (shared == nil ? keepContent() : keepFile())
        } catch let error as CheckpointError where error.isFinal {
            throw error
        } catch {
            context.logger.warning("keeping a checkpoint: \(error); the training goes on, and the one before it counts")
        }
    }

    private func keepContent() async throws {
        // Not read as a whole when it is too large for it.
        let size = try Self.size(folder.checkpoint)
        guard size <= context.checkpointLimit else {
            throw CheckpointError.tooLarge(size, limit: context.checkpointLimit)
        }
        let data = try Data(contentsOf: URL(fileURLWithPath: folder.checkpoint))
        try await context.checkpoint(bytes: Array(data))
    }

    private func keepFile() async throws {
        let name = "\(safeName).\(UUID().uuidString)\(Self.ending)"
        let target = try path(name)
        do {
            try FileManager.default.copyItem(atPath: folder.checkpoint, toPath: target)
            try Self.synchronize(target)
            try await context.checkpoint(Place(file: name, size: try Self.size(target)))
        } catch {
            try? FileManager.default.removeItem(atPath: target)
            throw error
        }
        replaceCurrent(by: name)
    }

    /// The training has succeeded, or another file counts now.
    func replaceCurrent(by name: String?) {
        let old = current.withLock { current in
            defer { current = name }
            return current
        }
        if let old, let path = try? path(old) { try? FileManager.default.removeItem(atPath: path) }
    }

    /// Deletes what trainings have left in the shared folder that were revoked, or that failed, as Redis forgets where it
    /// is. What others delete at the same time is gone as well.
    func removeOld() {
        guard let shared, let names = try? FileManager.default.contentsOfDirectory(atPath: shared) else { return }
        let oldest = Date(timeIntervalSinceNow: -Double(context.checkpointLifetime.components.seconds))
        for name in names where name.hasSuffix(Self.ending) {
            let file = "\(shared)/\(name)"
            let changed = try? FileManager.default.attributesOfItem(atPath: file)[.modificationDate] as? Date
            if let changed, changed < oldest { try? FileManager.default.removeItem(atPath: file) }
        }
    }

    private static let ending = ".checkpoint"

    private static func size(_ path: String) throws -> Int {
        try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
    }

    /// What is announced must outlive a crash of this machine.
    private static func synchronize(_ path: String) throws {
        let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
        defer { try? file.close() }
        try file.synchronize()
    }

    /// The task's id as part of a file's name; ids are the sender's choice.
    private var safeName: String {
        String(context.id.prefix(100).map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") ? $0 : "_" })
    }

    private func path(_ name: String) throws -> String {
        guard let shared, !name.contains("/"), !name.hasPrefix(".") else {
            throw CheckpointError.unreadable("\(name) is no file of checkpoint_dir")
        }
        return "\(shared)/\(name)"
    }
}

extension CheckpointError {
    fileprivate var isOfContent: Bool { if case .unreadable = self { true } else { false } }

    /// Whether a later checkpoint will fare no better.
    fileprivate var isFinal: Bool {
        switch self {
        case .tooLarge, .superseded: true
        case .notAvailable, .unreadable: false
        }
    }
}

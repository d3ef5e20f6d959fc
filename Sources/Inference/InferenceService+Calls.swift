import Connections
import Logging

extension InferenceService {
    /// Makes a call on one instance after the other, until one answers.
    ///
    /// - Parameter call: Gets the instance, and the number of the attempt from 1 on.
    func onSomeInstance<Answer: Sendable>(
        _ model: String,
        _ call: @Sendable (any ModelServer, Int) async throws -> Answer
    ) async throws -> Answer {
        let pool = try started().pool
        var tried: Set<Int> = []
        var lastError: (address: String, error: ModelServerError)?
        while let lease = await pool.lease(model, tried: tried) {
            if !tried.isEmpty { count(.moved) }
            tried.insert(lease.member.number)
            do {
                return try await attempt(lease) { try await call($0, tried.count) }
            } catch let error as ModelServerError {
                if case .unknownModel = error { lease.member.lacks(model) }
                let address = lease.member.server.address
                if case .refused(_, let message) = error {
                    throw InferenceError.refused(instance: address, message: message)
                }
                logger.debug("\(address) failed at model \(model): \(error)")
                lastError = (address, error)
            }
        }
        throw await noAnswer(model, pool, lastError)
    }

    private func attempt<Answer: Sendable>(
        _ lease: InstanceLease,
        _ call: (any ModelServer) async throws -> Answer
    ) async throws -> Answer {
        count(.upstreamCalls)
        do {
            let answer = try await call(lease.member.server)
            await lease.end(success: true)
            return answer
        } catch let error as ModelServerError {
            count(.upstreamErrors)
            await lease.end(success: !error.countsAgainstServer)
            throw error
        } catch {
            await lease.end(success: nil)
            throw error
        }
    }

    /// Why no instance could be had, or none answered.
    private func noAnswer(
        _ model: String,
        _ pool: InstancePool,
        _ last: (address: String, error: ModelServerError)?
    ) async -> InferenceError {
        if pool.members.allSatisfy({ $0.has(model) == false }) {
            return .unknownModel(model, known: allowed(pool))
        }
        if let last {
            if case .unknownModel = last.error, pool.members.count == 1 {
                return .unknownModel(model, known: allowed(pool))
            }
            return .unavailable(model: model, reason: "\(last.address): \(last.error)", retryAfter: nil)
        }
        let wait = pool.members.filter { $0.has(model) != false }.map(\.breaker.wait).min() ?? .zero
        return .unavailable(
            model: model,
            reason: "the breakers of all instances are open after too many errors",
            retryAfter: wait
        )
    }

    /// Asks an instance for its models, whatever is known of it.
    package func models(of instance: ModelInstance) async throws -> [String] {
        try await instance.server(configuration.limits).models().map(ModelName.short).sorted()
    }

    /// The models that can be asked for.
    private func allowed(_ pool: InstancePool) -> [String] {
        let present = pool.members.reduce(into: Set<String>()) { $0.formUnion($1.findings.models ?? []) }
        let names = present.map(ModelName.short)
        return configuration.models.isEmpty ? names : names.filter(isAllowed)
    }

    /// Whether the settings allow the model.
    func isAllowed(_ model: String) -> Bool {
        configuration.models.isEmpty || configuration.models.contains { ModelName.full($0) == ModelName.full(model) }
    }

    /// - Throws: `InferenceError` for a model that can't be asked for.
    func check(model: String) throws {
        guard !model.isEmpty else { throw InferenceError.invalid("model must not be empty") }
        guard isAllowed(model) else { throw InferenceError.unknownModel(model, known: configuration.models) }
    }
}

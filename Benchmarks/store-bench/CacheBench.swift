import ArgumentParser
import Connections
import Inference
import Logging

/// How long an inference takes that a cache answers, in the process or in Redis, and one that an instance answers.
struct CacheBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cache",
        abstract: "Latency of cached and of fresh inferences."
    )

    @Option(help: "The Redis; what is made there disappears after a minute.") var url = "redis://127.0.0.1:6379/0"
    @Option(help: "The model server.") var models = "http://127.0.0.1:11434"
    @Option(help: "The model that generates.") var model = "chard-test"
    @Option(help: "Requests of each kind, one after the other.") var requests = 2_000

    func run() async throws {
        var configuration = InferenceConfiguration()
        configuration.instances = [ModelInstance(address: models)]
        configuration.cache.redisTTL = .seconds(60)
        configuration.keyPrefix = "bench:\(UInt64.random(in: 1 ... .max)):"
        let first = try service(configuration)
        let second = try service(configuration)
        let direct = OllamaServer(address: models)
        _ = try await direct.complete(request(-1)) { _ in }
        report("the instance itself", try await measure { _ = try await direct.complete(request($0)) { _ in } })
        report("miss", try await measure { try await expect(nil, first, $0) })
        report("hit in the process", try await measure { try await expect(.local, first, $0) })
        report("hit in Redis", try await measure { try await expect(.redis, second, $0) })
        first.close()
        second.close()
    }

    private func service(_ configuration: InferenceConfiguration) throws -> InferenceService {
        InferenceService(configuration, redis: try RedisURL(url), logger: Logger(label: "bench"))
    }

    private func request(_ number: Int) -> ModelRequest {
        ModelRequest(model: model, input: .prompt("prompt \(number)", system: nil))
    }

    private func expect(_ level: CacheLevel?, _ service: InferenceService, _ number: Int) async throws {
        let found = try await service.complete(request(number)).cached
        guard found == level else {
            throw ValidationError("request \(number) came from \(found?.rawValue ?? "the instance")")
        }
    }

    /// Microseconds of each request, sorted.
    private func measure(_ body: (Int) async throws -> Void) async throws -> [Double] {
        var times: [Double] = []
        for number in 0..<requests {
            times.append(try await ContinuousClock().measure { try await body(number) } / .microseconds(1))
        }
        return times.sorted()
    }

    private func report(_ what: String, _ times: [Double]) {
        let (median, late) = (times[times.count / 2], times[times.count * 99 / 100])
        print("cache: \(what): median \(rounded(median)) µs, 99th percentile \(rounded(late)) µs")
    }

    private func rounded(_ number: Double) -> Double { (number * 10).rounded() / 10 }
}

import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1

/// Posts JSON to where people want to be told. No redirect is followed, and what is answered is not looked at.
enum HTTPPost {
    private static let timeout = TimeAmount.seconds(10)

    /// - Throws: `AlertDeliveryError`, which names the host alone: the rest of an address may be a secret.
    static func json(_ body: [UInt8], to url: String, headers: [(String, String)] = []) async throws {
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/json")
        request.headers.add(name: "User-Agent", value: "chard")
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        request.body = .bytes(ByteBuffer(bytes: body))
        let status: UInt
        do {
            let response = try await client.execute(request, timeout: timeout)
            status = response.status.code
            for try await _ in response.body.prefix(8) {}
        } catch let error as HTTPClientError {
            throw AlertDeliveryError("\(host(url)): \(error.shortDescription)")
        } catch {
            throw AlertDeliveryError("\(host(url)): it can't be reached")
        }
        guard (200..<300).contains(status) else {
            let isFinal = (400..<500).contains(status) && status != 408 && status != 429
            throw AlertDeliveryError("\(host(url)): it answered \(status)", isFinal: isFinal)
        }
    }

    /// `hooks.slack.com`, with the port where one is named.
    static func host(_ url: String) -> String {
        guard let parts = URLComponents(string: url), let host = parts.host else { return "the address" }
        return parts.port.map { "\(host):\($0)" } ?? host
    }

    private static let client: HTTPClient = {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.timeout = .init(connect: .seconds(5), read: timeout)
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()
}

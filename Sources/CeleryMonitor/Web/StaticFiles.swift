import Crypto
import Foundation
import HTTPTypes
import Hummingbird
import Logging

/// `/static/…`: the files of monitor/ and the chart library, each an endpoint of its own, read once; so no path leads
/// anywhere else.
struct StaticFiles: Sendable {
    private struct File: Sendable {
        var body: ByteBuffer
        var type: String
        /// Of its content.
        var tag: String
    }

    private static let types = [
        "css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml",
        "png": "image/png",
    ]

    private var files: [String: File] = [:]

    init(_ assets: WebAssets, logger: Logger) throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: assets.root).sorted() {
            files["/static/\(name)"] = Self.read("\(assets.root)/\(name)")
        }
        files["/static/chart.js"] = Self.read("\(WebAssets.chartFolder)/chart.min.js")
        if files["/static/chart.js"] == nil {
            logger.warning(
                "monitor: charts are shown as tables: \(WebAssets.chartFolder) is missing; install libjs-chart.js"
            )
        }
        files["/favicon.ico"] = files["/static/logo.svg"]
    }

    var endpoints: [Endpoint] {
        files.sorted { $0.key < $1.key }.map { path, file in
            Endpoint(method: .get, path: path, role: nil) { request, _ in Self.response(file, request) }
        }
    }

    private static func read(_ path: String) -> File? {
        guard let type = types[URL(fileURLWithPath: path).pathExtension],
            let data = FileManager.default.contents(atPath: path)
        else { return nil }
        let tag = Base64URL.encode(Data(SHA256.hash(data: data).prefix(16)))
        return File(body: ByteBuffer(bytes: data), type: type, tag: "\"\(tag)\"")
    }

    /// Browsers ask each time whether it is still the same, so that a new version shows at once.
    private static func response(_ file: File, _ request: Request) -> Response {
        var headers: HTTPFields = [.eTag: file.tag, .cacheControl: "no-cache"]
        let known = request.headers[.ifNoneMatch]?.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
        if known?.contains(where: { $0 == file.tag || $0 == "W/\(file.tag)" }) ?? false {
            return Response(status: .notModified, headers: headers)
        }
        headers[.contentType] = file.type
        return Response(status: .ok, headers: headers, body: .init(byteBuffer: file.body))
    }
}

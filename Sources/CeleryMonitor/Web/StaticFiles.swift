import Foundation
import Hummingbird

/// `/static/…`: the files of monitor/ and the chart library, from a fixed list, so that no path leads elsewhere.
struct StaticFiles: Sendable {
    let assets: WebAssets

    func file(_ request: Request, _ context: WebContext) async throws -> Response {
        throw HTTPError(.notFound)
    }
}

import CeleryProtocol
import HTTPTypes
import Hummingbird
import NIOCore
import OrderedCollections

/// `GET /metrics`: Prometheus' text format. What it shows is stored before it is answered, so that no counter goes back
/// when the monitor is killed and starts again.
enum MetricsAPI: API {
    static let method = HTTPRequest.Method.get
    static let path = "/metrics"
    static let isPublic = true
    static let description = APIDescription(
        tag: "Metrics",
        summary: "Metrics for Prometheus",
        details: "Flower's families under Flower's names, and those that begin with chard_.",
        schema: ["type": "string"],
        contentType: "text/plain"
    )

    static func answer(_ request: APIRequest, _ monitor: Monitor) async throws -> APIAnswer {
        let bytes = await Exposition(monitor: monitor).text()
        await monitor.metricStore.save(monitor)
        return APIAnswer(
            contentType: PrometheusText.contentType,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes))
        )
    }
}

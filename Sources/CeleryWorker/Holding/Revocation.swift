import CeleryProtocol

/// Why a message is not run although nothing is wrong with it.
enum Revocation: Sendable, Hashable {
    case id
    case stamp(RevokedStamps.Stamp)

    /// What the log line says besides (`celery/worker/request.py`, revoked).
    var logSuffix: String {
        guard case .stamp(let stamp) = self else { return "" }
        return " (revoked by header: \(PythonRepr.full(.map([stamp.header: stamp.value]))))"
    }
}

import CeleryWorker
import TenantStore

// What a Python client sees of the stores' errors: built-in exceptions, so that it can catch them without Chard's modules.

extension TenantError: PythonException {
    package var exceptionRecord: ExceptionRecord {
        switch self {
        case .unknownTenant, .unknownServer: .builtin("LookupError", description)
        case .malformedJSON, .rejected: .valueError(description)
        case .beingMoved: .builtin("TimeoutError", description)
        case .unavailable: .builtin("ConnectionError", description)
        case .notMigrated, .newerSchema, .conflict, .moveFailed: .runtimeError(description)
        }
    }
}

extension VectorError: PythonException {
    package var exceptionRecord: ExceptionRecord {
        switch kind {
        case .unknownCollection: .builtin("LookupError", description)
        case .wrongDimension, .notFinite, .badID, .duplicateID, .badName, .badMetadata, .badFilter, .badLimit,
            .tooLarge,
            .wrongMetric:
            .valueError(description)
        case .unreachable, .stateUnreachable: .builtin("ConnectionError", description)
        case .moving: .builtin("TimeoutError", description)
        case .refused, .layout: .runtimeError(description)
        }
    }
}

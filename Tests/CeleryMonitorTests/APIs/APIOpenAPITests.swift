import CeleryProtocol
import HTTPTypes
import OrderedCollections
import Testing

@testable import CeleryMonitor

/// What every endpoint declares of itself.
@Suite struct APIOpenAPITests {
    @Test func everyRouteIsInTheDocument() {
        let paths = OpenAPI.document(urlPrefix: "/chard")["paths"]
        for api in Routes.apis {
            let operation = paths?[OpenAPI.pathTemplate(api.path)]?[api.method.rawValue.lowercased()]
            #expect(operation?["summary"]?.stringValue?.isEmpty == false, "\(api.path)")
        }
    }

    @Test func everyPartOfAPathIsDescribed() {
        for api in Routes.apis {
            let names = api.path.split(separator: "/").filter { $0.hasPrefix(":") }.map { String($0.dropFirst()) }
            #expect(Set(names) == Set(api.description.path.keys), "\(api.path)")
        }
    }

    @Test func whatChangesSomethingIsForOperators() {
        for api in Routes.apis where api.method != .get { #expect(api.role == .operator_ && !api.isPublic) }
    }
}

import Foundation
import Mustache

/// The templates of monitor/pages/, read once.
struct Templates: Sendable {
    private let library: MustacheLibrary

    /// - Throws: `MustacheLibrary.ParserError` with the file's name.
    init(_ assets: WebAssets) async throws {
        library = try await MustacheLibrary(directory: assets.pages, withExtension: "html")
    }

    /// What the page shows, as it lies in `<main>`.
    func main(_ template: String, _ model: Any, _ surroundings: Surroundings) throws -> String {
        let object = Surrounded(model: model, surroundings: surroundings)
        guard let text = library.render(object, withTemplate: template) else {
            throw PageError.notFound("there is no template \(template).html in monitor/pages")
        }
        return text
    }

    func whole(_ frame: Frame) -> String { library.render(frame, withTemplate: "layout") ?? frame.main }

    /// What every template can say beside its model: `{{prefix}}`, `{{csrf}}`, `{{here}}`.
    struct Surroundings: Sendable {
        var prefix: String
        /// For the partial csrf.html, which every form holds.
        var csrf: String
        /// Path and query of the page, below the prefix.
        var here: String
    }

    /// A model in its surroundings; what the model names goes before.
    private struct Surrounded: MustacheParent {
        let model: Any
        let surroundings: Surroundings

        func child(named name: String) -> Any? {
            if let child = Mirror(reflecting: model).children.first(where: { $0.label == name }) {
                let value = Mirror(reflecting: child.value)
                return value.displayStyle == .optional ? value.children.first?.value : child.value
            }
            switch name {
            case "prefix": return surroundings.prefix
            case "csrf": return surroundings.csrf
            case "here": return surroundings.here
            default: return nil
            }
        }
    }

    /// What stands around every page: see monitor/pages/layout.html.
    struct Frame {
        struct Entry {
            var title: String
            var path: String
            var isCurrent: Bool
            var badge: String?
        }

        var title: String
        var prefix: String
        var entries: [Entry]
        /// Rendered already.
        var main: String
        /// Where its changes come from; nil: it does not change.
        var live: String?
        var who: String?
        /// By a login that can be ended.
        var canLogOut: Bool
        var isReadOnly: Bool
        var csrf: String
        /// One line above the page: what the last action said.
        var notice: String?
        var noticeIsError: Bool
        var version: String
    }
}

/// Sessions of browsers: a signed cookie, and the token that forms carry against cross-site posts.
struct Sessions: Sendable {
    func csrf(_ context: WebContext) -> String { "" }
}

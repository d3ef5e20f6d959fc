import Hummingbird
import NIOCore

/// What goes with a request through the routes.
struct WebContext: RequestContext, RemoteAddressRequestContext {
    var coreContext: CoreRequestContextStorage
    let remoteAddress: SocketAddress?
    /// The connection.
    let channel: any Channel
    /// Of whoever asks, also behind a proxy; set by `Gatekeeper`, as all that follows.
    var address = ""
    /// Who asks; nil: not known.
    var identity: Identity?
    /// His login, when he is here by one.
    var session: Session?
    /// When his token ends; seconds since 1970.
    var until: Double?
    /// Why his credentials do not count.
    var refusal: String?

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
        remoteAddress = source.channel.remoteAddress
    }
}

import NIOCore
import NIOHTTPTypes

/// Closes a connection whose reader does not take what was written, so that nobody holds our memory for ever.
final class SlowReaders: ChannelOutboundHandler, RemovableChannelHandler {
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    /// For one part of an answer.
    private static let patience = TimeAmount.seconds(120)

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let written = promise ?? context.eventLoop.makePromise(of: Void.self)
        let channel = context.channel
        let timer = context.eventLoop.scheduleTask(in: Self.patience) { channel.close(promise: nil) }
        written.futureResult.whenComplete { _ in timer.cancel() }
        context.write(data, promise: written)
    }
}

import CeleryProtocol
import Connections
import Foundation
import Logging
import Synchronization

/// A child's side of the pool: runs one job after the other, until the worker closes the socket or is gone.
final class PoolServer: Sendable {
    private let core: WorkerCore
    private let socket: ParentSocket
    private let lanes = Mutex<[String: Lane]>([:])
    private let current = Mutex<(job: UInt32, run: TaskRun)?>(nil)

    private init(core: WorkerCore, socket: ParentSocket) {
        self.core = core
        self.socket = socket
    }

    /// Serves, if this process was started as a worker's child; returns if it was not.
    static func serveIfChild(_ celery: Celery) async throws {
        guard let membership = PoolMembership.current else { return }
        guard let socket = ParentSocket(descriptor: membership.descriptor, parent: membership.parent) else {
            throw CeleryError.notRunning(
                "\(PoolMembership.variable) is set, but this process is no child of a worker; unset it"
            )
        }
        let core = try WorkerCore(
            celery: celery,
            configuration: celery.configuration,
            nodename: Hostname.nodename(celery.configuration.worker.hostname),
            logger: celery.logger
        )
        await PoolServer(core: core, socket: socket).serve()
    }

    private func serve() async -> Never {
        let thread = Thread { [self] in
            ThreadName.set("chard-child")
            socket.readAll(obey)
            core.celery.close()
            socket.flushStandardOutput()
            socket.exit(0)
        }
        // Messages are decoded here; what is nested deeply needs its stack.
        thread.stackSize = 64 << 20
        // Said before the first job begins: a child that ends without having said it has begun none.
        socket.send([PoolFrame.Report.ready.rawValue])
        thread.start()
        while true { try? await Task.sleep(for: .seconds(86_400)) }
    }

    private func obey(_ frame: [UInt8]) {
        switch frame.first.flatMap(PoolFrame.Order.init) {
        case .run: start(frame)
        case .cancel: cancel(frame)
        case .die: die(frame)
        case nil: core.logger.error("a frame of the worker is not understood; do both come from the same build?")
        }
    }

    private func start(_ frame: [UInt8]) {
        guard let job = PoolJob(frame) else {
            // The worker sees that the child has gone, and what became of the job.
            socket.exit(70)
        }
        do {
            let run = try makeRun(job)
            current.withLock { $0 = (job.number, run) }
            let task = Task.detached { [self] in
                let outcome = await Execution.execute(run, TaskContext(run: run, core: core))
                answer(job, run, outcome)
            }
            run.belongs(to: task)
        } catch {
            let exception = error as? ExceptionRecord ?? .runtimeError("\(error)")
            socket.send(PoolAnswer(job: job.number, outcome: .failed(exception, traceback: "")).frame)
        }
    }

    private func makeRun(_ job: PoolJob) throws -> TaskRun {
        let lane = lane(job.queue)
        let delivery = Delivery(PriorityDispatch.Entry(batch: job.batch, index: 0, epoch: 0), lane: lane)
        let message = try TaskMessage.decode(
            properties: delivery.frame.properties,
            body: delivery.frame.body,
            in: delivery.batch.bytes,
            deliveryInfo: delivery.info,
            accept: core.accept,
            limits: core.limits,
            decompress: core.decompressBody
        )
        guard let known = lane.tasks[message.task] else { throw ExceptionRecord.notRegistered(message.task) }
        let run = TaskRun(delivery: delivery, message: message, known: known)
        run.begin()
        return run
    }

    /// The queue as this process's settings describe it; the worker may have begun to consume it later.
    private func lane(_ name: String) -> Lane {
        lanes.withLock { lanes in
            if let lane = lanes[name] { return lane }
            let catalogue = core.configuration.catalogue
            let queue = core.configuration.consumedQueues.first { $0.name == name } ?? catalogue.queue(named: name)
            let lane = Lane(index: 0, queue: queue, registry: core.celery.registry, catalogue: catalogue)
            lanes[name] = lane
            return lane
        }
    }

    private func answer(_ job: PoolJob, _ run: TaskRun, _ outcome: Outcome) {
        current.withLock { $0 = nil }
        let state = run.state.withLock { ($0.children, $0.hasStoredState, $0.retryArguments) }
        // What the task has printed shall be there when its result is.
        socket.flushStandardOutput()
        var answer = PoolAnswer(job: job.number, outcome: outcome, children: state.0, hasStoredState: state.1)
        answer.retryArguments = state.2
        socket.send(answer.frame)
    }

    private func cancel(_ bytes: [UInt8]) {
        var frame = PoolFrameReader(bytes)
        guard frame.byte() != nil, let job = frame.uint32(), let isShutdown = frame.flag() else { return }
        let run = current.withLock { current in current?.job == job ? current?.run : nil }
        run?.stop(isShutdown ? .shutdown : .softTimeLimit)
    }

    private func die(_ bytes: [UInt8]) {
        var frame = PoolFrameReader(bytes)
        guard frame.byte() != nil, let signal = frame.uint32() else { return }
        socket.dieOf(Int32(truncatingIfNeeded: signal))
    }
}

/// What applying a signature means: the steps to be carried out, in order, and what comes of them.
public struct CanvasPlan: Sendable {
    public enum Step: Sendable {
        /// How many parts a chord waits for: the key `celery-taskset-meta-<group>.s`.
        case chordSize(group: String, size: Int)
        /// A group whose members are groups themselves, so that the chord's body gets its results in the same shape:
        /// `GroupResult.save`.
        case saveGroup(ResultTuple)
        /// A message. The signature is a plain task; its options hold the id (`task_id`), `root_id`, `parent_id`,
        /// `group_id`, `group_index`, `chord`, `chain` (the next task last), `link`, … For `celery.map` and
        /// `celery.starmap`, `route_name` names the task that decides about the queue.
        case publish(Signature)
    }

    /// Sizes and groups stand before the messages that need them.
    public var steps: [Step]
    /// The result of the whole: of a chain its last task, of a chord its body, of a group the group. A chain without
    /// tasks publishes nothing; its result is a group without members.
    public var result: ResultTuple
    /// What Celery appends to `children` of the task that applies it: of a chain its first task, of a chord its header.
    public var children: [ResultTuple]

    /// The messages, in order.
    public var messages: [Signature] {
        steps.compactMap { step in
            if case .publish(let signature) = step { signature } else { nil }
        }
    }
}

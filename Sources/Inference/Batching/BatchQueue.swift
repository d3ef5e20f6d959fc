/// What waits to be sent together: decides when, without a clock and without sending.
package struct BatchQueue<Item: Sendable>: Sendable {
    package enum Step: Sendable {
        /// Another item has begun the wait.
        case wait
        /// This is the first: `timeIsUp(round)` is due after the delay.
        case startTimer(round: Int)
        /// It is full.
        case send([Item])
    }

    private let maxItems: Int
    private var items: [Item] = []
    /// Changes whenever the items leave, so that an old timer does not send the next ones early.
    private var round = 0

    package init(maxItems: Int) { self.maxItems = max(1, maxItems) }

    package var isEmpty: Bool { items.isEmpty }

    package mutating func add(_ item: Item) -> Step {
        items.append(item)
        if items.count >= maxItems { return .send(take()) }
        return items.count == 1 ? .startTimer(round: round) : .wait
    }

    /// What is to be sent now that the delay of that round is over; empty if it has been sent.
    package mutating func timeIsUp(_ round: Int) -> [Item] {
        round == self.round ? take() : []
    }

    private mutating func take() -> [Item] {
        defer {
            items = []
            round += 1
        }
        return items
    }
}

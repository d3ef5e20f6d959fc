import Testing

@testable import CeleryWorker

@Suite("Partitions: what is set aside until a partition is handed over")
struct PartitionReleasesTests {
    /// Of deliveries that come one after the other, whether each is on an open channel.
    private func open(_ releases: inout PartitionReleases, _ lanes: Int...) -> [Bool] {
        lanes.map { releases.received($0) }
    }

    @Test func whatComesMeanwhileIsSetAside() {
        var releases = PartitionReleases()
        let before = open(&releases, 3)
        #expect(before == [true])
        #expect(releases.setAside(of: 3) == 0)
        releases.begin(3)
        releases.setAside(2, lane: 3)
        let meanwhile = open(&releases, 3, 4)
        #expect(meanwhile == [true, true])
        #expect(releases.setAside(of: 3) == 3)
        #expect(releases.setAside(of: 4) == 0)
        #expect(releases.skipped == [3])
        releases.end(3)
        #expect(!releases.isBusy)
        #expect(releases.setAside(of: 3) == 0)
    }

    @Test func whatWasOnItsWayToAClosedChannelIsNotOurs() {
        var releases = PartitionReleases()
        releases.begin(3)
        releases.end(3)
        let late = open(&releases, 3, 4)
        #expect(late == [false, true])
        #expect(releases.skipped == [3])
        releases.opened(3)
        let again = open(&releases, 3)
        #expect(again == [true])
        #expect(releases.skipped.isEmpty)
    }

    @Test func whatComesBackIsConsumedOnlyOnceItIsHandedOver() {
        var releases = PartitionReleases()
        releases.begin(1)
        releases.reopen(1)
        let early = releases.takeReopening()
        #expect(early.isEmpty)
        releases.end(1)
        #expect(releases.isBusy)
        let (ready, rest) = (releases.takeReopening(), releases.takeReopening())
        #expect(ready == [1])
        #expect(rest.isEmpty)
        #expect(!releases.isBusy)
    }

    @Test func aLostConnectionTakesAllWithIt() {
        var releases = PartitionReleases()
        releases.begin(1)
        releases.reopen(1)
        releases.removeAll()
        #expect(!releases.isBusy)
        #expect(!releases.contains(1))
    }
}

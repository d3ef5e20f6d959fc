import Testing

@testable import CeleryWorker

@Suite("Partitions: what is set aside until a partition is handed over")
struct PartitionReleasesTests {
    @Test func whatComesMeanwhileIsSetAside() {
        var releases = PartitionReleases()
        releases.received(3)
        #expect(releases.setAside(of: 3) == 0)
        releases.begin(3)
        releases.setAside(2, lane: 3)
        releases.received(3)
        releases.received(4)
        #expect(releases.setAside(of: 3) == 3)
        #expect(releases.setAside(of: 4) == 0)
        #expect(releases.lanesToSkip == [3])
        releases.end(3)
        #expect(!releases.isBusy)
        #expect(releases.setAside(of: 3) == 0)
    }

    @Test func whatComesBackIsConsumedOnlyOnceItIsHandedOver() {
        var releases = PartitionReleases()
        releases.begin(1)
        releases.reopen(1)
        #expect(releases.takeReopening().isEmpty)
        releases.end(1)
        #expect(releases.isBusy)
        #expect(releases.takeReopening() == [1])
        #expect(releases.takeReopening().isEmpty)
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

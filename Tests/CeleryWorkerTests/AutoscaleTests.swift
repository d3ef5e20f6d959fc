import Testing

@testable import CeleryWorker

@Suite struct AutoscaleTests {
    @Test(arguments: [("10,3", 10, 3), ("3,10", 10, 3), ("5", 5, 1), (" 8 , 2 ", 8, 2), ("4,0", 4, 1)])
    func readsBothOrders(text: String, maximum: Int, minimum: Int) {
        #expect(Autoscale(text) == Autoscale(maximum, minimum))
    }

    @Test(arguments: ["", "a", "1,2,3", "-1", "0", "4,", "0,0"])
    func refusesWhatIsNoRange(text: String) {
        #expect(Autoscale(text) == nil)
    }

    @Test(arguments: [
        // size, tasks, seconds since growth, next
        (2, 5, 0, 5), (2, 50, 0, 10), (5, 5, 100, nil), (10, 4, 29, nil), (10, 4, 30, 4), (10, 0, 31, 2),
        (2, 0, 99, nil),
        (14, 20, 0, 10),
    ])
    func followsTheWork(size: Int, tasks: Int, seconds: Int64, next: Int?) {
        let autoscale = Autoscale(10, 2)
        #expect(autoscale.nextSize(size: size, tasks: tasks, sinceGrowth: seconds * 1_000_000_000) == next)
    }
}

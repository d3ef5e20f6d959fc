import CeleryWorker

/// The worker that Celery's own integration suite runs against: the tasks of its t/integration/tasks.py in Swift.
///
/// `make conformance` starts it. It takes the options of `chard worker`.
@main
struct ConformanceWorker {
    static func main() async {
        await Celery.runWorker { celery in
            let redis = try SuiteRedis()
            registerComputing(celery, redis)
            registerNotes(celery, redis)
            registerRequests(celery)
            registerFailures(celery)
            registerRetries(celery)
            registerReplacements(celery, redis)
            registerSignatures(celery)
            registerErrbacks(celery, redis)
            registerSends(celery)
        }
    }

    private static func registerComputing(_ celery: Celery, _ redis: SuiteRedis) {
        celery.register(Identity.self)
        celery.register(Add.self)
        celery.register(Multiply.self)
        celery.register(AddNotTyped.self)
        celery.register(AddIgnoreResult.self)
        celery.register(AddWithResult.self)
        celery.register(AddPydantic.self)
        celery.register(AddPydanticStringAnnotations.self)
        celery.register(Sum.self)
        celery.register(NestedSum.self)
        celery.register(DelayedSum.self)
        celery.register(DelayedSumWithSoftGuard.self)
        celery.register(SumAndRecord.self) { task, context in try await task.run(context, redis) }
    }

    private static func registerNotes(_ celery: Celery, _ redis: SuiteRedis) {
        celery.register(RedisEcho.self) { task, _ in try await task.run(redis) }
        celery.register(RedisEchoGroupID.self) { task, context in try await task.run(context, redis) }
        celery.register(RedisCount.self) { task, _ in try await task.run(redis) }
        celery.register(WriteToFileAndReturnInt.self)
        celery.register(PrintUnicode.self)
        celery.register(Sleeping.self)
    }

    private static func registerRequests(_ celery: Celery) {
        celery.register(IDs.self)
        celery.register(CollectIDs.self)
        celery.register(ReturnPriority.self)
        celery.register(ReturnRequestETA.self)
        celery.register(ReturnProperties.self)
        celery.register(ReturnRequestTimeLimits.self)
        celery.register(TaskWithDeclaredTimeLimits.self)
        celery.register(SoftTimeLimitMustExceedTimeLimit.self)
    }

    private static func registerFailures(_ celery: Celery) {
        celery.register(RaiseError.self)
        celery.register(Fail.self)
        celery.register(FailUnpickleable.self)
        celery.register(ReturnException.self)
        celery.register(StoreSuccessThenReject.self)
        celery.register(RejectThenSucceed.self)
        celery.register(RejectWithoutRequeue.self)
    }

    private static func registerRetries(_ celery: Celery) {
        celery.register(RetryTask.self)
        celery.register(RetryUnpickleable.self)
        celery.register(RetryOnce.self)
        celery.register(RetryWithArgsAfterKwargs.self)
        celery.register(RetryWithKwargsAfterArgs.self)
        celery.register(RetryOncePriority.self)
        celery.register(RetryOnceHeaders.self)
        celery.register(RetryOnceIgnoreResult.self)
        celery.register(RetryOnceWithResult.self)
        celery.register(ClassBasedAutoRetry.self)
    }

    private static func registerReplacements(_ celery: Celery, _ redis: SuiteRedis) {
        celery.register(AddReplaced.self)
        celery.register(AddReplacedWithChain.self)
        celery.register(ReplaceWithChain.self)
        celery.register(ReplaceWithChainWhichRaises.self)
        celery.register(ReplaceWithEmptyChain.self)
        celery.register(ReplaceWithChainWhichContainsAGroup.self)
        celery.register(AddToAll.self)
        celery.register(FailReplaced.self)
        celery.register(RecordReplacedTaskNesting.self)
        celery.register(ReplacedWithMe.self)
        celery.register(ReplaceWithStampedTask.self)
        celery.register(SecondOrderReplace1.self) { task, context in try await task.run(context, redis) }
        celery.register(SecondOrderReplace2.self) { task, context in try await task.run(context, redis) }
    }

    private static func registerSignatures(_ celery: Celery) {
        celery.register(ReturnNestedSignature<ChainKind, ChainKind>.self)
        celery.register(ReturnNestedSignature<ChainKind, GroupKind>.self)
        celery.register(ReturnNestedSignature<ChainKind, ChordKind>.self)
        celery.register(ReturnNestedSignature<GroupKind, ChainKind>.self)
        celery.register(ReturnNestedSignature<GroupKind, GroupKind>.self)
        celery.register(ReturnNestedSignature<GroupKind, ChordKind>.self)
        celery.register(ReturnNestedSignature<ChordKind, ChainKind>.self)
        celery.register(ReturnNestedSignature<ChordKind, GroupKind>.self)
        celery.register(ReturnNestedSignature<ChordKind, ChordKind>.self)
        celery.register(RebuildSignature.self)
    }

    private static func registerErrbacks(_ celery: Celery, _ redis: SuiteRedis) {
        celery.register(ErrbackOldStyle.self) { task, _ in try await task.run(redis) }
        celery.register(ErrbackNewStyle.self) { task, _ in try await task.run(redis) }
        celery.register(ErrbackOldStyleWithArgs.self) { task, _ in try await task.run(redis) }
        celery.register(ErrbackNewStyleWithArgs.self) { task, _ in try await task.run(redis) }
    }

    private static func registerSends(_ celery: Celery) {
        celery.register(ChainAdd.self)
        celery.register(ChordAdd.self)
        celery.register(AddToAllToChord.self)
        celery.register(AddChordToChord.self)
        celery.register(BuildChainInsideTask.self)
    }
}

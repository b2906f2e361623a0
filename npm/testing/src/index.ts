export { breakerMatchers } from './matchers.ts';
export { fakeTime } from './fake-time.ts';
export { faultInjection, InjectedError } from './fault-injection.ts';
export { manualClock } from './manual-clock.ts';
export { createMockLogger } from './mock-logger.ts';
export { recordedBreaker } from './recorded-breaker.ts';
export { replay } from './replay.ts';
export { failWith, hang, scripted, succeed, times } from './scripted.ts';

export type { AdmissionEntry, EventLog, LogEntry, OrderEntry, OutcomeEntry } from './event-log.ts';
export type { RecordedTransition, RejectionEntry, TransitionEntry } from './event-log.ts';
export type { BreakerMatchers, ExpectedStats, MatcherResult } from './matchers.ts';
export type { FakeTime } from './fake-time.ts';
export type { FaultInjection, FaultInjectionOptions, FaultInjectionStats } from './fault-injection.ts';
export type { ManualClock } from './manual-clock.ts';
export type { MockLogFunction, MockLogger, MockLogLevel, MockLogLine } from './mock-logger.ts';
export type { RecordedBreaker, RecordingOptions } from './recorded-breaker.ts';
export type { ReplayResult } from './replay.ts';
export type { ScriptedCall, ScriptedDependency, ScriptedOptions, Step, StepOptions } from './scripted.ts';

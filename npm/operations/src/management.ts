/** `@fusewire/operations/management`: one handler `(Request) => Promise<Response>` to look at breakers and to change them. */
export { management } from './management/handler.ts';
export { nativeRoutes } from './management/routes/native.ts';

export type { ManagementHandler } from './management/handler.ts';
export type { ManagementOptions } from './management/options.ts';
export type { Authorization, AuthorizationRequest, Authorize } from './management/guard.ts';
export type { Access } from './management/operations/operation.ts';
export type { MetricsText, Metrics } from './management/operations/metrics.ts';
export type { DeadLetterView, ManagedQueue, QueueView } from './management/operations/queues.ts';
export type { FailureSimulation, ServiceCall, ServiceCheck, SimulatedCall } from './management/test-bench.ts';
export type { TestOptions, TimeoutSimulation } from './management/test-bench.ts';
export type { BreakerList, BreakerView } from './management/operations/breakers.ts';
export type { OperationName } from './management/operations/operations.ts';
export type { HoldKind, HoldView } from './management/holds.ts';
export type { TrialView } from './management/trials.ts';
export type { FieldProblem, ProblemDocument, ProblemKind } from './management/problem.ts';
export type { Choice, Method, Route } from './management/route.ts';

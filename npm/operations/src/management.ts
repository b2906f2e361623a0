/** `@fusewire/operations/management`: one handler `(Request) => Promise<Response>` to look at breakers and to change them. */
export { management } from './management/handler.ts';
export { nodeListener } from './management/node-listener.ts';
export { campaignRoutes } from './management/routes/campaign.ts';
export { havenRoutes } from './management/routes/haven.ts';
export { nativeRoutes } from './management/routes/native.ts';

export type { ManagementHandler } from './management/handler.ts';
export type { ManagementOptions } from './management/options.ts';
export type { Authorization, AuthorizationRequest, Authorize } from './management/guard.ts';
export type { AuditLog } from './management/audit-log.ts';
export type { Access } from './management/operations/operation.ts';
export type { NodeRequest, NodeResponse } from './management/node-listener.ts';
export type { DetailedHealth } from './management/operations/health.ts';
export type { HavenStats } from './management/routes/haven.ts';
export type { QueueView } from './management/operations/queues.ts';
export type {
  AlertSilence,
  DeadLetterView,
  ManagedAlerts,
  ManagedQueue,
  Metrics,
  MetricsText,
  Task,
} from './management/program-parts.ts';
export type { FailureSimulation, ServiceCall, ServiceCheck, SimulatedCall } from './management/test-bench.ts';
export type { TestOptions, TimeoutSimulation } from './management/test-bench.ts';
export type { BreakerList, BreakerView } from './management/operations/breakers.ts';
export type { OperationName } from './management/operations/operations.ts';
export type { HoldKind, HoldView } from './management/holds.ts';
export type { TrialView } from './management/trials.ts';
export type { FieldProblem, ProblemDocument, ProblemKind } from './management/problem.ts';
export type { Field, Fields, Input } from './management/fields.ts';
export type { Choice, Method, Route } from './management/route.ts';

/** `@fusewire/nestjs`: module, decorators, exception filter, management API and health for NestJS 10, 11 and 12. */
export { bindBreakers } from './bindings.ts';
export { BreakersHealthIndicator } from './health.ts';
export { CircuitBreakerModule } from './module.ts';
export { CircuitBreaker, Fallback, Protected } from './decorators.ts';
export { getBreakerToken, InjectBreaker, InjectRegistry } from './tokens.ts';
export { protectObservable } from './observable.ts';
export { RefusalFilter } from './refusal-filter.ts';
export { callSignal, RequestSignal, RequestSignalInterceptor } from './request-signal.ts';

export type { BreakerMethodOptions, FallbackHandler, MethodPipeline } from './decorators.ts';
export type { BreakersHealth, BreakersHealthOptions } from './health.ts';
export type { CircuitBreakerModuleOptions, FeatureOptions, ManagementMount } from './options.ts';

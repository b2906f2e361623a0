/** New names of exports, by the old one. They are renamed in files that import the old one from a package of ours. */
export const EXPORTS: ReadonlyMap<string, string> = new Map([
  ['throttle', 'shedLoad'],
  ['ThrottleOptions', 'ShedLoadOptions'],
  ['ThrottleStats', 'ShedLoadStats'],
  ['adaptiveLimit', 'adaptiveBulkhead'],
  ['AdaptiveLimitOptions', 'AdaptiveBulkheadOptions'],
  ['AdaptiveLimitStats', 'AdaptiveBulkheadStats'],
  ['ThrottledError', 'ShedError'],
  ['BackendLoadError', 'EngineLoadError'],
  ['BreakerOptionsError', 'OptionsError'],
  ['RateLimitError', 'RateLimitedError'],
]);

/** New names of the exports of one package where they differ from those of {@link EXPORTS}. */
export const EXPORTS_OF: Readonly<Record<string, ReadonlyMap<string, string>>> = {
  '@fusewire/http': new Map([['RateLimitError', 'TooManyRequestsError']]),
  '@fusewire/testing': new Map([
    ['fail', 'failWith'],
    ['recordBreaker', 'recordedBreaker'],
    ['InjectedFault', 'InjectedError'],
  ]),
};

/** Classes by the guard that `instanceof` has replaced. */
export const GUARDS: ReadonlyMap<string, string> = new Map([
  ['isBackendLoadError', 'EngineLoadError'],
  ['isBreakerDisposedError', 'BreakerDisposedError'],
  ['isBreakerOptionsError', 'OptionsError'],
  ['isBulkheadFullError', 'BulkheadFullError'],
  ['isCallTimeoutError', 'CallTimeoutError'],
  ['isCircuitOpenError', 'CircuitOpenError'],
  ['isConfigurationError', 'ConfigurationError'],
  ['isRetriesExhaustedError', 'RetriesExhaustedError'],
  ['isThrottledError', 'ShedError'],
]);

/** Modules to which exports of `fusewire` have moved. */
export const MODULES: ReadonlyMap<string, string> = new Map([
  ['adaptive', 'fusewire/adaptive'],
  ['memoryQueue', 'fusewire/queue'],
  ['queued', 'fusewire/queue'],
  ['queueOver', 'fusewire/kit'],
  ['readOptions', 'fusewire/kit'],
  ['readRetryAfter', 'fusewire/kit'],
]);

/** New codes of errors, and new reasons. */
export const STRINGS: ReadonlyMap<string, string> = new Map([
  ['EBREAKERBACKEND', 'ERR_ENGINE_LOAD'],
  ['EBREAKERDISPOSED', 'ERR_BREAKER_DISPOSED'],
  ['EBREAKEROPTIONS', 'ERR_OPTIONS'],
  ['EBULKHEADFULL', 'ERR_BULKHEAD_FULL'],
  ['ECALLTIMEOUT', 'ERR_CALL_TIMEOUT'],
  ['ECIRCUITOPEN', 'ERR_CIRCUIT_OPEN'],
  ['ECONFIGURATION', 'ERR_CONFIGURATION'],
  ['EINJECTEDFAULT', 'ERR_INJECTED'],
  ['ERATELIMITED', 'ERR_RATE_LIMITED'],
  ['ERETRIESEXHAUSTED', 'ERR_RETRIES_EXHAUSTED'],
  ['ETHROTTLED', 'ERR_SHED'],
]);

/** New names of options, inside of the arguments of the functions that take them. */
export const OPTIONS: ReadonlyMap<string, string> = new Map([
  ['adaptiveLimit', 'adaptiveBulkhead'],
  ['canHandle', 'when'],
  ['delayShare', 'delayRate'],
  ['errorShare', 'errorRate'],
  ['hangShare', 'hangRate'],
  ['interval', 'per'],
  ['minimumRequests', 'minimumCalls'],
  ['minimumSamples', 'minimumCalls'],
  ['queueTimeout', 'maxWait'],
  ['throttle', 'shedLoad'],
]);

/** Functions whose options have new names. */
export const FUNCTIONS_WITH_OPTIONS: readonly string[] = [
  'adaptiveLimit',
  'alternative',
  'bulkhead',
  'fallback',
  'faultInjection',
  'hedge',
  'pipeline',
  'queued',
  'rateLimit',
  'throttle',
];

/** Code that only its author can change, and what to do about it. */
export const BY_HAND: readonly (readonly [pattern: RegExp, advice: string])[] = [
  [/\.executeWithSource\(/g, 'tryExecute returns the source with the value'],
  [/\.wrap\(/g, 'a wrapped function receives the context of the call before its arguments'],
  [/\b(?:cached|degraded|simulated)\(/g, 'a cache is a part of the pipeline, and a function is a fallback'],
  [/\b(?:isDropped|isAccepted)\b/g, 'classify decides for every policy'],
  [/\bhedge(?:\(|: *[{\d])(?![^)}]*\bidempotent\b)/g, 'a hedge needs idempotent: true, or that of its pipeline'],
  [
    /\bretry(?:\(|: *[{\d])(?![^)}]*\bidempotent\b)/g,
    'a retry repeats calls that time out or lose their connection only with idempotent: true',
  ],
  [/\bkeyed\b/g, 'max and idle are options of the registry itself'],
];

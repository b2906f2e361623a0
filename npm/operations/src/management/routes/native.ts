import type { Route } from '../route.ts';

/** Routes of the management API itself. */
export const nativeRoutes: readonly Route[] = [
  { method: 'GET', path: '/breakers', operation: 'list' },
  { method: 'GET', path: '/breakers/{breaker}', operation: 'breaker' },
  { method: 'GET', path: '/breakers/{breaker}/explain', operation: 'explain' },
  { method: 'POST', path: '/breakers/{breaker}/reset', operation: 'reset' },
  { method: 'POST', path: '/breakers/{breaker}/open', operation: 'open' },
  { method: 'POST', path: '/breakers/{breaker}/force-open', operation: 'forceOpen' },
  { method: 'POST', path: '/breakers/{breaker}/force-closed', operation: 'forceClosed' },
  { method: 'POST', path: '/breakers/{breaker}/shadow', operation: 'shadow' },
  { method: 'POST', path: '/breakers/{breaker}/release', operation: 'release' },
  { method: 'PATCH', path: '/breakers/{breaker}/options', operation: 'updateOptions' },
  { method: 'POST', path: '/breakers/{breaker}/options/apply', operation: 'applyOptions' },
  { method: 'POST', path: '/breakers/{breaker}/options/cancel', operation: 'cancelOptions' },
  { method: 'POST', path: '/reset-all', operation: 'resetAll' },
  { method: 'GET', path: '/health', operation: 'health' },
  { method: 'GET', path: '/health/live', operation: 'live' },
  { method: 'GET', path: '/health/ready', operation: 'ready' },
  { method: 'GET', path: '/openapi.json', operation: 'openapi' },
];

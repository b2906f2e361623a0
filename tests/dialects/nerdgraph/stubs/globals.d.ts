/** Names that the blocks use without an import, and members that the rest of their project defines. */
import type { Container } from 'inversify';
import type * as dialect from '@fusewire/dialects/nerdgraph';
import type * as logger from './logger';
import type * as types from './types';

declare global {
  type CircuitBreaker = dialect.CircuitBreaker;
  type CircuitBreakerFactory = dialect.CircuitBreakerFactory;
  type CircuitBreakerMonitor = dialect.CircuitBreakerMonitor;
  type Logger = logger.Logger;
  type Entity = Record<string, unknown>;
  interface NewRelicConfig {
    apiKey: string;
  }
  interface StreamerConfig {
    ingestKey: string;
  }
  class Platform {}
  const container: Container;
  const TYPES: typeof types.TYPES;
}

declare module '../../fixtures/nerdgraph/src/shared/utils/nerdgraph-client' {
  interface NerdGraphClient {
    apiUrl: string;
  }
}

declare module '../../fixtures/nerdgraph/src/streaming/entity-streamer' {
  interface EntityStreamer {
    createBatches(entities: Entity[]): Entity[][];
    getEventApiUrl(): string;
  }
}

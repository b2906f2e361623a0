import type { BackendKind } from '../engine/backend.ts';
import { defineErrorClass } from './error-class.ts';

/** Error of an engine that could not be loaded. */
export class EngineLoadError extends Error {
  /** Always `'ERR_ENGINE_LOAD'`. */
  readonly code = 'ERR_ENGINE_LOAD';
  /** Name of the breaker or the policy that needs the engine. */
  readonly policy: string = 'fusewire';
  /** Requested build of the engine. */
  readonly backend: BackendKind;
  /** Paths that were tried, in order, each with the reason why it failed. */
  readonly attempts: readonly BackendAttempt[];

  constructor(backend: BackendKind, attempts: readonly BackendAttempt[], advice: string) {
    const tried = attempts.map(({ path, reason }) => `\n  ${path}: ${reason}`).join('');
    super(`fusewire: the ${backend} backend cannot be loaded; ${advice}${tried}`);
    this.backend = backend;
    this.attempts = attempts;
  }
}

/** One path at which a backend was looked for. */
export interface BackendAttempt {
  readonly path: string;
  readonly reason: string;
}

defineErrorClass(EngineLoadError, 'EngineLoadError', { key: 'fusewire.EngineLoadError', code: 'ERR_ENGINE_LOAD' });

/** Returns what `load` returns. An {@link EngineLoadError} gets the name of the breaker or the policy that needs the engine. */
export function loadEngineFor<Engine>(nameOf: () => string, load: () => Engine): Engine {
  try {
    return load();
  } catch (error) {
    if (error instanceof EngineLoadError) (error as { policy: string }).policy = nameOf();
    throw error;
  }
}

import { backendOf, defaultBackend } from '../engine/backend.ts';
import type { Backend, Problem } from '../engine/backend.ts';
import { OVERRIDE } from '../engine/codes.ts';
import { FailOpenBackend, FAIL_OPEN_WORD } from '../engine/fail-open-backend.ts';
import { loadEngineFor } from '../errors/engine-load-error.ts';
import { reportNewBreaker } from '../doctor/diagnostics-hook.ts';
import { isValidName, requireObject } from '../options/options-reader.ts';
import { toPlainData } from '../options/plain-data.ts';
import { processClock } from '../time/clock.ts';
import { timeSourceOf, withRuntimeTimers } from '../time/time-source.ts';
import type { TimeSource } from '../time/time-source.ts';
import { Circuit } from './circuit.ts';
import { ObservingCircuit } from './observing-circuit.ts';
import { readSettings, SUBJECT } from './settings.ts';
import { elapsedSince } from './snapshot.ts';
import type { Settings } from './settings.ts';

/** Creates a circuit. Throws one error with every problem of the options. */
export function createCircuit(options: unknown): Circuit {
  const settings = readSettings(options);
  const circuit = create(settings, (backend, now) => {
    const { shared, name, engine } = settings;
    return shared && backend.openShared !== undefined
      ? backend.openShared(name, engine, now)
      : backend.create(engine, now);
  });
  if (settings.initialMode === 'shadow') {
    circuit.change((backend, handle, now) => {
      backend.setOverride(handle, OVERRIDE.SHADOW, now);
      return backend.word(handle);
    });
  }
  reportNewBreaker(circuit, options);
  return circuit;
}

/**
 * Creates a circuit from a snapshot. It has the name of the snapshot, unless the options set another. The engine restores it
 * as of the time at which the snapshot was taken, so that all that became due since then is due now. A circuit with a clock
 * of its own lives in the time of that clock, in which nothing has elapsed.
 */
export function restoreCircuit(snapshot: unknown, options: unknown): Circuit {
  const { name, savedAt, ...state } = requireObject(SUBJECT, 'unnamed', snapshot, 'snapshot');
  const settings = readSettings(options, isValidName(name) ? name : undefined);
  const { reader } = settings;
  if (settings.shared) reader.report('scope', 'conflict', "'local' where a snapshot is restored");
  reader.show({ snapshot: { ...state, savedAt } });
  const elapsed = elapsedSince(savedAt, reader);
  const sinceThen = settings.clock === undefined ? elapsed : 0;
  const circuit = create(settings, (backend, now) =>
    backend.restore(settings.engine, toPlainData(state) as object, now - sinceThen),
  );
  reportNewBreaker(circuit, options);
  return circuit;
}

/** Returns every problem of options that no breaker has yet. The engine of the default build checks them. */
export function problemsOf(options: object): readonly Problem[] {
  const { reader, engine } = readSettings({ ...options, name: 'checked' });
  try {
    const backend = defaultBackend();
    const created = backend.create(engine, 0);
    if (typeof created === 'number') backend.free(created);
    else reader.add(created);
  } catch {
    // An engine that fails checks nothing. The breakers will report it.
  }
  return reader.problems();
}

/** Handle of a circuit that the engine does not know. */
const NO_HANDLE = 0;

type CreateInEngine = (backend: Backend, now: number) => number | readonly Problem[];

function create(settings: Settings, createInEngine: CreateInEngine): Circuit {
  const { name, reader } = settings;
  // For options that are known to be wrong nothing is loaded or opened: the default engine only reports further problems.
  const isValid = reader.problems().length === 0;
  const kind = isValid ? settings.backend : undefined;
  const backend = loadEngineFor(
    () => name,
    () => (kind === undefined ? defaultBackend() : backendOf(kind)),
  );
  const CircuitClass = settings.observables === 'first-value' ? ObservingCircuit : Circuit;
  let circuit: Circuit | undefined;
  const time = timeSourceOfCircuit(settings, (error) =>
    circuit?.recordFault('predicateErrors', 'the clock failed', error),
  );
  let created: number | readonly Problem[];
  try {
    created = createInEngine(backend, time.clock());
  } catch (error) {
    if (!isValid) throw reader.error(name);
    circuit = new CircuitClass(settings, time, new FailOpenBackend(backend.kind, FAIL_OPEN_WORD), NO_HANDLE);
    circuit.recordFault('engineErrors', 'the engine failed, every call passes', error);
    return circuit;
  }
  if (typeof created !== 'number') {
    reader.add(created);
    throw reader.error(name);
  }
  if (!isValid) {
    backend.free(created);
    throw reader.error(name);
  }
  circuit = new CircuitClass(settings, time, backend, created);
  return circuit;
}

function timeSourceOfCircuit({ clock, shared }: Settings, onError: (error: unknown) => void): TimeSource {
  return clock === undefined && shared ? withRuntimeTimers(processClock) : timeSourceOf(clock, onError);
}

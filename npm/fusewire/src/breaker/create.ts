import { backendOf } from '../engine/backend.ts';
import type { Backend, Problem } from '../engine/backend.ts';
import { Circuit } from './circuit.ts';
import { defaultClock, guardedClock, processClock } from '../time/clock.ts';
import type { Clock } from '../time/clock.ts';
import { FailOpenBackend, FAIL_OPEN_WORD } from '../engine/fail-open-backend.ts';
import { toPlainData, isValidName, requirePlainObject, readSettings, createOptionsError } from './settings.ts';
import type { OptionsObject, Settings } from './settings.ts';
import { reportNewBreaker } from '../doctor/diagnostics-hook.ts';

/** Makes a circuit, or throws the one error that tells everything that is wrong with the options. */
export function createCircuit(options: unknown): Circuit {
  const settings = readSettings(options);
  const circuit = createWith(settings, options, settings.problems, (backend, now) => {
    const { shared, name, engine } = settings;
    return shared && backend.openShared !== undefined
      ? backend.openShared(name, engine, now)
      : backend.create(engine, now);
  });
  reportNewBreaker(circuit, options);
  return circuit;
}

/** Makes a circuit that goes on where a snapshot was taken, under its name unless the options give another. */
export function restoreCircuit(snapshot: unknown, options: unknown): Circuit {
  const { name, ...parts } = requirePlainObject(snapshot, 'snapshot');
  const settings = readSettings(options, isValidName(name) ? name : undefined);
  const problems = [...settings.problems];
  if (settings.shared) {
    problems.push({ option: 'scope', kind: 'conflict', expected: "'local' where a snapshot is restored" });
  }
  const given = { ...(options as OptionsObject | undefined), snapshot: parts };
  const circuit = createWith(settings, given, problems, (backend, now) =>
    backend.restore(settings.engine, toPlainData(parts) as object, now),
  );
  reportNewBreaker(circuit, options);
  return circuit;
}

/** No breaker of the engine. */
const NO_HANDLE = 0;

type CreateInEngine = (backend: Backend, now: number) => number | readonly Problem[];

function createWith(settings: Settings, given: unknown, problems: readonly Problem[], making: CreateInEngine): Circuit {
  // Nothing is loaded or opened for options that are known to be wrong: the engine only tells what else is.
  const isSound = problems.length === 0;
  const backend = backendOf(isSound ? settings.backend : 'wasm');
  let circuit: Circuit | undefined;
  const clock = clockOf(settings, (error) => circuit?.recordFault('predicateErrors', 'the clock failed', error));
  let made: number | readonly Problem[];
  try {
    made = making(backend, clock());
  } catch (error) {
    if (!isSound) throw createOptionsError(settings.name, given, problems);
    circuit = new Circuit(settings, clock, new FailOpenBackend(backend.kind, FAIL_OPEN_WORD), NO_HANDLE);
    circuit.recordFault('engineErrors', 'the engine failed, every call passes', error);
    return circuit;
  }
  if (typeof made !== 'number') throw createOptionsError(settings.name, given, [...problems, ...made]);
  if (!isSound) {
    backend.free(made);
    throw createOptionsError(settings.name, given, problems);
  }
  circuit = new Circuit(settings, clock, backend, made);
  return circuit;
}

function clockOf(settings: Settings, onFault: (error: unknown) => void): Clock {
  if (settings.clock !== undefined) return guardedClock(settings.clock, onFault);
  return settings.shared ? processClock : defaultClock;
}

import { backendOf } from '../engine/backend.ts';
import type { Backend, Problem } from '../engine/backend.ts';
import { Circuit } from './circuit.ts';
import { defaultClock, guardedClock, processClock } from '../time/clock.ts';
import type { Clock } from '../time/clock.ts';
import { InertBackend, PASSING } from '../engine/fail-open-backend.ts';
import { asData, isName, plainObject, readSettings, refusal } from './settings.ts';
import type { Given, Settings } from './settings.ts';
import { tellOfBreaker } from '../doctor/diagnostics-hook.ts';

/** Makes a circuit, or throws the one error that tells everything that is wrong with the options. */
export function createCircuit(options: unknown): Circuit {
  const settings = readSettings(options);
  const circuit = make(settings, options, settings.problems, (backend, now) => {
    const { shared, name, engine } = settings;
    return shared && backend.openShared !== undefined
      ? backend.openShared(name, engine, now)
      : backend.create(engine, now);
  });
  tellOfBreaker(circuit, options);
  return circuit;
}

/** Makes a circuit that goes on where a snapshot was taken, under its name unless the options give another. */
export function restoreCircuit(snapshot: unknown, options: unknown): Circuit {
  const { name, ...parts } = plainObject(snapshot, 'snapshot');
  const settings = readSettings(options, isName(name) ? name : undefined);
  const problems = [...settings.problems];
  if (settings.shared) {
    problems.push({ option: 'scope', kind: 'conflict', expected: "'local' where a snapshot is restored" });
  }
  const given = { ...(options as Given | undefined), snapshot: parts };
  const circuit = make(settings, given, problems, (backend, now) =>
    backend.restore(settings.engine, asData(parts) as object, now),
  );
  tellOfBreaker(circuit, options);
  return circuit;
}

/** No breaker of the engine. */
const NO_HANDLE = 0;

type Making = (backend: Backend, now: number) => number | readonly Problem[];

function make(settings: Settings, given: unknown, problems: readonly Problem[], making: Making): Circuit {
  // Nothing is loaded or opened for options that are known to be wrong: the engine only tells what else is.
  const isSound = problems.length === 0;
  const backend = backendOf(isSound ? settings.backend : 'wasm');
  let circuit: Circuit | undefined;
  const clock = clockOf(settings, (error) => circuit?.fault('predicateErrors', 'the clock failed', error));
  let made: number | readonly Problem[];
  try {
    made = making(backend, clock());
  } catch (error) {
    if (!isSound) throw refusal(settings.name, given, problems);
    circuit = new Circuit(settings, clock, new InertBackend(backend.kind, PASSING), NO_HANDLE);
    circuit.fault('engineErrors', 'the engine failed, every call passes', error);
    return circuit;
  }
  if (typeof made !== 'number') throw refusal(settings.name, given, [...problems, ...made]);
  if (!isSound) {
    backend.free(made);
    throw refusal(settings.name, given, problems);
  }
  circuit = new Circuit(settings, clock, backend, made);
  return circuit;
}

function clockOf(settings: Settings, onFault: (error: unknown) => void): Clock {
  if (settings.clock !== undefined) return guardedClock(settings.clock, onFault);
  return settings.shared ? processClock : defaultClock;
}

import { backendOf } from '../engine/backends.ts';
import type { Problem } from '../engine/backend.ts';
import { OVERRIDE } from '../engine/codes.ts';
import { FailOpenBackend } from '../engine/fail-open-backend.ts';
import type { CircuitState } from '../engine/names.ts';
import { underlyingState } from '../engine/state-word.ts';
import { createOptionsError } from '../options/options-error.ts';
import { OptionsReader } from '../options/options-reader.ts';
import type { OptionsObject } from '../options/plain-data.ts';
import { toPlainData } from '../options/plain-data.ts';
import { CandidateCircuit } from './candidate-circuit.ts';
import type { Circuit } from './circuit.ts';
import { OPTION_PATHS } from './option-paths.ts';
import type { UpdateOptions } from './options.ts';
import { SUBJECT, timeoutOf } from './settings.ts';

/** Options of the engine that an update can change, each with those that it replaces. */
const CHANGEABLE: { readonly [Option in Exclude<keyof UpdateOptions, 'enabled'>]-?: readonly string[] } = {
  failureThreshold: [],
  consecutiveFailureThreshold: [],
  failureRateThreshold: [],
  slowCallRateThreshold: [],
  minimumCalls: [],
  resetTimeout: ['retryDelay'],
  retryDelay: ['resetTimeout'],
  successThreshold: ['halfOpen'],
  halfOpen: ['successThreshold'],
  recovery: [],
  timeout: [],
};

/** Options that `false` turns off in an update. */
const CAN_BE_OFF = ['failureThreshold', 'consecutiveFailureThreshold', 'failureRateThreshold', 'halfOpen', 'recovery'];

/** Update that has been read: all options of the engine, and what the engine does not decide. */
interface Update {
  readonly engine: Readonly<Record<string, unknown>>;
  readonly enabled: boolean;
}

/**
 * Update that a breaker tries in shadow. A candidate with the new options observes the calls of the breaker. The breaker emits
 * the transitions of the candidate with `shadow: true`.
 */
export interface ShadowUpdate {
  /** State in which the breaker would be with the new options. */
  readonly state: CircuitState;
  /** Ends the trial, and applies the update to the breaker. Does nothing after {@link cancel} or a later trial. */
  apply(): void;
  /** Ends the trial. */
  cancel(): void;
}

/** Updates the options of a circuit. Throws one error with every problem of the changes. */
export function updateCircuit(circuit: Circuit, changes: unknown): void {
  const { engine, enabled } = readUpdate(circuit, changes);
  let problems: readonly Problem[] = [];
  circuit.change((backend, handle, now) => {
    problems = backend.reconfigure(handle, engine, now);
    return backend.word(handle);
  });
  if (problems.length > 0) throw createOptionsError(SUBJECT, circuit.name, engine, problems);
  circuit.options = engine;
  circuit.configure(timeoutOf(engine['timeout']), enabled);
}

/** Lets a candidate with the changed options observe a circuit, in place of an earlier candidate. */
export function tryUpdate(circuit: Circuit, changes: unknown): ShadowUpdate {
  const { engine } = readUpdate(circuit, changes);
  circuit.candidate?.dispose();
  const candidate = createCandidate(circuit, engine);
  circuit.candidate = candidate;
  return new Trial(circuit, candidate, changes);
}

/** Creates a candidate with these options of the engine; undefined if the engine of the circuit has failed. */
function createCandidate(circuit: Circuit, options: Circuit['options']): CandidateCircuit | undefined {
  // Not the backend of the circuit, which may adapt that circuit alone.
  const backend = backendOf(circuit.backend.kind);
  const handle = circuit.read((present, known, now) => {
    const created = backend.restore(options, present.snapshot(known, now), now);
    if (typeof created === 'number') backend.setOverride(created, OVERRIDE.SHADOW, now);
    return created;
  });
  if (typeof handle !== 'number') return undefined;
  const { name, hooks } = circuit;
  const candidate = new CandidateCircuit(
    { name, hooks, shared: false, engine: options },
    circuit.time,
    backend,
    handle,
  );
  candidate.listeners = circuit.ensureListeners();
  return candidate;
}

class Trial implements ShadowUpdate {
  readonly #circuit: Circuit;
  readonly #candidate: CandidateCircuit | undefined;
  readonly #changes: unknown;
  #isOver = false;

  constructor(circuit: Circuit, candidate: CandidateCircuit | undefined, changes: unknown) {
    this.#circuit = circuit;
    this.#candidate = candidate;
    this.#changes = toPlainData(changes as object);
  }

  get state(): CircuitState {
    const candidate = this.#candidate;
    return candidate === undefined || candidate.isDisposed ? 'CLOSED' : underlyingState(candidate.poll());
  }

  apply(): void {
    if (this.#isOver || this.#circuit.candidate !== this.#candidate || this.#circuit.isDisposed) return;
    this.cancel();
    updateCircuit(this.#circuit, this.#changes);
  }

  cancel(): void {
    this.#isOver = true;
    this.#candidate?.dispose();
    if (this.#circuit.candidate === this.#candidate) this.#circuit.candidate = undefined;
  }
}

/** Reads changes, and merges them into the options of the circuit. The engine checks the result before anything changes. */
function readUpdate(circuit: Circuit, changes: unknown): Update {
  const reader = new OptionsReader(circuit.name, changes, SUBJECT, false);
  reader.suggest([...Object.keys(CHANGEABLE), 'enabled']);
  const enabled = reader.boolean('enabled') ?? circuit.enabled;
  const merged = merge(circuit.options, reader);
  reportUnchangeable(reader, changes as OptionsObject);
  reader.show(merged);
  if (!(circuit.backend instanceof FailOpenBackend)) {
    const backend = backendOf(circuit.backend.kind);
    const checked = backend.create(merged, circuit.clock());
    if (typeof checked === 'number') backend.free(checked);
    else reader.add(checked);
  }
  reader.finish();
  return { engine: merged, enabled };
}

function merge(options: Circuit['options'], reader: OptionsReader): Record<string, unknown> {
  const merged: Record<string, unknown> = { ...options };
  for (const [option, replaced] of Object.entries(CHANGEABLE)) {
    const value = reader.value(option);
    if (value === undefined) continue;
    if (value === false && CAN_BE_OFF.includes(option)) {
      delete merged[option];
      continue;
    }
    for (const other of replaced) if (reader.value(other) === undefined) delete merged[other];
    merged[option] = toPlainData(value);
  }
  return merged;
}

/** Reports the options of a breaker that stay as they were at its construction. */
function reportUnchangeable(reader: OptionsReader, changes: OptionsObject): void {
  for (const option of OPTION_PATHS) {
    if (option in CHANGEABLE || option === 'enabled' || changes[option] === undefined) continue;
    reader.value(option);
    reader.report(option, 'conflict', 'given at construction: update() cannot change it');
  }
}

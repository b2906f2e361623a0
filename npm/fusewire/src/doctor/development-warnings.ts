import { defaultClock } from '../time/clock.ts';
import type { CircuitBreakerOptions } from '../breaker/options.ts';
import type { Layer } from '../run/layer.ts';
import { log } from '../logging.ts';
import type { Logger } from '../logging.ts';
import type { CreatedBreaker, DiagnosticsHook } from './diagnostics-hook.ts';
import { diagnoseBreaker, diagnosePipeline, subjectOf } from './diagnose.ts';
import type { Diagnostic } from './diagnostic.ts';
import { MisuseWatch } from './misuses.ts';
import { toBreakerConfiguration, toLayerConfiguration } from './recorder.ts';
import { toDiagnostics } from './rule.ts';
import { breakerRules, createdPerRequest } from './rules.ts';
import { nameTwice } from './rules/names.ts';

/** Breakers of one name, created in different turns of the event loop, that count as created per request. */
const PER_REQUEST_TURNS = 10;
/** Milliseconds within which they must be created. */
const PER_REQUEST_WINDOW = 10_000;
/** Rules that need no facts about the surroundings. */
const RULES = breakerRules.filter(({ needsFacts }) => needsFacts !== true);
/** Largest number of names, and of warnings, that are remembered. Beyond it nothing more is warned of. */
const MAX_REMEMBERED = 1_000;

/** Warns of problems with breakers and pipelines at construction, once for each rule and subject. */
export class DevelopmentWarnings implements DiagnosticsHook {
  readonly watch = new MisuseWatch(this.#warn.bind(this));
  readonly #warned = new Set<string>();
  readonly #usedOptions = new WeakSet<object>();
  readonly #seriesByName = new Map<string, Series>();
  #turn: object | undefined;

  onBreaker(created: CreatedBreaker, options: unknown): void {
    const { logger } = (options ?? {}) as CircuitBreakerOptions;
    const { name } = created;
    const diagnostics = [
      ...diagnoseBreaker(toBreakerConfiguration(created, options, {}), RULES),
      ...toDiagnostics(createdPerRequest, subjectOf(name), this.#perRequestMessage(name)),
      ...this.#diagnoseReuse(name, options),
    ];
    for (const diagnostic of diagnostics) this.#warn(diagnostic, logger);
  }

  onPipeline(name: string, layers: readonly Layer[], breakerOptions: unknown): void {
    const pipeline = { name, layers: layers.map(toLayerConfiguration), facts: {} };
    const breaker = layers.find(({ kind }) => kind === 'breaker');
    const diagnostics = [
      ...diagnosePipeline(pipeline),
      ...(breaker === undefined ? [] : this.#diagnoseReuse(breaker.name, breakerOptions)),
    ];
    for (const diagnostic of diagnostics) this.#warn(diagnostic, undefined);
  }

  /** Returns a diagnostic if these options, with a name in them, have created a breaker before. */
  #diagnoseReuse(name: string, options: unknown): Diagnostic[] {
    if (typeof options !== 'object' || options === null || name === 'unnamed') return [];
    const isFirst = !this.#usedOptions.has(options);
    this.#usedOptions.add(options);
    const { scope } = options as CircuitBreakerOptions;
    if (isFirst || scope === 'process') return [];
    return toDiagnostics(nameTwice, subjectOf(name), 'a second breaker of this name was created from the same options');
  }

  #warn(diagnostic: Diagnostic, logger: Logger | undefined): void {
    const { code, severity, subject, message, advice } = diagnostic;
    const key = `${code} ${subject}`;
    if (severity === 'note' || this.#warned.has(key) || this.#warned.size >= MAX_REMEMBERED) return;
    this.#warned.add(key);
    const text = `${subject}: ${message}. ${advice}`;
    if (logger !== undefined) log(logger, 'warn', text, diagnostic);
    else process.emitWarning(text, { type: 'FusewireWarning', code });
  }

  /**
   * Counts a new breaker, and returns a message if its name looks like one breaker per request. Breakers created in the
   * same turn count once: they belong to a list, such as the shards of a database.
   */
  #perRequestMessage(name: string): string | undefined {
    const turn = this.#currentTurn();
    const now = defaultClock();
    const known = this.#seriesByName.get(name);
    const isOver = known === undefined || now - known.since > PER_REQUEST_WINDOW;
    if (isOver && known === undefined && this.#seriesByName.size >= MAX_REMEMBERED) return undefined;
    const series: Series = isOver ? { since: now, turns: 0, turn: undefined } : known;
    if (series.turn !== turn) series.turns++;
    series.turn = turn;
    this.#seriesByName.set(name, series);
    if (series.turns < PER_REQUEST_TURNS) return undefined;
    return `${series.turns} breakers of this name were made within ${PER_REQUEST_WINDOW} ms`;
  }

  #currentTurn(): object {
    if (this.#turn === undefined) {
      this.#turn = {};
      queueMicrotask(() => (this.#turn = undefined));
    }
    return this.#turn;
  }
}

/** Breakers of one name that are created one after the other. */
interface Series {
  readonly since: number;
  turns: number;
  turn: object | undefined;
}

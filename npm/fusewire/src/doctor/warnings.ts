import { defaultClock } from '../time/clock.ts';
import type { CircuitBreakerOptions } from '../breaker/options.ts';
import type { Layer } from '../run/layer.ts';
import { log } from '../logging.ts';
import type { Logger } from '../logging.ts';
import type { MadeBreaker, Witness } from './diagnostics-hook.ts';
import { diagnoseBreaker, diagnosePipeline, finding, subjectOf } from './diagnose.ts';
import { caseOf, layerCaseOf } from './records.ts';
import type { Finding } from './rule.ts';
import { breakerRules, madePerRequest } from './rules.ts';

/** So many breakers of one name, each made in another turn of the event loop, within so many milliseconds. */
const MANY = 10;
const SOON = 10_000;
const RULES = breakerRules.filter(({ needsFacts }) => needsFacts !== true);
/** Of more names and findings than this nobody reads. */
const MOST_REMEMBERED = 1_000;

/** Warns of what is made, once of each thing: what the doctor would find, as far as it can be seen at run time. */
export class Warnings implements Witness {
  readonly #told = new Set<string>();
  readonly #made = new Map<string, Series>();
  #turn: object | undefined;

  breaker(made: MadeBreaker, options: unknown): void {
    const { logger } = (options ?? {}) as CircuitBreakerOptions;
    for (const found of diagnoseBreaker(caseOf(made, options, {}), RULES)) this.#tell(found, logger);
    for (const found of finding(madePerRequest, subjectOf(made.name), this.#perRequest(made.name)))
      this.#tell(found, logger);
  }

  pipeline(name: string, layers: readonly Layer[]): void {
    const pipeline = { name, layers: layers.map(layerCaseOf), facts: {} };
    for (const found of diagnosePipeline(pipeline)) this.#tell(found, undefined);
  }

  #tell(found: Finding, logger: Logger | undefined): void {
    const { code, severity, subject, message, advice } = found;
    const key = `${code} ${subject}`;
    if (severity === 'note' || this.#told.has(key) || this.#told.size >= MOST_REMEMBERED) return;
    this.#told.add(key);
    const text = `${subject}: ${message}. ${advice}`;
    if (logger !== undefined) log(logger, 'warn', text, found);
    else process.emitWarning(text, { type: 'FusewireWarning', code });
  }

  /** Breakers made in one turn are those of a list, such as the shards of a database. */
  #perRequest(name: string): string | undefined {
    const turn = this.#currentTurn();
    const now = defaultClock();
    const known = this.#made.get(name);
    const isLate = known === undefined || now - known.since > SOON;
    if (isLate && known === undefined && this.#made.size >= MOST_REMEMBERED) return undefined;
    const series: Series = isLate ? { since: now, turns: 0, turn: undefined } : known;
    if (series.turn !== turn) series.turns++;
    series.turn = turn;
    this.#made.set(name, series);
    return series.turns >= MANY ? `${series.turns} breakers of this name were made within ${SOON} ms` : undefined;
  }

  #currentTurn(): object {
    if (this.#turn === undefined) {
      this.#turn = {};
      queueMicrotask(() => (this.#turn = undefined));
    }
    return this.#turn;
  }
}

/** Breakers of one name, made one after the other. */
interface Series {
  readonly since: number;
  turns: number;
  turn: object | undefined;
}

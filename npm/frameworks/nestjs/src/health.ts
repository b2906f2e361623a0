import { Inject, Injectable } from '@nestjs/common';
import { BreakerRegistry } from 'fusewire';

/** Options of {@link BreakersHealthIndicator.check}. */
export interface BreakersHealthOptions {
  /** Names of breakers whose open circuit is `down`. Default: none, because a restart repairs no dependency. */
  readonly critical?: readonly string[] | undefined;
  /** Whether an open circuit is `degraded`, which Terminus knows since version 12. Default false: it is `up`. */
  readonly degraded?: boolean | undefined;
}

/** Health of the breakers, as an indicator of Terminus returns it. */
export type BreakersHealth<Key extends string> = Record<
  Key,
  { readonly status: 'up' | 'degraded' | 'down'; readonly open: readonly string[]; readonly breakers: number }
>;

/**
 * Indicator for `HealthCheckService` of `@nestjs/terminus` 11 and 12, which this package does not import.
 *
 * ```ts
 * this.health.check([() => this.breakers.check('breakers', { degraded: true })]);
 * ```
 */
@Injectable()
export class BreakersHealthIndicator {
  readonly #registry: BreakerRegistry;

  constructor(@Inject(BreakerRegistry) registry: BreakerRegistry) {
    this.#registry = registry;
  }

  /** Returns the health of all breakers of the registry. */
  check<Key extends string>(key: Key, options: BreakersHealthOptions = {}): BreakersHealth<Key> {
    const { critical = [], degraded = false } = options;
    const all = [...this.#registry];
    const open = all.filter(([, { state }]) => state === 'OPEN').map(([name]) => name);
    const isDown = open.some((name) => critical.includes(name));
    const status = isDown ? 'down' : degraded && open.length > 0 ? 'degraded' : 'up';
    const health: BreakersHealth<string> = { [key]: { status, open, breakers: all.length } };
    return health as BreakersHealth<Key>;
  }
}

import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import type { CircuitBreaker, CircuitBreakerFactory } from '../src/infrastructure/resilience/circuit-breaker.ts';
import { createContainer } from '../src/infrastructure/config/container.ts';
import { TYPES } from '../src/infrastructure/config/types.ts';
import type { Platform } from '../src/platform.ts';
import type { Logger } from '../src/shared/utils/logger.ts';
import type { Entity } from '../src/streaming/entity-streamer.ts';
import { NewRelic } from '../upstreams/new-relic.ts';

/** Short times, so that an outage takes a second. They are set as an operator would: by variables. */
const TIMES = {
  BATCH_SIZE: '10',
  NERDGRAPH_TIMEOUT: '300',
  NERDGRAPH_RETRY_DELAY: '200',
  EVENT_API_TIMEOUT: '300',
  EVENT_API_RETRY_DELAY: '200',
};

/** Environment of the scenario: New Relic, a folder for the queue, and programs that use both. */
export class Environment implements AsyncDisposable {
  readonly newRelic = new NewRelic();
  readonly #folder = mkdtempSync(path.join(tmpdir(), 'nerdgraph-'));
  readonly #programs: ChildProcess[] = [];
  variables: Record<string, string> = {};

  static async create(): Promise<Environment> {
    const environment = new Environment();
    const DATABASE = path.join(environment.#folder, 'nerdgraph.db');
    environment.variables = { ...TIMES, DATABASE, ...(await environment.newRelic.listen()) };
    return environment;
  }

  /** Starts the platform in this process. */
  async start(logger: Logger): Promise<{ platform: Platform; breaker(name: string): CircuitBreaker }> {
    const container = await createContainer(this.variables, logger);
    const platform = container.get<Platform>(TYPES.Platform);
    const factory = container.get<CircuitBreakerFactory>(TYPES.CircuitBreakerFactory);
    await platform.start();
    return { platform, breaker: (name) => factory.get(name) as CircuitBreaker };
  }

  /** Starts the program as a process of its own. `main` is its compiled file. */
  spawn(main: string): { stream(entities: readonly Entity[]): Promise<void>; kill(): Promise<void> } {
    const env = { ...process.env, ...this.variables };
    const child = spawn(process.execPath, [main], { env, stdio: ['pipe', 'pipe', 'inherit'] });
    this.#programs.push(child);
    const lines = createInterface({ input: child.stdout });
    const kill = async () => {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    };
    const stream = async (entities: readonly Entity[]) => {
      const stored = new Promise<void>((resolve, reject) => {
        lines.on('line', (line) => line === `stored ${entities.length}` && resolve());
        child.once('exit', (code) => reject(new Error(`the program ended with ${code}`)));
      });
      child.stdin.write(`${JSON.stringify(entities)}\n`);
      await stored;
    };
    return { stream, kill };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const program of this.#programs) program.kill('SIGKILL');
    await this.newRelic.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Returns entities with numbers that nobody else has. */
export function entities(count: number, first = 1): Entity[] {
  return Array.from({ length: count }, (_, index) => ({
    eventType: 'KafkaTopic',
    entityId: first + index,
    name: `topic-${first + index}`,
  }));
}

/** Returns how often each entity has arrived, as text: `40 once`, or `38 once, 1 twice, 1 never`. */
export function arrivals(newRelic: NewRelic, expected: readonly Entity[]): string {
  const counts = new Map<unknown, number>(expected.map(({ entityId }) => [entityId, 0]));
  for (const { entityId } of newRelic.eventsOf('KafkaTopic')) {
    const count = counts.get(entityId);
    if (count !== undefined) counts.set(entityId, count + 1);
  }
  const of = (wanted: (count: number) => boolean) => [...counts.values()].filter(wanted).length;
  const parts = [
    [of((count) => count === 1), 'once'],
    [of((count) => count > 1), 'more than once'],
    [of((count) => count === 0), 'never'],
  ] as const;
  return parts
    .filter(([count]) => count > 0)
    .map(([count, word]) => `${count} ${word}`)
    .join(', ');
}

/** Waits until a condition holds. Throws after ten seconds. */
export async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + 10_000;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`This did not happen within 10 s: ${what}`);
    await delay(10);
  }
}

// Runs the upstreams in a process of their own, so that they take no time of the program. This file is both ends.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { UnreliableDatabase } from './database.ts';
import type { DatabaseBehaviour } from './database.ts';
import { startServices } from './services.ts';
import type { Service } from './services.ts';
import type { Behaviour } from './upstream.ts';

/** Report of the upstreams: what was done, and how often they were asked. */
export type Report = ReturnType<Awaited<ReturnType<typeof startServices>>['report']> & { readonly lostCommits: number };

type Call =
  | {
      readonly do: 'behave';
      readonly name: Service;
      readonly behaviour: Behaviour;
      readonly seconds?: number | undefined;
    }
  | { readonly do: 'database'; readonly behaviour: DatabaseBehaviour }
  | { readonly do: 'report' };

/** Upstreams in a process of their own. */
export interface Upstreams {
  /** Variables of the program that point to the upstreams. */
  readonly variables: Readonly<Record<string, string>>;
  behave(name: Service, behaviour: Behaviour, seconds?: number): Promise<void>;
  database(behaviour: DatabaseBehaviour): Promise<void>;
  report(): Promise<Report>;
  close(): Promise<void>;
}

/** Starts the upstreams. With `database`, also a database, or a proxy in front of the one that `DATABASE_URL` names. */
export async function startUpstreams({ database = true } = {}): Promise<Upstreams> {
  const child = fork(fileURLToPath(import.meta.url), [database ? 'with-database' : 'without-database'], {
    env: { ...process.env, CAMPAIGN_UPSTREAMS: '1' },
  });
  const [variables] = (await once(child, 'message')) as [Record<string, string>];
  let last: Promise<unknown> = Promise.resolve();
  const call = (message: Call): Promise<unknown> => {
    const answer = last.then(async () => {
      child.send(message);
      return ((await once(child, 'message')) as [unknown])[0];
    });
    last = answer.catch(() => undefined);
    return answer;
  };
  return {
    variables,
    behave: async (name, behaviour, seconds) => void (await call({ do: 'behave', name, behaviour, seconds })),
    database: async (behaviour) => void (await call({ do: 'database', behaviour })),
    report: () => call({ do: 'report' }) as Promise<Report>,
    async close() {
      child.disconnect();
      await once(child, 'exit');
    },
  };
}

async function main(): Promise<void> {
  const services = await startServices();
  const isWithDatabase = process.argv.includes('with-database');
  const database = isWithDatabase ? await UnreliableDatabase.start(process.env['DATABASE_URL']) : undefined;
  process.on('message', (message: Call) => {
    if (message.do === 'behave') services.upstreams[message.name].behave(message.behaviour, message.seconds);
    if (message.do === 'database') database?.behave(message.behaviour);
    process.send?.({ ...services.report(), lostCommits: database?.lostCommits ?? 0 });
  });
  process.on('disconnect', () => process.exit());
  const pooled =
    process.env['DATABASE_URL'] === undefined ? { DATABASE_PREPARED: 'false', DATABASE_CONNECTIONS: '1' } : {};
  process.send?.({ ...services.variables, ...(database && { DATABASE_URL: database.url, ...pooled }) });
}

if (process.env['CAMPAIGN_UPSTREAMS'] === '1') await main();

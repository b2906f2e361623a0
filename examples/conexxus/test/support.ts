/** The application and its upstream server, for one test. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after } from 'node:test';
import type { TestContext } from 'node:test';
import { CircuitBreaker } from '@fusewire/dialects/conexxus';
import { createApp } from '../src/app.ts';
import { ConexxusService } from '../src/integrations/conexxus/conexxus.service.ts';
import { Operations } from '../src/operations/operations.ts';
import { PrismaService } from '../src/prisma/prisma.service.ts';
import { Upstream } from '../scenario/upstream.ts';

export const KEY = 'key-0123456789';
export const TOKEN = 'token-of-operators';
/** Three at night, when the numbers of the document hold. */
export const NIGHT = Date.UTC(2026, 0, 2, 3);

const folder = mkdtempSync(path.join(tmpdir(), 'conexxus-'));
let databases = 0;
after(() => rmSync(folder, { recursive: true }));

/** Returns the address of a database that does not exist yet. */
export function newDatabase(): string {
  return `file:${path.join(folder, `${databases++}.db`)}`;
}

/** Logger that keeps its lines. */
export class Lines {
  readonly all: string[] = [];
  readonly log = (message: unknown) => void this.all.push(String(message));
  readonly error = this.log;
  readonly warn = this.log;
  readonly fatal = this.log;
}

/** Options of {@link start}. */
export interface StartOptions {
  /** Clock of the thresholds by time of day. Default: at night. */
  readonly timeOfDay?: () => number;
  /** Stops the clock at this time; `minuteLater` sets it. Timers go on. */
  readonly now?: number;
}

/** Starts the application and a healthy API. Requests are not repeated, unless `variables` says so. */
export async function start(
  t: TestContext,
  variables: Readonly<Record<string, string>> = {},
  { timeOfDay = () => NIGHT, now }: StartOptions = {},
) {
  if (now !== undefined) t.mock.timers.enable({ apis: ['Date'], now });
  const upstream = new Upstream(KEY);
  const logger = new Lines();
  const app = await createApp({
    variables: {
      DATABASE_URL: newDatabase(),
      CONEXXUS_API_URL: await upstream.listen(),
      CONEXXUS_API_KEY: KEY,
      CONEXXUS_RETRIES: '0',
      OPS_TOKEN: TOKEN,
      ...variables,
    },
    timeOfDay,
    logger,
  });
  await app.listen(0, '127.0.0.1');
  const url = await app.getUrl();
  t.after(async () => {
    await app.close();
    await upstream.close();
  });
  const minuteLater = () => t.mock.timers.tick(60_000);
  const ask = async (method: string, route: string, body?: object) => {
    const response = await fetch(url + route, {
      method,
      headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = /json/.test(response.headers.get('content-type') ?? '');
    return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : undefined };
  };
  return {
    ...{ app, url, upstream, ask, minuteLater },
    lines: logger.all,
    conexxus: app.get(ConexxusService, { strict: false }),
    breaker: app.get(CircuitBreaker, { strict: false }),
    operations: app.get(Operations, { strict: false }),
    prisma: app.get(PrismaService, { strict: false }),
  };
}

/** The application under test. */
export type Started = Awaited<ReturnType<typeof start>>;

/** Makes `count` synchronisations, one after another, and returns their errors. */
export async function fail({ conexxus, upstream }: Started, count: number): Promise<Error[]> {
  upstream.behaviour = 'failing';
  const errors: Error[] = [];
  for (let call = 0; call < count; call++) {
    await conexxus.syncInventory().then(
      () => undefined,
      (error: Error) => errors.push(error),
    );
  }
  return errors;
}

/** Returns the rows of failed synchronisations, the oldest first. */
export async function rowsOf({ operations, prisma }: Started) {
  await operations.events.flush();
  return prisma.eventLog.findMany({
    where: { eventType: { startsWith: 'conexxus.sync.failed.' } },
    orderBy: { id: 'asc' },
  });
}

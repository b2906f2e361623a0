import { readOptions } from 'fusewire/kit';
import type { Clock, Logger } from 'fusewire';
import type { OptionsReader } from 'fusewire/kit';
import type { Dashboard } from '../dashboard/dashboard.ts';
import type { AuditLog } from './audit-log.ts';
import { health } from '../health/health.ts';
import type { Health } from '../health/health.ts';
import { isFunction, readRecord, readSource } from '../health/options.ts';
import type { NamedBreakers } from '../named-breakers.ts';
import type { Authorize } from './guard.ts';
import type { Operation } from './operations/operation.ts';
import { OPERATIONS } from './operations/operations.ts';
import type { ManagedAlerts, ManagedQueue, Metrics, ProgramParts, Task } from './program-parts.ts';
import type { Choice, Route } from './route.ts';
import { nativeRoutes } from './routes/native.ts';
import { TestBench } from './test-bench.ts';
import type { ServiceCall, TestOptions } from './test-bench.ts';

/** Options of {@link management}. */
export interface ManagementOptions {
  /** Breakers: a registry, a `Map`, or several of them. */
  readonly registry: NamedBreakers | readonly NamedBreakers[];
  /** Decides who may do what. Without it, nobody may do anything. */
  readonly authorize?: Authorize | undefined;
  /** Path under which the routes are, such as `'/ops'`. Default `''`. */
  readonly basePath?: string | undefined;
  /** Routes. Default `nativeRoutes`. */
  readonly routes?: readonly Route[] | undefined;
  /** Health that the health routes report. Default: that of the breakers alone. */
  readonly health?: Health | undefined;
  /** Event log: audit log of the changes, and source of the event routes. */
  readonly events?: AuditLog | undefined;
  /** Renders the metrics for `GET /metrics`. */
  readonly metrics?: Metrics | undefined;
  /** Queues by their names. */
  readonly queues?: Readonly<Record<string, ManagedQueue>> | undefined;
  /** Alerts of `@fusewire/operations/alerts`, which operators may acknowledge and silence. Default: none. */
  readonly alerts?: ManagedAlerts | undefined;
  /** Dashboard, made by `dashboard()` of `@fusewire/operations/dashboard`. Default: none. */
  readonly dashboard?: Dashboard | undefined;
  /** Tasks that operators may run, by their names. */
  readonly tasks?: Readonly<Record<string, Task>> | undefined;
  /** Test endpoints: true or their options. Default: none. */
  readonly tests?: boolean | TestOptions | undefined;
  /** Whether the liveness and readiness probes are answered to everybody, without `authorize`. Default false. */
  readonly publicProbes?: boolean | undefined;
  /** Origins besides that of the request whose pages may change something, such as `'https://ops.example.com'`. */
  readonly origins?: readonly string[] | undefined;
  /** Reading requests of one actor in a minute, or false for any number. Default 1 200. */
  readonly readsPerMinute?: number | false | undefined;
  /** Changing requests of one actor in a minute, or false for any number. Default 120. */
  readonly changesPerMinute?: number | false | undefined;
  /** Most bytes of a request body: 1 to 16 777 216. Default 65 536. */
  readonly bodyBytes?: number | undefined;
  /** Milliseconds until a request body must have arrived. Default 10 000. */
  readonly bodyTimeout?: number | undefined;
  /** Milliseconds until `authorize`, `metrics`, the event log or a queue must have answered. Default 10 000. */
  readonly timeout?: number | undefined;
  /** Clock of holds and limits; give that of the registry. Default: that of the runtime. */
  readonly clock?: Clock | undefined;
  /** Receives the errors of functions of the program. Default: `console`. */
  readonly logger?: Pick<Logger, 'error'> | undefined;
}

/** Options that have been read. */
export interface ManagementSettings {
  readonly parts: ProgramParts;
  readonly authorize: Authorize | undefined;
  readonly basePath: string;
  readonly routes: readonly Route[];
  readonly publicProbes: boolean;
  readonly origins: ReadonlySet<string>;
  readonly readsPerMinute: number | false;
  readonly changesPerMinute: number | false;
  readonly bodyBytes: number;
  readonly bodyTimeout: number;
  readonly timeout: number;
  readonly clock: Clock | undefined;
  readonly logger: Pick<Logger, 'error'>;
}

const ALERT_METHODS = ['active', 'history', 'silences', 'acknowledge', 'silence', 'endSilence'] as const;
const MOST_BYTES = 16_777_216;
const BASE_PATH = /^(\/[\w.~-]+)*$/;
const ROUTE_PATH = /^(\/([\w.~-]+|\{\w+\}))+$/;
const METHODS = ['GET', 'POST', 'PATCH', 'PUT', 'DELETE'];

/** Reads the options of `management`. Throws one error with every problem. */
export function readManagementOptions(options: unknown): ManagementSettings {
  const reader = readOptions('Management', 'management', options);
  const source = readSource(reader, 'registry');
  const bodyBytes = reader.number('bodyBytes', 1, MOST_BYTES, `a whole number from 1 to ${MOST_BYTES}`, true);
  const authorize = reader.callable('authorize') as Authorize | undefined;
  const basePath = readBasePath(reader);
  const routes = readRoutes(reader);
  const given = {
    source,
    events: readObject<AuditLog>(reader, 'events', ['record', 'tail', 'follow'], 'an event log'),
    metrics: reader.callable('metrics') as Metrics | undefined,
    queues: readRecord(reader, 'queues', isManagedQueue, 'queues'),
    dashboard: readObject<Dashboard>(reader, 'dashboard', ['page', 'file'], 'made by dashboard()'),
    alerts: readObject<ManagedAlerts>(reader, 'alerts', ALERT_METHODS, 'made by alerts()'),
    tasks: readRecord(reader, 'tasks', isFunction<Task>, 'functions'),
  };
  const settings = {
    authorize,
    basePath,
    publicProbes: reader.boolean('publicProbes') ?? false,
    origins: readOrigins(reader),
    readsPerMinute: readLimit(reader, 'readsPerMinute', 1_200),
    changesPerMinute: readLimit(reader, 'changesPerMinute', 120),
    bodyBytes: bodyBytes ?? 65_536,
    bodyTimeout: reader.milliseconds('bodyTimeout') ?? 10_000,
    timeout: reader.milliseconds('timeout') ?? 10_000,
    clock: reader.callable('clock') as Clock | undefined,
    logger: readObject<Logger>(reader, 'logger', ['error'], 'a logger with error()') ?? console,
  };
  const itsHealth = readObject<Health>(reader, 'health', ['read', 'live', 'ready'], 'made by health()');
  const tests = readTests(reader);
  reader.finish('registry');
  const { clock } = settings;
  const parts = {
    ...given,
    health: itsHealth ?? health({ registry: source, ...(clock !== undefined && { clock }) }),
    tests: tests && new TestBench(tests.options, tests.services, clock),
  };
  return { ...settings, parts, routes: routes.filter((route) => isPresent(route, parts)) };
}

/** Whether the program has what the operations of a route need. */
function isPresent({ operation }: Route, parts: ProgramParts): boolean {
  const names = typeof operation === 'string' ? [operation] : Object.values(operation.of);
  return names.every((name) => {
    const { needs }: Operation = OPERATIONS[name];
    const part = needs && parts[needs];
    return part instanceof Map ? part.size > 0 : needs === undefined || part !== undefined;
  });
}

function readTests(
  reader: OptionsReader,
): { options: TestOptions; services: ReadonlyMap<string, ServiceCall> } | undefined {
  const value = reader.value('tests');
  if (value === undefined || value === false) return undefined;
  if (value === true) return { options: {}, services: new Map() };
  const tests = readOptions('Test endpoints', 'tests', value);
  const services = readRecord(tests, 'services', isFunction<ServiceCall>, 'functions');
  const serviceTimeout = tests.milliseconds('serviceTimeout');
  const breaker = tests.value('breaker') as TestOptions['breaker'];
  tests.finish();
  return { options: { breaker, serviceTimeout }, services };
}

function isManagedQueue(value: unknown): value is ManagedQueue {
  const its = value as Partial<Record<string, unknown>> | null | undefined;
  return ['size', 'deadLetters', 'revive', 'discard'].every((method) => typeof its?.[method] === 'function');
}

function readBasePath(reader: OptionsReader): string {
  const value = reader.value('basePath');
  if (value === undefined) return '';
  if (typeof value === 'string' && value.length <= 200 && BASE_PATH.test(value)) return value;
  const kind = typeof value === 'string' ? 'range' : 'type';
  reader.report('basePath', kind, "a path such as '/ops', without a slash at its end");
  return '';
}

function readRoutes(reader: OptionsReader): readonly Route[] {
  const value = reader.value('routes');
  if (value === undefined) return nativeRoutes;
  if (!Array.isArray(value)) {
    reader.report('routes', 'type', 'a list of routes');
    return [];
  }
  const routes = value as readonly Route[];
  const paths = new Set<string>();
  for (const [index, route] of routes.entries()) {
    if (!isRoute(route)) reader.report(`routes.${index}`, 'conflict', 'a route with method, path and operation');
    else {
      const key = `${route.method} ${route.path.replaceAll(/\{\w+\}/g, '{}')}`;
      if (paths.has(key)) reader.report(`routes.${index}`, 'conflict', 'the only route of its method and path');
      paths.add(key);
    }
  }
  return routes;
}

function isRoute(value: unknown): value is Route {
  if (typeof value !== 'object' || value === null) return false;
  const { method, path, operation } = value as Partial<Route>;
  return (
    METHODS.includes(method as string) &&
    typeof path === 'string' &&
    ROUTE_PATH.test(path) &&
    (isOperation(operation) || isChoice(operation))
  );
}

function isOperation(value: unknown): boolean {
  return typeof value === 'string' && Object.hasOwn(OPERATIONS, value);
}

function isChoice(value: unknown): boolean {
  const { by, of } = (value ?? {}) as Partial<Choice>;
  if (typeof by !== 'string' || typeof of !== 'object' || of === null || !Object.values(of).every(isOperation))
    return false;
  return new Set(Object.values(of).map((name) => OPERATIONS[name].access)).size === 1;
}

function readOrigins(reader: OptionsReader): ReadonlySet<string> {
  const value = reader.value('origins');
  if (value === undefined) return new Set();
  if (Array.isArray(value) && value.every(isOrigin)) return new Set(value as string[]);
  reader.report('origins', 'type', "a list of origins such as 'https://ops.example.com'");
  return new Set();
}

function isOrigin(value: unknown): boolean {
  return typeof value === 'string' && URL.canParse(value) && new URL(value).origin === value;
}

function readLimit(reader: OptionsReader, option: string, otherwise: number): number | false {
  if (reader.value(option) === false) return false;
  return reader.number(option, 1, 1_000_000, 'a whole number from 1 to 1000000, or false', true) ?? otherwise;
}

/** Reads an option that is an object with some methods. */
export function readObject<T>(
  reader: OptionsReader,
  option: string,
  methods: readonly (keyof T & string)[],
  expected: string,
): T | undefined {
  const value = reader.value(option);
  if (value === undefined) return undefined;
  const its = value as Partial<Record<string, unknown>> | null;
  if (typeof its === 'object' && its !== null && methods.every((method) => typeof its[method] === 'function'))
    return value as T;
  reader.report(option, 'type', expected);
  return undefined;
}

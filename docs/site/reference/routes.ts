/** The table of the routes of the management API, from the OpenAPI document that it serves. */
import { BreakerRegistry } from 'fusewire';
import { dashboard } from '@fusewire/operations/dashboard';
import { management } from '@fusewire/operations/management';

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required: boolean;
}

interface Operation {
  readonly summary: string;
  readonly tags: readonly [access: string];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: {
    readonly content: {
      readonly 'application/json': {
        readonly schema: { readonly properties: object; readonly required?: readonly string[] };
      };
    };
  };
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

/** Returns a table with every route of a program that has all options. */
export function routeTable(): string {
  const rows = Object.entries(routes().paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => {
      const cells = [`\`${method.toUpperCase()} ${path}\``, operation.tags[0], fieldsOf(operation), operation.summary];
      return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
    }),
  );
  return ['| Route | Access | Fields | What it does |', '|---|---|---|---|', ...rows].join('\n');
}

function routes(): Document {
  const handler = management({
    registry: new BreakerRegistry(),
    events: {
      record: () => undefined,
      tail: async () => ({ events: [], cursor: null }),
      follow: () => ({ missed: false, stop: () => undefined }),
    },
    metrics: () => '',
    queues: {
      queue: {
        size: async () => ({ waiting: 0, running: 0, dead: 0, oldestAge: null }),
        deadLetters: async () => ({ letters: [], next: null }),
        revive: async () => false,
        discard: async () => false,
      },
    },
    alerts: {
      active: () => [],
      history: () => [],
      silences: () => [],
      acknowledge: () => false,
      silence: () => ({ id: '' }),
      endSilence: () => false,
    },
    tasks: { task: () => undefined },
    tests: true,
    dashboard: dashboard(),
  });
  return handler.openapi() as Document;
}

/** Returns the fields besides those of the path; the required ones are marked. */
function fieldsOf({ parameters = [], requestBody }: Operation): string {
  const inQuery = parameters.filter((parameter) => parameter.in === 'query');
  const { properties = {}, required = [] } = requestBody?.content['application/json'].schema ?? {};
  const names = [
    ...inQuery.map(({ name, required: isRequired }) => (isRequired ? `**\`${name}\`**` : `\`${name}\``)),
    ...Object.keys(properties).map((name) => (required.includes(name) ? `**\`${name}\`**` : `\`${name}\``)),
  ];
  return names.join(', ');
}

/** The options that can be tried, as fields of a form. */
import type { CircuitBreakerOptions } from 'fusewire';

interface Field {
  readonly name: string;
  readonly unit: string;
  /** What it is where nothing is given. */
  readonly otherwise: string;
}

export const FIELDS: readonly Field[] = [
  { name: 'failureThreshold', unit: 'failures', otherwise: '5' },
  { name: 'consecutiveFailureThreshold', unit: '', otherwise: 'off' },
  { name: 'failureRateThreshold', unit: '0 to 1', otherwise: 'off' },
  { name: 'minimumCalls', unit: 'calls', otherwise: '20' },
  { name: 'slowCallRateThreshold', unit: '0 to 1', otherwise: 'off' },
  { name: 'slowCallDuration', unit: 'ms', otherwise: 'off' },
  { name: 'monitoringWindow', unit: 'ms', otherwise: '60000' },
  { name: 'timeout', unit: 'ms', otherwise: '30000' },
  { name: 'inFlight.limit', unit: 'calls', otherwise: 'off' },
  { name: 'resetTimeout', unit: 'ms', otherwise: '60000' },
  { name: 'successThreshold', unit: 'probes', otherwise: '2' },
  { name: 'maxConcurrentRequests', unit: 'probes', otherwise: '1' },
  { name: 'recovery.ramp', unit: 'ms', otherwise: 'off' },
];

/** The options that the fields hold; an empty one is left out. */
export function readOptions(form: HTMLFormElement): CircuitBreakerOptions {
  const options: Record<string, unknown> = {};
  for (const { name } of FIELDS) {
    const text = (form.elements.namedItem(name) as HTMLInputElement).value.trim();
    if (text === '') continue;
    const value = text === 'false' ? false : Number(text);
    const [option = name, inner] = name.split('.');
    options[option] = inner === undefined ? value : { [inner]: value };
  }
  return options as CircuitBreakerOptions;
}

/** Shows options in the fields. */
export function showOptions(form: HTMLFormElement, options: CircuitBreakerOptions): void {
  for (const { name } of FIELDS) {
    const [option = name, inner] = name.split('.');
    const value = (options as Record<string, unknown>)[option];
    const shown = inner === undefined ? value : (value as Record<string, unknown> | undefined)?.[inner];
    (form.elements.namedItem(name) as HTMLInputElement).value = shown === undefined ? '' : String(shown);
  }
}

/** The options as one would write them. */
export function asCode(options: CircuitBreakerOptions): string {
  const written = (value: unknown): string =>
    typeof value === 'object' && value !== null
      ? `{ ${Object.entries(value)
          .map(([name, inner]) => `${name}: ${written(inner)}`)
          .join(', ')} }`
      : String(value).replace(/\B(?=(\d{3})+$)/g, '_');
  const lines = Object.entries(options).map(([name, value]) => `  ${name}: ${written(value)},`);
  return ['new CircuitBreaker({', "  name: 'mine',", ...lines, '});'].join('\n');
}

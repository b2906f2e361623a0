/** Form fields for the options of the breaker. */
import type { CircuitBreakerOptions } from 'fusewire';

interface Field {
  readonly name: string;
  readonly unit: string;
  /** Default value, shown in an empty field. A threshold has it only while no other threshold is set. */
  readonly standard: string;
}

export const FIELDS: readonly Field[] = [
  { name: 'failureThreshold', unit: 'failures', standard: 'off' },
  { name: 'consecutiveFailureThreshold', unit: '', standard: '5' },
  { name: 'failureRateThreshold', unit: '0 to 1', standard: '0.5' },
  { name: 'minimumCalls', unit: 'calls', standard: '20' },
  { name: 'slowCallRateThreshold', unit: '0 to 1', standard: 'off' },
  { name: 'slowCallDuration', unit: 'ms', standard: 'off' },
  { name: 'monitoringWindow', unit: 'ms', standard: '60000' },
  { name: 'timeout', unit: 'ms', standard: '30000' },
  { name: 'inFlight.limit', unit: 'calls', standard: 'off' },
  { name: 'resetTimeout', unit: 'ms', standard: '60000' },
  { name: 'successThreshold', unit: 'probes', standard: '2' },
  { name: 'maxConcurrentRequests', unit: 'probes', standard: '1' },
  { name: 'recovery.ramp', unit: 'ms', standard: 'off' },
];

/** Returns the options of the form, without those whose field is empty. */
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

/** Fills the form with `options`. */
export function showOptions(form: HTMLFormElement, options: CircuitBreakerOptions): void {
  for (const { name } of FIELDS) {
    const [option = name, inner] = name.split('.');
    const value = (options as Record<string, unknown>)[option];
    const shown = inner === undefined ? value : (value as Record<string, unknown> | undefined)?.[inner];
    (form.elements.namedItem(name) as HTMLInputElement).value = shown === undefined ? '' : String(shown);
  }
}

/** Returns the options as code. */
export function asCode(options: CircuitBreakerOptions): string {
  const literal = (value: unknown): string =>
    typeof value === 'object' && value !== null
      ? `{ ${Object.entries(value)
          .map(([name, inner]) => `${name}: ${literal(inner)}`)
          .join(', ')} }`
      : String(value).replace(/\B(?=(\d{3})+$)/g, '_');
  const lines = Object.entries(options).map(([name, value]) => `  ${name}: ${literal(value)},`);
  return ['new CircuitBreaker({', "  name: 'mine',", ...lines, '});'].join('\n');
}

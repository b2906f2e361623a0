/** Reference of the breaker's options: their declarations, and the values that the package accepts. */
import { CircuitBreaker, OptionsError } from 'fusewire';
import { declaration } from './declarations.ts';
import type { Member } from './declared.ts';
import { cell, Links } from './links.ts';

/** Options that are objects, and the interfaces that declare their fields. */
const NESTED: Readonly<Record<string, readonly string[]>> = {
  window: ['TimeWindow', 'CountWindow'],
  resetTimeout: ['OpenTime'],
  halfOpen: ['HalfOpen'],
  recovery: ['Recovery'],
  inFlight: ['InFlight'],
};

/** Fields without which the package reports another problem than that of the option in question. */
const REQUIRED_BESIDE: Readonly<Record<string, object>> = {
  TimeWindow: { type: 'time' },
  CountWindow: { type: 'count' },
  minimumCalls: { failureRateThreshold: 0.5 },
};

/** Returns every option of a breaker, as its types declare them. */
export function breakerOptions(): readonly Member[] {
  return declaration('CircuitBreakerOptions').members;
}

/** Returns the descriptions of the named options, each under a heading of its own. */
export function optionReference(names: string): string {
  return names.split(' ').map(describe).join('\n\n');
}

function describe(name: string): string {
  const member = breakerOptions().find((option) => option.name === name);
  if (!member) throw new Error(`CircuitBreakerOptions declares no option ${name}`);
  const links = new Links(declaration('CircuitBreakerOptions'), '');
  const tables = (NESTED[name] ?? []).map((type) => fieldTable(name, type));
  const type = `Type ${links.type(member.type)}. Refused otherwise: \`${name} must be ${expected(name, [])}\`.`;
  return [`### ${name}`, links.comment(member.doc), type, ...tables].join('\n\n');
}

/** Returns the table of the fields of an option that is an object. */
function fieldTable(option: string, type: string): string {
  const declared = declaration(type);
  const links = new Links(declared, '');
  const rows = declared.members.map(({ name, doc }) => {
    const accepted = expected(`${option}.${name}`, { ...REQUIRED_BESIDE[type], [name]: [] });
    return `| \`${name}\` | ${cell(links.comment(doc))} | ${accepted} |`;
  });
  const about = `[\`${type}\`](api:${declared.page}): ${lowerFirst(links.comment(declared.doc))}`;
  return [about, '', '| Field | Description | Must be |', '|---|---|---|', ...rows].join('\n');
}

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

/** Returns the values that the package accepts for an option, as its error for the value `wrong` describes them. */
export function expected(path: string, wrong: unknown): string {
  const option = path.split('.')[0] as string;
  try {
    new CircuitBreaker({ ...REQUIRED_BESIDE[option], [option]: wrong });
  } catch (error) {
    if (!(error instanceof OptionsError)) throw error;
    const problem = error.problems.find((each) => each.option === path || each.option === option);
    if (problem && problem.kind !== 'unknown') return problem.expected;
  }
  throw new Error(`the engine does not know the option ${path}`);
}

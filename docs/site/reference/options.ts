/** The reference of the breaker's options: what the declarations say, and what the package refuses. */
import { CircuitBreaker, isBreakerOptionsError } from 'fusewire';
import { declaration } from './declarations.ts';
import type { Member } from './declarations.ts';
import { cell } from './interfaces.ts';

/** Options that are objects, and what they hold. */
const NESTED: Readonly<Record<string, readonly string[]>> = {
  window: ['TimeWindow', 'CountWindow'],
  resetTimeout: ['OpenTime'],
  halfOpen: ['HalfOpen'],
  recovery: ['Recovery'],
  inFlight: ['InFlight'],
};

/** What must be beside an option, or a field of one, to be asked about it. */
const BESIDE: Readonly<Record<string, object>> = {
  TimeWindow: { type: 'time' },
  CountWindow: { type: 'count' },
  minimumCalls: { failureRateThreshold: 0.5 },
};

/** Every option of a breaker, as its types have them. */
export function breakerOptions(): readonly Member[] {
  return declaration('CircuitBreakerOptions').members;
}

/** One part of the reference: the options named, each under a heading of its own. */
export function optionReference(names: string): string {
  return names.split(' ').map(describe).join('\n\n');
}

function describe(name: string): string {
  const member = breakerOptions().find((option) => option.name === name);
  if (!member) throw new Error(`there is no option ${name}`);
  const parts = (NESTED[name] ?? []).map((type) => nested(name, type));
  const type = member.code.replace(/^readonly \w+\?: /, '').replace(/;$/, '');
  const refused = `Type \`${type}\`. Refused otherwise: \`${name} must be ${expected(name, [])}\`.`;
  return [`### ${name}`, member.doc, refused, ...parts].join('\n\n');
}

/** The table of what an option holds that is an object. */
function nested(option: string, type: string): string {
  const { doc, members } = declaration(type);
  const rows = members.map(({ name, doc: said }) => {
    const wrong = expected(`${option}.${name}`, { ...BESIDE[type], [name]: [] });
    return `| \`${name}\` | ${cell(said)} | ${wrong} |`;
  });
  return [`\`${type}\`: ${lowerFirst(doc)}`, '', '| Field | | Must be |', '|---|---|---|', ...rows].join('\n');
}

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

/** What the package says that an option must be, asked with something that no option takes. */
export function expected(path: string, wrong: unknown): string {
  const option = path.split('.')[0] as string;
  try {
    new CircuitBreaker({ ...BESIDE[option], [option]: wrong });
  } catch (error) {
    if (!isBreakerOptionsError(error)) throw error;
    const problem = error.problems.find((each) => each.option === path || each.option === option);
    if (problem && problem.kind !== 'unknown') return problem.expected;
  }
  throw new Error(`the engine does not know the option ${path}`);
}

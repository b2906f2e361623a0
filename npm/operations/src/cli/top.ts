import { duration, percent, rate } from '../display/format.ts';
import { History } from '../display/history.ts';
import type { Breaker } from '../display/model.ts';
import { remark, STATE_WORDS } from '../display/words.ts';
import type { Arguments } from './arguments.ts';
import { Remote } from './remote.ts';
import { colored, fit, plain, Screen } from './terminal.ts';
import type { Color, Terminal } from './terminal.ts';
import { wait } from './wait.ts';

const COLORS: Readonly<Record<Breaker['state'], Color>> = { OPEN: 'red', HALF_OPEN: 'yellow', CLOSED: 'green' };
const ORDER = { OPEN: 0, HALF_OPEN: 1, CLOSED: 2 } as const;

/** Breaker of one of the programs. */
interface Row {
  readonly instance: string;
  readonly breaker: Breaker;
  readonly history: History;
}

/**
 * Shows the breakers of some programs in a table, again and again, until it is interrupted. With `once`, or where nobody
 * watches, it shows them once.
 *
 * @returns the exit code: 1 if a circuit is open.
 */
export async function top(args: Arguments, terminal: Terminal, interrupted: AbortSignal): Promise<number> {
  const remotes = args.urls.map((url) => new Remote(url, args.headers));
  const histories = new Map<string, History>();
  const look = async () => {
    const found = await Promise.all(remotes.map((remote) => breakersOf(remote, histories)));
    return found.flat().sort(byTrouble);
  };
  let rows = await look();
  if (args.once || !terminal.isInteractive) {
    // Rates need two looks.
    if (!args.json) await wait(args.interval, interrupted);
    return showOnce(args.json ? rows : await look(), args, terminal);
  }
  const screen = new Screen(terminal);
  try {
    while (!interrupted.aborted) {
      screen.show(tableOf(rows, terminal, args.urls.length > 1));
      await wait(args.interval, interrupted);
      if (!interrupted.aborted) rows = await look();
    }
  } finally {
    screen.close();
  }
  return exitOf(rows);
}

async function breakersOf(remote: Remote, histories: Map<string, History>): Promise<Row[]> {
  const rows: Row[] = [];
  const instance = remote.url.host;
  for (let after: string | null = ''; after !== null;) {
    const query: Record<string, string> = { detailed: 'true', ...(after !== '' && { after }) };
    const page: { breakers: Breaker[]; next: string | null } = await remote.read('breakers', query);
    for (const breaker of page.breakers) {
      const key = `${instance}/${breaker.name}`;
      const history = histories.get(key) ?? new History();
      histories.set(key, history);
      history.add(breaker.stats, Date.now());
      rows.push({ instance, breaker, history });
    }
    after = page.next;
  }
  return rows;
}

function showOnce(rows: readonly Row[], { json, urls }: Arguments, terminal: Terminal): number {
  if (json) terminal.write(`${JSON.stringify(rows.map(({ instance, breaker }) => ({ instance, ...breaker })))}\n`);
  else terminal.write(`${tableOf(rows, terminal, urls.length > 1).join('\n')}\n`);
  return exitOf(rows);
}

function exitOf(rows: readonly Row[]): number {
  return rows.some(({ breaker }) => breaker.state === 'OPEN') ? 1 : 0;
}

function tableOf(rows: readonly Row[], terminal: Terminal, isMany: boolean): string[] {
  const now = Date.now();
  const names = rows.map(({ breaker }) => plain(breaker.name).length);
  const nameWidth = Math.min(Math.max(7, ...names), 32);
  const instanceWidth = isMany ? 22 : 0;
  const rest = Math.max(10, terminal.columns - 10 - nameWidth - instanceWidth - 41);
  const instance = (text: string) => (isMany ? `${fit(text, instanceWidth - 1)} ` : '');
  const line = (state: string, name: string, numbers: readonly string[], remark: string) =>
    [
      state,
      fit(name, nameWidth),
      ...numbers.map((text) => fit(text, 8, 'right')),
      ' ',
      fit(plain(remark), rest).trimEnd(),
    ].join(' ');
  const head = line(fit('STATE', 9), 'BREAKER', ['CALLS/S', 'FAILED', 'P95', 'FLIGHT'], 'REMARK');
  const count = (state: Breaker['state']) => rows.filter(({ breaker }) => breaker.state === state).length;
  const totals = `${count('OPEN')} open, ${count('HALF_OPEN')} half-open, ${count('CLOSED')} closed`;
  return [
    totals,
    colored(terminal, 'gray', `${instance('INSTANCE')}${head}`),
    ...rows.map(({ instance: from, breaker, history }) => {
      const { successes, failures, rejected } = history.recent(now);
      const { p95 } = breaker.stats.responseTimes;
      const answered = successes + failures;
      const numbers = [
        rate(answered + rejected),
        answered === 0 ? '–' : percent(failures / answered),
        p95 === null ? '–' : duration(p95),
        String(breaker.stats.inFlight),
      ];
      const state = colored(terminal, COLORS[breaker.state], fit(STATE_WORDS[breaker.state], 9));
      return instance(from) + line(state, plain(breaker.name), numbers, remark(breaker, now));
    }),
  ];
}

function byTrouble(one: Row, other: Row): number {
  return (
    ORDER[one.breaker.state] - ORDER[other.breaker.state] ||
    one.breaker.name.localeCompare(other.breaker.name) ||
    one.instance.localeCompare(other.instance)
  );
}

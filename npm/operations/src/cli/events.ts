import { fullTime } from '../display/format.ts';
import type { OperationsEvent } from '../display/model.ts';
import type { Arguments } from './arguments.ts';
import { Remote } from './remote.ts';
import { framesOf } from './server-sent.ts';
import { colored, plain } from './terminal.ts';
import type { Color, Terminal } from './terminal.ts';
import { UsageError } from './usage-error.ts';
import { wait } from './wait.ts';

const COLORS: Readonly<Record<OperationsEvent['severity'], Color>> = {
  info: 'gray',
  warning: 'yellow',
  error: 'red',
  critical: 'red',
};

/** Milliseconds until a stream that has ended is opened again. */
const RECONNECT = 2_000;

/**
 * Shows the last events of a program, and with `follow` those that come, until it is interrupted.
 *
 * @returns the exit code: 0.
 */
export async function events(args: Arguments, terminal: Terminal, interrupted: AbortSignal): Promise<number> {
  const [url, ...others] = args.urls;
  if (url === undefined || others.length > 0) throw new UsageError('events takes one URL');
  const remote = new Remote(url, args.headers);
  const query = { ...args.filter, limit: String(args.limit) };
  const page: { events: OperationsEvent[] } = await remote.read('events', query);
  const past = page.events.toReversed();
  for (const event of past) show(event, args, terminal);
  if (args.follow) await follow(remote, past.at(-1)?.id, args, terminal, interrupted);
  return 0;
}

/** Follows the events after one, over every interruption of the connection. */
async function follow(
  remote: Remote,
  after: string | undefined,
  args: Arguments,
  terminal: Terminal,
  interrupted: AbortSignal,
): Promise<void> {
  let last = after;
  while (!interrupted.aborted) {
    try {
      const headers = last === undefined ? {} : { 'last-event-id': last };
      const response = await remote.open('stream', { ...args.filter, breakers: 'false' }, interrupted, headers);
      for await (const { event, id, data } of framesOf(response)) {
        if (event === 'missed')
          terminal.write(
            `${args.json ? '{"missed":true}' : colored(terminal, 'yellow', 'some events are missing here')}\n`,
          );
        if (event !== 'event') continue;
        last = id ?? last;
        show(JSON.parse(data) as OperationsEvent, args, terminal);
      }
    } catch (error) {
      if (interrupted.aborted) return;
      // A program that restarts is away for a moment; one that refuses stays away.
      if (error instanceof UsageError && /answers 4\d\d/.test(error.message)) throw error;
    }
    await wait(RECONNECT, interrupted);
  }
}

function show(event: OperationsEvent, { json }: Arguments, terminal: Terminal): void {
  if (json) return terminal.write(`${JSON.stringify(event)}\n`);
  const { time, severity, kind, summary, reason } = event;
  const why = kind === 'administration' && reason !== null ? ` (${reason})` : '';
  const word = colored(terminal, COLORS[severity], kind.padEnd(16));
  terminal.write(`${fullTime(time)}  ${word}  ${plain(summary + why)}\n`);
}

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import type { ManualClock } from '@fusewire/testing';
import type { Alert, AlertNotification } from '@fusewire/operations/alerts';
import { START } from './alerts-kit.ts';

/** Request as a receiver got it. */
export interface Received {
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
  readonly body: Record<string, unknown>;
}

/** HTTP server on the loopback interface. */
export interface Receiver {
  readonly url: string;
  readonly requests: Received[];
  close(): Promise<void>;
}

/** Starts an HTTP server that keeps what it gets. Without `answer`, it accepts everything. */
export async function receive(answer?: (response: ServerResponse, count: number) => void): Promise<Receiver> {
  const requests: Received[] = [];
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request.setEncoding('utf8')) text += chunk as string;
    requests.push({ headers: request.headers, text, body: JSON.parse(text) as Record<string, unknown> });
    if (answer === undefined) response.writeHead(202).end('accepted');
    else answer(response, requests.length);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/hook/T0KEN-in-the-path`,
    requests,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Mail as a server got it. */
export interface ReceivedMail {
  readonly from: string;
  readonly to: string[];
  readonly text: string;
}

/** Starts a mail server that keeps what it gets. `refuse` returns the reply code for a mail that is not accepted. */
export async function receiveMail(refuse: (count: number) => number | undefined = () => undefined) {
  const mails: ReceivedMail[] = [];
  let count = 0;
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    onData(stream, session, callback) {
      let text = '';
      stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      stream.on('end', () => {
        const responseCode = refuse(++count);
        if (responseCode !== undefined) {
          callback(Object.assign(new Error('mailbox of s3cret@example.com is unavailable'), { responseCode }));
          return;
        }
        const { mailFrom, rcptTo } = session.envelope;
        const from = mailFrom === false ? '' : mailFrom.address;
        mails.push({ from, to: rcptTo.map(({ address }) => address), text });
        callback();
      });
    },
  });
  server.on('error', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  const { port } = server.server.address() as AddressInfo;
  return {
    port,
    mails,
    count: () => count,
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

/** Waits until something holds, for as many turns of the event loop as it takes. A clock is advanced by a step in each turn. */
export async function until(condition: () => boolean, clock?: ManualClock, step = 0): Promise<void> {
  while (!condition()) {
    if (clock !== undefined) await clock.advanceAsync(step);
    await new Promise((resolve) => void setImmediate(resolve));
  }
}

/** Returns an alert for tests of notifiers. */
export function exampleAlert(fields: Partial<Alert> = {}): Alert {
  return {
    id: 'test/opened/default/mpesa@2026-12-01T10:00:00.000Z',
    key: 'test/opened/default/mpesa',
    rule: 'opened',
    severity: 'critical',
    source: 'default',
    breaker: 'mpesa',
    state: 'firing',
    summary: 'mpesa opened: 3 failures in a row',
    observed: 3,
    threshold: 3,
    startedAt: new Date(START),
    firedAt: new Date(START),
    resolvedAt: null,
    resolution: null,
    acknowledged: null,
    muted: null,
    ...fields,
  };
}

/** Returns a notification for tests of notifiers. */
export function exampleNotification(fields: Partial<AlertNotification> = {}): AlertNotification {
  const firing = fields.firing ?? [exampleAlert()];
  return {
    id: '0123456789abcdef0123456789abcdef',
    key: 'test/opened/default/mpesa',
    name: 'test',
    status: 'firing',
    severity: 'critical',
    summary: firing[0]?.summary ?? 'mpesa opened: 3 failures in a row',
    firing,
    resolved: [],
    at: new Date(START),
    ...fields,
  };
}

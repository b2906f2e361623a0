import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { describe, it } from 'node:test';
import { OptionsError } from 'fusewire';
import { alerts, email, failureRate, opened, pagerDuty, slack, tickets, webhook } from '@fusewire/operations/alerts';
import { responseTime, slowCalls, stateChanges } from '@fusewire/operations/alerts';
import type { Alert, AlertNotification, Notifier } from '@fusewire/operations/alerts';
import { setup, START } from './alerts-kit.ts';
import { exampleAlert, exampleNotification } from './receivers.ts';

const HOSTILE = '<!channel> & *b* _i_ `c` "q" \u0000\r\n\t\u{1F525}\uD83D ';
const LONG = HOSTILE.repeat(200);

/** Sends a notification to a function in place of the network. Returns the body, and its number of bytes. */
async function sent(make: (fetch: typeof globalThis.fetch) => Notifier, notification: AlertNotification) {
  let text = '';
  const notifier = make((_, init) => {
    text = String(init?.body);
    return Promise.resolve(new Response(null, { status: 200 }));
  });
  await notifier.deliver(notification, { signal: new AbortController().signal, attempt: 1, time: START });
  return { body: JSON.parse(text) as Record<string, unknown>, bytes: Buffer.byteLength(text) };
}

/** Notifications at the limits: none, one, many alerts, and texts that are long or hostile. */
function notifications(): AlertNotification[] {
  const texts = ['x', 'y'.repeat(200), HOSTILE, LONG];
  const counts = [1, 2, 47, 48, 49, 50, 200];
  return texts.flatMap((text) =>
    counts.flatMap((count) => {
      const fields: Partial<Alert> = { summary: text, breaker: text.slice(0, 200), rule: text.slice(0, 200) };
      const all = Array.from({ length: count }, () => exampleAlert(fields));
      const ended = all.map((alert) => ({ ...alert, state: 'resolved' as const, resolvedAt: new Date(START + 1) }));
      const acknowledged = { by: text, why: text, at: new Date(START) };
      return [
        exampleNotification({ summary: text, firing: all }),
        exampleNotification({ summary: text, firing: all, resolved: ended }),
        exampleNotification({ summary: text, firing: [], resolved: ended, status: 'resolved' }),
        exampleNotification({
          summary: text,
          firing: [{ ...exampleAlert(fields), acknowledged }],
          status: 'acknowledged',
        }),
      ];
    }),
  );
}

interface Block {
  readonly type: string;
  readonly text?: { readonly type: string; readonly text: string };
}

describe('slack', () => {
  it('keeps the limits of Block Kit, and mentions nobody, whatever the alerts are', async () => {
    for (const notification of notifications()) {
      const { body } = await sent((fetch) => slack({ url: 'https://hooks.slack.test/x', fetch }), notification);
      const blocks = body['blocks'] as Block[];
      assert.ok(blocks.length >= 2 && blocks.length <= 50, `${blocks.length} blocks`);
      for (const { type, text } of blocks) {
        if (type === 'header') {
          assert.equal(text?.type, 'plain_text');
          assert.ok(text.text.length >= 1 && text.text.length <= 150);
        }
        if (type === 'section') assert.ok(text !== undefined && text.text.length >= 1 && text.text.length <= 3_000);
      }
      assert.ok(blocks.every(({ type }) => ['header', 'section', 'context'].includes(type)));
      const markup = [body['text'], ...blocks.filter(({ type }) => type === 'section').map(({ text }) => text?.text)];
      for (const text of markup) assert.doesNotMatch(text as string, /[<>]|&(?!amp;|lt;|gt;)(?!…|.{0,3}…)/u);
      const alerts = notification.firing.length + notification.resolved.length;
      assert.equal(blocks.filter(({ type }) => type === 'section').length, Math.min(48, alerts));
    }
  });
});

describe('pagerDuty', () => {
  it('keeps the limits of the Events API v2, whatever the alerts are', async () => {
    for (const notification of notifications()) {
      const make = (fetch: typeof globalThis.fetch) => pagerDuty({ routingKey: 'r0uting', fetch });
      const { body, bytes } = await sent(make, notification);
      assert.ok(bytes < 512_000, `${bytes} bytes`);
      assert.equal(body['routing_key'], 'r0uting');
      assert.ok(['trigger', 'acknowledge', 'resolve'].includes(body['event_action'] as string));
      assert.ok((body['dedup_key'] as string).length <= 255);
      if (notification.status !== 'firing') {
        assert.equal(body['payload'], undefined);
        continue;
      }
      const payload = body['payload'] as Record<string, string>;
      assert.ok((payload['summary'] as string).length >= 1 && (payload['summary'] as string).length <= 1_024);
      assert.ok(['critical', 'error', 'warning', 'info'].includes(payload['severity'] as string));
      assert.equal(payload['source'], 'test');
      assert.equal(new Date(payload['timestamp'] as string).toISOString(), payload['timestamp']);
    }
  });

  it('gets keys of at most 255 characters, which differ for different breakers', async () => {
    const { clock, registry, received } = setup({ rules: [{ name: 'r'.repeat(200), when: () => true }] });
    for (const last of ['a', 'b', '/', '%2F']) registry.create(`${'b'.repeat(190)}${last}`);
    await clock.advanceAsync(0);
    const keys = received.map(({ key }) => key);
    assert.equal(new Set(keys).size, 4);
    for (const key of keys) assert.ok(key.length <= 255);
  });
});

describe('every notifier', () => {
  it('sends a request that fetch accepts, whatever the alerts are', async () => {
    for (const notification of notifications()) {
      for (const make of [
        (fetch: typeof globalThis.fetch) => webhook({ url: 'https://a.test/', secret: 'x', fetch }),
        (fetch: typeof globalThis.fetch) => tickets({ url: 'https://a.test/', fetch }),
        (fetch: typeof globalThis.fetch) => slack({ url: 'https://a.test/', fetch }),
      ]) {
        const checked = (fetch: typeof globalThis.fetch) =>
          make((input, init) => {
            assert.equal(new Request(input, init).method, 'POST');
            return fetch(input, init);
          });
        await sent(checked, notification);
      }
    }
  });

  it('is chosen by severity and by a function', () => {
    const info = exampleNotification({ severity: 'info' });
    const critical = exampleNotification();
    const least = slack({ url: 'https://a.test/', severity: 'error' });
    assert.deepEqual([least.accepts?.(info), least.accepts?.(critical)], [false, true]);
    const route = webhook({ url: 'https://a.test/', accepts: ({ firing }) => firing[0]?.breaker === 'other' });
    assert.equal(route.accepts?.(critical), false);
    const desk = tickets({ url: 'https://a.test/', severity: 'error' });
    assert.deepEqual([desk.accepts?.(critical), desk.accepts?.(info)], [true, false]);
    assert.equal(desk.accepts?.(exampleNotification({ status: 'resolved' })), false);
  });

  it('rejects invalid options without showing a secret', () => {
    const secret = 'S3CRETS3CRET';
    const transport = { sendMail: () => Promise.resolve() };
    const invalid: (() => unknown)[] = [
      () => webhook({} as never),
      () => webhook({ url: `ftp://a.test/${secret}` }),
      () => webhook({ url: `https://user:${secret}@a.test/` }),
      () => webhook({ url: `/${secret}` }),
      () => webhook({ url: 7 as never }),
      () => webhook({ url: 'https://a.test/', secret: `whsec_${secret}!` }),
      () => webhook({ url: 'https://a.test/', secret: '' }),
      () => webhook({ url: 'https://a.test/', headers: { 'bad name': secret } }),
      () => webhook({ url: 'https://a.test/', headers: { authorization: `a\n${secret}` } }),
      () => webhook({ url: 'https://a.test/', timeout: 0 }),
      () => webhook({ url: 'https://a.test/', severity: 'fatal' as never }),
      () => webhook({ url: 'https://a.test/', sekret: secret } as never),
      () => slack({ url: secret }),
      () => slack({ url: 'https://a.test/', name: '' }),
      () => pagerDuty({} as never),
      () => pagerDuty({ routingKey: secret.repeat(10) }),
      () => pagerDuty({ routingKey: 'x', url: secret }),
      () => pagerDuty({ routingKey: 'x', source: 7 as never }),
      () => email({ transport: { send: secret } as never, from: 'a@a.test', to: 'b@a.test' }),
      () => email({ transport, from: 7 as never, to: 'b@a.test' }),
      () => email({ transport, from: 'a@a.test', to: [] }),
      () => tickets({ url: 'https://a.test/', statuses: [secret as never] }),
    ];
    for (const [index, make] of invalid.entries()) {
      assert.throws(
        make,
        (error) => error instanceof OptionsError && !inspect(error, { depth: 9 }).includes(secret),
        `${index}`,
      );
    }
  });
});

describe('the options of alerts and rules', () => {
  it('are rejected with their names and ranges if they are invalid', () => {
    const invalid: [() => unknown, RegExp][] = [
      [() => alerts(null as never), /options must be an object|must be an object/],
      [() => alerts({ name: '' }), /name must be/],
      [() => alerts({ rules: {} as never }), /rules must be an array/],
      [() => alerts({ rules: [{}] as never }), /name must be given.*when must be given/],
      [() => alerts({ rules: [{ name: 'x', when: 'y' }] as never }), /when must be a function/],
      [
        () => alerts({ rules: [{ name: 'x', when: () => true, fro: 1 }] as never }),
        /fro is not an option; did you mean for|fro is not an option/,
      ],
      [() => alerts({ notifiers: [null] as never }), /name must be given.*deliver must be given/],
      [() => alerts({ notifiers: [{ name: 'x' }] as never }), /deliver must be given/],
      [() => alerts({ interval: 0 }), /interval must be a number of milliseconds from 1/],
      [() => alerts({ interval: true as never }), /interval must be/],
      [() => alerts({ coolDown: -1 }), /coolDown must be .* from 0/],
      [() => alerts({ group: { by: ['braker'] as never } }), /by must be/],
      [() => alerts({ group: { wait: -1 } }), /wait must be/],
      [() => alerts({ delivery: { attempts: 0 } }), /attempts must be a whole number from 1 to 1 000/],
      [() => alerts({ delivery: { queueSize: 0.5 } }), /queueSize must be/],
      [() => alerts({ historySize: -1 }), /historySize must be/],
      [() => alerts({ log: {} as never }), /log must be an event log/],
      [() => alerts({ clock: 7 as never }), /clock must be a function/],
      [() => alerts({ silenced: true } as never), /silenced is not an option/],
      [() => opened({ forced: 1 as never }), /forced must be true or false/],
      [() => failureRate({ over: 2 }), /over must be a share from 0 to 1, got 2/],
      [() => failureRate({ within: 0 }), /within must be/],
      [() => responseTime({ minimumCalls: 0 }), /minimumCalls must be/],
      [() => stateChanges({ over: 1.5 }), /over must be a whole number/],
      [() => slowCalls({ over: 'x' as never }), /over must be .* got a string/],
      [() => opened({ breakers: 7 as never }), /breakers must be/],
      [() => opened({ severity: 'fatal' as never }), /severity must be 'info' or/],
      [() => opened({ name: 'x'.repeat(201) }), /name must be/],
      [() => opened({ for: -1 }), /for must be/],
    ];
    for (const [make, message] of invalid) {
      assert.throws(make, (error) => error instanceof OptionsError && message.test(error.message), String(message));
    }
  });
});

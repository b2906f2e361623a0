import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { createTransport } from 'nodemailer';
import { email } from '@fusewire/operations/alerts';
import { open, recover } from './alerts-kit.ts';
import { counted, deliver, statsOf, watched } from './delivery-kit.ts';
import { receiveMail, until } from './receivers.ts';

describe('a mail', () => {
  it('reaches a mail server, in the thread of its group', async (test) => {
    const { server, transport } = await mailSetup(test);
    const notifier = email({ transport, from: 'alerts@example.com', to: ['ops@example.com', 'boss@example.com'] });
    const all = watched([notifier]);
    await open(all.mpesa, all.clock);
    await until(() => server.mails.length === 1, all.clock);
    await recover(all.mpesa, all.clock);
    await until(() => server.mails.length === 2, all.clock);
    const [firing, resolved] = server.mails;
    assert.deepEqual(firing?.to, ['ops@example.com', 'boss@example.com']);
    assert.match(firing?.text ?? '', /^Subject: Firing \(critical\) test: mpesa opened \(consecutive-failures: 3/m);
    assert.match(resolved?.text ?? '', /^Subject: Resolved/m);
    const header = (name: string, text = '') => new RegExp(`^${name}: (<.*>)`, 'm').exec(text)?.[1];
    assert.equal(header('In-Reply-To', firing?.text), header('In-Reply-To', resolved?.text));
    assert.notEqual(header('Message-ID', firing?.text), header('Message-ID', resolved?.text));
  });

  it('is sent again after a temporary failure, and not after a final one', async (test) => {
    for (const [code, count, undelivered] of [
      [451, 2, 0],
      [550, 1, 1],
    ] as const) {
      const { server, transport } = await mailSetup(test, (attempt) => (attempt === 1 ? code : undefined));
      const notifier = counted(email({ transport, from: 'alerts@example.com', to: 'ops@example.com' }));
      const all = watched([notifier]);
      const errors: unknown[] = [];
      all.watcher.on('undelivered', ({ error }) => errors.push(error));
      await open(all.mpesa, all.clock);
      await deliver(all, notifier);
      assert.equal(server.count(), count);
      assert.equal(statsOf(all, 'email').undelivered, undelivered);
      assert.deepEqual(errors, code === 550 ? ['The mail server answered 550 (EMESSAGE)'] : []);
    }
  });

  it('adds no header, whatever the name of a breaker is', async (test) => {
    const { server, transport } = await mailSetup(test);
    const all = watched([email({ transport, from: 'alerts@example.com', to: 'ops@example.com' })]);
    await open(all.registry.create('evil\r\nBcc: all@example.com\r\n\r\nbody'), all.clock);
    await until(() => server.mails.length === 1, all.clock);
    assert.deepEqual(server.mails[0]?.to, ['ops@example.com']);
    assert.doesNotMatch(server.mails[0]?.text.split('\r\n\r\n')[0] ?? '', /^Bcc/m);
  });
});

async function mailSetup(test: TestContext, refuse?: (count: number) => number | undefined) {
  const server = await receiveMail(refuse);
  const transport = createTransport({ host: '127.0.0.1', port: server.port, secure: false, ignoreTLS: true });
  test.after(async () => {
    transport.close();
    await server.close();
  });
  return { server, transport };
}

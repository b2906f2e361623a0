import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { dashboard } from '@fusewire/operations/dashboard';
import { nativeRoutes } from '@fusewire/operations/management';
import { checkAccess } from '../../docs/test/site/accessibility.ts';
import { DESK, launch, openPage, PHONE } from '../../docs/test/site/browser.ts';
import type { SitePage } from '../../docs/test/site/browser.ts';
import { startProgram } from './program.ts';
import type { Program } from './program.ts';

const NAMES = ['payments', 'mail', 'search'];

let browser: Awaited<ReturnType<typeof launch>>;
let program: Program;
let page: SitePage;

before(async () => void (browser = await launch()));
after(() => browser.close());

/** Opens the dashboard of a program, and waits until it shows a breaker. */
async function visit(url = program.url): Promise<void> {
  page = await openPage(browser, new URL(url).origin);
  await page.setViewport(DESK);
  await page.goto(url, { waitUntil: 'load' });
}

/** Waits until an element with some text exists. */
function seen(selector: string, text: string): Promise<unknown> {
  return page.waitForFunction(
    (selector: string, text: string) =>
      [...document.querySelectorAll(selector)].some((element) => element.textContent?.includes(text)),
    { polling: 'mutation' },
    selector,
    text,
  );
}

/** Clicks the button with some text. */
async function click(text: string, within = 'body'): Promise<void> {
  const button = await page.waitForSelector(`${within} ::-p-xpath(.//button[normalize-space()='${text}'])`);
  await button?.click();
}

const texts = (selector: string) =>
  page.$$eval(selector, (elements) => elements.map((element) => element.textContent ?? ''));

/** Returns the names in the list, from top to bottom. */
const rows = () =>
  page.$$eval('.row-place:not([hidden])', (elements) =>
    elements
      .toSorted((one, other) => Number(one.getAttribute('data-index')) - Number(other.getAttribute('data-index')))
      .map((element) => element.querySelector('.name')?.textContent),
  );

describe('the dashboard', () => {
  beforeEach(async () => void (program = await startProgram(NAMES)));
  afterEach(async () => {
    await page.close();
    await program.close();
  });

  it('shows the breakers in trouble first, with the last error, and a transition as it happens', async () => {
    await visit();
    await seen('.name', 'search');
    assert.deepEqual(await rows(), ['mail', 'payments', 'search']);
    await program.fail('search', 'the index is away');
    await seen('[data-state="open"] .name', 'search');
    await seen('.remark', 'the index is away');
    assert.deepEqual(await rows(), ['search', 'mail', 'payments']);
    assert.match((await texts('.totals'))[0] as string, /1 open0 half-open2 closed/);
    assert.deepEqual(page.complaints, []);
  });

  it('shows breakers that come, and none that have gone', async () => {
    await visit();
    await seen('.name', 'search');
    program.breakers.for('new one');
    await seen('.name', 'new one');
    program.breakers.delete('mail');
    await page.waitForFunction(() => document.querySelectorAll('.row-place:not([hidden])').length === 3);
    assert.deepEqual(await rows(), ['new one', 'payments', 'search']);
  });

  it('finds breakers by their names, and sorts them', async () => {
    await visit();
    await seen('.name', 'search');
    await page.keyboard.press('/');
    await page.keyboard.type('MA');
    assert.deepEqual(await rows(), ['mail']);
    await page.keyboard.press('Escape');
    await page.$eval('.search', (input) => ((input as HTMLInputElement).value = ''));
    await page.$eval('.search', (input) => void input.dispatchEvent(new Event('input')));
    await program.fail('search');
    await seen('[data-state="open"] .name', 'search');
    await click('Breaker');
    assert.deepEqual(await rows(), ['mail', 'payments', 'search']);
  });

  it('is usable with the keyboard alone', async () => {
    await visit();
    await seen('.name', 'search');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await seen('h1', 'payments');
    await page.keyboard.press('Escape');
    await seen('.name', 'search');
    assert.equal(await page.evaluate(() => location.hash), '#/');
  });

  it('says in plain words why a circuit is open, and draws its calls', async () => {
    await program.fail('payments', 'connect ECONNREFUSED');
    await visit(`${program.url}#/breaker//payments`);
    await seen('.sentences', '3 failures in the window (threshold 3)');
    await seen('.sentences', 'connect ECONNREFUSED');
    await page.waitForSelector('.chart canvas');
    await seen('.events .kind', 'state-change');
    assert.deepEqual(page.complaints, []);
  });

  it('forces a circuit open with a reason, which the event log and the page name with the actor', async () => {
    await visit(`${program.url}#/breaker//mail`);
    await click('Force open');
    await page.type('dialog input[name=reason]', 'the provider is down');
    await page.select('dialog select[name=ttl]', '1800000');
    await click('Force open', 'dialog');
    await seen('.holds', 'ana holds the circuit open');
    await seen('.holds', 'the provider is down');
    assert.equal(program.breakers.get('mail')?.override, 'FORCED_OPEN');
    await seen('.events q', 'the provider is down');
    await click('Release');
    await click('Release', 'dialog');
    await page.waitForFunction(() => document.querySelector('.holds')?.children.length === 0);
    assert.equal(program.breakers.get('mail')?.override, 'NONE');
    const { events } = await program.events.tail({ kind: 'administration' });
    assert.deepEqual(
      events.map(({ actor, breaker }) => [actor, breaker]),
      [
        ['ana', 'mail'],
        ['ana', 'mail'],
      ],
    );
  });

  it('does not force a circuit without a reason', async () => {
    await visit(`${program.url}#/breaker//mail`);
    await click('Force closed');
    await click('Force closed', 'dialog');
    assert.equal(await page.$eval('dialog input[name=reason]', (input) => input.matches(':invalid')), true);
    assert.equal(program.breakers.get('mail')?.override, 'NONE');
  });

  it('lists the event log, filters it, and adds events as they happen', async () => {
    await program.fail('payments');
    await visit(`${program.url}#/events`);
    await seen('.event .kind', 'state-change');
    await page.type('input[placeholder=Breaker]', 'mail');
    await page.keyboard.press('Enter');
    await seen('.empty', 'No such event.');
    await program.fail('mail');
    await seen('.event .summary', 'mail');
    assert.doesNotMatch((await texts('.events')).join(''), /payments/);
  });

  it('retries and discards dead letters', async () => {
    const consumer = program.queue.consume({ topic: 'default', maxAttempts: 1 } as never, () =>
      Promise.reject(new Error('no such mailbox')),
    );
    for (const key of ['one', 'two']) await program.queue.enqueue({ key, payload: null });
    while ((await program.queue.deadLetters()).letters.length < 2)
      await new Promise((resolve) => setTimeout(resolve, 10));
    await consumer.close();
    await visit(`${program.url}#/queues`);
    await seen('.letters', 'no such mailbox');
    await click('Discard', '.letters li:first-child');
    await click('Discard', 'dialog');
    await page.waitForFunction(() => document.querySelectorAll('.letters li').length === 1);
    await click('Retry', '.letters li');
    await click('Retry', 'dialog');
    await page.waitForFunction(() => document.querySelectorAll('.letters li').length === 0);
    assert.deepEqual([(await program.queue.size()).waiting, (await program.queue.size()).dead], [1, 0]);
  });

  it('shows hostile names and messages as the text that they are', async () => {
    const hostile = '<img src=x onerror=alert(1)>"\'&';
    await program.fail(hostile, '<script>alert(2)</script>');
    await visit();
    await seen('[data-state="open"] .name', hostile);
    await page.click('[data-state="open"] a');
    await seen('h1', hostile);
    await seen('.sentences', '<script>alert(2)</script>');
    assert.equal((await page.$$('main img, main script')).length, 0);
    assert.deepEqual(page.complaints, []);
  });

  it('says that the program is away, and goes on when it is back', async () => {
    await visit();
    await seen('.connection', 'live');
    await program.stop();
    await seen('.connection', 'no answer');
    await program.start();
    await seen('.connection', 'live');
    program.breakers.for('later');
    await seen('.name', 'later');
  });
});

describe('the dashboard of a program', () => {
  afterEach(async () => {
    await page.close();
    await program.close();
  });

  it('without streams polls', async () => {
    program = await startProgram(NAMES, { routes: nativeRoutes.filter(({ operation }) => operation !== 'stream') });
    await visit();
    await seen('.connection', 'polling');
    await program.fail('mail');
    await seen('[data-state="open"] .name', 'mail');
  });

  it('whose operator may only read has no buttons', async () => {
    program = await startProgram(NAMES, { authorize: ({ access }) => access === 'read' });
    await visit(`${program.url}#/breaker//mail`);
    await seen('.sentences', 'Nothing has changed since the start.');
    assert.deepEqual(await texts('.actions button'), []);
  });

  it('without an event log and queues says so', async () => {
    program = await startProgram(NAMES, { events: undefined, queues: undefined });
    await visit(`${program.url}#/events`);
    await seen('.empty', 'The program has no event log.');
    await page.goto(`${program.url}#/queues`);
    await seen('.empty', 'The program has no queues.');
    await page.goto(`${program.url}#/`);
    await program.fail('mail');
    await seen('[data-state="open"] .name', 'mail');
  });

  it('with 1000 breakers has as many rows as fit into the window, wherever it is scrolled', async () => {
    program = await startProgram(Array.from({ length: 1_000 }, (_, index) => `service-${index}`));
    await visit();
    await seen('.name', 'service-0');
    for (const position of [0, 0.5, 1]) {
      await page.$eval('.rows', (element, position) => (element.scrollTop = position * element.scrollHeight), position);
      await page.waitForFunction(
        (wanted: number) =>
          [...document.querySelectorAll<HTMLElement>('.row-place:not([hidden])')].some(
            (row) => Number(row.dataset['index']) === wanted,
          ),
        {},
        Math.round(position * 999),
      );
    }
    const count = (await page.$$('.row-place')).length;
    assert.ok(count < 60, `${count} rows`);
  });
});

describe('each page of the dashboard', () => {
  before(async () => {
    program = await startProgram(NAMES);
    await program.fail('payments');
    program.breakers.for('mail').forceOpen();
  });
  after(() => program.close());

  for (const [name, hash, selector] of [
    ['the list', '#/', '.row'],
    ['a breaker', '#/breaker//payments', '.chart canvas'],
    ['the events', '#/events', '.event'],
    ['the queues', '#/queues', '.figures'],
  ] as const) {
    it(`is accessible in light and dark, and fits a phone: ${name}`, async () => {
      await visit(`${program.url}${hash}`);
      await page.waitForSelector(selector);
      await checkAccess(page, 'light');
      await page.setViewport(PHONE);
      await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: 'dark' }]);
      await checkAccess(page, 'dark');
      assert.deepEqual(page.complaints, []);
      await page.close();
    });
  }

  it('has a dialog that is accessible', async () => {
    await visit(`${program.url}#/breaker//mail`);
    await click('Force open');
    await page.waitForSelector('dialog[open]');
    await checkAccess(page, 'light');
    await page.close();
  });

  it('weighs at most 40 kB with all others, after gzip', async () => {
    const files = await filesOfPage();
    const total = [...files.values()].reduce((sum, text) => sum + gzipSync(text, { level: 9 }).length, 0);
    assert.ok(files.size >= 4 && total <= 40_000, `${total} bytes: ${[...files.keys()].join(', ')}`);
  });
});

/** Returns the page, and the texts of the files that it and they name. */
async function filesOfPage(): Promise<Map<string, string>> {
  const board = dashboard();
  const files = new Map([['', await board.page('dashboard/').text()]]);
  for (const text of files.values()) {
    for (const [name] of text.matchAll(/[\w-]+-[A-Z0-9]{8}\.(?:js|css)/g)) {
      if (!files.has(name))
        files.set(name, (await board.file(name)?.text()) ?? assert.fail(`there is no file ${name}`));
    }
  }
  return files;
}

/** The calculator in a browser. The expected numbers are worked out by hand. */
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import type { Page } from 'puppeteer-core';
import { presets } from '@fusewire/profiles';
import { openPage } from './browser.ts';
import { browser, output } from './built.ts';

const address = `file://${output}numbers.html`;
let page: Page;

/** Resolves once the calculator shows the outcome for the values of the form. */
async function settled(): Promise<void> {
  await page.waitForFunction("document.querySelector('[data-calculator]').ariaBusy === 'false'");
}

async function fill(name: string, value: string): Promise<void> {
  const field = `[data-calculator] [name="${name}"]`;
  await page.$eval(field, (input) => ((input as { value?: string }).value = ''));
  await page.type(field, value);
  await page.$eval(field, (input) => input.dispatchEvent(new Event('change', { bubbles: true })));
  await page.$eval(field, (input) => input.dispatchEvent(new Event('input', { bubbles: true })));
}

async function readings(): Promise<Record<string, string>> {
  await settled();
  const pairs = await page.$$eval('.readings div', (rows) =>
    rows.map((row) => [row.querySelector('dt')?.textContent, row.querySelector('b')?.textContent]),
  );
  return Object.fromEntries(pairs) as Record<string, string>;
}

describe('the calculator', () => {
  before(async () => {
    page = await openPage(browser(), 'file://');
    await page.goto(address);
    await settled();
  });

  test('opens after five failures at five calls a second, for 60 s', async () => {
    await fill('pattern', '60 healthy, 60 failing, 180 healthy');
    assert.deepEqual(await readings(), {
      Opened: 'at 1:00.8',
      // The calls from 61.0 s to 120.8 s; that of 121.0 s is the first probe.
      'Calls saved': '300',
      Failed: '5',
      'Waited for nothing': '0\u202fs',
      'In flight at most': '1',
    });
  });

  test('opens when the fifth call to a hanging dependency times out', async () => {
    await fill('pattern', '60 healthy, 60 hanging, 180 healthy');
    await fill('timeout', '2000');
    const { Opened, ...others } = await readings();
    // The fifth call begins at 60.8 s; by 62.8 s eleven are in flight, with or without that of 62.8 s.
    assert.equal(Opened, 'at 1:02.8');
    assert.ok(Number(others['In flight at most']) <= 11, others['In flight at most']);
  });

  test('limits calls in flight while no call succeeds', async () => {
    await fill('pattern', '300 hanging');
    // With this timeout no call begins at the instant when another one times out.
    await fill('timeout', '2100');
    await fill('inFlight.limit', '4');
    const { 'In flight at most': most } = await readings();
    assert.equal(most, '4');
    await fill('inFlight.limit', '');
  });

  test('shows the error of the engine for a wrong option', async () => {
    await fill('failureThreshold', '0');
    await settled();
    const message = await page.$eval('.problem', (element) => element.textContent);
    assert.equal(message, 'failureThreshold must be a whole number from 1 to 1000000, got 0');
    await fill('failureThreshold', '5');
    await settled();
    assert.equal(await page.$eval('.problem', (element) => element.textContent), '');
  });

  test('fills the form with a preset', async () => {
    await page.select('[name=preset]', 'internal');
    await settled();
    const value = await page.$eval('[name=resetTimeout]', (input) => (input as { value?: string }).value);
    assert.equal(value, String(presets.internal.resetTimeout.initial));
    const code = await page.$eval('.code-of-options', (element) => element.textContent);
    assert.match(String(code), /resetTimeout: 5_000,/);
  });

  test('paints the pattern with the pointer', async () => {
    await fill('pattern', '300 healthy');
    assert.equal((await readings())['Opened'], 'never');
    const strip = await page.$('.strip');
    await strip?.scrollIntoView();
    const box = await strip?.boundingBox();
    assert.ok(box);
    await page.mouse.move(box.x + box.width * 0.4, box.y + 5);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.6, box.y + 5, { steps: 4 });
    await page.mouse.up();
    assert.match((await readings())['Opened'] ?? '', /^at 2:0/);
    const text = await page.$eval('[name=pattern]', (input) => (input as { value?: string }).value);
    assert.match(String(text), /^1\d\d healthy, \d\d failing, 1\d\d healthy$/);
  });
});

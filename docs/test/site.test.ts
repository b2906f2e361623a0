/** The site in a browser, as people see it. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'puppeteer-core';
import type { AxeResults } from 'axe-core';
import { buildSite } from '../site/build.ts';
import { serve } from '../site/serve.ts';
import type { Served } from '../site/serve.ts';
import { DESK, launch, openPage, PHONE } from './browser.ts';

const output = fileURLToPath(new URL('../.work/site/', import.meta.url));
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const { pages, files, problems } = await buildSite(output);
let browser: Browser;
let site: Served;

before(async () => {
  browser = await launch();
  // Any address will do: nothing may depend on being at the top.
  site = await serve(output, 0, '/some/where/');
});

after(async () => {
  site?.[Symbol.dispose]();
  await browser?.close();
});

test('every link leads to a page, and to a part of it', () => {
  assert.deepEqual(problems, []);
});

describe(
  'nothing from elsewhere, no complaint, no overflow on a phone, readable by all in light and dark',
  { concurrency: 3 },
  () => {
    // Those that show a file are all alike.
    for (const name of [...pages, ...files.slice(0, 3)]) {
      test(name, async () => {
        const page = await openPage(browser, site.url);
        try {
          for (const theme of ['light', 'dark']) {
            await page.setViewport(theme === 'light' ? DESK : PHONE);
            await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: theme }]);
            await page.goto(`${site.url}${name}.html`, { waitUntil: 'load' });
            await page.evaluate(axe);
            const results = (await page.evaluate('axe.run({ resultTypes: ["violations"] })')) as AxeResults;
            const told = results.violations.map(
              ({ id, nodes }) =>
                `${id}: ${nodes.map((node) => `${node.html} ${node.any[0]?.message ?? ''}`).join('\n  ')}`,
            );
            assert.deepEqual(told, [], theme);
            const overflow = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
            assert.ok(Number(overflow) <= 0, `${overflow} px too wide, ${theme}`);
          }
          assert.deepEqual(page.complaints, []);
        } finally {
          await page.close();
        }
      });
    }
  },
);

test('links work where they stand, under any address and from a disk', async () => {
  const page = await openPage(browser, 'file://');
  await page.goto(`file://${output}start.html`);
  await page.click('nav.neighbours a[rel=next]');
  await page.waitForSelector('article h1');
  assert.match(page.url(), /numbers\.html$/);
  await page.keyboard.press('/');
  await page.waitForFunction('globalThis.fusewireSearchIndex !== undefined');
  await page.keyboard.type('two minutes');
  await page.waitForSelector('.found a[href*="start.html"]');
  assert.deepEqual(page.complaints, []);
  await page.close();
});

test('the switch between light and dark is remembered', async () => {
  const page = await openPage(browser, site.url);
  await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: 'light' }]);
  await page.goto(`${site.url}index.html`);
  const paper = () => page.evaluate('getComputedStyle(document.body).backgroundColor');
  const light = await paper();
  await page.click('button.theme');
  const dark = await paper();
  assert.notEqual(dark, light);
  await page.goto(`${site.url}start.html`);
  assert.equal(await paper(), dark);
  await page.evaluate('localStorage.clear()');
  await page.close();
});

test('the search finds a part of a page, with the keyboard alone', async () => {
  const page = await openPage(browser, site.url);
  await page.goto(`${site.url}index.html`);
  await page.keyboard.press('/');
  await page.waitForFunction('globalThis.fusewireSearchIndex !== undefined');
  await page.keyboard.type('first breaker');
  await page.waitForSelector('.found a');
  await page.keyboard.press('ArrowDown');
  await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
  assert.match(page.url(), /start\.html/);
  assert.deepEqual(page.complaints, []);
  await page.close();
});

test('on a phone the navigation opens, leads on, and closes with Escape', async () => {
  const page = await openPage(browser, site.url);
  await page.setViewport(PHONE);
  await page.goto(`${site.url}index.html`);
  const isShown = () => page.evaluate("getComputedStyle(document.querySelector('nav.pages')).visibility");
  assert.equal(await isShown(), 'hidden');
  await page.click('button.menu');
  assert.equal(await isShown(), 'visible');
  await page.keyboard.press('Escape');
  assert.equal(await isShown(), 'hidden');
  await page.click('button.menu');
  await Promise.all([page.waitForNavigation(), page.click('nav.pages a[href="start.html"]')]);
  assert.match(page.url(), /start\.html$/);
  await page.close();
});

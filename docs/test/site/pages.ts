/** The site in a browser: links, accessibility, layout, search and menus. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { serve } from '../../site/serve.ts';
import type { Served } from '../../site/serve.ts';
import { checkAccess } from './accessibility.ts';
import { DESK, openPage, PHONE } from './browser.ts';
import type { SitePage } from './browser.ts';
import { browser, built, output } from './built.ts';

/** Pages of symbols to look at: one of each kind. All of them have the same layout. */
const SYMBOLS = ['CircuitBreaker', 'CircuitBreakerOptions', 'CircuitOpenError', 'retry', 'CircuitState', 'RetryBudget'];

const { pages, files, problems } = built;
let site: Served;

before(async () => {
  // Under a path of its own: no link may depend on the root of the server.
  site = await serve(output, 0, '/some/where/');
});

after(() => site?.[Symbol.dispose]());

/** Opens a page, passes it to `use`, and checks that it caused no complaint. */
async function visit(name: string, width: number, use: (page: SitePage) => Promise<void>): Promise<void> {
  const page = await openPage(browser(), site.url);
  try {
    await page.setViewport({ width, height: 900 });
    await page.goto(`${site.url}${name}.html`, { waitUntil: 'load' });
    await use(page);
    assert.deepEqual(page.complaints, []);
  } finally {
    await page.close();
  }
}

test('every link leads to a page and to an anchor that exist, and every page has a place', () => {
  assert.deepEqual(problems, []);
});

/** Pages of files are all alike, and so are pages of symbols. */
const looked = [
  ...pages.filter(
    (name) => !/^api\/[\w-]+\/(?!index$)/.test(name) || SYMBOLS.some((each) => name === `api/fusewire/${each}`),
  ),
  ...files.slice(0, 3),
];

/** Pages of each layout. On a phone they show controls that a wide page does not. */
const LAYOUTS = ['index', 'start', 'numbers', 'comparison', 'api/fusewire/index', 'api/fusewire/CircuitBreaker'];

/** Rules of axe whose result depends on colours, or on the width of the page. */
const VISUAL = ['color-contrast', 'link-in-text-block', 'scrollable-region-focusable', 'target-size'];

describe(
  'each page is accessible in light and dark, fits a phone and requests nothing from elsewhere',
  { concurrency: 3 },
  () => {
    for (const name of looked) {
      test(name, async () => {
        const page = await openPage(browser(), site.url);
        try {
          await page.setViewport(DESK);
          await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: 'light' }]);
          await page.goto(`${site.url}${name}.html`, { waitUntil: 'load' });
          await checkAccess(page, 'light');
          await page.setViewport(PHONE);
          await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: 'dark' }]);
          await checkAccess(page, 'dark', LAYOUTS.includes(name) ? undefined : VISUAL);
          assert.deepEqual(page.complaints, []);
        } finally {
          await page.close();
        }
      });
    }
  },
);

describe('the front page', () => {
  test('has the name, the command to install, two buttons and six features with links', () =>
    visit('index', 1_280, async (page) => {
      const texts = (selector: string) =>
        page.$$eval(selector, (elements) => elements.map((element) => element.textContent?.trim()));
      assert.deepEqual(await texts('h1'), ['fusewire']);
      assert.deepEqual(await texts('.pitch figure.code pre'), ['npm install fusewire']);
      assert.deepEqual(await texts('.actions a'), ['Get started', 'Repository']);
      assert.equal((await texts('.features li > p:first-child a')).length, 6);
      await page.click('.pitch button.copy');
      await page.waitForFunction("/Copied|Selected/.test(document.querySelector('.pitch .copy').textContent)");
    }));

  test('shows its code without a scroll bar at 1280 px', () =>
    visit('index', 1_280, async (page) => {
      const hidden = await page.$$eval('.hero pre', (blocks) =>
        blocks.map((block) => block.scrollWidth - block.clientWidth),
      );
      assert.deepEqual(hidden, [0, 0]);
    }));

  test('has a small calculator that shows an outcome', () =>
    visit('index', 1_280, async (page) => {
      await page.waitForSelector('[data-calculator=small] .readings b');
      const isShown = await page.$eval('[data-calculator] .options', (options) => options.checkVisibility());
      assert.equal(isShown, false);
    }));
});

test('the fonts come from the site itself', () =>
  visit('start', 1_280, async (page) => {
    await page.evaluate('document.fonts.ready');
    const loaded = (await page.evaluate(
      '[...document.fonts].map(({ family, status }) => family + " " + status)',
    )) as string[];
    // Some versions of Chromium keep the quotes of the style sheet.
    const names = loaded.map((name) => name.replaceAll('"', ''));
    assert.deepEqual(names, ['Inter loaded', 'JetBrains Mono loaded']);
    const requested = await page.evaluate(
      "performance.getEntriesByType('resource').map(({ name }) => name).filter((name) => name.endsWith('.woff2'))",
    );
    const fonts = ['inter', 'jetbrains-mono'].map((font) => `${site.url}assets/fonts/${font}.woff2`);
    assert.deepEqual((requested as string[]).toSorted(), fonts);
    assert.match(String(await page.evaluate('getComputedStyle(document.body).fontFamily')), /^Inter,/);
  }));

describe('the navigation', () => {
  test('has its groups in plain words', () =>
    visit('start', 1_280, async (page) => {
      const groups = await page.$$eval('nav.pages h2', (headings) => headings.map(({ textContent }) => textContent));
      assert.deepEqual(groups, ['Guide', 'Operations', 'Recipes', 'Reference', 'Migrating', 'Internals']);
    }));

  test('does not list the private systems, which the page of their package links to', () =>
    visit('api/dialects/index', 1_280, async (page) => {
      const links = (selector: string) =>
        page.$$eval(selector, (anchors) =>
          anchors.map((link) => /from\/(\w+)\.html$/.exec((link as { href?: string }).href ?? '')?.[1]).filter(Boolean),
        );
      assert.deepEqual(await links('nav.pages a'), ['opossum', 'cockatiel']);
      assert.deepEqual(await links('article a'), ['conexxus', 'haven', 'campaign', 'nerdgraph']);
    }));

  test('opens on a phone, leads to a page, and closes with Escape', async () => {
    const page = await openPage(browser(), site.url);
    await page.setViewport(PHONE);
    await page.goto(`${site.url}index.html`);
    const visibility = () => page.evaluate("getComputedStyle(document.querySelector('nav.pages')).visibility");
    assert.equal(await visibility(), 'hidden');
    await page.click('button.menu');
    assert.equal(await visibility(), 'visible');
    await page.keyboard.press('Escape');
    assert.equal(await visibility(), 'hidden');
    await page.click('button.menu');
    await Promise.all([page.waitForNavigation(), page.click('nav.pages a[href="start.html"]')]);
    assert.match(page.url(), /start\.html$/);
    await page.close();
  });
});

describe('the comparison', () => {
  test('uses the full width, and keeps the head of a table below the bar', () =>
    visit('comparison', 1_280, async (page) => {
      assert.equal(await page.$eval('h1', ({ textContent }) => textContent), 'Comparison');
      const positions = await page.evaluate(`(() => {
        const [table] = [...document.querySelectorAll('article table')].sort((a, b) => b.offsetHeight - a.offsetHeight);
        scrollTo(0, table.getBoundingClientRect().top + table.offsetHeight / 2);
        const { top } = table.querySelector('thead').rows[0].cells[1].getBoundingClientRect();
        const { bottom } = document.querySelector('header.top').getBoundingClientRect();
        const { left, right } = table.getBoundingClientRect();
        return { below: Math.round(top - bottom), width: right - left, beyond: right - innerWidth };
      })()`);
      const { below, width, beyond } = positions as Record<string, number>;
      assert.ok(Math.abs(below as number) <= 1, `the head is ${below} px below the bar`);
      assert.ok((width as number) > 900 && (beyond as number) <= 0, `${width} px wide, ${beyond} px beyond the page`);
    }));

  test('keeps the head and the first column of a table on a phone', () =>
    visit('comparison', PHONE.width, async (page) => {
      const positions = await page.evaluate(`(() => {
        const boxes = [...document.querySelectorAll('article .table')];
        const [box] = boxes.sort((a, b) => b.scrollHeight - a.scrollHeight);
        box.scrollTo(200, 150);
        const edge = box.getBoundingClientRect();
        const head = box.querySelector('thead').rows[0].cells[1].getBoundingClientRect();
        const first = box.querySelector('tbody th').getBoundingClientRect();
        return [box.scrollLeft, box.scrollTop, Math.round(head.top - edge.top), Math.round(first.left - edge.left)];
      })()`);
      assert.deepEqual(positions, [200, 150, 1, 1]);
    }));

  test('marks yes and no with a sign, a colour and a word', () =>
    visit('comparison', 1_280, async (page) => {
      const [yes, no] = (await page.evaluate(`['yes', 'no'].map((answer) => {
        const cell = document.querySelector('td.' + answer);
        return [cell.textContent, getComputedStyle(cell).color];
      })`)) as [string, string][];
      assert.equal(yes?.[0], '✓yes');
      assert.equal(no?.[0], '✗no');
      assert.notEqual(yes?.[1], no?.[1]);
    }));
});

test('the site works from a disk', async () => {
  const page = await openPage(browser(), 'file://');
  await page.goto(`file://${output}why.html`);
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

test('the choice between light and dark is remembered', async () => {
  const page = await openPage(browser(), site.url);
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

test('the search finds a section with the keyboard alone', async () => {
  const page = await openPage(browser(), site.url);
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

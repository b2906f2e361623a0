/** The site as its tests see it: built once, in one browser. */
import { after, before } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'puppeteer-core';
import { buildSite } from '../../site/build.ts';
import { launch } from './browser.ts';

/** Folder of the built site. */
export const output = fileURLToPath(new URL('../../.work/site/', import.meta.url));
export const built = await buildSite(output);

let running: Browser | undefined;

before(async () => {
  running = await launch();
});

after(() => running?.close());

/** Returns the browser, which runs from the first test to the last. */
export function browser(): Browser {
  if (running === undefined) throw new Error('the browser has not started');
  return running;
}

/** Browser for the tests of the site. */
import puppeteer from 'puppeteer-core';
import type { Browser, HTTPRequest, Page } from 'puppeteer-core';
import { CHROMIUM_ADVICE, findChromium } from '../../../.ci/lib/chromium.mjs';

const args = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-dev-shm-usage'],
  ...['--no-first-run', '--disable-extensions', '--disable-sync', '--disable-background-networking'],
];

/** Starts Chromium. Throws if it is not installed. */
export function launch(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error(CHROMIUM_ADVICE);
  return puppeteer.launch({ executablePath, args });
}

/** Record of a page. */
export interface Watch {
  /** Requests to other origins, failed responses and console messages. No page may cause any. */
  readonly complaints: string[];
}

/** A page with its record. */
export type SitePage = Page & Watch;

export const PHONE = { width: 390, height: 844 };
export const DESK = { width: 1_360, height: 900 };

/** Opens a page that records every request to another origin than `origin`, and every message in its console. */
export async function openPage(browser: Browser, origin: string): Promise<SitePage> {
  const page = await browser.newPage();
  const complaints: string[] = [];
  page.on('request', (request: HTTPRequest) => {
    const isOwn = ['data:', 'blob:'].some((scheme) => request.url().startsWith(scheme));
    if (!request.url().startsWith(origin) && !isOwn) complaints.push(`requested ${request.url()}`);
  });
  page.on('response', (response) => {
    if (!response.ok() && response.status() !== 304) complaints.push(`${response.status()} for ${response.url()}`);
  });
  page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => complaints.push(String(error)));
  return Object.assign(page, { complaints });
}

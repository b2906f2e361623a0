// The browser of the tests: an installed one, or on Debian the package.

import process from 'node:process';
import { aptInstall, hasApt } from './apt.mjs';
import { findProgram, isProgram } from './programs.mjs';

export const CHROMIUM_ADVICE =
  'there is no Chromium: install it (on Debian, as root: apt-get install chromium), or have CHROMIUM_PATH name the program of one.';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const applications = [
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** Returns the browser that CHROMIUM_PATH names, or else the first one found. */
export function findChromium() {
  const given = process.env.CHROMIUM_PATH;
  if (given) return isProgram(given) ? given : undefined;
  return findProgram(names, applications);
}

/** Installs a browser if none is found and this machine allows it. Otherwise the tests that need one say what to do. */
export async function bringChromium(env) {
  if (findChromium() === undefined && hasApt()) await aptInstall(['chromium'], env);
}

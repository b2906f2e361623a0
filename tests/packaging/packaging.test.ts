/** The packed packages with the tools of their users: installers, compilers, bundlers, test runners, frameworks. */
import { after } from 'node:test';
import { matrix } from './matrix.ts';
import './suites/installed.ts';
import './suites/typescript.ts';
import './suites/manifests.ts';
import './suites/weight.ts';
import './suites/runners.ts';
import './suites/testing.ts';
import './suites/adoption.ts';
import './suites/bundlers.ts';
import './suites/addon.ts';
import './suites/next.ts';
import './suites/nitro.ts';
import './suites/release.ts';

after(() => console.log(`\n${matrix()}\n`));

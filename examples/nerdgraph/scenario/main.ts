import { runScenario } from './scenario.ts';

process.exitCode = (await runScenario()) ? 0 : 1;

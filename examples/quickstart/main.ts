// Breaks a service on purpose and shows how three circuit breakers protect its callers.

import { setTimeout as sleep } from 'node:timers/promises';
import { type Arguments, parseArguments, usage } from './arguments.ts';
import { checkBreaker, checkEngine, checkRejections, checkService, isPhaseComplete, report } from './checks.ts';
import { serveDashboard } from './dashboard.ts';
import { Journal } from './journal.ts';
import { openView } from './screen.ts';
import { dependencies, phases, sabotages } from './script.ts';
import { ServiceProcess } from './service-process.ts';
import { summary } from './summary.ts';
import { Client, startTraffic } from './traffic.ts';

async function main(): Promise<number> {
  let options: Arguments;
  try {
    options = parseArguments(process.argv.slice(2));
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${usage}`);
    return 2;
  }
  if (options.help) {
    console.log(usage);
    return 0;
  }
  return demonstrate(options).catch((error: Error) => {
    console.error(error.message);
    process.exit(1);
  });
}

/** Milliseconds by which a slow machine may prolong a phase. */
const PATIENCE = 30_000;

/** Runs the demo and returns the exit code. */
async function demonstrate({ backend, sabotage, dashboard }: Arguments): Promise<number> {
  const unhandled: unknown[] = [];
  process.on('unhandledRejection', (reason) => unhandled.push(reason));

  const [service, twin] = await Promise.all([ServiceProcess.start(), ServiceProcess.start()]);
  const clients = dependencies.map((dependency) => new Client(dependency, backend, service.url, twin.url));
  const engines = new Set(clients.map(({ breaker }) => breaker.backend));
  const address = dashboard ? await serveDashboard(clients.map(({ breaker }) => breaker)) : undefined;
  const journal = new Journal();
  const view = openView({
    title: `fusewire quickstart · engine ${[...engines].join(', ')}${address === undefined ? '' : ` · ${address}`}`,
    subtitle: `service ${service.url} in process ${service.processId}, its twin in ${twin.processId}`,
    journal,
    phases,
    clients,
  });
  for (const { breaker } of clients) journal.follow(breaker, (transition) => view.onTransition(transition));
  const stopTraffic = startTraffic(clients);
  for (const { name, fault, duration } of phases.map(sabotages[sabotage])) {
    await Promise.all([service.enter(fault), twin.enter(fault)]);
    view.onPhase(journal.enterPhase(name));
    await sleep(duration);
    // With sabotage the expected transitions never come.
    const latest = performance.now() + (sabotage === 'none' ? PATIENCE : 0);
    const isComplete = (): boolean => clients.every((client) => isPhaseComplete(client, journal, name));
    while (!isComplete() && performance.now() < latest) await sleep(20);
  }
  journal.close();
  await stopTraffic();
  view.close();
  if (address === undefined) await Promise.all([service.stop(), twin.stop()]);

  const checks = [
    ...clients.flatMap((client) => checkBreaker(client, journal)),
    checkEngine(clients, backend),
    checkService(clients, service.seen),
    checkRejections(unhandled),
  ];
  console.log(['', ...summary(clients), '', ...report(checks)].join('\n'));
  if (address === undefined) console.log('\nThe same on a dashboard: npm run demo -- --dashboard');
  else {
    console.log(`\nThe script is repeated for the dashboard at ${address}\nCtrl+C ends it.`);
    await repeat(clients, [service, twin]);
  }
  for (const { breaker } of clients) breaker.dispose();
  return checks.every(({ passed }) => passed) ? 0 : 1;
}

/** Runs the script again and again, until the process is ended. */
async function repeat(clients: Client[], services: readonly ServiceProcess[]): Promise<never> {
  startTraffic(clients);
  for (;;) {
    for (const { fault, duration } of phases) {
      await Promise.all(services.map((service) => service.enter(fault)));
      await sleep(duration);
    }
  }
}

for (const [signal, number] of [
  ['SIGINT', 2],
  ['SIGTERM', 15],
  ['SIGHUP', 1],
] as const) {
  process.on(signal, () => process.exit(128 + number));
}
// The reader of the output has closed it.
process.stdout.on('error', () => process.exit(1));

// Without process.exit(), the program ends only if no socket, timer or child process is left.
process.exitCode = await main();

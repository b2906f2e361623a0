// Breaks a service on purpose and shows what three circuit breakers make of it.

import { setTimeout as sleep } from 'node:timers/promises';
import { type Arguments, parseArguments, usage } from './arguments.ts';
import { checkBreaker, checkEngine, checkRejections, checkService, verdict } from './checks.ts';
import { Journal } from './journal.ts';
import { openView } from './screen.ts';
import { dependencies, type Phase, phases, sabotages } from './script.ts';
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

/** Returns the exit code. */
async function demonstrate({ backend, sabotage }: Arguments): Promise<number> {
  const unhandled: unknown[] = [];
  process.on('unhandledRejection', (reason) => unhandled.push(reason));

  const [service, twin] = await Promise.all([ServiceProcess.start(), ServiceProcess.start()]);
  const clients = dependencies.map((dependency) => new Client(dependency, backend, service.url, twin.url));
  const engines = new Set(clients.map(({ breaker }) => breaker.backend));
  const journal = new Journal();
  const view = openView({
    title: `fusewire quickstart · engine ${[...engines].join(', ')}`,
    subtitle: `service ${service.url} in process ${service.processId}, its twin in ${twin.processId}`,
    journal,
    phases,
    clients,
  });
  for (const { breaker } of clients) journal.follow(breaker, (transition) => view.onTransition(transition));
  const stopTraffic = startTraffic(clients);
  await play(phases.map(sabotages[sabotage]), [service, twin], (phase) => view.onPhase(journal.enterPhase(phase)));
  journal.close();
  await stopTraffic();
  view.close();
  await Promise.all([service.stop(), twin.stop()]);

  const checks = [
    ...clients.flatMap((client) => checkBreaker(client, journal)),
    checkEngine(clients, backend),
    checkService(clients, service.seen),
    checkRejections(unhandled),
  ];
  console.log(['', ...summary(clients), '', ...verdict(checks)].join('\n'));
  for (const { breaker } of clients) breaker.dispose();
  return checks.every(({ passed }) => passed) ? 0 : 1;
}

async function play(script: Phase[], services: ServiceProcess[], onPhase: (name: string) => void): Promise<void> {
  let end = performance.now();
  for (const { name, fault, duration } of script) {
    await Promise.all(services.map((service) => service.enter(fault)));
    onPhase(name);
    end += duration;
    await sleep(end - performance.now());
  }
}

for (const [signal, number] of [
  ['SIGINT', 2],
  ['SIGTERM', 15],
  ['SIGHUP', 1],
] as const) {
  process.on(signal, () => process.exit(128 + number));
}
// Whoever read our output has gone away.
process.stdout.on('error', () => process.exit(1));

// Not process.exit: that the program ends by itself shows that no socket, timer or child is left.
process.exitCode = await main();

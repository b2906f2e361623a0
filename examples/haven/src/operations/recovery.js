import { setTimeout as delay } from 'node:timers/promises';

/**
 * Returns the recovery procedures of the document as tasks, by their names. Each runs its steps in order, logs them, and stops at
 * the first that fails. An operator runs one with `POST /ops/tasks/<name>`; the audit log has who, why and the result.
 */
export function recoveryTasks({ engines, checks, restart, logger, timeout = 5_000 }) {
  const runSteps = async (procedure, steps) => {
    for (const [step, run] of steps) {
      try {
        await run();
      } catch (error) {
        logger.warn(`${procedure}: ${step}: failed`, { message: error.message });
        throw new Error(`${procedure} stopped at the step "${step}": ${error.message}`);
      }
      logger.info(`${procedure}: ${step}: done`);
    }
  };

  /** Manual reset of one service: only if the service answers. */
  const recover = (service) => () =>
    runSteps(`recover ${service}`, [
      ['the service answers', () => within(timeout, checks[service])],
      ['release what an operator holds', () => engines.get(service).releaseOverride()],
      ['reset the circuit', () => engines.get(service).reset()],
      ['a call through the breaker succeeds', () => engines.get(service).execute(checks[service])],
    ]);

  /** Configuration update: a service that only answers slowly gets more time, until the next restart. */
  const allowSlow = (service) => () =>
    runSteps(`allow slow ${service}`, [
      ['the service answers, although slowly', () => within(4 * timeout, checks[service])],
      ['double the time limit', () => engines.get(service).update({ timeout: 60_000 })],
      ['reset the circuit', () => engines.get(service).reset()],
    ]);

  const services = Object.keys(checks);
  return {
    ...Object.fromEntries(services.map((service) => [`recover-${service}`, recover(service)])),
    ...Object.fromEntries(services.map((service) => [`allow-slow-${service}`, allowSlow(service)])),
    /** Service restart: all circuits are closed afterwards. The response goes out first. */
    restart: () => runSteps('restart', [['ask the process to restart', () => void delay(100).then(restart)]]),
  };
}

async function within(time, check) {
  const signal = AbortSignal.timeout(time);
  const late = new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  await Promise.race([check({ signal }), late]);
}

// The measuring process: one contender, one case. The parent sends `{ task }` first and then, for the interleaved
// measures, `{ sample: true }` as often as it likes.

import { contenderNamed } from './contenders/index.mjs';

process.on('disconnect', () => process.exit(0));
process.on('message', (message) => {
  answer(message).then(
    (value) => process.send({ value }),
    (error) => process.send({ error: String(error?.stack ?? error) }),
  );
});

/** @type {undefined | (() => Promise<unknown>)} */
let takeSample;

async function answer(message) {
  if (message.sample) return takeSample();
  const { task } = message;
  const measure = await loadMeasure(task.measure);
  const contender = task.contender === null ? undefined : contenderNamed(task.contender);
  if (contender !== undefined) {
    const reason = await loadContender(contender, task);
    if (reason !== undefined) return { unavailable: reason };
  }
  return measure(contender, task);
}

async function loadMeasure(name) {
  switch (name) {
    case 'timed': {
      const { prepareTimed } = await import('./measures/timed.mjs');
      return async (contender, task) => void (takeSample = await prepareTimed(contender, task));
    }
    case 'requests': {
      const { prepareRequests } = await import('./measures/requests.mjs');
      return async (contender, task) => {
        const bare = contenderNamed(task.bare);
        await bare.load();
        takeSample = await prepareRequests(contender, { ...task, bare });
      };
    }
    case 'bytes': {
      const { prepareBytes } = await import('./measures/bytes.mjs');
      return async (contender) => void (takeSample = await prepareBytes(contender));
    }
    case 'breakers':
      return (await import('./measures/breakers.mjs')).measureBreakers;
    case 'idle':
      return (await import('./measures/idle.mjs')).measureIdle;
    case 'service':
      return (await import('./measures/service.mjs')).measureService;
    default:
      throw new Error(`no measure is named ${name}`);
  }
}

/** A library that does not load, or cannot make a breaker of this kind here, is reported rather than fatal. */
async function loadContender(contender, task) {
  try {
    await contender.load();
    contender.make(async () => 1, { circuit: task.circuit ?? 'standard', window: task.window });
    return undefined;
  } catch (error) {
    return String(error?.message ?? error).split('\n')[0];
  }
}

import type { Observer, Program, Subject } from './program.ts';
import type { Fusewire } from './target.ts';

type RetryOf = (fusewire: Fusewire, observer: Observer, options?: object) => ReturnType<Fusewire['retry']>;

const ABORTS = { calls: 2, depth: 6, aborts: true, once: true } as const;

/** Programs whose work must not begin again while it may still happen. */
export function idempotencePrograms(retryOf: RetryOf): Program[] {
  return [
    {
      ...ABORTS,
      name: 'retry of work that is not idempotent around a timeout',
      create(fusewire, observer) {
        const retry = retryOf(fusewire, observer, { idempotent: undefined });
        const limit = fusewire.timeout(15);
        const calls = fusewire.pipeline([retry, limit]) as unknown as Subject['calls'];
        return { calls, policies: [retry, limit] };
      },
    },
    {
      ...ABORTS,
      name: 'pipeline of calls that are not idempotent',
      create(fusewire, observer) {
        const retry = retryOf(fusewire, observer, { idempotent: true });
        const hedge = fusewire.hedge({ delay: 5, idempotent: true });
        const limit = fusewire.timeout(15);
        const calls = fusewire.pipeline([retry, hedge, limit], { idempotent: true });
        const execute = (work: never, options: object) => calls.execute(work, { ...options, idempotent: false });
        return { calls: { execute } as unknown as Subject['calls'], policies: [retry, hedge, limit] };
      },
    },
  ];
}

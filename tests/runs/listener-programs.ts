import type { Observer, Program, Subject } from './program.ts';
import type { Fusewire } from './target.ts';

type RetryOf = (fusewire: Fusewire, observer: Observer, options?: object) => ReturnType<Fusewire['retry']>;
type Listened = NonNullable<Subject['policies']>[number] &
  Subject['calls'] & { on(event: string, listener: (event: { readonly error?: unknown }) => unknown): unknown };

const ABORTS = { calls: 3, depth: 6, aborts: true } as const;

/** Programs with listeners of policies, which see whom they run for, and listeners that abort their call. */
export function listenerPrograms(retryOf: RetryOf): Program[] {
  const subjects: Record<string, (fusewire: Fusewire, observer: Observer) => unknown> = {
    retry: (fusewire, observer) => retryOf(fusewire, observer, { delay: 0, attempts: 3 }),
    timeout: ({ timeout }) => timeout(20),
    bulkhead: ({ bulkhead }) => bulkhead({ limit: 1, queueSize: 1, maxWait: 15 }),
    'rate limit': ({ rateLimit }) => rateLimit({ limit: 1, per: 30, maxWait: 100 }),
    hedge: ({ hedge }) => hedge({ delay: 5, idempotent: true }),
  };
  const events: Record<string, readonly string[]> = {
    bulkhead: ['enqueue', 'reject'],
    'rate limit': ['enqueue', 'reject'],
  };
  return Object.entries(subjects).flatMap(([name, create]) =>
    (['listener', 'listener that aborts its call'] as const).map((kind) => ({
      ...ABORTS,
      name: `${name} with a ${kind}`,
      hedged: name === 'hedge',
      ...(name === 'bulkhead' && { priorities: [0, 4, 2] as const }),
      create(fusewire: Fusewire, observer: Observer) {
        const policy = create(fusewire, observer) as Listened;
        for (const event of events[name] ?? [name]) {
          policy.on(event, ({ error }) => {
            observer.ran('a listener', error);
            if (kind !== 'listener') observer.abortOwn();
          });
        }
        return { calls: policy, policies: [policy] };
      },
    })),
  );
}

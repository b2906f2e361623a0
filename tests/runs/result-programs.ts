import type { CallResult, Runner } from 'fusewire';
import type { Observer, Program, Subject } from './program.ts';
import { breakerOf, retryOf } from './subjects.ts';
import type { Fusewire } from './target.ts';

type Execute = Runner<unknown>['execute'];

/** Programs whose calls are made by `tryExecute`, or by a wrapped function. */
export const resultPrograms: Program[] = [
  program('breaker by tryExecute', breakerSubject, byResult, { aborts: true, together: true }),
  program('breaker by tryExecute under commands', breakerSubject, byResult, {
    aborts: true,
    depth: 5,
    commands: ['dispose', 'forceOpen'],
  }),
  program('pipeline by tryExecute', pipelineSubject, byResult, { aborts: true }),
  program('pipeline by tryExecute under commands', pipelineSubject, byResult, {
    depth: 5,
    commands: ['dispose', 'forceOpen'],
  }),
  program('breaker by a wrapped function', breakerSubject, byWrapping, { together: true }),
  program('pipeline by a wrapped function', pipelineSubject, byWrapping, {}),
];

type SubjectOf = (fusewire: Fusewire, observer: Observer) => Subject & { readonly calls: Runner<unknown> };

function program(
  name: string,
  subjectOf: SubjectOf,
  by: (runner: Runner<unknown>) => Execute,
  rest: Partial<Program>,
): Program {
  return {
    name,
    calls: 2,
    depth: 6,
    ...rest,
    create(fusewire, observer) {
      const subject = subjectOf(fusewire, observer);
      return { ...subject, calls: { execute: by(subject.calls) } as Subject['calls'] };
    },
  };
}

function breakerSubject(fusewire: Fusewire, observer: Observer) {
  const breaker = breakerOf(fusewire, observer, { failureThreshold: 1 });
  return { calls: breaker as Runner<unknown>, breaker } as ReturnType<SubjectOf>;
}

function pipelineSubject(fusewire: Fusewire, observer: Observer) {
  const breaker = breakerOf(fusewire, observer, { failureThreshold: 1 });
  const retry = retryOf(fusewire, observer);
  const calls: Runner<unknown> = fusewire.pipeline([retry, breaker], { checked: false });
  return { calls, breaker, policies: [retry] } as unknown as ReturnType<SubjectOf>;
}

/** Returns an `execute` that settles as the result of `tryExecute` says. */
function byResult(runner: Runner<unknown>): Execute {
  return (work, options) => runner.tryExecute(work, options).then(settledAs) as ReturnType<Execute> as never;
}

function settledAs<T>(result: CallResult<T>): T {
  if (result.status === 'success') return result.value;
  throw result.status === 'failure' ? result.error : result.rejection;
}

/** Returns an `execute` that calls a wrapped function. */
function byWrapping(runner: Runner<unknown>): Execute {
  return (work) => runner.wrap((call) => work(call))() as ReturnType<Execute> as never;
}

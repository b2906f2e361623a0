/* eslint-disable @typescript-eslint/no-empty-object-type, @typescript-eslint/no-unused-vars -- the runner's parameters */
import type { BreakerMatchers } from './matchers.ts';

export { breakerMatchers } from './matchers.ts';

declare module 'vitest' {
  interface Matchers<R extends void | Promise<void>, T> extends BreakerMatchers<R> {}
}

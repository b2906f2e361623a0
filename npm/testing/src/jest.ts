/* eslint-disable @typescript-eslint/no-empty-object-type, @typescript-eslint/no-unused-vars -- the runner's parameters */
import type { BreakerMatchers } from './matchers.ts';

export { breakerMatchers } from './matchers.ts';

declare module 'expect' {
  interface Matchers<R extends void | Promise<void>, T> extends BreakerMatchers<R> {}
}

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- @types/jest declares its matchers in this namespace
  namespace jest {
    interface Matchers<R, T> extends BreakerMatchers<R> {}
  }
}

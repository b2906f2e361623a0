/* eslint-disable @typescript-eslint/no-empty-object-type, @typescript-eslint/no-namespace -- interfaces of the runner */
import type { BreakerMatchers } from './matchers.ts';

export { breakerMatchers } from './matchers.ts';

// `Matchers` of vitest has other type parameters in each major version, and only equal ones merge. These have none.
declare global {
  namespace Chai {
    interface Assertion extends BreakerMatchers<void> {}
  }
}

declare module 'vitest' {
  interface ExpectStatic extends BreakerMatchers {}
  interface AsymmetricMatchersContaining extends BreakerMatchers {}
}

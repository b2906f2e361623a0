/* eslint-disable @typescript-eslint/no-empty-object-type, @typescript-eslint/no-unused-vars -- parameters as the runner has them */
// What the runners declare, for the compiler to have something to add our matchers to: neither is installed here.

declare module 'vitest' {
  interface Matchers<R extends void | Promise<void>, T> {}
}

declare module 'expect' {
  interface Matchers<R extends void | Promise<void>, T> {}
}

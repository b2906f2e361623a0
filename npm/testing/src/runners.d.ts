/* eslint-disable @typescript-eslint/no-empty-object-type, @typescript-eslint/no-unused-vars -- the runner's parameters */
// Declarations of vitest and jest that our matchers extend. Neither is installed in this repository.

declare module 'vitest' {
  interface ExpectStatic {}
  interface AsymmetricMatchersContaining {}
}

declare module 'expect' {
  interface Matchers<R extends void | Promise<void>, T> {}
}

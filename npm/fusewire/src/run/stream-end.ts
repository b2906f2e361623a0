/** Value of a stream that has ended. It is no value of the user, so that no classifier of the user sees it. */
export const STREAM_END: unique symbol = Symbol('fusewire.stream-end');

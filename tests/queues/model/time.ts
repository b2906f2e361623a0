/**
 * Clocks of an explored queue. They replace those of this process: import this module before a store. `monotonic` never goes
 * back, `wall` can be set back.
 */
export const time = { monotonic: 0, wall: 0 };

performance.now = () => time.monotonic;
Date.now = () => time.wall;

/** Time of the wall at which every program begins. */
export const START = 1_000_000;

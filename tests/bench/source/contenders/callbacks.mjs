// The three that keep an older shape: levee and circuit-breaker-js take callbacks and are wrapped into a promise, as
// their users have to; hystrixjs keeps its commands in global maps by key.

/** @type {any} */
let levee;
/** @type {any} */
let hystrix;
/** @type {any} */
let HystrixLike;
let keys = 0;

const FOR_EVER = 2_000_000_000;

/** @type {import('./index.mjs').Contender[]} */
export const contenders = [
  {
    name: 'levee/default',
    library: 'levee',
    async load() {
      levee = (await import('levee')).default;
    },
    make(fn, wish) {
      const command = {
        execute(callback) {
          fn().then((value) => callback(null, value), callback);
        },
      };
      return levee.createBreaker(command, {
        timeout: 10_000,
        maxFailures: wish.circuit === 'neverOpens' ? FOR_EVER : 5,
        resetTimeout: wish.circuit === 'staysOpen' ? FOR_EVER : 60_000,
      });
    },
    call: (breaker) =>
      new Promise((resolve, reject) => {
        breaker.run((error, value) => (error ? reject(error) : resolve(value)));
      }),
  },
  {
    name: 'circuit-breaker-js/default',
    library: 'circuit-breaker-js',
    async load() {
      HystrixLike = (await import('circuit-breaker-js')).default;
    },
    make: (fn, wish) =>
      new HystrixLike({
        timeoutDuration: 10_000,
        windowDuration: wish.circuit === 'staysOpen' ? FOR_EVER : 10_000,
        errorThreshold: wish.circuit === 'neverOpens' ? 100 : 50,
      }),
    call: (breaker, fn) =>
      new Promise((resolve, reject) => {
        breaker.run(
          (succeeded, failed) => {
            fn().then(
              (value) => {
                succeeded();
                resolve(value);
              },
              (error) => {
                failed();
                reject(error);
              },
            );
          },
          () => reject(new Error('circuit is open')),
        );
      }),
  },
  hystrixContender('hystrixjs/default', 10_000),
  hystrixContender('hystrixjs/no-timeout', 0),
];

/** @returns {import('./index.mjs').Contender} */
function hystrixContender(name, timeout) {
  return {
    name,
    library: 'hystrixjs',
    async load() {
      hystrix = (await import('hystrixjs')).default;
    },
    make(fn, wish) {
      return hystrix.commandFactory
        .getOrCreate(`command ${keys++}`)
        .run(fn)
        .timeout(timeout)
        .circuitBreakerErrorThresholdPercentage(wish.circuit === 'neverOpens' ? 100 : 50)
        .circuitBreakerSleepWindowInMilliseconds(wish.circuit === 'staysOpen' ? FOR_EVER : 3_000)
        .build();
    },
    call: (command) => command.execute(),
  };
}

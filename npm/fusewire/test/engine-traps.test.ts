/** A trap of the engine, for want of memory or of stack: every call passes, and nothing hangs. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';

/** Runs a program in a process of its own, which is killed if it hangs. Returns the values that it printed as JSON. */
function run(program: string, ...flags: string[]): unknown {
  const source = `import * as fusewire from ${JSON.stringify(import.meta.resolve('fusewire'))};\n${program}`;
  const { status, signal, stdout, stderr } = spawnSync(
    process.execPath,
    [...flags, '--no-warnings', '--input-type=module', '--eval', source],
    { encoding: 'utf8', timeout: 120_000 },
  );
  assert.deepEqual([signal, status], [null, 0], `${stdout}${stderr}`);
  return JSON.parse(stdout);
}

/** WebAssembly memory of the process: 512 pages are 32 MiB. */
const LITTLE_MEMORY = '--wasm-max-mem-pages=512';

describe('an engine that runs out of memory', () => {
  const exhaust = `
    const { CircuitBreaker } = fusewire;
    const early = new CircuitBreaker({ name: 'early', failureThreshold: 1 });
    const kept = [];
    const fill = () => {
      for (let count = 0; count < 5_000; count++) {
        const breaker = new CircuitBreaker({ name: 'large', window: { type: 'count', size: 1_000_000 } });
        kept.push(breaker);
        breaker.forceOpen();
        if (breaker.state !== 'OPEN') return count;
      }
    };
    const filled = fill();`;

  it('creates a breaker that admits every call, and keeps the others', () => {
    const seen = run(
      `${exhaust}
       await early.execute(() => Promise.reject(new Error('down'))).catch(() => undefined);
       const last = kept.at(-1);
       const value = await last.execute(() => 'passed');
       console.log(JSON.stringify({ filled: filled > 0, early: early.state, value, engineErrors: last.getStats().engineErrors }));`,
      LITTLE_MEMORY,
    );
    assert.deepEqual(seen, { filled: true, early: 'OPEN', value: 'passed', engineErrors: 1 });
  });

  it('creates further breakers once memory is free', () => {
    const seen = run(
      `${exhaust}
       for (const breaker of kept.splice(0)) breaker.dispose();
       const later = new CircuitBreaker({ name: 'later', failureThreshold: 1 });
       await later.execute(() => Promise.reject(new Error('down'))).catch(() => undefined);
       console.log(JSON.stringify(later.state));`,
      LITTLE_MEMORY,
    );
    assert.equal(seen, 'OPEN');
  });

  it('creates policies that admit every call', () => {
    const seen = run(
      `const { adaptiveBulkhead, bulkhead, hedge, rateLimit, retry, retryBudget, shedLoad } = fusewire;
       const kept = [];
       const create = () => [bulkhead({ limit: 1 }), rateLimit({ limit: 1 }), shedLoad(), adaptiveBulkhead(), hedge({ delay: 10, idempotent: true }),
         retry({ attempts: 2, delay: { type: 'exponential', initial: 1 }, budget: retryBudget() })];
       const program = async () => {
         const values = [];
         for (const policy of create()) values.push(await policy.execute(() => 1));
         return values.length;
       };
       let created = 0;
       while (created < 200_000) { kept.push(create()); created += 6; }
       console.log(JSON.stringify(await program()));`,
      '--wasm-max-mem-pages=24',
    );
    assert.equal(seen, 6);
  });
});

describe('a stack overflow of the user', () => {
  it('leaves no breaker hanging, at whatever depth it strikes', () => {
    const seen = run(
      `const { CircuitBreaker } = fusewire;
       const breakers = Array.from({ length: 40 }, (_, index) => new CircuitBreaker({ name: String(index), failureThreshold: 1_000_000, timeout: false }));
       for (const breaker of breakers) for (let call = 0; call < 100; call++) await breaker.execute(() => call);
       const calls = [];
       let unwound;
       // Work that throws settles its call at once, at the depth of the stack that it was called at.
       const fail = () => {
         throw new Error('down');
       };
       // The overflow strikes inside execute at the innermost frames, and elsewhere at each frame around them.
       const recurse = (breaker, ...padding) => {
         try {
           recurse(breaker, ...padding);
         } catch (error) {
           if (unwound++ < 200) calls.push(breaker.execute(fail).catch(() => 0));
           throw error;
         }
       };
       // The padding makes the frames of other sizes, so that the overflow strikes at other places.
       breakers.forEach((breaker, index) => {
         unwound = 0;
         try {
           recurse(breaker, ...new Array(index).fill(0));
         } catch {}
       });
       await Promise.allSettled(calls);
       const values = await Promise.all(breakers.map((breaker) => breaker.execute(() => 'passed')));
       console.log(JSON.stringify(values.every((value) => value === 'passed')));`,
    );
    assert.equal(seen, true);
  });

  it('leaves every breaker emitting events, at whatever depth it strikes', () => {
    const seen = run(
      `const { CircuitBreaker } = fusewire;
       const emitted = new Set();
       const breakers = Array.from({ length: 60 }, (_, index) => {
         const breaker = new CircuitBreaker({ name: String(index), failureThreshold: 1_000_000, timeout: false });
         for (const event of ['success', 'failure', 'stateChange']) breaker.on(event, () => emitted.add(index));
         return breaker;
       });
       for (const breaker of breakers) for (let call = 0; call < 100; call++) await breaker.execute(() => call);
       const calls = [];
       let unwound;
       const fail = () => {
         throw new Error('down');
       };
       const uses = [
         (breaker) => calls.push(breaker.execute(fail).catch(() => 0)),
         (breaker) => breaker.state,
         (breaker) => breaker.forceOpen()(),
       ];
       const recurse = (breaker, use, ...padding) => {
         try {
           recurse(breaker, use, ...padding);
         } catch (error) {
           if (unwound++ < 200) use(breaker);
           throw error;
         }
       };
       breakers.forEach((breaker, index) => {
         unwound = 0;
         try {
           recurse(breaker, uses[index % uses.length], ...new Array(index).fill(0));
         } catch {}
       });
       await Promise.allSettled(calls);
       emitted.clear();
       await Promise.all(breakers.map((breaker) => breaker.execute(() => 'passed')));
       const silent = breakers.flatMap((_, index) => (emitted.has(index) ? [] : [index]));
       console.log(JSON.stringify(silent));`,
    );
    assert.deepEqual(seen, []);
  });
});

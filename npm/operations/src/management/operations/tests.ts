import type { Field } from '../fields.ts';
import type { TestBench } from '../test-bench.ts';
import type { Operation, Services } from './operation.ts';

const SERVICE: Field = {
  in: 'body',
  type: 'text',
  most: 200,
  required: true,
  description: 'Name of a breaker that exists for tests only.',
};

const simulateFailure: Operation = {
  access: 'test',
  summary: 'Run calls that fail or succeed through a breaker that exists for tests only. Nobody is alerted.',
  needs: 'tests',
  fields: {
    serviceName: SERVICE,
    shouldFail: { in: 'body', type: 'boolean', description: 'Whether the calls fail. Default true.' },
    iterations: { in: 'body', type: 'integer', least: 1, most: 100, description: 'Number of calls. Default 1.' },
  },
  result: 'FailureSimulation',
  async run(services, { serviceName, shouldFail, iterations }) {
    const count = (iterations as number | undefined) ?? 1;
    return { body: await benchOf(services).simulateFailure(serviceName as string, shouldFail !== false, count) };
  },
};

const simulateTimeout: Operation = {
  access: 'test',
  summary: 'Run a call of some duration through a new breaker, on a clock that jumps. The answer comes at once.',
  needs: 'tests',
  fields: {
    serviceName: SERVICE,
    delay: {
      in: 'body',
      type: 'integer',
      least: 0,
      most: 600_000,
      required: true,
      description: 'Duration of the call, in milliseconds.',
    },
    limit: {
      in: 'body',
      type: 'integer',
      least: 1,
      most: 600_000,
      description: 'Timeout of the breaker, in milliseconds. Default 5 000.',
    },
  },
  result: 'TimeoutSimulation',
  async run(services, { serviceName, delay, limit }) {
    const its = (limit as number | undefined) ?? 5_000;
    return { body: await benchOf(services).simulateTimeout(serviceName as string, delay as number, its) };
  },
};

const checkServices: Operation = {
  access: 'test',
  summary: 'Call every external service once, outside of its breaker, and return which are available.',
  needs: 'tests',
  fields: {},
  result: 'ServiceChecks',
  async run(services) {
    return { body: await benchOf(services).checkServices(services.source) };
  },
};

function benchOf({ tests }: Services): TestBench {
  return tests as TestBench;
}

/** Operations that test breakers without touching those of the program. */
export const testOperations = { simulateFailure, simulateTimeout, checkServices } as const;

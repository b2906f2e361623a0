import assert from 'node:assert/strict';
import { failing } from '../support.ts';
import type { Task } from '../task.ts';

interface Solution {
  call(name: string, work: () => Promise<string>): Promise<string>;
  metrics(): string;
}

export const task: Task<Solution> = {
  title: 'Export the counters of every breaker',
  ideal: 4,
  async check(_, { call, metrics }) {
    await call('users', () => Promise.resolve('answer'));
    await call('users', failing).catch(() => undefined);
    assert.match(metrics(), /^(circuit_breaker_failures_total\{name|fusewire_calls_total\{breaker)="users".*\} 1$/m);
  },
};

import assert from 'node:assert/strict';
import { failing } from '../support.ts';
import type { Task } from '../task.ts';

interface Solution {
  create(logger: Pick<Console, 'debug' | 'info' | 'warn' | 'error'>): {
    call(work: () => Promise<string>): Promise<string>;
  };
}

export const task: Task<Solution> = {
  title: 'Log every opening',
  ideal: 2,
  async check(_, { create }) {
    const lines: string[] = [];
    const log = (line: string) => void lines.push(line);
    const breaker = create({ debug: log, info: log, warn: log, error: log });
    for (let calls = 0; calls < 10; calls++) await breaker.call(failing).catch(() => undefined);
    assert.equal(lines.length, 1);
    assert.match(lines[0] as string, /mpesa/);
  },
};

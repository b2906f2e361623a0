/** Failing payments service, and a check of the NestJS app that calls it. */
import 'reflect-metadata';
import assert from 'node:assert/strict';
import type { Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { listen } from '../service.ts';

export const upstream: string = await listen((_request, response) => {
  response.writeHead(500).end();
});

export async function finish({ PaymentsModule }: { PaymentsModule: Type }): Promise<void> {
  const app = await NestFactory.create(PaymentsModule, { logger: false });
  await app.listen(0, '127.0.0.1');
  const url = (await app.getUrl()).replace('[::1]', '127.0.0.1');
  const statuses: number[] = [];
  for (let count = 0; count < 4; count += 1) {
    const response = await fetch(`${url}/payments/1`);
    statuses.push(response.status);
    if (count === 3) assert.equal(response.headers.get('retry-after'), '30');
    await response.text();
  }
  assert.deepEqual(statuses, [500, 500, 500, 503]);
  await app.close();
}

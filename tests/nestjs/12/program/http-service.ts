/** `HttpService` of NestJS, protected in one line. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { HttpModule, HttpService } from '@nestjs/axios';
import { Module } from '@nestjs/common';
import { protect } from '@fusewire/axios';
import { firstValueFrom } from 'rxjs';
import { create } from './platforms.ts';

@Module({ imports: [HttpModule] })
class AppModule {}

describe('HttpService', () => {
  it('is protected by protect(http.axiosRef)', async () => {
    let hits = 0;
    const upstream = createServer((_request, response) => {
      hits++;
      response.writeHead(500).end();
    });
    await once(upstream.listen(0, '127.0.0.1'), 'listening');
    const url = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
    const app = await create('Express', AppModule);
    const http = app.get(HttpService);
    protect(http.axiosRef, { breaker: { failureThreshold: 2 }, retry: false });
    const names: string[] = [];
    for (let sent = 0; sent < 4; sent++) {
      await firstValueFrom(http.get(url)).catch((error: Error) => names.push(error.name));
    }
    await app.close();
    upstream.close();
    assert.deepEqual([hits, names.slice(-2)], [2, ['CircuitOpenError', 'CircuitOpenError']]);
  });
});

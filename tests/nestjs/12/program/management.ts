/** The management API under a global prefix, behind a guard. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Injectable, Module, VersioningType } from '@nestjs/common';
import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { CircuitBreakerModule } from '@fusewire/nestjs';
import { create, listening, platforms } from './platforms.ts';

@Injectable()
class AdminGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    return context.switchToHttp().getRequest().headers['x-admin'] === 'yes';
  }
}

@Module({
  imports: [
    CircuitBreakerModule.forRoot({
      management: { authorize: () => ({ who: 'admin' }) },
      mount: { path: 'ops', guards: [AdminGuard] },
    }),
    CircuitBreakerModule.forFeature([{ name: 'orders' }]),
  ],
})
class AppModule {}

for (const platform of platforms) {
  describe(`the management API of NestJS on ${platform}`, () => {
    it('is under the global prefix, and asks its guards first', async () => {
      const app = await create(platform, AppModule);
      app.setGlobalPrefix('api/v1');
      const origin = await listening(app);
      try {
        const headers = { 'x-admin': 'yes', 'content-type': 'application/json' };
        assert.equal((await fetch(`${origin}/api/v1/ops/breakers`)).status, 403);
        const listed = await fetch(`${origin}/api/v1/ops/breakers`, { headers });
        assert.deepEqual(
          ((await listed.json()) as { breakers: { name: string }[] }).breakers.map(({ name }) => name),
          ['orders'],
        );
        const body = JSON.stringify({ reason: 'drill' });
        const opened = await fetch(`${origin}/api/v1/ops/breakers/orders/force-open`, {
          method: 'POST',
          headers,
          body,
        });
        assert.equal(opened.status, 200);
        assert.equal((await fetch(`${origin}/ops/breakers`, { headers })).status, 404);
      } finally {
        await app.close();
      }
    });

    it('stays where it is in an application with versions in its paths', async () => {
      const app = await create(platform, AppModule);
      app.enableVersioning({ type: VersioningType.URI, defaultVersion: '1' });
      const origin = await listening(app);
      try {
        assert.equal((await fetch(`${origin}/ops/breakers`, { headers: { 'x-admin': 'yes' } })).status, 200);
      } finally {
        await app.close();
      }
    });
  });
}

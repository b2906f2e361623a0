import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { serverContract } from '@fusewire/testing/server';
import type { Project } from '../packaging/project.ts';
import { built, projectOf, served } from './application.ts';
import type { Variant } from './application.ts';

const variants: Record<string, Variant> = {
  'Next.js 16, Turbopack': { version: 16, bundler: 'turbopack' },
  'Next.js 16, Turbopack, cacheComponents': { version: 16, bundler: 'turbopack', config: { cacheComponents: true } },
  'Next.js 16, webpack': { version: 16, bundler: 'webpack' },
  'Next.js 15, webpack': { version: 15, bundler: 'webpack' },
};

for (const [name, variant] of Object.entries(variants)) {
  describe(name, () => {
    let project: Project;
    let output: string;
    before(async () => {
      project = projectOf(variant);
      output = await built(project, variant);
    });
    after(() => project[Symbol.dispose]());

    serverContract({ name, requests: 2_000, start: () => served(project, variant) });

    it('computes no route while it is built, and has one registry for all routes', async () => {
      assert.doesNotMatch(output, /[○●] \/(states|report|ops)/);
      const server = await served(project, variant);
      try {
        const state = async () => ((await (await fetch(`${server.origin}/states`)).json()) as { state: string }).state;
        assert.equal(await state(), 'CLOSED');
        assert.equal((await fetch(`${server.origin}/open`, { method: 'POST' })).status, 204);
        assert.equal(await state(), 'OPEN');
        assert.equal(server.output().split('instrumentation started').length - 1, 1);
      } finally {
        await server.close();
      }
    });
  });
}

/** Growth of the engine's memory. The runtime counts the whole memory as garbage each time it grows. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';

/** Creates objects of the engine in one turn, so that none is freed. Returns how often the memory has grown, and its size. */
function growthOf(create: string, count: number): { readonly growths: number; readonly megabytes: number } {
  const source = `
    import * as fusewire from ${JSON.stringify(import.meta.resolve('fusewire'))};
    const memories = [];
    WebAssembly.Instance = class extends WebAssembly.Instance {
      constructor(...args) {
        super(...args);
        if (this.exports.memory !== undefined) memories.push(this.exports.memory);
      }
    };
    const create = () => ${create};
    create();
    let growths = 0;
    let [{ buffer }] = memories;
    for (let made = 1; made < ${count}; made++) {
      create();
      if (memories[0].buffer === buffer) continue;
      buffer = memories[0].buffer;
      growths++;
    }
    console.log(JSON.stringify({ engines: memories.length, growths, megabytes: buffer.byteLength / 1e6 }));`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--no-warnings', '--input-type=module', '--eval', source], {
    encoding: 'utf8',
    timeout: 120_000,
  });
  assert.notEqual(stdout, '', stderr);
  const { engines, growths, megabytes } = JSON.parse(stdout) as {
    readonly engines: number;
    readonly growths: number;
    readonly megabytes: number;
  };
  assert.equal(engines, 1);
  return { growths, megabytes };
}

describe('memory of the engine', () => {
  it('grows by a share of its size, and not by a page, as breakers are created', () => {
    const { growths, megabytes } = growthOf('new fusewire.CircuitBreaker()', 25_000);
    assert.ok(growths <= 40, `${growths} growths to ${megabytes} MB`);
    assert.ok(megabytes < 25, `${megabytes} MB`);
  });

  it('grows by a share of its size as policies are created', () => {
    const { growths, megabytes } = growthOf('fusewire.hedge({ idempotent: true })', 10_000);
    assert.ok(growths <= 40, `${growths} growths to ${megabytes} MB`);
  });
});

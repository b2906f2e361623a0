/** The publisher of a release, over a registry on this machine. */
import assert from 'node:assert/strict';
import { cpSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe } from 'node:test';
import { run } from '../../runtimes/processes.ts';
import { holds } from '../matrix.ts';
import { Project, tarballs } from '../project.ts';
import { startRegistry, withoutAnswer, type Registry } from '../registry.ts';

describe('release', () => {
  let registry: Registry;
  let project: Project;

  before(async () => {
    registry = await startRegistry();
    project = new Project();
  });

  after(() => {
    registry[Symbol.dispose]();
    project[Symbol.dispose]();
  });

  /** Returns a folder with these tarballs. */
  function folderOf(...names: string[]): string {
    const folder = project.path(names.join('-'));
    mkdirSync(folder);
    for (const tarball of tarballs()) {
      if (names.includes(path.basename(tarball, '.tgz'))) cpSync(tarball, path.join(folder, path.basename(tarball)));
    }
    return folder;
  }

  holds('verdaccio', 'a release that stopped half-way can be run again', async () => {
    assert.deepEqual(reported(await registry.publish(folderOf('fusewire', 'http'))), [
      'fusewire is published',
      '@fusewire/http is published',
    ]);
    const whole = folderOf('axios', 'fusewire', 'http', 'undici');
    assert.deepEqual(reported(await registry.publish(whole)), [
      'fusewire is published already',
      '@fusewire/http is published already',
      '@fusewire/axios is published',
      '@fusewire/undici is published',
    ]);
    assert.ok(reported(await registry.publish(whole)).every((line) => line.endsWith('is published already')));
    return '';
  });

  holds('verdaccio', 'a release goes on after the answer of the registry was lost', async () => {
    using proxy = await withoutAnswer(registry.url);
    const lines = reported(await registry.publish(folderOf('profiles', 'dialects'), proxy.url));
    assert.deepEqual(lines, ['@fusewire/profiles is published', '@fusewire/dialects is published']);
    return '';
  });

  holds('verdaccio', 'a release publishes nothing if a version has other content', async () => {
    const folder = folderOf('opossum');
    project.write('other/package.json', '{ "name": "@fusewire/testing", "version": "0.1.0" }');
    await run(['npm', 'pack', './other', '--pack-destination', folder], { cwd: project.folder });
    await registry.publish(folderOf('testing'));
    await assert.rejects(
      registry.publish(folder),
      /@fusewire\/testing@0\.1\.0 is published with other content: sha512-/,
    );
    assert.equal(await registry.statusOf('@fusewire/opossum'), 404);
    return '';
  });
});

/** Returns the lines that begin with one of our packages, without the version. */
function reported(lines: readonly string[]): string[] {
  return lines.filter((line) => /^(@fusewire\/|fusewire@)/.test(line)).map((line) => line.replace(/@\d\S*/, ''));
}

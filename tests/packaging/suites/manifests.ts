/** Every published tarball, checked by publint and are-the-types-wrong. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { holds } from '../matrix.ts';
import { tarballs } from '../project.ts';

for (const tarball of tarballs()) {
  const name = path.basename(tarball);

  holds('publint', `${name}`, async () => {
    const { buffer } = new Uint8Array(readFileSync(tarball));
    const { messages, pkg } = await publint({ pack: { tarball: buffer }, strict: true });
    assert.deepEqual(
      messages.map((message) => formatMessage(message, pkg)),
      [],
    );
    return '';
  });

  holds('@arethetypeswrong/core', `${name}`, async () => {
    const analysis = await checkPackage(createPackageFromTarballData(new Uint8Array(readFileSync(tarball))));
    assert.deepEqual(analysis.types === false ? [] : analysis.problems, []);
    return '';
  });
}
